//! What passes, what fails, and what is said of it.

use super::{FAILS, PASSES, setup, test};
use crate::cli::Setup;

fn passes(case: &str) {
    let ran = test(case, &[]);
    assert_eq!(
        (ran.code, ran.err.as_str()),
        (0, "ran 1 case: 1 passed\n"),
        "{case}\n{}",
        ran.out
    );
}

/// The line that says what is wrong.
fn fails(case: &str) -> String {
    let ran = test(case, &[]);
    assert_eq!(
        (ran.code, ran.err.as_str()),
        (1, "ran 1 case: 1 failed\n"),
        "{case}\n{}",
        ran.out
    );
    let title = ran
        .out
        .lines()
        .find_map(|line| line.trim_start().strip_prefix("= "));
    title.expect("a title").to_owned()
}

#[test]
fn recipients_are_exact_and_in_any_order() {
    passes(PASSES);
    passes(
        "- {update: '@alice:corp.example', recipients: ['@screen-1:corp.example', '@lobby:corp.example']}",
    );
    passes("- {update: '@other:x.example', recipients: []}");
    passes(
        "- {update: '@alice:corp.example', recipients: ['@lobby:corp.example', '@screen-*:corp.example']}",
    );
    let title = fails("- {update: '@alice:corp.example', recipients: '@lobby:corp.example'}");
    assert_eq!(title, "`recipients` has 1 user too many");
    let title = fails("- {update: '@other:x.example', recipients: '@lobby:corp.example'}");
    assert_eq!(title, "`recipients` lacks 1 user");
    let title =
        fails("- {update: '@alice:corp.example', recipients: ['@a:x.example', '@b:x.example']}");
    assert_eq!(
        title,
        "`recipients` lacks 2 users, and has 2 users too many"
    );
    let title = fails("- {update: '@alice:corp.example', recipients: []}");
    assert_eq!(title, "`recipients` has 2 users too many");
}

#[test]
fn includes_and_excludes_are_about_some_users() {
    passes(
        "- {update: '@alice:corp.example', includes: '@lobby:corp.example', excludes: {server: x.example}}",
    );
    // The group holds the screen; it is not a known user whom nobody knows.
    passes(
        "- {update: '@alice:corp.example', excludes: {include: {group: staff}, exclude: '@*[!z]:corp.example'}}",
    );
    let title = fails("- {update: '@alice:corp.example', excludes: {group: staff}}");
    assert_eq!(title, "`excludes`: 2 users are in the answer");
    let title = fails(FAILS);
    assert_eq!(title, "`includes`: 1 user is missing from the answer");
    // A user whom only the rules name is matched by patterns of `excludes` as well.
    let title = fails("- {update: '@alice:corp.example', excludes: '@l*:corp.example'}");
    assert_eq!(title, "`excludes`: 1 user is in the answer");
}

#[test]
fn records_mean_what_they_mean_to_route() {
    for (record, reached) in [
        ("{user_id: '@alice:corp.example', state: offline}", true),
        ("{user_id: '@alice:corp.example', state: busy}", false),
        (
            "{user_id: '@alice:corp.example', presence: online, last_active_ago: 12}",
            true,
        ),
        (
            "{type: m.presence, sender: '@alice:corp.example', content: {presence: online}}",
            true,
        ),
        (
            "{\"user_id\": \"@alice:corp.example\", \"state\": \"online\", \"n\": [1, null, 1e400]}",
            true,
        ),
        (
            "{edu_type: m.presence, content: {push: [{user_id: '@x:x.example', presence: online}, \
             {user_id: '@alice:corp.example', presence: online}]}}",
            true,
        ),
        (
            "{next_batch: s1, presence: {events: [{type: m.presence, sender: '@alice:corp.example', \
             content: {presence: online}}]}}",
            true,
        ),
    ] {
        let expected = if reached { "includes" } else { "excludes" };
        passes(&format!(
            "- {{update: {record}, {expected}: '@lobby:corp.example'}}"
        ));
    }
}

#[test]
fn interested_users_are_a_list_or_all() {
    passes(
        "- {user: '@lobby:corp.example', interested: ['@alice:corp.example', '@screen-1:corp.example']}",
    );
    passes(
        "- {user: '@boss:corp.example', includes: '@alice:corp.example', excludes: '@bot-1:corp.example'}",
    );
    passes("- {user: '@x:x.example', interested: []}");
    let title = fails("- {user: '@lobby:corp.example', interested: ALL}");
    assert_eq!(title, "`interested` is not ALL");
    let all = Setup::new("interests: [{name: everyone, users: '@a:x.example', in: all}]");
    for (case, code) in [
        ("interested: ALL", 0),
        ("interested: all", 0),
        ("by: everyone", 0),
        ("includes: '@b:x.example'", 0),
        ("interested: []", 1),
        ("interested: '@b:x.example'", 1),
        // ALL holds everyone, known or not.
        ("excludes: '@b:x.example'", 1),
        ("excludes: {server: nobody.example}", 1),
    ] {
        let cases = format!("cases: [{{user: '@a:x.example', {case}}}]");
        all.write("rules/all.test.yaml", cases);
        let ran = all.run(&["test"], "");
        assert_eq!(ran.code, code, "{case}\n{}{}", ran.out, ran.err);
    }
}

