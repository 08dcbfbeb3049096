//! `busy` and `org.matrix.msc3026.busy` are one state in rule tests, in what they prove, and in what is written.

use crate::cli::Setup;

const RULES: &str = "routes:
  - name: busy-to-desk
    senders: '@a:x.example'
    recipients: '@desk:x.example'
    when: {state: [busy, offline]}
";

#[test]
fn a_test_by_the_other_name_exercises_the_route() {
    let setup = Setup::new(RULES);
    setup.write(
        "rules/rules.test.yaml",
        "cases:
  - update: {user_id: '@a:x.example', state: org.matrix.msc3026.busy}
    recipients: '@desk:x.example'
    by: busy-to-desk
prove:
  - always: {senders: '@a:x.example', recipients: '@desk:x.example', when: {state: org.matrix.msc3026.busy}}
",
    );
    let ran = setup.run(&["test", "--min-coverage", "100"], "");
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    let ran = setup.run(
        &[
            "explain",
            "--sender",
            "@a:x.example",
            "--recipient",
            "@desk:x.example",
            "--state",
            "org.matrix.msc3026.busy",
        ],
        "",
    );
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    let said =
        "@desk:x.example` gets the presence of `@a:x.example` (state `org.matrix.msc3026.busy`)";
    assert!(ran.out.contains(said), "{}", ran.out);
}

#[test]
fn one_test_is_written_for_the_state() {
    let other = "  - {name: other, senders: '@b:x.example', recipients: '@desk:x.example', when: {state: org.matrix.msc3026.busy}}
";
    let setup = Setup::new(&format!("{RULES}{other}"));
    let ran = setup.run(&["test", "--write", "written.test.yaml"], "");
    assert_eq!(ran.code, 0, "{}", ran.err);
    let text = String::from_utf8(setup.read("written.test.yaml")).expect("text");
    assert!(text.contains("state: busy}"), "{text}");
    // As the rule that comes first writes it.
    assert!(!text.contains("msc3026"), "{text}");
}
