//! `test --write`: what it writes passes, and covers what it says.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::specification::setup;
use crate::cases::cases;
use crate::cli::Setup;
use crate::properties::random;

/// Writes tests for the rules of a folder and runs them. How many points they exercise, and how many there are.
fn write_and_run(setup: &Setup, options: &[&str]) -> (u64, u64) {
    let mut arguments = vec!["test", "--write", "tests/written.test.yaml"];
    arguments.extend(options);
    let wrote = setup.run(&arguments, "");
    assert_eq!((wrote.code, wrote.out.as_str()), (0, ""), "{}", wrote.err);
    let text = String::from_utf8(setup.read("tests/written.test.yaml")).expect("text");
    let summary = wrote.err.lines().next().expect("a summary");
    let numbers: Vec<u64> = (summary.split(' '))
        .filter_map(|word| word.parse().ok())
        .collect();
    let [cases, covered, all] = numbers[..] else {
        panic!("{}", wrote.err)
    };
    if cases == 0 {
        return (covered, all);
    }
    // The test file names its rules and its known users itself.
    let ran = setup.run(&["test", "--coverage", "--format", "json"], "");
    assert_eq!(ran.code, 0, "{text}\n{}{}", ran.out, ran.err);
    let result: Value = serde_json::from_str(&ran.out).expect("JSON");
    assert_eq!(result["summary"]["passed"], json!(cases));
    assert_eq!(
        result["coverage"]["covered"],
        json!(covered),
        "{text}\n{}",
        ran.out
    );
    assert_eq!(result["coverage"]["all"], json!(all));
    (covered, all)
}

#[test]
fn rules_of_all_kinds_get_tests() {
    let (mut whole, mut all_cases, mut missed) = (0, 0, Vec::new());
    for (_, case) in cases() {
        if case.errors.is_some() {
            continue;
        }
        let setup = setup(&case);
        let options: &[&str] = match case.known_users {
            Some(_) => &["--known-users", "users.json"],
            None => &[],
        };
        let (covered, all) = write_and_run(&setup, options);
        all_cases += 1;
        if covered == all {
            whole += 1;
        } else {
            missed.push(format!("{}: {covered} of {all}", case.name));
        }
    }
    // Some have rules that can decide nothing, whatever happens.
    assert!(
        whole * 10 >= all_cases * 8,
        "{whole} of {all_cases}: {missed:#?}"
    );
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 30, ..ProptestConfig::default() })]

    #[test]
    fn random_rules_get_tests(files in random::files(), known_users in proptest::option::of(random::known_users())) {
        let setup = Setup::new("");
        std::fs::remove_file(setup.folder.path().join("rules/rules.yaml")).expect("a file");
        for (index, rules) in files.iter().enumerate() {
            setup.write(&format!("rules/{index}.yaml"), rules.to_string());
        }
        match known_users {
            Some(users) => {
                let entries: Vec<_> = users.iter().map(random::Known::entry).collect();
                setup.write("users.json", json!(entries).to_string());
                write_and_run(&setup, &["--known-users", "users.json"]);
            }
            None => {
                write_and_run(&setup, &[]);
            }
        }
    }
}
