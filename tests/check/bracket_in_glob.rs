//! `bracket-in-glob`.

use super::{each, found};

#[test]
fn brackets_stand_for_one_character() {
    assert_eq!(
        found(&each(&[
            r"'@[alice,bob]:example.org'",
            r"'@[alice|bob]-*:example.org'",
            r"'@[a,b]-*:example.org'",
            r"'@[a-z|0-9]*:example.org'",
            r"'@[staff]-*:example.org'",
            r"{server: '[www,im].example.org'}",
        ]))
        .lines()
        .collect::<Vec<_>>(),
        [
            r"rules.yaml:2:14: warning[bracket-in-glob]: `[alice,bob]` stands for only one character; write `@{alice,bob}:example.org`",
            r"rules.yaml:3:14: warning[bracket-in-glob]: `[alice|bob]` stands for only one character; write `@{alice,bob}-*:example.org`",
            r"rules.yaml:4:14: warning[bracket-in-glob]: `[a,b]` stands for only one character; write `@[ab]-*:example.org`",
            r"rules.yaml:5:14: warning[bracket-in-glob]: `[a-z|0-9]` stands for only one character; write `@[a-z0-9]*:example.org`",
            r"rules.yaml:6:14: warning[bracket-in-glob]: `[staff]` stands for only one character; write `@staff-*:example.org`",
            r"rules.yaml:7:22: warning[bracket-in-glob]: `[www,im]` stands for only one character; write `{www,im}.example.org`",
        ]
    );
    assert_eq!(
        found(&each(&[
            r"'@[ab]-*:example.org'",
            r"'@[^,b]-*:example.org'",
            r"'@[a-z0-9._-]*:example.org'",
            r"'@[._,-]*:example.org'",
            r"'@{alice,bob}:example.org'",
            r"'@[!alice,bob]*:example.org'",
            r"'@[0-9][0-9]:example.org'",
        ])),
        ""
    );
}
