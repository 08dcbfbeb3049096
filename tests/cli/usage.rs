//! Arguments, help, colours and exit codes.

use super::{ALL_TO_R, GOOD, Setup, ran};

#[test]
fn help_has_examples() {
    let setup = Setup::new(ALL_TO_R);
    for command in [
        vec!["--help"],
        vec!["route", "--help"],
        vec!["interested", "--help"],
        vec!["check", "--help"],
        vec!["schema", "--help"],
        vec!["completions", "--help"],
        vec!["man", "--help"],
    ] {
        let ran = setup.run(&command, "");
        assert_eq!((ran.code, ran.err.as_str()), (0, ""), "{command:?}");
        assert!(
            ran.out.contains("Examples:\n  presence-router "),
            "{command:?}: {}",
            ran.out
        );
    }
}

#[test]
fn bad_usage_cannot_run() {
    let setup = Setup::new(ALL_TO_R);
    let bad: [&[&str]; 7] = [
        &[],
        &["rout"],
        &["route", "--nonsense"],
        &["route", "--why"],
        &["route", "--threads", "0"],
        &["route", "--max-record-bytes", "many"],
        &["check", "--format", "nonsense"],
    ];
    for arguments in bad {
        let ran = setup.run(arguments, "");
        assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{arguments:?}");
        assert!(!ran.err.is_empty(), "{arguments:?}");
    }
}

#[test]
fn what_is_not_there_cannot_run() {
    let setup = Setup::new(ALL_TO_R);
    std::fs::create_dir(setup.folder.path().join("empty")).expect("a folder");
    for (arguments, message) in [
        (
            ["route", "-r", "gone"],
            "error: cannot read `gone`: No such file or directory (os error 2)\n",
        ),
        (
            ["check", "gone", "rules"],
            "error: cannot read `gone`: No such file or directory (os error 2)\n",
        ),
        (
            ["check", "empty", "empty"],
            "error: no rule file (`*.yaml` or `*.yml`) found in `empty`, `empty`\n",
        ),
        (
            ["route", "-u", "gone"],
            "error: cannot read the known users `gone`: No such file or directory (os error 2)\n",
        ),
        (
            ["route", "-", "gone"],
            "error: cannot read `gone`: No such file or directory (os error 2)\n",
        ),
        (
            ["route", "rules", "-"],
            "error: cannot read `rules`: it is a folder\n",
        ),
    ] {
        let ran = setup.run(&arguments, GOOD);
        assert_eq!(
            (ran.code, ran.out.as_str(), ran.err.as_str()),
            (2, "", message),
            "{arguments:?}"
        );
    }
}

#[test]
fn standard_input_is_read_once() {
    let setup = Setup::new(ALL_TO_R);
    for arguments in [
        &["route", "-r", "-"][..],
        &["route", "-", "-"],
        &["route", "-u", "-", "-"],
        &["interested", "-r", "-"],
        &["check", "-", "-u", "-"],
    ] {
        let ran = setup.run(arguments, "");
        assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{arguments:?}");
        assert!(
            ran.err
                .starts_with("error: standard input can be read only once"),
            "{}",
            ran.err
        );
    }
}

#[test]
fn faulty_rules_route_nothing() {
    let setup = Setup::new("routes:\n- {senders: all, recipient: '@r:x.example'}\n");
    for command in ["route", "interested"] {
        let ran = setup.run(&[command], "");
        assert_eq!((ran.code, ran.out.as_str()), (2, ""));
        assert_eq!(
            ran.err,
            "\
error[unknown-key]: unknown key `recipient` in a route
 --> rules/rules.yaml:2:18
  |
2 | - {senders: all, recipient: '@r:x.example'}
  |                  ^^^^^^^^^
  |
  = help: did you mean `recipients`?

`presence-router check --explain unknown-key` says more
error: the rules cannot be used: 1 error
"
        );
    }
}

#[test]
fn patterns_without_known_users_cannot_be_routed_to() {
    let setup = Setup::new("routes:\n- {senders: all, recipients: {server: x.example}}\n");
    let refused = setup.run(&["route"], GOOD);
    assert_eq!((refused.code, refused.out.as_str()), (2, ""));
    assert_eq!(
        refused.err,
        "error: the recipients of `rules/rules.yaml#routes[0]` are patterns, and without known users \
         nobody can be found whom they match; name known users with `known_users:` in a rule file, or a file of them \
         with `--known-users`\n"
    );
    setup.write("users.txt", "@b:x.example\n@a:x.example\n@a:y.example\n");
    let routed = setup.run(&["route", "-u", "users.txt", "--by", "update"], GOOD);
    assert_eq!(routed.code, 0);
    assert_eq!(
        routed.out,
        format!("{{\"update\":{GOOD},\"recipients\":[\"@b:x.example\",\"@a:x.example\"]}}\n")
    );
}

