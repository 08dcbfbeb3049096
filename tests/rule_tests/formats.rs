//! Results for programs.

use serde_json::{Value, json};

use super::{FAILS, PASSES, setup, test};

fn todo() -> String {
    format!(
        "{PASSES}{FAILS}{}    todo: later # it is 1 < 2\n",
        FAILS.replace("bots", "b & \\\"<#1>\\\"")
    )
    .replace(
        "- name: the lobby sees b & \\\"<#1>\\\"",
        "- name: 'the lobby sees b & \"<#1>\"'",
    )
    .replace("todo: later # it is 1 < 2", "todo: 'later # it is 1 < 2'")
}

#[test]
fn tap_has_a_point_for_each_case() {
    let ran = test(&todo(), &["--format", "tap"]);
    assert_eq!(ran.code, 1);
    assert_eq!(
        ran.out,
        r#"TAP version 14
1..3
ok 1 - the lobby sees Alice
not ok 2 - the lobby sees bots
  ---
  failures:
    - message: "`includes`: 1 user is missing from the answer"
      file: "rules/rules.test.yaml"
      line: 9
      column: 15
      got: "nobody"
      missing: "@lobby:corp.example"
  ...
not ok 3 - the lobby sees b & "<\#1>" # TODO later \# it is 1 < 2
  ---
  failures:
    - message: "`includes`: 1 user is missing from the answer"
      file: "rules/rules.test.yaml"
      line: 13
      column: 15
      got: "nobody"
      missing: "@lobby:corp.example"
  ...
"#
    );
    // What stands between `---` and `...` is YAML.
    let block = ran.out.split("  ---\n").nth(1).expect("a block");
    let block = block.split("  ...\n").next().expect("its end");
    let value: Value = serde_yaml::from_str(block).expect("YAML");
    assert_eq!(value["failures"][0]["line"], 9);
}

#[test]
fn junit_has_a_suite_for_each_file() {
    let ran = test(&todo(), &["--format", "junit"]);
    assert_eq!(ran.code, 1);
    let lines: Vec<_> = ran.out.lines().collect();
    assert_eq!(
        lines[..6],
        [
            r#"<?xml version="1.0" encoding="UTF-8"?>"#,
            r#"<testsuites name="presence-router test" tests="3" failures="1" errors="0">"#,
            r#"  <testsuite name="rules/rules.test.yaml" tests="3" failures="1" errors="0" skipped="1">"#,
            r#"    <testcase name="the lobby sees Alice" classname="rules/rules.test.yaml" file="rules/rules.test.yaml" line="3"/>"#,
            r#"    <testcase name="the lobby sees bots" classname="rules/rules.test.yaml" file="rules/rules.test.yaml" line="7">"#,
            r#"      <failure message="`includes`: 1 user is missing from the answer">rules/rules.test.yaml:9:15: `includes`: 1 user is missing from the answer"#,
        ]
    );
    let end = &lines[lines.len() - 5..];
    assert_eq!(
        end,
        [
            r#"    <testcase name="the lobby sees b &amp; &quot;&lt;#1&gt;&quot;" classname="rules/rules.test.yaml" file="rules/rules.test.yaml" line="11">"#,
            r#"      <skipped message="later # it is 1 &lt; 2"/>"#,
            "    </testcase>",
            "  </testsuite>",
            "</testsuites>",
        ]
    );
    // The reason is there, without colours.
    assert!(ran.out.contains("but excluded by") && !ran.out.contains('\u{1b}'));
}

#[test]
fn json_says_all() {
    let ran = test(&todo(), &["--format", "json"]);
    let result: Value = serde_json::from_str(&ran.out).expect("JSON");
    assert_eq!(result["version"], 1);
    assert_eq!(
        result["summary"],
        json!({"cases": 3, "passed": 1, "failed": 1, "todo": 1, "todo_passed": 0, "not_run": 0, "left_out": 0})
    );
    assert_eq!(result["coverage"], Value::Null);
    let mut failed = result["cases"][1].clone();
    let why = failed["failures"][0]["why"].take();
    assert_eq!(why[0]["verdict"], "not-routed");
    assert_eq!(
        failed,
        json!({
            "name": "the lobby sees bots",
            "file": "rules/rules.test.yaml",
            "line": 7,
            "column": 5,
            "status": "failed",
            "todo": null,
            "failures": [{
                "key": "includes",
                "message": "`includes`: 1 user is missing from the answer",
                "line": 9,
                "column": 15,
                "got": [],
                "missing": ["@lobby:corp.example"],
                "unexpected": [],
                "why": null,
            }],
        })
    );
    assert_eq!(result["cases"][2]["status"], "todo");
}

#[test]
fn github_marks_lines() {
    let setup = setup(&todo());
    let page = setup.folder.path().join("summary.md");
    let mut command = setup.command(&["test", "--format", "github", "--coverage"]);
    command.env("GITHUB_STEP_SUMMARY", &page);
    let ran = crate::cli::ran(command, b"");
    assert_eq!(ran.code, 1);
    let lines: Vec<_> = ran.out.lines().collect();
    assert_eq!(
        lines[0],
        "::error file=rules/rules.test.yaml,line=9,col=15,title=the lobby sees bots::`includes`: 1 user is missing \
         from the answer%0Agot: nobody%0Amissing: @lobby:corp.example"
    );
    assert_eq!(
        lines[1],
        "::notice file=rules/rules.yaml,line=12,title=coverage::no case exercises this interest"
    );
    let page = String::from_utf8(setup.read("summary.md")).expect("text");
    assert!(
        page.starts_with("### Presence rules: ran 3 cases: 1 passed, 1 failed, 1 to do\n"),
        "{page}"
    );
    assert!(
        page.contains(
            "| the lobby sees bots | rules/rules.test.yaml:9:15 | <code>includes</code>: 1 user"
        ),
        "{page}"
    );
}

#[test]
fn text_of_users_cannot_reach_the_terminal_as_it_is() {
    let ran = test(
        "- {name: \"a\\e[31mb\\u202ec\", update: '@x:x.example', includes: '@lobby:corp.example'}",
        &[],
    );
    assert_eq!(ran.code, 1);
    assert!(
        !ran.out.contains('\u{1b}') && !ran.out.contains('\u{202e}'),
        "{}",
        ran.out
    );
    for format in ["tap", "junit", "github"] {
        let ran = test(
            "- {name: \"a\\e[31mb\\nc\", update: '@x:x.example', by: staff-to-lobby}",
            &["--format", format],
        );
        assert!(!ran.out.contains('\u{1b}'), "{}", ran.out);
    }
}
