//! `deactivated-user`.

use presence_router::known_users::{KnownUsers, Role};

use super::checked;

/// A text in the place of a flag is not guessed at: it could make a recipient of a guest.
#[test]
fn flags_are_true_or_false() {
    let mut known = KnownUsers::default();
    let faults = known.add_text(
        r#"[{"name": "@a:x", "is_guest": "true"}, {"name": "@b:x", "deactivated": 2}, {"name": "@c:x", "is_guest": 0},
 {"name": "@d:x", "is_guest": null, "deactivated": false}, {"name": "@e:x", "user_type": "Support"}]"#,
    );
    let told: Vec<_> = faults.into_iter().map(|fault| fault.message).collect();
    let neither = "is neither `true` nor `false`: write one of these";
    assert_eq!(
        told,
        [format!("`\"true\"` {neither}"), format!("`2` {neither}")]
    );
    let known: Vec<_> = known.with_roles().collect();
    assert_eq!(
        known,
        [
            ("@c:x", Role::Receives),
            ("@d:x", Role::Receives),
            ("@e:x", Role::Support)
        ]
    );
}

#[test]
fn named_by_a_rule() {
    let said = checked(
        &[r#"groups: {staff: ["@a:x.example", "@gone:x.example"]}
routes: [{senders: {group: staff}, recipients: ["@a:x.example", "@left:x.example"]}]
"#],
        Some(
            r#"{"users": [{"name": "@a:x.example", "deactivated": false}, {"name": "@gone:x.example", "deactivated": true},
 {"name": "@left:x.example", "deactivated": 1}]}"#,
        ),
    );
    assert_eq!(
        said,
        "a.yaml:1:34: warning[deactivated-user]: `@gone:x.example` is deactivated, according to the known users; remove \
         it, or name the account that has taken its place\n\
         a.yaml:2:65: warning[deactivated-user]: `@left:x.example` is deactivated, according to the known users; remove \
         it, or name the account that has taken its place\n"
    );
}

#[test]
fn not_named_or_excluded() {
    let said = checked(
        &[
            r#"routes: [{senders: {include: {server: x.example}, exclude: "@gone:x.example"}, recipients: "@a:x.example"}]
blocks: [{senders: "@gone:x.example"}]
"#,
        ],
        Some(
            r#"[{"name": "@gone:x.example", "deactivated": true}, {"name": "@a:x.example", "deactivated": 0}]"#,
        ),
    );
    assert_eq!(said, "");
}
