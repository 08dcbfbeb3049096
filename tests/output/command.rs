//! Where `check` writes, and how it ends.

use crate::cli::{ALL_TO_R, Setup};

const BAD: &str = "routes:\n- {senders: bob, recipients: '@r:x.example'}\n";

#[test]
fn findings_go_to_a_file() {
    let setup = Setup::new(BAD);
    for format in ["full", "concise", "json", "github", "sarif", "junit"] {
        let printed = setup.run(&["check", "--format", format], "");
        let ran = setup.run(&["check", "--format", format, "--output", "out"], "");
        assert_eq!((ran.out.as_str(), ran.code), ("", 1), "{format}");
        assert_eq!(ran.err, "checked 1 file: 1 error\n", "{format}");
        let file = String::from_utf8(setup.read("out")).expect("text");
        assert_eq!(file, printed.out, "{format}");
        assert!(!file.contains('\u{1b}'), "{format}");
    }
}

#[test]
fn a_file_that_cannot_be_written_is_an_error() {
    let setup = Setup::new(BAD);
    for (path, why) in [
        ("no/folder", "No such file or directory (os error 2)"),
        ("/dev/full", "No space left on device (os error 28)"),
    ] {
        let ran = setup.run(&["check", "-o", path], "");
        assert_eq!(ran.err, format!("error: cannot write to `{path}`: {why}\n"));
        assert_eq!(ran.code, 2);
    }
}

#[test]
fn full_is_coloured_where_that_is_wanted() {
    let setup = Setup::new(BAD);
    let colored = setup.run(&["check", "--color", "always"], "");
    assert!(
        colored
            .out
            .starts_with("\u{1b}[1m\u{1b}[31merror[invalid-user-id]\u{1b}[0m"),
        "{}",
        colored.out
    );
    let plain = setup.run(&["check"], "");
    assert!(
        plain.out.starts_with("error[invalid-user-id]: `bob` is no"),
        "{}",
        plain.out
    );
    let json = setup.run(&["check", "--color", "always", "--format", "json"], "");
    assert!(json.out.starts_with("{\"version\":1,"), "{}", json.out);
}

#[test]
fn github_gets_a_summary_of_the_step() {
    let setup = Setup::new(BAD);
    setup.write("summary.md", "before\n");
    let run = |arguments: &[&str]| {
        let mut command = setup.command(arguments);
        command.env("GITHUB_STEP_SUMMARY", "summary.md");
        crate::cli::ran(command, b"")
    };
    assert_eq!(run(&["check", "--format", "json"]).code, 1);
    assert_eq!(setup.read("summary.md"), b"before\n");
    let ran = run(&["check", "--format", "github"]);
    assert!(ran.out.starts_with(
        "::error file=rules/rules.yaml,line=2,col=13,endLine=2,endColumn=16,title=invalid-user-id::"
    ));
    let summary = String::from_utf8(setup.read("summary.md")).expect("text");
    assert!(
        summary.starts_with("before\n### Presence rules: 1 error in 1 file\n\n| severity |"),
        "{summary}"
    );
}

#[test]
fn without_findings_every_format_is_whole() {
    let setup = Setup::new(ALL_TO_R);
    for (format, expected) in [
        ("full", ""),
        ("concise", ""),
        (
            "json",
            "{\"version\":1,\"findings\":[],\"summary\":{\"errors\":0,\"warnings\":0,\"notes\":0,\"files\":1}}\n",
        ),
        ("github", ""),
    ] {
        let ran = setup.run(&["check", "-A", "warnings,notes", "--format", format], "");
        assert_eq!((ran.out.as_str(), ran.code), (expected, 0), "{format}");
    }
    let ran = setup.run(&["check", "-A", "warnings,notes", "--format", "junit"], "");
    assert!(
        ran.out
            .contains("<testcase name=\"check\" classname=\"rules/rules.yaml\"/>"),
        "{}",
        ran.out
    );
}

#[test]
fn what_refuses_to_run_shows_the_lines() {
    let setup = Setup::new(BAD);
    let ran = setup.run(&["route"], "");
    assert_eq!(
        ran.err,
        r"error[invalid-user-id]: `bob` is not a user ID: it does not start with `@`
 --> rules/rules.yaml:2:13
  |
2 | - {senders: bob, recipients: '@r:x.example'}
  |             ^^^
  |
  = help: write the whole ID, `@localpart:server`, or `{group: bob}` if you mean a group

`presence-router check --explain invalid-user-id` says more
error: the rules cannot be used: 1 error
"
    );
    assert_eq!((ran.out.as_str(), ran.code), ("", 2));
}
