//! `unescaped-dot`.

use super::{each, found};

#[test]
fn a_dot_in_a_server_name_is_escaped() {
    assert_eq!(
        found(&each(&[
            r"{regex: '@.*:example.org'}",
            r"{regex: '^@(a|b):(www|im).example.org(:\d+)?$'}",
            r"{regex: '@alice:example.org'}",
            r"{regex: '@x:.*.a\.example'}",
            r#"{regex: "@it's:a.b.c.example"}"#,
        ]))
        .lines()
        .collect::<Vec<_>>(),
        [
            r"rules.yaml:2:32: warning[unescaped-dot]: this `.` stands for any character, so that `@a:example-org` matches; write `{regex: '@.*:example\.org'}`, or better `{server: example.org}`",
            r"rules.yaml:3:21: warning[redundant-anchor]: `^` and `$` say nothing new: a regular expression must match the whole user ID; and another one at rules.yaml:3:56; write `{regex: '@(a|b):(www|im).example.org(:\d+)?'}`",
            r"rules.yaml:3:37: warning[unescaped-dot]: this `.` and the next one stand for any character, so that `@a:www-example.org:1` matches; write `{regex: '@(a|b):(www|im)\.example\.org(:\d+)?'}`",
            r#"rules.yaml:4:35: warning[unescaped-dot]: this `.` stands for any character, so that `@alice:example-org` matches; write `{regex: '@alice:example\.org'}`, or better `"@alice:example.org"`"#,
            r"rules.yaml:5:26: warning[unescaped-dot]: this `.` stands for any character, so that `@x:a-a.example` matches; write `{regex: '@x:.*\.a\.example'}`",
            r#"rules.yaml:6:28: warning[unescaped-dot]: this `.` and 2 more stand for any character, so that `@it's:a-b.c.example` matches; write `{regex: '@it''s:a\.b\.c\.example'}`, or better `"@it's:a.b.c.example"`"#,
        ]
    );
    assert_eq!(
        found(&each(&[
            r"{regex: '@[a-d].*:.*'}",
            r"{regex: '@b.t[0-9]+:example\.org'}",
            r"{regex: '@b[0-9]+:example[.]org'}",
            r"{regex: '@b[0-9]+:.example\.org'}",
            r"{regex: '@b[0-9]+:..example\.org'}",
            r"{regex: '@b[0-9]+:(.+\.)?example\.org'}",
        ])),
        ""
    );
}

/// What is proposed is there to be copied, so it is whole, even where a message would be cut.
#[test]
fn a_long_remedy_is_whole() {
    let names: Vec<_> = (10..60).map(|number| format!("desk{number}")).collect();
    let names = names.join("|");
    let said = found(&each(&[&format!(
        r"{{regex: '@({names}):support.example'}}"
    )]));
    let remedy = format!(r"write `{{regex: '@({names}):support\.example'}}`");
    assert!(said.contains(&remedy), "{said}");
}
