//! How findings name users and places.

use crate::finding::Location;
use crate::rules::{About, RuleFile, UserSet};

/// How many users a message names.
const NAMED: usize = 3;

/// Users for a message: "`@a:x`, `@b:x` and 2 more". `is_all` says whether there are no others.
pub(super) fn named(users: &[&str], is_all: bool) -> String {
    let shown: Vec<_> = (users.iter().take(NAMED))
        .map(|user| format!("`{user}`"))
        .collect();
    match (users.len().saturating_sub(NAMED), is_all) {
        (0, true) => match shown.as_slice() {
            [first @ .., last] if !first.is_empty() => format!("{} and {last}", first.join(", ")),
            _ => shown.concat(),
        },
        (more, true) => format!("{} and {more} more", shown.join(", ")),
        (_, false) => format!("{} and others", shown.join(", ")),
    }
}

/// A side of a rule.
pub(super) fn side(file: &RuleFile, users: &UserSet) -> Location {
    Location::part(file.file, users.at().whole)
}

/// A rule as such.
pub(super) fn rule(file: &RuleFile, about: &About) -> Location {
    Location::part(file.file, about.at)
}
