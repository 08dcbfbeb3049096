//! `remote-interest`.

use super::checked;

#[test]
fn users_of_other_servers() {
    let said = checked(
        &[r#"server_name: x.example
groups: {theirs: ["@a:y.example", {server: z.example}]}
routes: [{senders: all, recipients: all}]
interests:
- {users: {group: theirs}, in: "@b:x.example"}
- {users: {include: {regex: '@\d+:y\.example'}, exclude: "@1:y.example"}, in: "@b:x.example"}
"#],
        Some(
            "@b:x.example
",
        ),
    );
    assert_eq!(
        said,
        "a.yaml:5:11: warning[remote-interest]: none of these users is of `x.example`, and Synapse asks only for the interests of its own users; write this interest in the rules of their server; a route alone sends \
         updates there\n\
         a.yaml:6:11: warning[remote-interest]: none of these users is of `x.example`, and Synapse asks only for the interests of its own users; write this interest in the rules of their server; a route alone sends \
         updates there\n"
    );
}

#[test]
fn perhaps_users_of_this_server() {
    let said = checked(
        &[r#"server_name: x.example
routes: [{senders: all, recipients: all}]
interests:
- {users: ["@a:y.example", "@a:x.example"], in: "@b:x.example"}
- {users: {server: "*.example"}, in: "@b:x.example"}
- {users: {exclude: {server: x.example}}, in: "@b:x.example"}
"#],
        Some(
            "@b:x.example
",
        ),
    );
    assert_eq!(said, "");
}

#[test]
fn no_server_name() {
    let said = checked(
        &[r#"routes: [{senders: all, recipients: all}]
interests: [{users: "@a:y.example", in: "@b:x.example"}]
"#],
        Some(
            "@b:x.example
",
        ),
    );
    assert_eq!(said, "");
}
