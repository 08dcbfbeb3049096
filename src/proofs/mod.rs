//! Proofs: what rules do for every user ID that there could be.

mod bounds;
mod describe;
mod model;
mod pairs;
mod prover;
mod questions;
mod relation;
mod sets;

pub use describe::describe;
pub use model::{Model, RuleRef, Side, SideReader, Update};
pub use pairs::missing;
pub use prover::Prover;
pub use questions::{Answers, Known};

pub use relation::{Made, Pairs, Relation};
pub use sets::{SetId, Sets};
