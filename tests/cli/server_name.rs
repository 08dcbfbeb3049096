//! `--server-name`: on which homeserver rules run, for every command that takes rules.

use super::{ALL_TO_R, GOOD, Ran, Setup};

/// A route between users of other servers than `x.example`, and one to such a user.
const RULES: &str = "routes:
- {senders: {server: y.example}, recipients: '@r:y.example'}
- {senders: {server: x.example}, recipients: '@r:y.example'}
";

/// Each command that takes rules, as it runs them.
const COMMANDS: [&[&str]; 6] = [
    &["route"],
    &["interested", "@r:x.example"],
    &["check"],
    &[
        "explain",
        "--sender",
        "@good:x.example",
        "--recipient",
        "@r:x.example",
    ],
    &["test", "tests"],
    &["diff", "rules", "rules"],
];

fn setup(rules: &str) -> Setup {
    let setup = Setup::new(rules);
    setup.write("users.txt", "@good:x.example\n");
    setup.write(
        "tests/rules.test.yaml",
        "{rules: ../rules, cases: [{update: '@good:x.example', recipients: '@r:x.example'}]}",
    );
    setup
}

fn run(setup: &Setup, command: &[&str], name: &str) -> Ran {
    let options = ["--server-name", name, "--known-users", "users.txt"];
    setup.run(&[command, &options].concat(), GOOD)
}

#[test]
fn files_may_agree_or_say_nothing() {
    for rules in [
        ALL_TO_R.to_owned(),
        format!("server_name: x.example\n{ALL_TO_R}"),
    ] {
        let setup = setup(&rules);
        for command in COMMANDS {
            let ran = run(&setup, command, "x.example");
            assert_eq!(ran.code, 0, "{command:?}\n{}{}", ran.out, ran.err);
        }
    }
}

#[test]
fn a_file_that_says_otherwise_is_an_error() {
    let setup = setup(&format!("server_name: x.example\n{ALL_TO_R}"));
    for command in COMMANDS {
        let ran = run(&setup, command, "y.example");
        let code = if command == ["check"] { 1 } else { 2 };
        let said = format!("{}{}", ran.out, ran.err);
        assert_eq!(ran.code, code, "{command:?}\n{said}");
        for part in [
            "error[conflicting-server-name]: these rules are for the homeserver `x.example`, and are to run on `y.example`",
            "rules/rules.yaml:1:14",
            "load the rules of that homeserver, or leave out `--server-name`",
        ] {
            assert!(said.contains(part), "{command:?}: {part}\n{said}");
        }
    }
}

#[test]
fn a_name_that_is_none_is_bad_usage() {
    let setup = setup(ALL_TO_R);
    for command in COMMANDS {
        let ran = run(&setup, command, "https://x.example");
        assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{command:?}");
        let said = "error: invalid value 'https://x.example' for '--server-name <NAME>': `https://x.example` is not a \
                    server name: ";
        assert!(ran.err.starts_with(said), "{command:?}\n{}", ran.err);
    }
}

#[test]
fn checks_go_by_it_as_by_the_key() {
    let written = setup(&format!("server_name: x.example\n{RULES}"));
    // The same lines, so that places are the same.
    let given = setup(&format!("# Rules.\n{RULES}"));
    let check = ["check", "--format", "concise", "--known-users", "users.txt"];
    let by_key = written.run(&check, "").out;
    for code in ["warning[foreign-sender]", "note[remote-recipient]"] {
        assert!(by_key.contains(code), "{by_key}");
    }
    let by_option = given
        .run(&[&check[..], &["--server-name", "x.example"]].concat(), "")
        .out;
    assert_eq!(by_option, by_key);
    let by_neither = given.run(&check, "").out;
    assert!(!by_neither.contains("foreign-sender"), "{by_neither}");
}
