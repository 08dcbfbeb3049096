//! How findings name users and places.

use crate::finding::{Finding, Location};
use crate::rules::{About, RuleFile, UserList, UserSet};

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

/// So many users of a file are told one by one, and the others are counted.
const MOST_OF_A_FILE: usize = 20;

/// So many users of a file are looked at.
const MOST_LOOKED_UP: usize = 2_000_000;

/// Adds what is to be said of the users of a file, each at its line.
pub(super) fn of_file(
    users: &UserList,
    findings: &mut Vec<Finding>,
    mut judge: impl FnMut(&str, Location) -> Option<Finding>,
) {
    let (mut told, mut more) = (0, 0);
    for (index, user) in users.iter().take(MOST_LOOKED_UP).enumerate() {
        let Some(finding) = judge(user, users.location(index)) else {
            continue;
        };
        if told < MOST_OF_A_FILE {
            told += 1;
            findings.push(finding);
        } else {
            more += 1;
        }
    }
    if more > 0
        && let Some(last) = findings.last_mut()
    {
        last.message = format!("{}; so it is with {more} more of this file", last.message);
    }
}
