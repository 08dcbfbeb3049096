//! `matches-nobody`.

use super::checked;

#[test]
fn nobody_matches() {
    let said = checked(
        &[r#"groups: {bots: ["@bto-*:x.example", "@bot-*:x.example"]}
routes:
- {senders: {server: x.exmaple}, recipients: {group: bots}}
- {senders: "@a:x.example", recipients: [{group: bots}, {regex: '@\d+:x\.example'}, {server: "*.corp"}]}
interests:
- {users: "@nobody*:x.example", in: {include: "*@nobody:*", exclude: "@nobody2*:x.example"}}
"#],
        Some(
            "@bot-1:x.example
@b:y.example
",
        ),
    );
    assert_eq!(
        said,
        "a.yaml:1:17: warning[matches-nobody]: `@bto-*:x.example` matches none of the 2 known users; correct \
         it, or add its users to the known users\n\
         a.yaml:3:13: warning[matches-nobody]: `x.exmaple` matches none of the 2 known users; did you mean \
         the server `x.example`?\n\
         a.yaml:4:57: warning[matches-nobody]: `@\\d+:x\\.example` matches none of the 2 known users; correct \
         it, or add its users to the known users\n\
         a.yaml:4:85: warning[matches-nobody]: `*.corp` matches none of the 2 known users; correct it, or \
         add its users to the known users\n\
         a.yaml:6:11: warning[matches-nobody]: `@nobody*:x.example` matches none of the 2 known users; correct \
         it, or add its users to the known users\n\
         a.yaml:6:47: warning[matches-nobody]: `*@nobody:*` matches none of the 2 known users; correct it, \
         or add its users to the known users\n\
         a.yaml:6:70: warning[matches-nobody]: `@nobody2*:x.example` matches none of the 2 known users; \
         correct it, or add its users to the known users\n"
    );
}

#[test]
fn somebody_matches() {
    let said = checked(
        &[
            r#"routes:
- {senders: all, recipients: ["@b[0-9]:x.example", {regex: '@b\d:.*'}, {server: "*.example"}, "*:x.example", "@named:z.example"]}
"#,
            r#"derive_interests: false
routes: [{senders: "@other-*:y.example", recipients: "@b1:x.example"}]
"#,
        ],
        Some(
            "@b1:x.example
",
        ),
    );
    assert_eq!(said, "");
}

#[test]
fn synapse_knows_its_own_users() {
    let said = checked(
        &["server_name: x.example
routes: [{senders: {server: y.example}, recipients: {server: x.example}}]
"],
        Some(
            "@a:y.example
",
        ),
    );
    assert_eq!(said, "");
}

#[test]
fn nobody_who_receives_matches() {
    let said = checked(
        &[r#"routes:
- {senders: "@irc_*:x.example", recipients: ["@irc_*:x.example", "@a*:x.example", "@irc_1:x.example"]}
"#],
        Some(r#"[{"user_id": "@irc_1:x.example", "appservice_id": "irc"}, "@a:x.example"]"#),
    );
    assert_eq!(
        said,
        "a.yaml:2:46: warning[matches-nobody]: `@irc_*:x.example` matches only users who are only seen, and patterns do \
         not take these in as recipients; correct it, or name those who should receive by their IDs\n"
    );
}
