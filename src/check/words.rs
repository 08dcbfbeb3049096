//! How findings name users and places.

use crate::finding::Location;
use crate::key_path::{KeyPath, Step};
use crate::rules::{About, RuleFile, Side};

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

/// The value of a side of a rule.
pub(super) fn side(file: &RuleFile, list: &'static str, about: &About, side: Side) -> Location {
    let path = KeyPath::default().key(list).item(about.index);
    Location::value(file.file, path.key(side.key()))
}

/// A presence state in the `when` of a route: an item of a list, or the only state.
pub(super) fn state(file: &RuleFile, route: &About, item: Option<usize>) -> Location {
    let path = KeyPath::default().key("routes").item(route.index);
    let mut path = path.key("when").key("state");
    if let Some(item) = item {
        path.push_item(item);
    }
    Location::value(file.file, path)
}

/// A rule as such.
pub(super) fn rule(file: &RuleFile, list: &'static str, about: &About) -> Location {
    Location::value(file.file, KeyPath::default().key(list).item(about.index))
}

/// Whether an item stands in what is excluded.
pub(super) fn is_excluded(path: &KeyPath) -> bool {
    (path.steps().iter()).any(|step| matches!(step, Step::Key { name, .. } if name == "exclude"))
}
