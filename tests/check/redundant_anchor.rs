//! `redundant-anchor`.

use super::{each, found};

#[test]
fn regular_expressions_are_anchored_anyhow() {
    assert_eq!(
        found(&each(&[
            r"{regex: '^@bot-\d+:example\.org$'}",
            r"{regex: '@bot-\d+:example\.org\z'}",
            r"{regex: '(?i)\A(@a\d:x|^@b\d:y)'}",
            r"{regex: '^@bot-\d+:x.example'}",
            r"{regex: '^@alice:example\.org$'}",
        ]))
        .lines()
        .collect::<Vec<_>>(),
        [
            r"rules.yaml:2:21: warning[redundant-anchor]: `^` and `$` say nothing new: a regular expression must match the whole user ID; and another one at rules.yaml:2:43; write `{regex: '@bot-\d+:example\.org'}`",
            r"rules.yaml:3:42: warning[redundant-anchor]: `\z` says nothing new: a regular expression must match the whole user ID; write `{regex: '@bot-\d+:example\.org'}`",
            r"rules.yaml:4:25: warning[redundant-anchor]: `\A` and `^` say nothing new: a regular expression must match the whole user ID; and another one at rules.yaml:4:35; write `{regex: '(?i)(@a\d:x|@b\d:y)'}`",
            r"rules.yaml:5:21: warning[redundant-anchor]: `^` says nothing new: a regular expression must match the whole user ID; write `{regex: '@bot-\d+:x.example'}`",
            r"rules.yaml:5:32: warning[unescaped-dot]: this `.` stands for any character, so that `@bot-1:x-example` matches; write `{regex: '@bot-\d+:x\.example'}`",
            r#"rules.yaml:6:21: warning[needless-regex]: this regular expression matches one user ID only; write `"@alice:example.org"`"#,
        ]
    );
    assert_eq!(
        found(&each(&[
            r"{regex: '@bot-\d+:example\.org'}",
            r"{regex: '@\^a\d:[^$]+'}",
            r"{regex: '@\d\b.+:x'}",
        ])),
        ""
    );
}
