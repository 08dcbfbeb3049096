//! `foreign-sender`.

use super::checked;

#[test]
fn between_other_servers() {
    let said = checked(
        &[r#"server_name: x.example
routes:
- {senders: {server: y.example}, recipients: ["@a:y.example", "@*:z.example"]}
"#],
        Some(
            "@a:z.example
@a:y.example
",
        ),
    );
    assert_eq!(
        said,
        "a.yaml:3:13: warning[foreign-sender]: neither the senders nor the recipients of this route are users of \
         `x.example`; the recipients at a.yaml:3:46; move it to the rules of the senders' homeserver\n"
    );
}

#[test]
fn this_server_on_one_side() {
    let said = checked(
        &[r#"server_name: x.example
routes:
- {senders: {server: y.example}, recipients: "@a:x.example"}
- {senders: "@*", recipients: "@a:x.example"}
"#],
        Some(
            "@a:y.example
",
        ),
    );
    assert_eq!(said, "");
}