#[test]
fn by_names_rules_that_decide() {
    let lobby = "includes: '@lobby:corp.example'";
    passes(&format!(
        "- {{update: '@alice:corp.example', {lobby}, by: staff-to-lobby}}"
    ));
    passes("- {update: '@mallory:corp.example', recipients: [], by: [mallory-is-private]}");
    passes("- {update: '@alice:corp.example', by: staff-to-lobby}");
    passes("- {user: '@boss:corp.example', by: boss-sees-staff}");
    // A route lets its recipients see its senders.
    passes("- {user: '@lobby:corp.example', by: staff-to-lobby}");
    passes(
        "- {user: '@lobby:corp.example', excludes: '@mallory:corp.example', by: mallory-is-private}",
    );
    for case in [
        "update: '@alice:corp.example', by: mallory-is-private",
        "update: '@alice:corp.example', by: boss-sees-staff",
        "user: '@lobby:corp.example', by: boss-sees-staff",
        // About these users, the route decides nothing.
        "update: '@alice:corp.example', excludes: '@boss:corp.example', by: staff-to-lobby",
        "update: {user_id: '@alice:corp.example', state: busy}, by: staff-to-lobby",
    ] {
        let title = fails(&format!("- {{{case}}}"));
        assert!(title.ends_with("does not decide this"), "{case}: {title}");
    }
}

#[test]
fn a_table_is_a_case_for_each_row() {
    let ran = test(
        r#"
  - name: who is in
    recipients: ["@lobby:corp.example", "@screen-1:corp.example"]
    table:
      - update: "@alice:corp.example"
      - update: {user_id: "@alice:corp.example", state: offline}
      - name: busy
        update: {user_id: "@alice:corp.example", state: busy}
        recipients: []
      - update: "@bot-1:corp.example"
"#,
        &["--format", "tap"],
    );
    assert_eq!(ran.code, 1);
    let points: Vec<_> = ran
        .out
        .lines()
        .filter(|line| line.contains("ok "))
        .collect();
    assert_eq!(
        points,
        [
            "ok 1 - who is in (1)",
            "ok 2 - who is in (2)",
            "ok 3 - busy",
            "not ok 4 - who is in (4)"
        ]
    );
}

#[test]
fn a_failure_shows_its_line_and_its_reason() {
    let ran = test(FAILS, &[]);
    assert_eq!(ran.err, "ran 1 case: 1 failed\n");
    assert_eq!(
        ran.out.lines().take(11).collect::<Vec<_>>().join("\n"),
        "FAILED  rules/rules.test.yaml: 1 of 1 case

failed: the lobby sees bots
 --> rules/rules.test.yaml:5:15
  |
5 |     includes: \"@lobby:corp.example\"
  |
  = `includes`: 1 user is missing from the answer
      got: nobody
  missing: @lobby:corp.example
"
    );
    for line in [
        "  not delivered: no route sends the presence of `@bot-1:corp.example` (state `online`) to `@lobby:corp.example`",
        "  ├── `@bot-1:corp.example` is not a sender: it is excluded",
        "  │               5 | exclude: \"@bot-*:corp.example\"",
    ] {
        assert!(ran.out.contains(line), "{line}\n{}", ran.out);
    }
}

#[test]
fn what_is_to_do_fails_nothing() {
    let case = format!("{FAILS}    todo: bots are to come\n{PASSES}    todo: done\n");
    let ran = test(&case, &[]);
    assert_eq!(ran.code, 0);
    assert_eq!(ran.err, "ran 2 cases: 1 to do, 1 to do that passed\n");
    assert_eq!(
        ran.out,
        "passed  rules/rules.test.yaml: 2 cases
to do   rules/rules.test.yaml:3:5: the lobby sees bots: bots are to come
passes  rules/rules.test.yaml:8:5: the lobby sees Alice: remove its `todo`
"
    );
}

