//! Presence updates: records, streams of them, and their equality.

mod allocations;
mod equal;
mod grammar;
mod hostile;
mod json;
mod places;
mod records;
mod shapes;
mod stream;
mod suite;
pub mod told;

use told::{Pieces, told, told_at_once};
