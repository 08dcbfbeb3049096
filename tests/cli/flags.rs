//! What `check` can be asked for beside findings.

use serde_json::Value;

use super::{ALL_TO_R, GOOD, Setup, ran};

/// Two warnings of one code, a note, and an error.
const FAULTY: &str = "
routes:
- {senders: '@a:x.example', recipients: '@r:x.example', when: {state: [online, offline, onlin]}}
- {senders: '@b:x.example', recipients: '@r:x.example', when: {state: [online, offline, awy]}}
blocks:
- {senders: '@nobody:y.example'}
";

#[test]
fn quiet_leaves_out_counts_and_notes() {
    let setup = Setup::new(FAULTY);
    let checked = setup.run(&["check", "-q", "--format", "concise"], "");
    assert_eq!((checked.code, checked.err.as_str()), (0, ""));
    assert_eq!(checked.out.lines().count(), 3, "{}", checked.out);
    let refused = setup.run(&["route", "--quiet"], "{}");
    assert_eq!(refused.code, 1);
    assert!(refused.err.contains("error: "), "{}", refused.err);
    // What leaves the exit code without a reason is no passing remark.
    let undecided = setup.run(&["check", "-q", "--proof-steps", "1"], "");
    assert_eq!(undecided.code, 4);
    assert!(undecided.err.contains("undecided["), "{}", undecided.err);
}

#[test]
fn statistics_count_codes() {
    let setup = Setup::new(FAULTY);
    let counted = setup.run(&["check", "--statistics", "-D", "idle-block"], "");
    assert_eq!(counted.code, 1);
    let lines: Vec<Vec<_>> = (counted.out.lines())
        .map(|line| line.split_whitespace().take(3).collect())
        .collect();
    assert_eq!(
        lines,
        [
            ["1", "error", "idle-block"],
            ["2", "warning", "unknown-state"]
        ]
    );
    let none = Setup::new(ALL_TO_R).run(&["check", "--statistics"], "");
    assert_eq!((none.code, none.out.as_str()), (0, ""));
}

#[test]
fn exit_zero_is_for_findings_only() {
    let setup = Setup::new("routes: [{senders: bob, recipients: '@r:x.example'}]\n");
    assert_eq!(setup.run(&["check"], "").code, 1);
    assert_eq!(setup.run(&["check", "--exit-zero"], "").code, 0);
    assert_eq!(setup.run(&["check", "--exit-zero", "gone"], "").code, 2);
}

#[test]
fn minus_is_standard_output_where_a_file_is_written() {
    let setup = Setup::new(FAULTY);
    let expected = setup.run(&["check", "--format", "concise"], "").out;
    let written = setup.run(&["check", "--format", "concise", "-o", "-"], "");
    assert_eq!(written.out, expected);
    assert!(!setup.folder.path().join("-").exists());
    let refused = setup.run(&["route", "--rejects", "-"], GOOD);
    assert_eq!(refused.code, 2);
    assert_eq!(
        refused.err,
        "error: results go to standard output: name a file for what is refused\n"
    );
}

#[test]
fn findings_do_not_replace_the_summary_of_the_step() {
    let setup = Setup::new(FAULTY);
    for there in [false, true] {
        if there {
            setup.write("summary.md", "kept\n");
        }
        let mut command = setup.command(&["check", "--format", "github", "-o", "./summary.md"]);
        command.env("GITHUB_STEP_SUMMARY", "summary.md");
        let refused = ran(command, b"");
        assert_eq!(refused.code, 2, "{refused:?}");
        assert_eq!(
            refused.err,
            "error: `./summary.md` gets the summary of the step as well: name another file\n"
        );
    }
    assert_eq!(setup.read("summary.md"), b"kept\n");
}

#[test]
fn findings_do_not_replace_what_broken_rules_name() {
    let setup = Setup::new("known_users: users.txt\nroutes: [{senders: \"@a:x.example\n");
    setup.write("rules/users.txt", "@a:x.example\n");
    let refused = setup.run(&["check", "-o", "rules/users.txt"], "");
    assert_eq!(refused.code, 2);
    assert_eq!(
        refused.err,
        "error: `rules/users.txt` stands in `rules/rules.yaml`, which cannot be read, and may be a file that it names: write \
         to another file\n"
    );
    assert_eq!(setup.read("rules/users.txt"), b"@a:x.example\n");
    // Others are none of its.
    setup.write("report.txt", "old\n");
    let written = setup.run(&["check", "-o", "report.txt"], "");
    assert_eq!(written.code, 1);
}

#[test]
fn gitlab_gets_a_code_quality_report() {
    let setup = Setup::new(FAULTY);
    let report = setup
        .run(&["check", "--format", "gitlab", "./rules"], "")
        .out;
    let issues: Vec<Value> = serde_json::from_str(&report).expect("JSON");
    let seen: Vec<_> = (issues.iter())
        .map(|issue| {
            let lines = &issue["location"]["lines"];
            (
                issue["check_name"].as_str().expect("a code"),
                issue["severity"].as_str().expect("a severity"),
                issue["location"]["path"].as_str().expect("a path"),
                (lines["begin"].as_u64(), lines["end"].as_u64()),
            )
        })
        .collect();
    let path = "rules/rules.yaml";
    assert_eq!(
        seen,
        [
            ("unknown-state", "minor", path, (Some(3), Some(3))),
            ("unknown-state", "minor", path, (Some(4), Some(4))),
            ("idle-block", "info", path, (Some(6), Some(6))),
        ]
    );
    // A line above changes no fingerprint, and no two are the same.
    let prints = |issues: &[Value]| -> Vec<String> {
        let prints = issues.iter().map(|issue| issue["fingerprint"].to_string());
        prints.collect()
    };
    let before = prints(&issues);
    assert!(before[0] != before[1]);
    setup.write("rules/rules.yaml", ["# New.\n", FAULTY].concat());
    let report = setup
        .run(&["check", "--format", "gitlab", "./rules"], "")
        .out;
    let after: Vec<Value> = serde_json::from_str(&report).expect("JSON");
    assert_eq!(prints(&after), before);
}

#[test]
fn levels_of_all_notes_and_warnings_are_about_every_code() {
    let setup = Setup::new(FAULTY);
    let severities = |options: &[&str]| {
        let mut arguments = vec!["check", "--format", "concise"];
        arguments.extend(options);
        let out = setup.run(&arguments, "").out;
        let severity = |line: &str| {
            let severity = line.split(": ").nth(1).expect("a severity");
            severity.split('[').next().unwrap_or_default().to_owned()
        };
        out.lines().map(severity).collect::<Vec<_>>()
    };
    assert_eq!(severities(&[]), ["warning", "warning", "note"]);
    assert_eq!(severities(&["-A", "notes"]), ["warning", "warning"]);
    assert_eq!(severities(&["-A", "warnings"]), ["note"]);
    assert_eq!(severities(&["-D", "warnings"]), ["error", "error", "note"]);
    assert_eq!(severities(&["-W", "notes"]), ["warning"; 3]);
    assert_eq!(
        severities(&["-D", "warnings", "-A", "unknown-state"]),
        ["note"]
    );
    assert_eq!(
        severities(&["-A", "unknown-state", "-D", "warnings"]),
        ["error", "error", "note"]
    );
}
