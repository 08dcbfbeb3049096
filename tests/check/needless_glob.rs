//! `needless-glob`.

use super::{each, found};

#[test]
fn what_needs_no_glob_is_written_without() {
    assert_eq!(
        found(&each(&[
            r"{glob: '@alice:example.org'}",
            r"'@{alice}:example.org'",
            r"'@[b]ob:example.org'",
            r"'@a\*b:example.org'",
            r"{server: 'exampl[e].org'}",
            r"'@**:example.org'",
            r"'@b**t-***:example.org'",
            r"{server: '**.example.org'}",
        ]))
        .lines()
        .collect::<Vec<_>>(),
        [
            r#"rules.yaml:2:20: warning[needless-glob]: this glob matches one user ID only; write `"@alice:example.org"`"#,
            r#"rules.yaml:3:13: warning[needless-glob]: this glob matches one user ID only; write `"@alice:example.org"`"#,
            r#"rules.yaml:4:13: warning[needless-glob]: this glob matches one user ID only; write `"@bob:example.org"`"#,
            r"rules.yaml:5:13: warning[needless-glob]: this glob matches one user ID only; write `{user: '@a*b:example.org'}`",
            r"rules.yaml:6:22: warning[needless-glob]: this glob matches one server name only; write `{server: example.org}`",
            r"rules.yaml:7:14: warning[needless-glob]: `**` is the same as `*` here; write `@*:example.org`",
            r"rules.yaml:8:15: warning[needless-glob]: `**` is the same as `*` here; write `@b*t-*:example.org`",
            r"rules.yaml:9:22: warning[needless-glob]: `**` is the same as `*` here; write `*.example.org`",
        ]
    );
    assert_eq!(
        found(&each(&[
            r"'@*:example.org'",
            r"'*:example.org'",
            r"'@team/**/lead:example.org'",
            r"'**/lead:example.org'",
            r"'@{bot,svc}-*:example.org'",
            r"'@[*][*]:*'",
            r"'@\**:example.org'",
            r"'**'",
            r"{glob: 'nobody'}",
        ])),
        ""
    );
}
