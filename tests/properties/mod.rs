//! Random rule sets: the router answers what the plain evaluator answers, and what the specification promises of every
//! rule set.

mod explain;
#[cfg(test)]
mod grow;
#[cfg(test)]
mod hard_patterns;
#[cfg(test)]
mod lists;
mod matcher;
pub mod patterns;
pub mod random;
mod remembered;
mod templates;
mod user_files;
mod user_ids;

use presence_router::finding::Severity;
use presence_router::known_users::KnownUsers;
use presence_router::rules::{self, RuleSet};
use presence_router::source::Sources;
use proptest::prelude::*;

use crate::compiled::Compiled;
use crate::plain::{Interested, Plain, Update};
use random::{Files, Known, files, known_users, only_routes};

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: cases(), ..ProptestConfig::default() })]

    #[test]
    fn the_router_answers_as_the_plain_evaluator_does(
        files in files(),
        known_users in proptest::option::of(known_users()),
    ) {
        let asked = Asked::new(&files, known_users.as_deref());
        let plain = Plain::new(&asked.sources, &asked.rules, asked.known_users.as_ref());
        let router = Compiled::new(&asked.sources, &asked.rules, asked.known_users.as_ref());

        let needs = plain.routes_without_known_users();
        prop_assert_eq!(&needs, &router.routes_without_known_users());
        for user in random::everybody() {
            prop_assert_eq!(plain.interested(&user), router.interested(&user), "{} asks", user);
        }
        if needs.is_empty() {
            let updates: Vec<_> = random::everybody().flat_map(|user| updates_of(&user)).collect();
            let expected: Vec<_> = updates.iter().map(|update| plain.route(update)).collect();
            for (update, expected) in updates.iter().zip(&expected) {
                prop_assert_eq!(expected, &router.route(update), "{:?} is sent", update);
            }
            // Each answer is found out once, and then given again.
            let answered = router.route_all(updates.iter().chain(&updates));
            prop_assert_eq!([&expected[..], &expected].concat(), answered);
        }
    }

    /// Derived interests make a rule set complementary: who gets a known sender's updates may see it, and the reverse.
    #[test]
    fn routes_and_their_interests_are_complementary(files in only_routes(), known_users in known_users()) {
        let asked = Asked::new(&files, Some(&known_users));
        let plain = Plain::new(&asked.sources, &asked.rules, asked.known_users.as_ref());
        let router = Compiled::new(&asked.sources, &asked.rules, asked.known_users.as_ref());

        let recipients = |sender: &str| router.route(&online(sender)).recipients;
        for Known { user: sender, .. } in &known_users {
            for recipient in recipients(sender) {
                let sees = match router.interested(&recipient) {
                    Interested::All => true,
                    Interested::These(seen) => seen.contains(sender),
                    Interested::NeedsKnownUsers => unreachable!("there are known users"),
                };
                prop_assert!(sees, "{} gets {}, and does not see it", recipient, sender);
            }
        }
        for user in random::everybody() {
            let seen = match router.interested(&user) {
                Interested::These(seen) => seen,
                Interested::NeedsKnownUsers => unreachable!("there are known users"),
                // Blocks take nobody from ALL.
                Interested::All => {
                    (known_users.iter()).map(|known| known.user.clone()).filter(|sender| !plain.blocked(sender, &user)).collect()
                }
            };
            for sender in seen {
                let gets = recipients(&sender).contains(&user);
                prop_assert!(gets, "{} sees {}, and does not get it", user, sender);
            }
        }
    }
}

/// Enough for every day; `PROPTEST_CASES` asks for more.
pub fn cases() -> u32 {
    let asked = std::env::var("PROPTEST_CASES").ok();
    asked.and_then(|cases| cases.parse().ok()).unwrap_or(150)
}

pub struct Asked {
    pub sources: Sources,
    pub rules: RuleSet,
    pub known_users: Option<KnownUsers>,
}

impl Asked {
    pub fn new(files: &Files, users: Option<&[Known]>) -> Self {
        let mut sources = Sources::default();
        for (index, rules) in files.iter().enumerate() {
            sources.add(format!("{index}.yaml"), rules.to_string());
        }
        let (rules, findings) = rules::read(&sources);
        let errors: Vec<_> = (findings.iter())
            .filter(|finding| finding.severity == Severity::Error)
            .collect();
        assert!(errors.is_empty(), "{errors:?}");
        Self {
            sources,
            rules,
            known_users: users.map(random::from_file),
        }
    }
}

pub fn online(sender: &str) -> Update {
    Update {
        sender: sender.to_owned(),
        state: "online".into(),
        currently_active: None,
    }
}

/// Updates that conditions tell apart.
pub fn updates_of(sender: &str) -> [Update; 4] {
    [
        ("online", None),
        ("busy", Some(true)),
        ("org.matrix.msc3026.busy", None),
        ("offline", Some(false)),
    ]
    .map(|(state, active)| Update {
        sender: sender.to_owned(),
        state: state.to_owned(),
        currently_active: active,
    })
}
