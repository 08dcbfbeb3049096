//! The router answers what the plain evaluator answers, also from what it remembers, and after it has grown.

use arbitrary::{Arbitrary, Unstructured};

use super::drawn::{KnownUsers, RuleFiles};
use crate::compiled::Compiled;
use crate::diff::random::asked;
use crate::plain::Plain;
use crate::properties::random::{everybody, from_file};
use crate::properties::{Asked, online, updates_of};

#[derive(Arbitrary)]
struct Case {
    at_first: u8,
    users: KnownUsers,
    files: RuleFiles,
}

pub fn run(data: &[u8]) {
    let Ok(case) = Case::arbitrary_take_rest(Unstructured::new(data)) else {
        return;
    };
    let (RuleFiles(files), KnownUsers(users)) = (case.files, case.users);
    let Some(Asked { sources, rules, .. }) = asked(&files) else {
        return;
    };
    let known_users = users.as_deref().map(from_file);
    let plain = Plain::new(&sources, &rules, known_users.as_ref());
    let router = Compiled::new(&sources, &rules, known_users.as_ref());
    // All are too many for one input, and which are asked about depends on it.
    let start = data.len() % 5;
    let some: Vec<_> = everybody().skip(start).step_by(5).collect();

    let needs = plain.routes_without_known_users();
    assert_eq!(needs, router.routes_without_known_users(), "{files:?}");
    for user in &some {
        let expected = plain.interested(user);
        assert_eq!(
            expected,
            router.interested(user),
            "{user} asks {files:?} of {users:?}"
        );
    }
    if !needs.is_empty() {
        return;
    }
    let updates: Vec<_> = some.iter().flat_map(|user| updates_of(user)).collect();
    let expected: Vec<_> = updates.iter().map(|update| plain.route(update)).collect();
    for (update, expected) in updates.iter().zip(&expected) {
        let found = router.route(update);
        assert_eq!(
            *expected, found,
            "{update:?} is put to {files:?} of {users:?}"
        );
    }
    let answered = router.route_all(updates.iter().chain(&updates));
    assert_eq!([&expected[..], &expected].concat(), answered, "{files:?}");

    let Some(users) = users else { return };
    let at_first = usize::from(case.at_first).min(users.len());
    let first = from_file(&users[..at_first]);
    let mut grown = Compiled::new(&sources, &rules, Some(&first));
    let mut senders = grown.senders();
    for user in &some {
        grown.route_remembered(&online(user), &mut senders);
    }
    for (index, user) in users.iter().enumerate() {
        assert_eq!(
            grown.add_known(&user.user, user.role),
            index >= at_first,
            "{user:?} of {users:?}"
        );
    }
    for (update, expected) in updates.iter().zip(&expected) {
        let remembered = grown.route_remembered(update, &mut senders);
        assert_eq!(
            expected.recipients, remembered,
            "{update:?} is put to {files:?} of {users:?}"
        );
        assert_eq!(
            *expected,
            grown.route(update),
            "{update:?} is put to {files:?}, grown to {users:?}"
        );
    }
    for user in &some {
        assert_eq!(
            router.interested(user),
            grown.interested(user),
            "{user} asks {files:?}, grown to {users:?}"
        );
    }
}
