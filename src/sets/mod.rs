//! The user sets of rules: one graph, in which each set stands once, and who is in it.
//!
//! A [`Reader`] makes the graph of sets as written, and tells what can be said of them before anybody is looked up.
//! [`Wanted`] collects which of them are to be enumerated. [`Sets`] then has the graph with an index of its patterns and
//! with the users, as numbers, and answers: which sets hold a user, and who is in a set. What an item is, is decided here
//! and nowhere else.

mod enumerate;
mod graph;
mod listed;
mod lists;
mod made;
mod marks;
mod named;
mod read;
mod sites;
mod table;
mod users;
mod walk;

pub(crate) use enumerate::Wanted;
pub(crate) use graph::{Node, Part, SetId};
pub(crate) use lists::{ListId, Listing, Purpose};
pub(crate) use made::Made;
pub(crate) use marks::Marks;
pub(crate) use read::{Facts, Reader, ways_into};
pub(crate) use sites::{Asked, Kind, RuleSets, Sides, SiteId, Sites};
pub(crate) use table::Table;
pub(crate) use users::{Others, Said, Sets};
pub(crate) use walk::{Held, Holds, Membership};

/// Names a user whom the rules or the files of known users name, or, above those, one whom a template made.
/// [`Router::user`](crate::router::Router::user) says which.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct UserIndex(pub u32);

/// There are more sets or users than can be numbered.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TooLarge;

/// Why a router takes no known user.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GrowError {
    /// It was compiled without known users, and answers as one that knows nobody.
    #[error("the rules were compiled without known users")]
    NoKnownUsers,
    /// It has more users than 31 bits can number.
    #[error("there are too many known users")]
    TooMany,
}
