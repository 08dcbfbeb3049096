//! `all-without-route`.

use super::{checked, found};

#[test]
fn nothing_is_sent() {
    let said = found(
        r#"routes:
- {senders: all, recipients: "@blocked:x.example"}
- {senders: "@a:x.example", recipients: "@b:x.example"}
interests:
- {users: ["@one:x.example", "@b:x.example"], in: all, allow: {all-narrows: meant so}}
blocks:
- {recipients: "@blocked:x.example"}
"#,
    );
    assert_eq!(
        said,
        "a.yaml:2:30: warning[all-without-route]: `@blocked:x.example` may see ALL, and no route sends anything \
         there, so Synapse answers `/sync` with an error; blocked by this at a.yaml:7:3; narrow the block, or \
         take ALL away\n\
         a.yaml:5:11: warning[all-without-route]: `@one:x.example` may see ALL, and no route sends anything \
         there, so Synapse answers `/sync` with an error; add a route to them, or list whom they may see instead \
         of `all`\n"
    );
}

#[test]
fn no_route_at_all() {
    let said = found(
        "interests: [{users: {server: x.example}, in: all}]
",
    );
    assert_eq!(
        said,
        "a.yaml:1:21: warning[all-without-route]: each of these users may see ALL, and no route sends anything \
         there, so Synapse answers `/sync` with an error; add a route to them, or list whom they may see instead \
         of `all`\n"
    );
}

#[test]
fn perhaps_something_is_sent() {
    let said = checked(
        &[
            r#"routes:
- {senders: all, recipients: {template: "@audit-{localpart}:x.example"}}
- {senders: all, recipients: "@*:y.example"}
interests:
- {users: ["@audit-a:x.example", "@b:y.example"], in: all}
"#,
            "derive_interests: false
",
        ],
        Some(
            "@b:y.example
",
        ),
    );
    assert_eq!(said, "");
}

#[test]
fn a_faulty_file_may_have_the_route() {
    let said = found(
        r#"routes: [{senders: all, recipient: "@a:x.example"}]
interests: [{users: "@a:x.example", in: all}]
"#,
    );
    assert_eq!(
        said,
        "a.yaml:1:25: error[unknown-key]: unknown key `recipient` in a route; did you mean `recipients`?\n"
    );
}
