//! `route-without-interest`.

use super::{checked, found};

#[test]
fn no_interest_for_a_pair() {
    let said = found(
        r#"derive_interests: false
routes:
- {senders: ["@a:x.example", "@c:x.example"], recipients: ["@b:x.example", "@d:x.example"]}
- {senders: "@a:y.example", recipients: "@e:x.example"}
interests:
- {users: "@b:x.example", in: "@a:x.example"}
"#,
    );
    assert_eq!(
        said,
        "a.yaml:3:59: warning[route-without-interest]: this route sends updates of `@a:x.example` to `@d:x.example`, and no interest lets it see them; the same is true of 2 other pairs; add an interest, or remove \
         `derive_interests: false` from this file\n"
    );
}

#[test]
fn a_recipient_of_this_homeserver() {
    let said = found(
        r#"server_name: x.example
derive_interests: false
routes:
- {senders: "@a:y.example", recipients: "@e:x.example"}
"#,
    );
    assert_eq!(
        said,
        "a.yaml:4:41: warning[route-without-interest]: this route sends updates of `@a:y.example` to `@e:x.example`, and no interest lets it see them; add an interest, or remove `derive_interests: false` from \
         this file\n"
    );
}

#[test]
fn every_pair_may_be_seen() {
    let said = checked(
        &[
            r#"derive_interests: false
routes:
- {senders: "@a:x.example", recipients: ["@a:x.example", "@b:x.example", "@c:x.example", "@d:x.example"]}
- {senders: "@blocked:x.example", recipients: "@b:x.example"}
- {senders: "@a:x.example", recipients: "@e:y.example"}
interests:
- {users: {regex: '@[b]:.*'}, in: {server: x.example}}
- {users: "@c:x.example", in: {template: "@a:{server}"}}
blocks:
- {senders: "@blocked:x.example"}
"#,
            r#"routes: [{senders: "@a:x.example", recipients: "@d:*"}]
"#,
        ],
        Some(
            "@a:x.example
@d:x.example
",
        ),
    );
    assert_eq!(said, "");
}
