//! `duplicate-pattern`.

use super::{found, list};

#[test]
fn an_item_stands_once_in_a_list() {
    assert_eq!(
        found(&list(&[
            r"'@alice:example.org'",
            r"{server: a.example}",
            r"{user: '@alice:example.org'}",
            r"[{server: a.example}, '@bob:b.example']",
            r"{include: [{regex: '@b\d:b\.example'}, {regex: '@b\d:b\.example'}], exclude: '@b1:b.example'}",
            r"'@bob:b.example'",
        ])).lines().collect::<Vec<_>>(),
        [
            r"rules.yaml:5:5: warning[duplicate-pattern]: `@alice:example.org` stands in this list already; first named at rules.yaml:3:5; remove one of the two",
            r"rules.yaml:6:6: warning[duplicate-pattern]: `{server: a.example}` stands in this list already; first named at rules.yaml:4:5; remove one of the two",
            r"rules.yaml:7:44: warning[duplicate-pattern]: `{regex: '@b\d:b\.example'}` stands in this list already; first named at rules.yaml:7:16; remove one of the two",
            r"rules.yaml:8:5: warning[duplicate-pattern]: `@bob:b.example` stands in this list already; first named at rules.yaml:6:27; remove one of the two",
        ]
    );
    assert_eq!(
        found(&list(&[
            r"'@alice:example.org'",
            r"'@bob:example.org'",
            r"{include: '@alice:example.org'}",
            r"{include: all, exclude: ['@alice:example.org', {server: example.org}]}",
        ]))
        .lines()
        .collect::<Vec<_>>(),
        [
            r"rules.yaml:6:30: warning[subsumed-pattern]: `@alice:example.org` adds nobody to `{server: example.org}`; the wider one at rules.yaml:6:52; remove the narrower one, or narrow the wider one",
        ]
    );
    assert_eq!(
        found(r"groups: {g: '@g:x'}
routes:
- senders: [{group: g}, {group: g}]
  recipients: [{template: '@a{localpart}:x'}, {template: '@b{localpart}:x'}, {template: '@a{localpart}:x'}]
").lines().collect::<Vec<_>>(),
        [
            r"rules.yaml:3:25: warning[duplicate-pattern]: `{group: g}` stands in this list already; first named at rules.yaml:3:13; remove one of the two",
            r#"rules.yaml:4:78: warning[duplicate-pattern]: `{template: "@a{localpart}:x"}` stands in this list already; first named at rules.yaml:4:16; remove one of the two"#,
        ]
    );
}
