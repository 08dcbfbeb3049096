//! `prove`: claims about every user there could be.

use crate::cli::{Ran, Setup};

const RULES: &str = r#"
groups:
  staff: {server: corp.example}
routes:
  - name: staff-to-lobby
    senders: {group: staff}
    recipients: "@lobby:corp.example"
  - name: hr-among-itself
    senders: {server: hr.example}
    recipients: {server: hr.example}
blocks:
  - name: mallory-stays-out
    senders: "@mallory:corp.example"
"#;

fn test(prove: &str) -> Ran {
    run(prove, &[])
}

fn run(prove: &str, options: &[&str]) -> Ran {
    let setup = Setup::new(RULES);
    setup.write("rules/users.txt", "@ann:hr.example\n");
    setup.write(
        "rules/a.test.yaml",
        format!("known_users: users.txt\nprove:\n{prove}"),
    );
    let arguments: Vec<_> = ["test"]
        .into_iter()
        .chain(options.iter().copied())
        .collect();
    setup.run(&arguments, "")
}

#[test]
fn claims_that_hold_pass() {
    let ran = test(
        r#"- never: {senders: {server: hr.example}, recipients: {exclude: {server: hr.example}}}
- name: staff alone is on the screen
  only: {senders: {group: staff}, recipients: "@lobby:corp.example"}
- always: {senders: {include: {group: staff}, exclude: "@mallory:corp.example"}, recipients: "@lobby:corp.example"}
- never: {senders: "@mallory:corp.example"}
"#,
    );
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    assert_eq!(ran.err, "ran 4 cases: 4 passed\n");
}

#[test]
fn claims_that_do_not_hold_have_a_witness() {
    for (claim, title, rule) in [
        (
            "never: {senders: {group: staff}, recipients: {server: corp.example}}",
            "`never` does not hold: `@lobby:corp.example` gets the updates of `@a:corp.example`",
            "route `staff-to-lobby` at rules/rules.yaml:5:5",
        ),
        (
            "always: {senders: {group: staff}, recipients: \"@lobby:corp.example\"}",
            "`always` does not hold: `@lobby:corp.example` does not get the updates of `@mallory:corp.example`",
            "block `mallory-stays-out` at rules/rules.yaml:12:5",
        ),
        (
            "only: {senders: \"@grace:corp.example\", recipients: \"@lobby:corp.example\"}",
            "`only` does not hold: `@lobby:corp.example` gets the updates of `@a:corp.example`",
            "route `staff-to-lobby` at rules/rules.yaml:5:5",
        ),
    ] {
        let ran = test(&format!("- {claim}\n"));
        assert_eq!(ran.code, 1, "{claim}: {}{}", ran.out, ran.err);
        assert!(ran.out.contains(title), "{claim}: {}", ran.out);
        assert!(ran.out.contains(rule), "{claim}: {}", ran.out);
        assert!(
            ran.out.contains("--> rules/a.test.yaml:3:"),
            "{claim}: {}",
            ran.out
        );
    }
    let todo = test("- {never: {senders: {group: staff}}, todo: the lobby is to go}\n");
    assert_eq!(todo.code, 0, "{}{}", todo.out, todo.err);
}

#[test]
fn programs_get_the_witness() {
    let ran = run(
        "- never: {senders: {group: staff}}\n",
        &["--format", "json"],
    );
    let json: serde_json::Value = serde_json::from_str(&ran.out).expect("JSON");
    let failure = &json["cases"][0]["failures"][0];
    assert_eq!(failure["key"], "never");
    assert_eq!(failure["witness"]["sender"], "@a:corp.example");
    assert_eq!(failure["witness"]["recipient"], "@lobby:corp.example");
    assert_eq!(
        failure["decided_by"][0],
        "route `staff-to-lobby` at rules/rules.yaml:5:5"
    );
    for format in ["tap", "junit", "github"] {
        let ran = run(
            "- never: {senders: {group: staff}}\n",
            &["--format", format],
        );
        assert!(ran.out.contains("does not hold"), "{format}: {}", ran.out);
    }
}

/// What cannot be decided is never called proven.
#[test]
fn undecided_is_an_exit_code_of_its_own() {
    let hard = r"{regex: '@(a|b)*a(a|b){20}:corp\.example'}";
    let ran = test(&format!(
        "- never: {{senders: {{exclude: {hard}}}, recipients: {hard}}}\n- always: {{senders: {hard}, recipients: \"@lobby:corp.example\"}}\n"
    ));
    let is_told = ran.out.contains("is undecided") && ran.out.contains("reason: ");
    assert!(
        ran.code == 4 && is_told,
        "exit {}: {}{}",
        ran.code,
        ran.out,
        ran.err
    );
}

#[test]
fn faults_are_told() {
    for (prove, message) in [
        (
            "- {}\n",
            "error[missing-key]: a claim needs the key `never`, `always` or `only`",
        ),
        (
            "- {never: {senders: all}, only: {senders: all}}\n",
            "error[conflicting-keys]: `only` cannot stand beside `never`",
        ),
        (
            "- {nevr: {senders: all}}\n",
            "error[unknown-key]: unknown key `nevr` in a claim",
        ),
        (
            "- never: {}\n",
            "error[missing-key]: this claim is about everybody",
        ),
        (
            "- never: {senders: {group: staf}}\n",
            "error[unknown-group]: no group is called `staf`",
        ),
        (
            "- never: {senders: {template: \"@a:{server}\"}}\n",
            "error[misplaced-template]",
        ),
        ("- never: {senders: []}\n", "error[empty-set]"),
        ("- never: 3\n", "error[wrong-type]"),
        (" 5\n", "error[wrong-type]"),
    ] {
        let ran = test(prove);
        assert_eq!(ran.code, 2, "{prove}: {}{}", ran.out, ran.err);
        assert!(ran.err.contains(message), "{prove}: {}", ran.err);
    }
}

/// What is explained is what was proven: of two users as the proof took them, whoever is known.
#[test]
fn the_witness_is_explained_as_the_proof_took_it() {
    let setup = Setup::new(
        "routes: [{name: s, senders: {server: corp.example}, recipients: {server: '*.partner.example'}}]\n",
    );
    setup.write(
        "rules/a.test.yaml",
        "known_users: ['@b:corp.example', '@lobby:corp.example']\nprove:\n- never: {senders: '@b:corp.example', recipients: {server: '*.partner.example'}}\n",
    );
    let ran = setup.run(&["test"], "");
    assert_eq!(ran.code, 1, "{}", ran.err);
    let is_explained = ran.out.contains(
        "delivered: `@a:a.partner.example` gets the presence of `@b:corp.example` (state `online`)",
    );
    assert!(
        is_explained && !ran.out.contains("not known"),
        "{}",
        ran.out
    );
}

/// Of whom nothing can be said plays no part where nobody is on the other side.
#[test]
fn senders_that_cannot_be_decided_leave_recipients_decided() {
    let setup = Setup::new(
        "routes: [{senders: {regex: '@a\\b.*:x\\.example'}, recipients: '@lobby:corp.example'}]\n",
    );
    setup.write(
        "rules/a.test.yaml",
        "known_users: ['@lobby:corp.example']\nprove:\n- never: {recipients: {server: evil.example}}\n",
    );
    let ran = setup.run(&["test"], "");
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
}
