//! Random rule sets: what is proven holds for every user and all known users that are tried, and what is found is there.

use presence_router::automata::Budget;
use presence_router::diff::{Comparison, Direction, Which, Written, compare};
use proptest::prelude::*;

use crate::compiled::Compiled;
use crate::plain::Interested;
use crate::properties::random::{Files, Known, everybody, files, from_file, known_users};
use crate::properties::{Asked, cases, updates_of};

pub fn compared(old: &Asked, new: &Asked, budget: Budget) -> Comparison {
    let [old, new] = [old, new].map(|asked| Written {
        rule_set: &asked.rules,
        sources: &asked.sources,
    });
    // A pair that the router does not confirm is an error here.
    compare(old, new, budget).expect("proof and router agree")
}

/// What the new router does that the old one does not, and the reverse, with these known users.
pub fn differ(old: &Asked, new: &Asked, users: &[Known]) -> (Option<String>, Option<String>) {
    let known = from_file(users);
    let routers = [old, new].map(|asked| Compiled::new(&asked.sources, &asked.rules, Some(&known)));
    let (mut more, mut less) = (None, None);
    for user in everybody() {
        for update in updates_of(&user) {
            let [old, new] = routers
                .each_ref()
                .map(|router| router.route(&update).recipients);
            let only = |one: &[String], other: &[String]| {
                let found = one.iter().find(|recipient| !other.contains(recipient));
                found.map(|recipient| format!("{update:?} to {recipient}, known: {users:?}"))
            };
            more = more.or_else(|| only(&new, &old));
            less = less.or_else(|| only(&old, &new));
        }
        let [old, new] = routers.each_ref().map(|router| router.interested(&user));
        let only = |one: &Interested, other: &Interested| match (one, other) {
            (Interested::NeedsKnownUsers, _) | (_, Interested::NeedsKnownUsers) => {
                unreachable!("there are known users")
            }
            (_, Interested::All) => None,
            (Interested::All, _) => Some(format!("{user} sees all, known: {users:?}")),
            (Interested::These(one), Interested::These(other)) => (one.iter())
                .find(|seen| !other.contains(seen))
                .map(|seen| format!("{user} sees {seen}, known: {users:?}")),
        };
        more = more.or_else(|| only(&new, &old));
        less = less.or_else(|| only(&old, &new));
    }
    (more, less)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: cases(), ..ProptestConfig::default() })]

    #[test]
    fn verdicts_hold_for_all_who_are_tried(old in files(), other in files(), mix in 0..4_usize, known in known_users()) {
        // Rule sets that share most of their rules are compared more closely than any two.
        let new: Files = match mix {
            0 => old.clone(),
            1 => old.iter().rev().cloned().collect(),
            2 => old.iter().skip(1).cloned().chain(without_names(&other).into_iter().take(1)).collect(),
            _ => other,
        };
        let (Some(old), Some(new)) = (asked(&old), asked(&new)) else { return Ok(()) };
        let comparison = compared(&old, &new, Budget::default());
        let (more, less) = differ(&old, &new, &known);
        for (which, found) in [(Which::New, more), (Which::Old, less)] {
            let proven = comparison.only_in(which);
            prop_assert!(found.is_none() || proven != Direction::Nothing, "{:?}, and {:?}", which, found);
            prop_assert!(mix != 0 || proven != Direction::Something);
        }
    }
}

/// Files that can stand beside others.
fn without_names(files: &Files) -> Files {
    let mut files = files.clone();
    for file in &mut files {
        for list in ["routes", "interests", "blocks"] {
            for rule in file
                .get_mut(list)
                .and_then(|list| list.as_array_mut())
                .into_iter()
                .flatten()
            {
                rule.as_object_mut().expect("a rule").remove("name");
            }
        }
    }
    files
}

/// The rules, if they go together.
pub fn asked(files: &Files) -> Option<Asked> {
    let mut sources = presence_router::source::Sources::default();
    for (index, rules) in files.iter().enumerate() {
        sources.add(format!("{index}.yaml"), rules.to_string());
    }
    let (_, findings) = presence_router::rules::read(&sources);
    let is_error = |finding: &presence_router::finding::Finding| {
        finding.severity == presence_router::finding::Severity::Error
    };
    (!findings.iter().any(is_error)).then(|| Asked::new(files, None))
}
