//! Proofs: what rules do for every user ID that there could be.
//!
//! A rule set connects pairs of users. Each of its rules connects everybody of one set with everybody of another, and
//! blocks separate such pairs again, so that it is a union of products of sets of user IDs ([`Model`], [`Relation`]).
//! The sets are made of patterns, and a question about them comes down to whether a set is empty ([`Prover`]), which
//! `automata` decides. Whether some products are within others ([`missing`]) is decided by splitting: what a product of
//! the others takes is taken away, and what is left has to be empty in the end.
//!
//! Nothing here guesses. A question that takes too much work is [`Undecided`](crate::automata::Undecided), and who is
//! found is put to the router before anybody hears of it.

mod boundaries;
mod bounds;
mod concerned;
mod describe;
mod image;
mod model;
mod neighbours;
mod pairs;
mod plain;
mod products;
mod property;
mod prover;
mod questions;
mod reach;
mod relation;
mod sets;
mod side;

pub(crate) use concerned::{concerned, only};
pub(crate) use describe::describe;
pub use model::{Model, RuleRef, Update};
pub use neighbours::{Found, Neighbours};
pub(crate) use pairs::TwoUsers;
pub use pairs::{are_covered, missing};
pub use products::{LeftOut, Made, Pairs};
pub use property::{Claim, Property, Refutation, decide};
pub use prover::Prover;
pub use questions::{Answers, Roles};
pub use reach::{Between, NoAnswer, Reach, TwoOf, reach};
pub use relation::Relation;
pub use sets::{SetId, Sets};
pub use side::Side;
pub(crate) use side::sides;
