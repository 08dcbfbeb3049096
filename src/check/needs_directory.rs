//! `needs-directory`: patterns that have to be looked up among known users, in a rule set without any.

use crate::finding::{Code, Finding, Location};
use crate::key_path::KeyPath;
use crate::pattern::Pattern;
use crate::rules::groups::Groups;
use crate::rules::{About, Item, RuleSet, Side, UserSet};

const HELP: &str = "name a file of known users with `directory:` or `--directory`; inside Synapse, the homeserver \
                    knows its users";

pub(super) fn check(rule_set: &RuleSet, findings: &mut Vec<Finding>) {
    let groups = Groups::new(rule_set);
    let mut known = vec![Enumeration::default(); groups.all.len()];
    for group in groups.order().0 {
        known[group] = enumeration(groups.all[group].users, &groups, &known);
    }
    let mut note = |about: &About, file, list, side: Side, message| {
        if !about.allows(Code::NeedsDirectory) {
            let path = KeyPath::default()
                .key(list)
                .item(about.index)
                .key(side.key());
            let location = Location::value(file, path);
            findings.push(Finding::new(Code::NeedsDirectory, location, message).help(HELP));
        }
    };
    for rules in &rule_set.files {
        let of = |users| enumeration(users, &groups, &known);
        for route in &rules.routes {
            if of(&route.recipients).needs_directory {
                let message =
                    "the recipients are patterns, which can only be looked up among known users";
                note(
                    &route.about,
                    rules.file,
                    "routes",
                    Side::Recipients,
                    message,
                );
            }
            if rules.derive_interests && of(&route.senders).is_widened() {
                let message = "without known users to look these patterns up among, the interest that derives from \
                               this route is widened to ALL";
                note(&route.about, rules.file, "routes", Side::Senders, message);
            }
        }
        for interest in &rules.interests {
            if of(&interest.sees).is_widened() {
                let message = "without known users to look these patterns up among, the interest is widened to ALL";
                note(&interest.about, rules.file, "interests", Side::In, message);
            }
        }
    }
}

/// What it takes to enumerate a set.
#[derive(Clone, Copy, Default)]
struct Enumeration {
    /// Some pattern that is included is no exact ID.
    needs_directory: bool,
    /// It holds everyone by its own words.
    everyone: bool,
}

impl Enumeration {
    /// Whether an interest in the set is ALL without saying so.
    fn is_widened(self) -> bool {
        self.needs_directory && !self.everyone
    }
}

fn enumeration(users: &UserSet, groups: &Groups<'_>, known: &[Enumeration]) -> Enumeration {
    match users {
        UserSet::Item(Item::Pattern(pattern)) => Enumeration {
            needs_directory: !matches!(pattern, Pattern::User(_)),
            everyone: matches!(pattern, Pattern::Everyone),
        },
        UserSet::Item(Item::Group(name)) => groups
            .index_of(name)
            .map_or_else(Enumeration::default, |group| known[group]),
        UserSet::Item(Item::Template(_)) => Enumeration::default(),
        UserSet::Union(members) => {
            let members = members
                .iter()
                .map(|member| enumeration(member, groups, known));
            members.fold(Enumeration::default(), |one, other| Enumeration {
                needs_directory: one.needs_directory || other.needs_directory,
                everyone: one.everyone || other.everyone,
            })
        }
        UserSet::Difference { include, exclude } => {
            let everyone = Enumeration {
                needs_directory: true,
                everyone: true,
            };
            let include = include.as_ref();
            let include = include.map_or(everyone, |include| enumeration(include, groups, known));
            Enumeration {
                everyone: include.everyone && exclude.is_none(),
                ..include
            }
        }
    }
}
