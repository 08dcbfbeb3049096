//! Known users who come one by one: the router answers as if it had been compiled with all of them.

use indexmap::IndexMap;
use presence_router::known_users::{KnownUsers, Role};
use presence_router::router::{GrowError, Router, Scratch};
use presence_router::user_id::UserId;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use super::random::{self, Known, files, known_users};
use super::{Asked, cases, online, updates_of};
use crate::compiled::{Compiled, Kept};
use crate::plain::Interested;

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: cases(), ..ProptestConfig::default() })]

    #[test]
    fn a_router_that_grew_answers_as_one_compiled_with_all_users(
        files in files(),
        users in known_users(),
        at_first in 0..40_usize,
    ) {
        let at_first = at_first.min(users.len());
        let all = Asked::new(&files, Some(&users));
        let compiled = Compiled::new(&all.sources, &all.rules, all.known_users.as_ref());
        let some = Asked::new(&files, Some(&users[..at_first]));
        let mut grown = Compiled::new(&some.sources, &some.rules, some.known_users.as_ref());
        // What was remembered of a sender is true after the router has grown.
        let mut senders = grown.senders();
        let mut kept = Kept::default();
        for user in random::everybody() {
            grown.route_remembered(&online(&user), &mut senders);
            grown.viewed(&user, &mut kept);
        }
        for (index, Known { user, role }) in users.iter().enumerate() {
            prop_assert_eq!(grown.add_known(user, *role), index >= at_first, "{} comes", user);
            prop_assert!(!grown.add_known(user, *role), "{} comes again", user);
        }
        for user in random::everybody() {
            let interested = grown.interested(&user);
            prop_assert_eq!(&compiled.interested(&user), &interested, "{} asks", user);
            prop_assert_eq!(others(interested, &user), others(grown.viewed(&user, &mut kept), &user), "{} asks", user);
            for update in updates_of(&user) {
                let expected = compiled.route(&update);
                let remembered = grown.route_remembered(&update, &mut senders);
                prop_assert_eq!(&expected.recipients, &remembered, "{:?} is sent", update);
                prop_assert_eq!(expected, grown.route(&update), "{:?} is sent", update);
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: cases(), ..ProptestConfig::default() })]

    /// Whatever users were before, the router answers by what the homeserver says of them last, beside what files say.
    #[test]
    fn users_change_their_roles(
        files in files(),
        in_files in known_users(),
        said in vec((select(random::everybody().collect::<Vec<_>>()), proptest::option::of(random::role())), 0..60),
    ) {
        let asked = Asked::new(&files, Some(&in_files));
        let mut changed = Compiled::new(&asked.sources, &asked.rules, asked.known_users.as_ref());
        let mut now: IndexMap<&str, Option<Role>> = IndexMap::new();
        let mut kept = Kept::default();
        for (user, role) in &said {
            now.insert(user, *role);
            changed.viewed(user, &mut kept);
            let recipients = routed(&changed);
            let changes = changed.changes_of_recipients();
            changed.set_known(user, *role);
            if changes == changed.changes_of_recipients() {
                prop_assert_eq!(recipients, routed(&changed), "{} is {:?}", user, role);
            }
            prop_assert!(!changed.set_known(user, *role), "{} is that already", user);
        }
        let mut users = in_files;
        let homeserver = now.into_iter();
        users.extend(homeserver.filter_map(|(user, role)| Some(Known { user: user.to_owned(), role: role? })));
        let expected = Asked::new(&files, Some(&users));
        let compiled = Compiled::new(&expected.sources, &expected.rules, expected.known_users.as_ref());
        for user in random::everybody() {
            prop_assert_eq!(
                others(changed.interested(&user), &user),
                others(changed.viewed(&user, &mut kept), &user),
                "{} asks",
                user
            );
            // Whoever comes to a list later stands behind the others.
            prop_assert_eq!(
                sorted(compiled.interested(&user)),
                sorted(changed.interested(&user)),
                "{} asks",
                user
            );
            for update in updates_of(&user) {
                let routed = [&compiled, &changed].map(|router| {
                    let mut routed = router.route(&update);
                    routed.recipients.sort();
                    routed
                });
                prop_assert_eq!(&routed[0], &routed[1], "{:?} is sent", update);
            }
        }
    }
}

/// Whom some updates reach.
fn routed(router: &Compiled) -> Vec<Vec<String>> {
    let senders = random::everybody().step_by(5);
    let routed = senders.map(|sender| router.route(&online(&sender)).recipients);
    routed.collect()
}

fn sorted(interested: Interested) -> Interested {
    match interested {
        Interested::These(mut users) => {
            users.sort();
            Interested::These(users)
        }
        other => other,
    }
}

/// Sorted, and without who asks, whom a view may have.
fn others(interested: Interested, user: &str) -> Interested {
    match sorted(interested) {
        Interested::These(mut users) => {
            users.retain(|seen| seen != user);
            Interested::These(users)
        }
        other => other,
    }
}

#[test]
fn a_router_without_known_users_takes_no_known_user() {
    let asked = Asked::new(
        &vec![serde_json::json!({"routes": [{"senders": "all", "recipients": "@a:x.example"}]})],
        None,
    );
    let mut router = Router::new(&asked.rules, &asked.sources, None).expect("good rules");
    let user = UserId::parse("@a:x.example").expect("a user ID");
    let added = router.add_known(user, Role::Receives, &mut Scratch::default());
    assert_eq!(added, Err(GrowError::NoKnownUsers));
}

#[test]
fn who_is_only_named_by_rules_is_not_known() {
    let asked = Asked::new(
        &vec![serde_json::json!({"routes": [{"senders": "all", "recipients": "@a:x.example"}]})],
        None,
    );
    let known = KnownUsers::default();
    let mut router = Router::new(&asked.rules, &asked.sources, Some(&known)).expect("good rules");
    assert!(!router.knows("@a:x.example"));
    for user in ["@a:x.example", "@b:x.example"] {
        let user = UserId::parse(user).expect("a user ID");
        assert_eq!(
            router.add_known(user, Role::Receives, &mut Scratch::default()),
            Ok(true)
        );
    }
    assert!(router.knows("@a:x.example") && router.knows("@b:x.example"));
    assert_eq!(router.users().len(), 2);
}
