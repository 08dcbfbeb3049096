//! `subsumed-pattern`.

use super::{found, list};

#[test]
fn an_item_adds_somebody_to_its_list() {
    assert_eq!(
        found(&list(&[
            r"'@alice:a.example'",
            r"'@alice:b.example'",
            r"'@*:a.example'",
            r"'@bot-*:a.example'",
            r"{server: a.example}",
            r"'@bot-*:c.example'",
            r"'@bot-x-*:c.example'",
            r"'@bot-x:c.example'",
            r"{server: '*.d.example'}",
            r"{server: x.d.example}",
            r"'@z:x.d.example'",
            r"{regex: '@\d+:e\.example'}",
            r"'@7:e.example'",
            r"'@x:e.example'",
            r"{regex: '@a\d:a\.example'}",
        ]))
        .lines()
        .collect::<Vec<_>>(),
        [
            r"rules.yaml:3:5: warning[subsumed-pattern]: `@alice:a.example` adds nobody to `@*:a.example`; the wider one at rules.yaml:5:5; remove the narrower one, or narrow the wider one",
            r"rules.yaml:6:5: warning[subsumed-pattern]: `@bot-*:a.example` adds nobody to `@*:a.example`; the wider one at rules.yaml:5:5; remove the narrower one, or narrow the wider one",
            r"rules.yaml:7:5: warning[subsumed-pattern]: `{server: a.example}` adds nobody to `@*:a.example`; the wider one at rules.yaml:5:5; remove the narrower one, or narrow the wider one",
            r"rules.yaml:9:5: warning[subsumed-pattern]: `@bot-x-*:c.example` adds nobody to `@bot-*:c.example`; the wider one at rules.yaml:8:5; remove the narrower one, or narrow the wider one",
            r"rules.yaml:10:5: warning[subsumed-pattern]: `@bot-x:c.example` adds nobody to `@bot-*:c.example`; the wider one at rules.yaml:8:5; remove the narrower one, or narrow the wider one",
            r"rules.yaml:13:5: warning[subsumed-pattern]: `@z:x.d.example` adds nobody to `{server: x.d.example}`; the wider one at rules.yaml:12:5; remove the narrower one, or narrow the wider one",
            r"rules.yaml:15:5: warning[subsumed-pattern]: `@7:e.example` adds nobody to `{regex: '@\d+:e\.example'}`; the wider one at rules.yaml:14:5; remove the narrower one, or narrow the wider one",
            r"rules.yaml:17:5: warning[subsumed-pattern]: `{regex: '@a\d:a\.example'}` adds nobody to `@*:a.example`; the wider one at rules.yaml:5:5; remove the narrower one, or narrow the wider one",
        ]
    );
    assert_eq!(
        found(
            r"groups: {g: ['@a:x.example', {server: x.example}]}
routes:
- senders: [all, '@a:x.example', {group: g}]
  recipients: [all, '@a:x.example', {server: x.example}]
- senders: [{server: x.example}, '@a:x.example']
  recipients: {exclude: [{server: x.example}, '@a:x.example']}
"
        )
        .lines()
        .collect::<Vec<_>>(),
        [
            r"rules.yaml:3:18: warning[subsumed-pattern]: `@a:x.example` adds nobody to `all`; the wider one at rules.yaml:3:13; remove the narrower one, or narrow the wider one",
            r"rules.yaml:3:34: warning[subsumed-pattern]: `{group: g}` adds nobody to `all`; the wider one at rules.yaml:3:13; remove the narrower one, or narrow the wider one",
            r"rules.yaml:4:37: warning[subsumed-pattern]: `{server: x.example}` adds nobody to `all`; the wider one at rules.yaml:4:16; remove the narrower one, or narrow the wider one",
            r"rules.yaml:6:47: warning[subsumed-pattern]: `@a:x.example` adds nobody to `{server: x.example}`; the wider one at rules.yaml:6:26; remove the narrower one, or narrow the wider one",
        ]
    );
    // Whom a template makes sees senders that are listed, known or not.
    assert_eq!(
        found(
            "routes: [{senders: [all, '@a:x.example'], recipients: {template: '@{localpart}:x'}}]"
        ),
        ""
    );
    assert_eq!(
        found(
            r"routes:
- {senders: [{server: x.example}, '@a:x.example'], recipients: '@r:x.example'}
derive_interests: false
"
        )
        .lines()
        .collect::<Vec<_>>(),
        [
            r"rules.yaml:2:35: warning[subsumed-pattern]: `@a:x.example` adds nobody to `{server: x.example}`; the wider one at rules.yaml:2:14; remove the narrower one, or narrow the wider one",
        ]
    );
}