#[test]
fn cases_can_be_chosen_and_stopped() {
    let all = format!("{FAILS}{PASSES}");
    let ran = test(&all, &["--filter", "ALICE"]);
    assert_eq!(
        (ran.code, ran.err.as_str()),
        (0, "ran 1 case: 1 passed; 1 left out by `--filter`\n")
    );
    let ran = test(&all, &["--filter", "nothing like it"]);
    assert_eq!(ran.code, 1);
    assert!(
        ran.err
            .ends_with("error: no case has `nothing like it` in its name\n"),
        "{}",
        ran.err
    );
    let ran = test(&all, &["--fail-fast"]);
    assert_eq!(
        (ran.code, ran.err.as_str()),
        (
            1,
            "ran 1 case: 1 failed; stopped at the first failure, 1 not run\n"
        )
    );
}

#[test]
fn no_test_is_a_failure() {
    let empty = Setup::new("");
    let ran = empty.run(&["test"], "");
    assert_eq!(
        (ran.code, ran.err.as_str()),
        (
            1,
            "error: no test file (`*.test.yaml` or `*.test.yml`) found in `rules`\n"
        )
    );
    empty.write("none.test.yaml", "rules: rules\ncases: []\n");
    empty.write("rules/rules.yaml", super::RULES);
    empty.write("rules/users.txt", super::USERS);
    let ran = empty.run(&["test", "none.test.yaml"], "");
    assert_eq!(
        (ran.code, ran.err.as_str()),
        (1, "error: no case found in `none.test.yaml`\n")
    );
    let ran = empty.run(&["test", "nowhere"], "");
    assert_eq!(ran.code, 2);
    assert!(
        ran.err.starts_with("error: cannot read `nowhere`: "),
        "{}",
        ran.err
    );
}

#[test]
fn rules_and_known_users_come_from_where_they_are_named() {
    let setup = Setup::new(super::RULES);
    setup.write("rules/users.txt", "@alice:corp.example\n");
    setup.write("tests/more.txt", "@screen-2:corp.example\n");
    setup.write("option.txt", "@screen-4:corp.example\n");
    let cases = |screens: &str| {
        format!(
            "rules: [../../rules/rules.yaml]
known_users: [../more.txt, '@screen-3:corp.example']
cases:
  - update: '@alice:corp.example'
    recipients: ['@lobby:corp.example', '@screen-{screens}:corp.example']
"
        )
    };
    setup.write("tests/deep/one.test.yml", cases("{2,3}"));
    let ran = setup.run(&["test"], "");
    assert_eq!(
        (ran.code, ran.err.as_str()),
        (0, "ran 1 case: 1 passed\n"),
        "{}",
        ran.out
    );
    setup.write(
        "other.yaml",
        "routes: [{senders: all, recipients: '@x:x.example'}]",
    );
    let ran = setup.run(
        &["test", "--rules", "other.yaml", "tests/deep/one.test.yml"],
        "",
    );
    assert_eq!(ran.code, 1);
    assert!(ran.out.contains("got: @x:x.example"), "{}", ran.out);
    setup.write("tests/deep/one.test.yml", cases("{2,4,3}"));
    let ran = setup.run(
        &["test", "--known-users", "option.txt", "--format", "json"],
        "",
    );
    assert_eq!(ran.code, 0, "{}", ran.out);
    // Without the option, the screen is unknown, and the pattern means two users only.
    let ran = setup.run(&["test"], "");
    assert_eq!(ran.code, 0, "{}", ran.out);
}

#[test]
fn output_goes_to_a_file_that_is_not_read() {
    let setup = setup(PASSES);
    let ran = setup.run(&["test", "--format", "tap", "--output", "tests.tap"], "");
    assert_eq!((ran.code, ran.out.as_str()), (0, ""));
    assert_eq!(
        setup.read("tests.tap"),
        b"TAP version 14\n1..1\nok 1 - the lobby sees Alice\n"
    );
    for read in [
        "rules/rules.test.yaml",
        "rules/rules.yaml",
        "rules/users.txt",
    ] {
        let before = setup.read(read);
        let ran = setup.run(&["test", "--output", read], "");
        assert_eq!(ran.code, 2, "{read}");
        assert_eq!(setup.read(read), before);
    }
}

#[test]
fn who_is_kept_in_by_name_is_not_found_by_it() {
    // `patterns` holds Alice, and does not reach her: nobody knows her, and it names her only to keep her in.
    let setup = Setup::new(
        "routes:
- name: patterns
  senders: all
  recipients: {include: {server: x.example}, exclude: {include: all, exclude: '@alice:x.example'}}
- {name: names, senders: all, recipients: '@alice:x.example'}
",
    );
    for (rule, code) in [("patterns", 1), ("names", 0)] {
        let case =
            format!("{{update: '@s:x.example', recipients: '@alice:x.example', by: {rule}}}");
        setup.write(
            "rules/x.test.yaml",
            format!("known_users: []\ncases: [{case}]"),
        );
        let ran = setup.run(&["test"], "");
        assert_eq!(ran.code, code, "{rule}\n{}{}", ran.out, ran.err);
    }
}
