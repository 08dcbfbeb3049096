//! What is asked of user IDs: a set, made step by step, and among which users it is looked for.

use super::{AutomatonId, Users};

/// Which user IDs are asked about.
#[derive(Clone, Debug)]
pub enum Universe<'a> {
    /// Those of this server.
    Server(&'a str),
    /// Those of all servers but these, which are sorted.
    Elsewhere(Users),
}

/// A step of a program: a set of user IDs, made from patterns and from the sets of earlier steps, by their number.
#[derive(Clone, Debug)]
pub enum Op {
    /// All.
    Everyone,
    /// None.
    Nobody,
    /// Those that a pattern matches.
    Automaton(AutomatonId),
    /// These.
    Users(Users),
    /// Those of any of these.
    Union(Box<[usize]>),
    /// Those of both.
    Intersection(usize, usize),
    /// Those of the first without those of the second.
    Difference(usize, usize),
}
