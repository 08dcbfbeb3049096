//! `needs-directory`: patterns that have to be looked up among known users, in a rule set without any.

use crate::finding::{Code, Finding, Location};
use crate::key_path::KeyPath;
use crate::pattern::Pattern;
use crate::rules::groups::Groups;
use crate::rules::{Item, RuleSet, UserSet};

const HELP: &str = "name a file of known users with `directory:` or `--directory`; inside Synapse, the homeserver \
                    knows its users";

pub(super) fn check(rule_set: &RuleSet, findings: &mut Vec<Finding>) {
    let groups = Groups::new(rule_set);
    let mut needing = vec![false; groups.all.len()];
    for group in groups.order().0 {
        needing[group] = needs_directory(groups.all[group].users, &groups, &needing);
    }
    for rules in &rule_set.files {
        for route in &rules.routes {
            if needs_directory(&route.recipients, &groups, &needing)
                && !route.about.allows(Code::NeedsDirectory)
            {
                let path = KeyPath::default().key("routes").item(route.about.index);
                let location = Location::value(rules.file, path.key("recipients"));
                let message =
                    "the recipients are patterns, which can only be looked up among known users";
                findings.push(Finding::new(Code::NeedsDirectory, location, message).help(HELP));
            }
        }
        for interest in &rules.interests {
            if needs_directory(&interest.sees, &groups, &needing)
                && !holds_everyone(&interest.sees)
                && !interest.about.allows(Code::NeedsDirectory)
            {
                let path = KeyPath::default()
                    .key("interests")
                    .item(interest.about.index);
                let location = Location::value(rules.file, path.key("in"));
                let message = "without known users to look these patterns up among, the interest is widened to ALL";
                findings.push(Finding::new(Code::NeedsDirectory, location, message).help(HELP));
            }
        }
    }
}

/// Whether enumerating a set takes a directory: some pattern that is included is no exact ID.
fn needs_directory(users: &UserSet, groups: &Groups<'_>, needing: &[bool]) -> bool {
    match users {
        UserSet::Item(Item::Pattern(pattern)) => !matches!(pattern, Pattern::User(_)),
        UserSet::Item(Item::Group(name)) => {
            groups.index_of(name).is_some_and(|group| needing[group])
        }
        UserSet::Item(Item::Template(_)) => false,
        UserSet::Union(members) => {
            (members.iter()).any(|member| needs_directory(member, groups, needing))
        }
        UserSet::Difference { include, .. } => {
            (include.as_ref()).is_none_or(|include| needs_directory(include, groups, needing))
        }
    }
}

/// Whether the interest is ALL by its own words.
fn holds_everyone(users: &UserSet) -> bool {
    match users {
        UserSet::Item(item) => matches!(item, Item::Pattern(Pattern::Everyone)),
        UserSet::Union(members) => members.iter().any(holds_everyone),
        UserSet::Difference { .. } => false,
    }
}
