//! What is wrong in test files.

use super::{RULES, USERS, test};
use crate::cli::Setup;

/// `code LINE:COLUMN: message` of every fault of a test file.
fn faults(text: &str) -> Vec<String> {
    let setup = Setup::new(RULES);
    setup.write("rules/users.txt", USERS);
    setup.write("rules/x.test.yaml", text);
    let ran = setup.run(&["test"], "");
    assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{text}\n{}", ran.err);
    let mut faults = Vec::new();
    let mut lines = ran.err.lines().peekable();
    while let Some(line) = lines.next() {
        let Some((code, message)) = line
            .strip_prefix("error[")
            .and_then(|it| it.split_once("]: "))
        else {
            continue;
        };
        let place = lines.peek().expect("a place").trim_start();
        let place = place
            .strip_prefix("--> rules/x.test.yaml")
            .expect("the place");
        faults.push(format!(
            "{code} {}: {message}",
            place.trim_start_matches(':')
        ));
    }
    assert!(
        ran.err.contains("error: the tests cannot be used: "),
        "{}",
        ran.err
    );
    faults
}

#[test]
fn every_fault_is_reported_in_its_place() {
    let found = faults(
        "known_users: ['@bob']
cases:
  - update: '@a:x.example'
    recipent: []
  - update: alice
    recipients: []
  - user: '@a:x.example'
    update: '@b:x.example'
    recipients: []
  - user: '@a:x.example'
    recipients: []
  - update: '@a:x.example'
    interested: []
  - update: '@a:x.example'
  - includes: '@a:x.example'
  - update: {user_id: '@a:x.example', state: 5}
    recipients: []
  - update: {user_id: '@a:x.example', status: online}
    recipients: ALL
  - update: {}
    by: []
  - update: '@a:x.example'
    includes: []
    excludes: {template: '@{localpart}:x.example'}
    todo:
  - table: []
    name: ''
  - table: [{update: '@a:x.example', table: []}]
    recipients: []
",
    );
    let expected = [
        "invalid-user-id 1:15: `@bob` is not a user ID: it has no `:` and server name after the localpart",
        "unknown-key 4:5: unknown key `recipent` in a case",
        "invalid-user-id 5:13: `alice` is not a user ID: it does not start with `@`",
        "conflicting-keys 7:5: `user` cannot stand beside `update`",
        "conflicting-keys 11:5: `recipients` cannot stand beside `user`",
        "conflicting-keys 13:5: `interested` cannot stand beside `update`",
        "missing-key 14:5: a case needs to say what it expects",
        "missing-key 15:5: a case needs the key `update` or `user`",
        "invalid-update 16:46: `state` should be text, found a number",
        "invalid-update 18:13: no `state` or `presence`: this is not a presence update",
        "invalid-user-id 19:17: `ALL` is an answer to `interested` only",
        "invalid-update 20:13: no `user_id` or `sender`: this is not a presence update",
        "empty-set 21:9: this list names no rules",
        "empty-set 23:15: this list names no users",
        "misplaced-template 24:26: a template cannot stand here: there is no user to make an ID from",
        "missing-reason 25:9: `todo` has no reason",
        "empty-set 26:12: this table has no rows",
        "empty-name 27:11: this text is empty",
        "unknown-key 28:38: unknown key `table` in a row of a table",
    ];
    assert_eq!(found, expected);
}

#[test]
fn names_that_are_not_there_are_reported() {
    let found = faults(
        "cases:
  - update: '@alice:corp.example'
    includes: {group: stuff}
    by: [staff-to-lobby, staff-to-loby]
  - table:
      - {update: '@alice:corp.example'}
      - {update: '@bot-1:corp.example'}
    excludes: [{group: nobody}]
",
    );
    let expected = [
        "unknown-group 3:23: no group is called `stuff`",
        "unknown-rule 4:26: no rule is called `staff-to-loby`",
        // Once, although two rows share it.
        "unknown-group 8:24: no group is called `nobody`",
    ];
    assert_eq!(found, expected);
    let ran = test("- {update: '@a:x.example', by: staff-to-loby}", &[]);
    assert!(
        ran.err.contains("help: did you mean `staff-to-lobby`?"),
        "{}",
        ran.err
    );
}

#[test]
fn patterns_need_somebody_whom_they_match() {
    assert_eq!(
        faults("cases: [{update: '@alice:corp.example', includes: {server: typo.example}}]"),
        ["nobody-expected 1:51: this expects no known user"]
    );
    let setup = Setup::new("routes: [{senders: all, recipients: '@screen-*:x.example'}]");
    setup.write(
        "rules/x.test.yaml",
        "cases: [{update: '@a:x.example', recipients: []}]",
    );
    let ran = setup.run(&["test"], "");
    assert_eq!(ran.code, 2);
    assert!(
        ran.err.starts_with("error[needs-known-users]: "),
        "{}",
        ran.err
    );
    assert!(
        ran.err
            .contains("help: name users, or files of them, with `known_users`"),
        "{}",
        ran.err
    );
    setup.write(
        "rules/rules.yaml",
        "routes: [{senders: all, recipients: '@r:x.example'}]",
    );
    setup.write(
        "rules/x.test.yaml",
        "cases: [{update: '@a:x.example', recipients: '@r*:x.example'}]",
    );
    let ran = setup.run(&["test"], "");
    assert!(
        ran.err.starts_with("error[needs-known-users]: "),
        "{}",
        ran.err
    );
    // Nobody has to be known to be excluded.
    setup.write(
        "rules/x.test.yaml",
        "cases: [{update: '@a:x.example', excludes: '@s*:x.example'}]",
    );
    assert_eq!(setup.run(&["test"], "").code, 0);
}

