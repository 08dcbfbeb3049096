//! Random templates and users: a template's inverse names everybody from whom the template makes a user.

use presence_router::pattern::{Inverse, Template};
use presence_router::user_id::UserId;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use super::cases;

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: cases() * 10, ..ProptestConfig::default() })]

    #[test]
    fn an_inverse_names_everybody(text in template(), users in vec(user(), 1..30)) {
        let Ok(template) = Template::parse(&text) else { return Ok(()) };
        let both = text.contains("{localpart}") && text.contains("{server}");
        for user in &users {
            let from = UserId::parse(user).expect("a valid ID");
            let Some(made) = template.make(from) else { continue };
            let made = UserId::parse(&made).expect("what is made is valid");
            for server_name in [None, Some(from.server_name())] {
                match template.invert(made, server_name) {
                    Inverse::These(these) => prop_assert!(these.contains(user), "{user}: {these:?}"),
                    Inverse::Unbounded => prop_assert!(!both, "{user}"),
                }
            }
        }
    }

    #[test]
    fn an_inverse_names_nobody_else(text in template(), made in user(), server_name in proptest::option::of(server())) {
        let Ok(template) = Template::parse(&text) else { return Ok(()) };
        let made = UserId::parse(&made).expect("a valid ID");
        if let Inverse::These(these) = template.invert(made, server_name) {
            for user in these {
                let from = UserId::parse(&user).expect("a valid ID");
                prop_assert_eq!(template.make(from), Some(made.as_str().to_owned()));
                prop_assert!(server_name.is_none_or(|name| from.server_name() == name));
            }
        }
    }
}

fn template() -> impl Strategy<Value = String> {
    let piece = select(
        &[
            "{localpart}",
            "{server}",
            "{localpart}",
            "{server}",
            "a",
            "-",
            ".",
            ":",
            "x",
            "8448",
            "é",
        ][..],
    );
    (
        vec(piece, 0..5),
        select(&["", ":x", ":{server}", ":{localpart}", ":x.{server}", ":8"][..]),
    )
        .prop_map(|(pieces, end)| format!("@{}{end}", pieces.concat()))
}

fn user() -> impl Strategy<Value = String> {
    let piece = select(&["a", "-", ".", "x", "é", "8448", "x-x", "aa"][..]);
    (vec(piece, 0..4), server())
        .prop_map(|(pieces, server)| format!("@{}:{server}", pieces.concat()))
}

fn server() -> impl Strategy<Value = &'static str> {
    select(
        &[
            "x", "x.x", "a", "8448", "x:8448", "a-x", "x.a", "[::1]", "x:8", "a.a.a",
        ][..],
    )
}