#[test]
fn rules_and_known_users_are_files_folders_and_standard_input() {
    let setup = Setup::new(ALL_TO_R);
    setup.write("more/b/two.yml", "groups: {g: {server: x.example}}\n");
    setup.write(
        "more/a.yaml",
        "known_users: known.json\nroutes: [{name: second, senders: all, recipients: {group: g}}]\n",
    );
    setup.write(
        "more/known.json",
        r#"["@s:x.example", {"name": "@t:x.example"}]"#,
    );
    setup.write("more/not.test.yaml", "nonsense: 1\n");
    setup.write("more/read.me", "nonsense");
    // A file that is named twice is read once; tests are no rules.
    let arguments = [
        "route",
        "--by",
        "update",
        "--why",
        "-r",
        "rules",
        "-r",
        "more",
        "-r",
        "more/a.yaml",
    ];
    let ran = setup.run(&arguments, GOOD);
    assert_eq!(ran.err, "");
    let line = "\"recipients\":[\"@r:x.example\",\"@s:x.example\",\"@t:x.example\"],\"routes\":[\"all-to-r\",\"second\"]}\n";
    assert!(ran.out.ends_with(line), "{}", ran.out);

    let ran = setup.run(&["interested", "-r", "-", "@r:x.example"], ALL_TO_R);
    assert_eq!(
        ran.out,
        "{\"user_id\":\"@r:x.example\",\"interested\":\"ALL\"}\n"
    );
}

#[test]
fn colors_follow_option_and_environment() {
    let setup = Setup::new("routes: 1\n");
    let colored = |option: &str, variables: &[(&str, &str)]| {
        let mut command = setup.command(&["--color", option, "check"]);
        command.envs(variables.iter().copied());
        ran(command, b"").out.contains('\u{1b}')
    };
    assert!(!colored("auto", &[]), "a pipe is no terminal");
    assert!(colored("always", &[]));
    assert!(
        colored("always", &[("NO_COLOR", "1")]),
        "the option goes before the environment"
    );
    assert!(!colored("never", &[("FORCE_COLOR", "1")]));
    assert!(colored("auto", &[("FORCE_COLOR", "1")]));
    assert!(colored("auto", &[("CLICOLOR_FORCE", "1")]));
    assert!(!colored("auto", &[("FORCE_COLOR", "1"), ("NO_COLOR", "1")]));
    assert!(!colored("auto", &[("FORCE_COLOR", "0")]));
}

/// One who cannot be answered is found before anybody is, wherever it stands.
#[test]
fn interested_refuses_before_the_first_answer() {
    let setup = Setup::new(
        "interests:\n- {users: '@a:x.example', in: '@b:x.example'}\n- {name: all-of-x, users: '@c:x.example', in: {server: x.example}}\n",
    );
    let one = "{\"user_id\":\"@a:x.example\",\"interested\":[\"@b:x.example\"]}\n";
    for (named, input) in [
        (
            ["interested", "@a:x.example", "@c:x.example"].as_slice(),
            "",
        ),
        (&["interested"], "@a:x.example\n@c:x.example\n"),
        (&["interested", "@a:x.example", "-"], "@c:x.example"),
    ] {
        let ran = setup.run(named, input);
        assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{named:?}");
        assert_eq!(
            ran.err,
            "error: whose presence `@c:x.example` may see cannot be told: the interest `all-of-x` has patterns to look \
             up among known users, and there are none; name known users with `known_users:` in a rule file, or a file \
             of them with `--known-users`\n"
        );
    }
    let ran = setup.run(&["interested"], "nobody\n@a:x.example\n");
    assert_eq!((ran.code, ran.out.as_str()), (1, one), "{}", ran.err);
}

#[test]
fn interested_answers_each_line() {
    let rules = "routes:\n\
                 - {senders: ['@a:x.example', '@b:x.example'], recipients: '@r:x.example'}\n\
                 - {senders: all, recipients: '@wide:x.example'}\n";
    let setup = Setup::new(rules);
    let ran = setup.run(
        &["interested"],
        "\u{feff}@r:x.example\r\n\n  nobody\n@wide:x.example\n@wide:x.example",
    );
    assert_eq!(
        ran.out,
        "{\"user_id\":\"@r:x.example\",\"interested\":[\"@a:x.example\",\"@b:x.example\"]}\n\
         {\"user_id\":\"@wide:x.example\",\"interested\":\"ALL\"}\n\
         {\"user_id\":\"@wide:x.example\",\"interested\":\"ALL\"}\n"
    );
    assert_eq!(
        ran.err,
        "<stdin>:3:3: error: `nobody` is not a user ID: it does not start with `@`\n"
    );
    assert_eq!(ran.code, 1);
    assert_eq!(setup.run(&["interested", "@r:x.example"], "").code, 0);
    // Bytes that are no text are nobody's ID, and nobody else is answered for in their place.
    let ran = setup.run(&["interested"], b"@\xff:x.example\n@r:x.example\n");
    assert_eq!((ran.code, ran.out.lines().count()), (1, 1), "{}", ran.out);
    assert_eq!(ran.err, "<stdin>:1:2: error: this line is not UTF-8 text\n");
    // A line without end is refused, and the next one is answered.
    let long = format!("{}\n@r:x.example\n", "@".repeat(3_000_000));
    let ran = setup.run(&["interested", "-"], long);
    assert_eq!(
        (ran.code, ran.out.lines().count(), ran.err.lines().count()),
        (1, 1, 1)
    );
}
