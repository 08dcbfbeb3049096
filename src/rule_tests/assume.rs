//! Cases about pairs of users, where nobody says who is known.
//!
//! Whether Alice's presence reaches Bob can be decided if both are taken to be known, as Synapse knows its users. Who
//! else it reaches cannot. So a case that only says `includes` or `excludes`, and names users there, needs no known
//! users; a case with a whole answer does.

use super::model::{Case, Subject, TestFile};
use crate::finding::{Code, Finding, Location, Severity};
use crate::known_users::KnownUsers;
use crate::pattern::Pattern;
use crate::router::{Router, Scratch};
use crate::rules::{Item, UserSet};
use crate::user_id::UserId;

/// The users whom the cases about pairs name, for a suite without known users. A case that takes more is a finding.
pub(super) fn assumed<'t>(
    router: &Router,
    tests: impl Iterator<Item = &'t TestFile>,
    findings: &mut Vec<Finding>,
) -> KnownUsers {
    // The same for all updates.
    let unroutable = router.routing().err().map(|needs| needs.to_string());
    let mut known = KnownUsers::default();
    let mut scratch = Scratch::default();
    for test in tests {
        let mut told = false;
        for case in &test.cases {
            let needs = match &case.subject {
                Subject::Claim(_) => None,
                Subject::Updates(_) => unroutable.clone(),
                Subject::User(user) => {
                    let user = UserId::parse(user).expect("reading checked it");
                    let seen = router.interested(user, &mut scratch);
                    seen.err().map(|needs| needs.to_string())
                }
            };
            let Some(needs) = needs else { continue };
            if let Some(users) = pairs(case) {
                for user in users {
                    known.add(UserId::parse(user).expect("reading checked it"));
                }
            } else if !std::mem::replace(&mut told, true) {
                let location = Location::part(test.file, case.at);
                let mut finding = Finding::new(Code::NeedsKnownUsers, location, needs);
                finding.severity = Severity::Error;
                findings.push(finding.help(
                    "name users, or files of them, with `known_users`; or ask about single users, with `includes` and \
                     `excludes`",
                ));
            }
        }
    }
    known
}

/// The users whom a case is about, if it is only about pairs of them.
fn pairs(case: &Case) -> Option<Vec<&str>> {
    let mut users = match &case.subject {
        Subject::Claim(_) => Vec::new(),
        Subject::User(user) => vec![user.as_str()],
        Subject::Updates(updates) => updates.iter().map(|sent| sent.sender.as_str()).collect(),
    };
    let parts = [&case.includes, &case.excludes];
    let parts: Vec<_> = parts.into_iter().flatten().collect();
    let named = (parts.iter()).all(|part| add_named(&part.value, &mut users));
    (named && !parts.is_empty() && case.exactly.is_none()).then_some(users)
}

/// Adds the users of a set, and says whether they are all of it.
fn add_named<'a>(users: &'a UserSet, named: &mut Vec<&'a str>) -> bool {
    match users {
        UserSet::Item(Item::Pattern(Pattern::User(user)), _) => {
            named.push(user);
            true
        }
        UserSet::Item(Item::File(file), _) => {
            named.extend(file.users.iter().flat_map(|users| users.iter()));
            true
        }
        UserSet::Union(members, _) => members.iter().all(|member| add_named(member, named)),
        UserSet::Item(..) | UserSet::Intersection(..) | UserSet::Difference { .. } => false,
    }
}
