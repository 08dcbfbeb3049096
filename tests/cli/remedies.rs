//! What the program says to those who take it for another, or run it in the wrong place.

use super::{ALL_TO_R, Setup};

const TEST: &str = "cases:\n- {update: '@a:x.example', recipients: ['@r:x.example']}\n";

/// What a command says on standard error, and its exit code.
fn said(setup: &Setup, arguments: &str) -> (String, i32) {
    let arguments: Vec<_> = arguments.split(' ').collect();
    let ran = setup.run(&arguments, "");
    (ran.err, ran.code)
}

#[test]
fn words_of_other_programs_lead_to_commands() {
    let setup = Setup::new(ALL_TO_R);
    for (arguments, tip) in [
        ("lint", "tip: the command is `presence-router check`"),
        (
            "validate rules",
            "tip: the command is `presence-router check`",
        ),
        ("why", "tip: the command is `presence-router explain`"),
        (
            "check -r rules",
            "tip: `check` takes rules without an option: `presence-router check rules`",
        ),
        (
            "check --rules=rules",
            "tip: `check` takes rules without an option: `presence-router check rules`",
        ),
    ] {
        let (err, code) = said(&setup, arguments);
        assert_eq!(code, 2, "{arguments}");
        assert!(err.contains(tip), "{arguments}: {err}");
        assert_eq!(err.matches("tip:").count(), 1, "{err}");
    }
}

#[test]
fn without_a_folder_of_rules_init_is_named() {
    let setup = Setup::new(ALL_TO_R);
    std::fs::rename(
        setup.folder.path().join("rules"),
        setup.folder.path().join("elsewhere"),
    )
    .expect("a folder");
    for command in [
        "check",
        "route",
        "interested",
        "explain --sender @a:b.example",
    ] {
        let (err, code) = said(&setup, command);
        let expected = "error: there is no folder `rules` here: name your rules, or have a folder made by \
                        `presence-router init`\n";
        assert_eq!((err.as_str(), code), (expected, 2), "{command}");
    }
    let (err, _) = said(&setup, "check gone");
    assert!(err.starts_with("error: cannot read `gone`"), "{err}");
}

#[test]
fn files_of_another_kind_are_one_finding() {
    let setup = Setup::new(ALL_TO_R);
    setup.write("t.test.yaml", TEST);
    let (err, code) = said(&setup, "test rules/rules.yaml");
    assert_eq!(code, 2);
    assert!(
        err.contains("this is a rule file, where a test file is expected"),
        "{err}"
    );
    assert!(
        err.ends_with("error: the tests cannot be used: 1 error\n"),
        "{err}"
    );
    let checked = setup.run(&["check", "--format", "concise", "t.test.yaml"], "");
    assert_eq!(checked.code, 1);
    assert!(
        checked.out.starts_with("t.test.yaml:1:1: error[unknown-key]: this is a test file, where a rule file is expected"),
        "{}",
        checked.out
    );
    assert_eq!(checked.err, "checked 1 file: 1 error\n");
    let (err, code) = said(&setup, "route -r rules rules/rules.yaml");
    let expected = "error: `rules/rules.yaml` is YAML, and the inputs of `route` are presence updates, as JSON: name rules \
                    with `--rules`\n";
    assert_eq!((err.as_str(), code), (expected, 2));
    // JSON is YAML, and updates are JSON.
    setup.write("updates.yaml", super::GOOD);
    assert_eq!(said(&setup, "route updates.yaml").1, 0);
}

#[test]
fn utf_16_is_one_finding() {
    let setup = Setup::new("routes: [{senders: {group: g}, recipients: '@r:x.example'}]\n");
    let utf_16 = |text: &str| -> Vec<u8> {
        let units = text.encode_utf16().flat_map(u16::to_le_bytes);
        [0xff, 0xfe].into_iter().chain(units).collect()
    };
    setup.write("rules/groups.yaml", utf_16("groups: {g: '@a:x.example'}\n"));
    let checked = setup.run(&["check", "--format", "concise"], "");
    assert_eq!(
        checked.out,
        "rules/groups.yaml:1:1: error[yaml-syntax]: this is UTF-16, and not UTF-8 text; save the file as UTF-8\n"
    );
}

#[test]
fn misspelt_codes_are_guessed() {
    let setup = Setup::new(ALL_TO_R);
    for (code, expected) in [
        ("unknwon-user", "did you mean `unknown-user`?"),
        ("Unknown_User", "did you mean `unknown-user`?"),
        ("narrows", "there is `all-narrows`"),
        ("zzz", "`presence-router check --explain` lists all codes"),
    ] {
        let (err, exit) = said(&setup, &["check --explain ", code].concat());
        let expected = ["error: there is no finding `", code, "`; ", expected, "\n"].concat();
        assert_eq!((err.as_str(), exit), (&*expected, 2));
    }
    // As it stands in a finding.
    assert_eq!(said(&setup, "check --explain [unknown-user]").1, 0);
}
