//! `needless-regex`.

use super::{each, found};

#[test]
fn what_needs_no_regular_expression_is_written_without() {
    assert_eq!(
        found(&each(&[
            r"{regex: '@alice:example\.org'}",
            r"{regex: '@a\*b:example\.org'}",
            r"{regex: '^@.*:example\.org$'}",
            r"{regex: '@[^:]*:\[::1\]'}",
            r"{regex: '@bot-.*:example\.org:8448'}",
            r"{regex: '@(.*)-bot.*?:example\.org'}",
        ]))
        .lines()
        .collect::<Vec<_>>(),
        [
            r#"rules.yaml:2:21: warning[needless-regex]: this regular expression matches one user ID only; write `"@alice:example.org"`"#,
            r"rules.yaml:3:21: warning[needless-regex]: this regular expression matches one user ID only; write `{user: '@a*b:example.org'}`",
            r"rules.yaml:4:21: warning[needless-regex]: this regular expression is for all users of a server; write `{server: example.org}`, which takes names with a line break as well: no account of today has one",
            r#"rules.yaml:5:21: warning[needless-regex]: this regular expression is for all users of a server; write `{server: "[::1]"}`"#,
            r#"rules.yaml:6:21: warning[needless-regex]: a glob says the same as this regular expression, and is easier to get right; write `"@bot-*:example.org:8448"`, which takes names with a line break as well: no account of today has one"#,
            r#"rules.yaml:7:21: warning[needless-regex]: a glob says the same as this regular expression, and is easier to get right; write `"@*-bot*:example.org"`, which takes names with a line break as well: no account of today has one"#,
        ]
    );
    assert_eq!(
        found(&each(&[
            r"{regex: '@.+:example\.org'}",
            r"{regex: '@bot-\d+:example\.org'}",
            r"{regex: '@.*:.*'}",
            r"{regex: '@.*:8448'}",
            r"{regex: '@a:b.*:c'}",
            r"{regex: '@bot-.*:\[::1\]'}",
            r"{regex: '(?i)@alice:example\.org'}",
            r"{regex: 'grace'}",
            r"{regex: '@a\$b$c:x'}",
        ])),
        ""
    );
}
