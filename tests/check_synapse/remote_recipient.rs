//! `remote-recipient`.

use super::{checked, found};

#[test]
fn recipients_of_other_servers() {
    let said = checked(
        &[r#"server_name: x.example
groups: {theirs: ["@a:x.example", {server: z.example}]}
routes:
- {senders: "@a:x.example", recipients: ["@a:x.example", "@b:y.example"]}
- {senders: "@a:x.example", recipients: {group: theirs}}
- {senders: "@a:x.example", recipients: {template: "@{localpart}:w.example"}}
"#],
        Some(
            "@a:z.example
",
        ),
    );
    assert_eq!(
        said,
        "a.yaml:4:58: note[remote-recipient]: users of `y.example` see what this route sends only if that server \
         runs a presence router, too; let the router of `y.example` show them these senders\n\
         a.yaml:5:41: note[remote-recipient]: users of `z.example` see what this route sends only if that server \
         runs a presence router, too; let the router of `z.example` show them these senders\n\
         a.yaml:6:41: note[remote-recipient]: users of `w.example` see what this route sends only if that server \
         runs a presence router, too; let the router of `w.example` show them these senders\n"
    );
}

#[test]
fn recipients_of_this_server() {
    let said = checked(
        &[r#"server_name: x.example
routes:
- {senders: "@a:y.example", recipients: ["@a:x.example", {server: x.example}]}
- {senders: "@a:x.example", recipients: {template: "@{localpart}:{server}"}}
- {senders: "@a:x.example", recipients: {include: {server: x.example}, exclude: "@a:y.example"}}
"#],
        Some(
            "@a:x.example
",
        ),
    );
    assert_eq!(said, "");
}

#[test]
fn no_server_name() {
    let said = found(
        r#"routes: [{senders: "@a:x.example", recipients: "@b:y.example"}]
"#,
    );
    assert_eq!(said, "");
}
