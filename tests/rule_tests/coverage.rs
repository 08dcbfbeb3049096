//! What counts as exercised.

use serde_json::Value;

use super::{PASSES, setup, test};

/// The places of what no case exercises, as `LINE:COLUMN KIND`.
fn missing(cases: &str) -> Vec<String> {
    let ran = test(cases, &["--coverage", "--format", "json"]);
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    let result: Value = serde_json::from_str(&ran.out).expect("JSON");
    let points = result["coverage"]["points"].as_array().expect("points");
    (points.iter())
        .filter(|point| point["cases"] == 0)
        .map(|point| {
            format!(
                "{}:{} {}",
                point["line"],
                point["column"],
                point["kind"].as_str().expect("text")
            )
        })
        .collect()
}

const INTEREST: [&str; 3] = ["12:11 interest", "13:12 pattern", "14:9 pattern"];
const BLOCK: [&str; 2] = ["16:11 block", "17:14 pattern"];
const ROUTE: [&str; 4] = ["7:11 route", "8:14 pattern", "9:18 pattern", "9:41 pattern"];
const GROUP: &str = "4:14 pattern";
const EXCLUSION: &str = "5:14 exclusion";

fn some(parts: &[&[&str]]) -> Vec<String> {
    let mut all: Vec<_> = parts
        .iter()
        .flat_map(|part| part.iter())
        .map(|it| (*it).to_owned())
        .collect();
    all.sort_by_key(|place| {
        let (line, rest) = place.split_once(':').expect("a place");
        let (column, _) = rest.split_once(' ').expect("a place");
        (line.parse::<u32>().ok(), column.parse::<u32>().ok())
    });
    all
}

#[test]
fn what_decides_is_exercised() {
    // An exact answer says something about everybody.
    assert_eq!(missing(PASSES), some(&[&[EXCLUSION], &INTEREST, &BLOCK]));
    // One recipient: the other one's pattern has no part in that.
    assert_eq!(
        missing("- {update: '@alice:corp.example', includes: '@lobby:corp.example'}"),
        some(&[&["9:41 pattern", EXCLUSION], &INTEREST, &BLOCK])
    );
    // The exclusion took the sender out; the pattern and the route have nothing to show for it.
    assert_eq!(
        missing("- {update: '@bot-1:corp.example', recipients: []}"),
        some(&[&[GROUP], &ROUTE, &INTEREST, &BLOCK])
    );
    // Whom the route does not reach is no sign of the exclusion.
    assert_eq!(
        missing("- {update: '@bot-1:corp.example', excludes: '@boss:corp.example'}"),
        some(&[&[GROUP, EXCLUSION], &ROUTE, &INTEREST, &BLOCK])
    );
    assert_eq!(
        missing("- {update: '@mallory:corp.example', excludes: '@lobby:corp.example'}"),
        some(&[&[GROUP, EXCLUSION], &ROUTE, &INTEREST])
    );
    // The state that the route does not take.
    assert_eq!(
        missing("- {update: {user_id: '@alice:corp.example', state: busy}, recipients: []}"),
        some(&[&[GROUP, EXCLUSION], &ROUTE, &INTEREST, &BLOCK])
    );
    assert_eq!(
        missing("- {user: '@boss:corp.example', includes: '@alice:corp.example'}"),
        some(&[&[EXCLUSION], &ROUTE, &BLOCK])
    );
    // What derives from a route exercises the route.
    assert_eq!(
        missing("- {user: '@screen-1:corp.example', includes: '@alice:corp.example'}"),
        some(&[&[EXCLUSION, "9:18 pattern"], &INTEREST, &BLOCK])
    );
}

#[test]
fn what_is_to_do_exercises_nothing() {
    let all = some(&[&[GROUP, EXCLUSION], &ROUTE, &INTEREST, &BLOCK]);
    assert_eq!(missing(&format!("{PASSES}    todo: later\n")), all);
}

#[test]
fn all_is_given_by_the_rules_that_say_so() {
    let setup = crate::cli::Setup::new(
        "routes: [{senders: all, recipients: '@r:x.example'}]
interests: [{users: '@a:x.example', in: all}]
",
    );
    setup.write(
        "rules/x.test.yaml",
        "cases: [{user: '@a:x.example', interested: ALL}, {user: '@r:x.example', interested: ALL}]",
    );
    let ran = setup.run(&["test", "--min-coverage", "100"], "");
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
}

#[test]
fn coverage_can_be_demanded() {
    let ran = test(PASSES, &["--min-coverage", "80"]);
    assert_eq!(
        (ran.code, ran.err.as_str()),
        (
            1,
            "ran 1 case: 1 passed\nerror: coverage is 45%, less than 80%\n"
        )
    );
    assert_eq!(
        ran.out,
        "passed  rules/rules.test.yaml: 1 case

file              routes  interests  blocks  patterns  all
rules/rules.yaml     1/1        0/1     0/1       4/8  45%

no case exercises
  rules/rules.yaml:5:14: exclusion \"@bot-*:corp.example\"
  rules/rules.yaml:12:11: interest boss-sees-staff
  rules/rules.yaml:13:12: pattern \"@boss:corp.example\"
  rules/rules.yaml:14:9: pattern {group: staff}
  rules/rules.yaml:16:11: block mallory-is-private
  rules/rules.yaml:17:14: pattern \"@mallory:corp.example\"

coverage: 5 of 11 (45%)
"
    );
    assert_eq!(test(PASSES, &["--min-coverage", "45"]).code, 0);
    // The list is there in every format.
    let ran = test(PASSES, &["--min-coverage", "80", "--format", "tap"]);
    assert!(
        ran.err.contains("\n  rules/rules.yaml:5:14: exclusion"),
        "{}",
        ran.err
    );
    assert_eq!(test(PASSES, &["--min-coverage", "101"]).code, 2);
}

#[test]
fn lcov_has_lines_and_patterns() {
    let ran = test(PASSES, &["--format", "lcov"]);
    assert_eq!((ran.code, ran.err.as_str()), (0, "ran 1 case: 1 passed\n"));
    assert_eq!(
        ran.out,
        "TN:
SF:rules/rules.yaml
BRDA:9,0,0,1
BRDA:9,0,1,1
BRF:2
BRH:2
DA:4,1
DA:5,0
DA:7,1
DA:8,1
DA:9,1
DA:12,0
DA:13,0
DA:14,0
DA:16,0
DA:17,0
LF:10
LH:4
end_of_record
"
    );
}

#[test]
fn a_file_of_several_rule_sets_is_counted_once() {
    let setup = setup(PASSES);
    setup.write(
        "tests/more.test.yaml",
        "rules: ../rules
known_users: ['@zoe:x.example']
cases:
  - {update: '@bot-1:corp.example', recipients: []}
",
    );
    let ran = setup.run(&["test", "--coverage", "--format", "json"], "");
    let result: Value = serde_json::from_str(&ran.out).expect("JSON");
    assert_eq!(result["coverage"]["all"], 11);
    assert_eq!(result["coverage"]["covered"], 6);
}

#[test]
fn rules_that_ship_are_tested_whole() {
    let program = env!("CARGO_BIN_EXE_presence-router");
    let ran = std::process::Command::new(program)
        .args(["test", "--min-coverage", "100", "rules"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("the program");
    let seen = String::from_utf8_lossy(&ran.stdout);
    assert_eq!(
        ran.status.code(),
        Some(0),
        "{seen}{}",
        String::from_utf8_lossy(&ran.stderr)
    );
    assert!(seen.contains("(100%)"), "{seen}");
}
