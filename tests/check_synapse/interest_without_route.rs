//! `interest-without-route`.

use super::{checked, found};

#[test]
fn no_route_for_a_pair() {
    let said = found(
        r#"routes:
- {senders: "@a:x.example", recipients: "@b:x.example"}
- {senders: "@bot-*:x.example", recipients: "@d:x.example"}
interests:
- {users: "@b:x.example", in: ["@a:x.example", "@c:x.example"]}
- {users: ["@b:x.example", "@d:x.example"], in: ["@e:x.example", "@f:x.example"]}
- {users: "@d:x.example", in: "@human:x.example"}
"#,
    );
    assert_eq!(
        said,
        "a.yaml:3:13: note[needs-known-users]: these patterns pick from the known users, and there are none: where they matter, `route` and `interested` refuse to answer; name known users with `known_users:`, or a file of them with \
         `--known-users`; inside Synapse, the homeserver knows its users\n\
         a.yaml:5:31: warning[interest-without-route]: `@b:x.example` may see `@c:x.example`, and no route sends \
         it these updates; add a route from these senders to these recipients; an interest sends nothing\n\
         a.yaml:6:49: warning[interest-without-route]: `@b:x.example` may see `@e:x.example`, and no route sends \
         it these updates, nor those of 3 other pairs; add a route from these senders to these recipients; an \
         interest sends nothing\n\
         a.yaml:7:31: warning[interest-without-route]: `@d:x.example` may see `@human:x.example`, and no route \
         sends it these updates; add a route from these senders to these recipients; an interest sends nothing\n"
    );
}

#[test]
fn all_is_blocked() {
    let said = checked(
        &[r#"routes:
- {senders: {server: hr.example}, recipients: "@b:x.example"}
interests:
- {users: "@b:x.example", in: "@a:hr.example"}
blocks:
- {senders: {server: hr.example}, recipients: {exclude: {server: hr.example}}}
"#],
        Some(
            "@a:hr.example
",
        ),
    );
    assert_eq!(
        said,
        "a.yaml:4:31: warning[interest-without-route]: `@b:x.example` may see `@a:hr.example`, and a block keeps \
         all these updates away; routed here at a.yaml:2:3; blocked by this at a.yaml:6:3; remove the interest, \
         or narrow the block\n"
    );
}

#[test]
fn every_pair_may_have_a_route() {
    let said = checked(
        &[r#"routes:
- {senders: {include: all, exclude: "@z:x.example"}, recipients: {template: "@{localpart}:x.example"}}
- {senders: {regex: '@c\d:x\.example'}, recipients: ["@b:x.example", "@d:x.example"]}
- {senders: {server: hr.example}, recipients: "@b:x.example"}
interests:
- {users: "@b:x.example", in: ["@b:y.example", "@b:x.example", "@c1:x.example", "@hr:hr.example"]}
- {users: {server: x.example}, in: "@z:x.example"}
- {users: "@d:x.example", in: {include: ["@c2:x.example", "@z:x.example"], exclude: "@z:x.example"}}
blocks:
- {senders: {server: hr.example}, recipients: {exclude: {server: hr.example}}}
"#],
        Some(
            "@a:x.example
",
        ),
    );
    assert_eq!(
        said,
        "a.yaml:3:13: warning[matches-nobody]: `@c\\d:x\\.example` does not match the only known user; correct \
         it, or add its users to the known users\n\
         a.yaml:4:13: warning[matches-nobody]: `hr.example` does not match the only known user; correct it, \
         or add its users to the known users\n"
    );
}