/// Whether one reaches the other can be decided without known users, if both are taken to be known.
#[test]
fn pairs_need_no_known_users() {
    let setup = Setup::new(
        "routes: [{name: to-screens, senders: {server: x.example}, recipients: '@screen-*:x.example'}]",
    );
    setup.write(
        "rules/x.test.yaml",
        "cases:
  - {update: '@a:x.example', includes: '@screen-1:x.example', excludes: ['@b:x.example'], by: to-screens}
  - {update: '@a:y.example', excludes: '@screen-1:x.example'}
  - {user: '@screen-1:x.example', includes: '@a:x.example', excludes: '@a:y.example'}
",
    );
    let ran = setup.run(&["test"], "");
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    assert_eq!(
        ran.err,
        "note: there are no known users, so the users whom the cases name are taken to be known, as Synapse knows its \
         users\nran 3 cases: 3 passed\n"
    );
    // Who else there is cannot be told.
    setup.write(
        "rules/x.test.yaml",
        "cases:
  - {update: '@a:x.example', includes: '@screen-1:x.example'}
  - {update: '@a:x.example', recipients: '@screen-1:x.example'}
  - {user: '@screen-1:x.example', by: to-screens}
",
    );
    let ran = setup.run(&["test"], "");
    assert_eq!(ran.code, 2, "{}{}", ran.out, ran.err);
    let expected = "error[needs-known-users]: the recipients of `to-screens` are patterns";
    assert!(ran.err.starts_with(expected), "{}", ran.err);
    assert!(ran.err.contains("--> rules/x.test.yaml:3:5"), "{}", ran.err);
}

#[test]
fn rules_with_errors_are_not_tested() {
    let setup = Setup::new("routes: [{senders: all}]");
    setup.write(
        "rules/x.test.yaml",
        "cases: [{update: '@a:x.example', recipients: []}]",
    );
    let ran = setup.run(&["test"], "");
    assert_eq!((ran.code, ran.out.as_str()), (2, ""));
    assert!(ran.err.starts_with("error[missing-key]: "), "{}", ran.err);
    assert!(
        ran.err
            .ends_with("error: the rules cannot be used: 1 error\n"),
        "{}",
        ran.err
    );
}

#[test]
fn hostile_files_end_soon() {
    for text in [
        "cases: &a [*a]".to_owned(),
        format!(
            "cases: [{{update: {}1{}, recipients: []}}]",
            "[".repeat(5_000),
            "]".repeat(5_000)
        ),
        format!(
            "cases: [{{update: {{a: {}1{}}}, recipients: []}}]",
            "[".repeat(120),
            "]".repeat(120)
        ),
        "- ".repeat(100_000),
        "\u{0}".to_owned(),
        format!(
            "cases: [{{update: '@{}:x.example', recipients: []}}]",
            "a".repeat(300)
        ),
        format!("cases:\n{}", "  - {update: x}\n".repeat(20_000)),
    ] {
        let setup = Setup::new(RULES);
        setup.write("rules/users.txt", USERS);
        setup.write("rules/x.test.yaml", &text);
        let ran = setup.run(&["test"], "");
        assert_eq!(ran.code, 2, "{}", &ran.err[..ran.err.len().min(300)]);
    }
}

/// A test file that cannot be read names no rules, and rules that it does not name have no faults of its own.
#[test]
fn a_broken_test_file_is_not_about_the_rules_beside_it() {
    for (text, code) in [
        ("rules: ../good\ncases:\n- {name: 'x}\n", "yaml-syntax"),
        ("rules: {a: 1}\ncases: []\n", "wrong-type"),
        ("rules: []\ncases: []\n", "empty-set"),
    ] {
        let setup = Setup::new("routes: 1\n");
        setup.write("rules/x.test.yaml", text);
        let ran = setup.run(&["test"], "");
        assert_eq!(
            (ran.code, ran.err.matches("error[").count()),
            (2, 1),
            "{}",
            ran.err
        );
        assert!(
            ran.err.starts_with(&format!("error[{code}]")),
            "{}",
            ran.err
        );
        assert!(
            ran.err
                .ends_with("error: the tests cannot be used: 1 error\n"),
            "{}",
            ran.err
        );
    }
    // Faults of both come in one run.
    let setup = Setup::new("routes: 1\n");
    setup.write(
        "rules/x.test.yaml",
        "known_users: gone\ncases:\n- {updat: '@a:x.example'}\n",
    );
    let ran = setup.run(&["test"], "");
    let found = [
        "error[wrong-type]",
        "error[unreadable-known-users]",
        "error[unknown-key]",
    ];
    assert!(
        found.iter().all(|found| ran.err.contains(found)),
        "{}",
        ran.err
    );
    let end = "error: the rules cannot be used: 1 error; the tests cannot be used: 2 errors\n";
    assert!(ran.err.ends_with(end), "{}", ran.err);
}
