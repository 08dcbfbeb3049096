//! Known users who come one by one: the router answers as if it had been compiled with all of them.

use presence_router::known_users::KnownUsers;
use presence_router::router::{GrowError, Router, Scratch};
use presence_router::user_id::UserId;
use proptest::prelude::*;

use super::random::{self, files, known_users};
use super::{Asked, cases, online, updates_of};
use crate::compiled::Compiled;

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: cases(), ..ProptestConfig::default() })]

    #[test]
    fn a_router_that_grew_answers_as_one_compiled_with_all_users(
        files in files(),
        users in known_users(),
        at_first in 0..40_usize,
    ) {
        let at_first = at_first.min(users.len());
        let all = Asked::new(&files, Some(users.clone()));
        let compiled = Compiled::new(&all.sources, &all.rules, all.known_users.as_ref());
        let some = Asked::new(&files, Some(users[..at_first].to_vec()));
        let mut grown = Compiled::new(&some.sources, &some.rules, some.known_users.as_ref());
        // What was remembered of a sender is true after the router has grown.
        let mut senders = grown.senders();
        for user in random::everybody() {
            grown.route_remembered(&online(&user), &mut senders);
        }
        for (index, user) in users.iter().enumerate() {
            prop_assert_eq!(grown.add_known(user), index >= at_first, "{} comes", user);
            prop_assert!(!grown.add_known(user), "{} comes again", user);
        }
        for user in random::everybody() {
            prop_assert_eq!(compiled.interested(&user), grown.interested(&user), "{} asks", user);
            for update in updates_of(&user) {
                let expected = compiled.route(&update);
                let remembered = grown.route_remembered(&update, &mut senders);
                prop_assert_eq!(&expected.recipients, &remembered, "{:?} is sent", update);
                prop_assert_eq!(expected, grown.route(&update), "{:?} is sent", update);
            }
        }
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
    let added = router.add_known(user, &mut Scratch::default());
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
        assert_eq!(router.add_known(user, &mut Scratch::default()), Ok(true));
    }
    assert!(router.knows("@a:x.example") && router.knows("@b:x.example"));
    assert_eq!(router.users().len(), 2);
}
