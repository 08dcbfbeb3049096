//! Proofs: what rules do for every user ID that there could be.

mod describe;
mod model;
mod pairs;
mod prover;
mod questions;
mod sets;

pub use describe::describe;
pub use model::{Model, RuleRef, Side, Update};
pub use pairs::{Made, Pairs, Relation, missing};
pub use prover::Prover;
pub use questions::{Answers, Known};

pub use sets::{SetId, Sets};
