//! Proofs: what rules do for every user ID that there could be.

mod prover;
mod sets;

pub use prover::Prover;
pub use sets::{SetId, Sets};
