//! `all-narrows`.

use super::{checked, found};

#[test]
fn all_and_not_everything_is_sent() {
    let said = checked(
        &[r#"groups:
  auditors: ["@one:x.example", "@two:x.example", "@three:x.example", "@four:x.example"]
routes:
- {senders: {server: y.example}, recipients: {group: auditors}}
- {senders: all, recipients: "@screen:x.example", when: {state: [online, offline]}}
- {senders: all, recipients: "@self:x.example"}
interests:
- {users: {group: auditors}, in: all}
- {users: {server: x.example}, in: [all]}
blocks:
- {senders: "@self:x.example"}
"#],
        Some(
            "@a:y.example
@b:x.example
",
        ),
    );
    assert_eq!(
        said,
        "a.yaml:5:13: warning[all-narrows]: the interest that derives from this route gives ALL to \
         `@screen:x.example`, and Synapse then shows only what the routes send: neither room-mates nor the user \
         itself without a route; not everything is sent at a.yaml:5:57; send everything by a route without \
         `when`, or list the senders instead of `all`\n\
         a.yaml:6:13: warning[all-narrows]: the interest that derives from this route gives ALL to \
         `@self:x.example`, and Synapse then shows only what the routes send: neither room-mates nor the user \
         itself without a route; blocked by this at a.yaml:11:3; let the block leave the user's own presence \
         alone\n\
         a.yaml:8:34: warning[all-narrows]: this interest gives ALL to `@one:x.example`, `@two:x.example`, \
         `@three:x.example` and 1 more, and Synapse then shows only what the routes send: neither room-mates nor \
         the user itself without a route; list whom they may see instead of `all`, or send them everything by a \
         route with `senders: all`\n\
         a.yaml:9:11: warning[all-without-route]: `@b:x.example` may see ALL, and no route sends anything there, so \
         Synapse answers `/sync` with an error; add a route to them, or list whom they may see instead of `all`\n"
    );
}

#[test]
fn everything_is_sent() {
    let said = checked(
        &[
            r#"routes:
- {senders: all, recipients: ["@one:x.example", {server: z.example}]}
- {senders: all, recipients: "@two:x.example", when: {state: [online, unavailable, offline]}}
- {senders: all, recipients: "@three:x.example", when: {state: [online, offline]}}
- {senders: all, recipients: "@three:x.example", when: {state: unavailable}}
- {senders: {exclude: "@a:x.example"}, recipients: "@four:x.example"}
interests:
- {users: "@one:x.example", in: all}
- {users: "@five:y.example", in: all}
blocks:
- {senders: {server: hr.example}}
"#,
            "server_name: x.example
",
        ],
        Some(
            "@a:z.example
",
        ),
    );
    assert_eq!(
        said,
        "a.yaml:2:49: note[remote-recipient]: users of `z.example` see what this route sends only if that server \
         runs a presence router, too; let the router of `z.example` show them these senders\n\
         a.yaml:9:11: warning[remote-interest]: none of these users is of `x.example`, and Synapse asks only for the interests of its own users; write this interest in the rules of their server; a route alone sends \
         updates there\n"
    );
}

#[test]
fn only_the_word_all_gives_it() {
    let said = found(
        r#"routes:
- {senders: {server: y.example}, recipients: "@lobby:x.example"}
interests:
- {users: "@a:x.example", in: "@*:y.example"}
- {users: "@b:x.example", in: "@*:y.example"}
"#,
    );
    assert_eq!(
        said,
        "a.yaml:2:13: note[needs-known-users]: these patterns and those of 2 other rules pick from the known users, and there are none: where they matter, `route` and `interested` refuse to answer; name known users with \
         `known_users:`, or a file of them with `--known-users`; inside Synapse, the homeserver knows its users\n"
    );
}
