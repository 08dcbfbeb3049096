//! The cases of `tests/cases`, which are read off the specification, as test files: `test` has to pass them all.

use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::cases::{Case, cases, texts};
use crate::cli::Setup;

/// A test file that expects what the case does. `None` if there is nothing to expect.
fn test_file(case: &Case) -> Option<String> {
    let mut written_cases = Vec::new();
    let user = |user: &String| json!({"user": user});
    for sent in &case.route {
        let update: Value =
            serde_json::from_str(&sent.update).unwrap_or_else(|_| json!(sent.update));
        let to: Vec<_> = sent.to.iter().map(user).collect();
        let mut written = json!({"update": update, "recipients": to});
        let named: Vec<_> = (sent.why.iter().flatten())
            .filter(|name| !name.contains('#'))
            .collect();
        if !named.is_empty() {
            written["by"] = json!(named);
        }
        written_cases.push(written);
    }
    for (asking, seen) in &case.interested {
        if seen.as_str().is_some_and(|text| text != "ALL") {
            // No test file can expect that there is no answer.
            continue;
        }
        let seen = if let Some(all) = seen.as_str() {
            json!(all)
        } else {
            let seen: Vec<String> = serde_yaml::from_value(seen.clone()).expect("users");
            json!(seen.iter().map(user).collect::<Vec<_>>())
        };
        written_cases
            .push(json!({"user": asking.as_str().expect("a user ID"), "interested": seen}));
    }
    if written_cases.is_empty() || case.errors.is_some() {
        return None;
    }
    Some(json!({"rules": "rules", "cases": written_cases}).to_string())
}

/// A folder with the rules of a case in `rules`, and its known users as the last rule file would name them.
pub fn setup(case: &Case) -> Setup {
    let setup = Setup::new("");
    std::fs::remove_file(setup.folder.path().join("rules/rules.yaml")).expect("a file");
    let files = case.rules.files();
    for (index, (name, text)) in files.iter().enumerate() {
        // They are loaded in their order, and a folder by names.
        let name = match name.split_once('/') {
            Some((folder, name)) => format!("{folder}/{index:02}-{name}"),
            None => format!("{index:02}-{name}"),
        };
        setup.write(&format!("rules/{name}"), text);
    }
    for (name, text) in texts(&case.files) {
        setup.write(&format!("rules/{name}"), text);
    }
    if let Some(users) = &case.known_users {
        setup.write("users.json", json!(users).to_string());
    }
    setup
}

#[test]
fn cases_of_the_specification_pass_as_test_files() {
    let mut failures = String::new();
    let mut ran_cases = 0;
    for (file, case) in cases() {
        let Some(text) = test_file(&case) else {
            continue;
        };
        let setup = setup(&case);
        setup.write("x.test.yaml", text);
        let mut arguments = vec!["test", "x.test.yaml"];
        if case.known_users.is_some() {
            arguments.extend(["--known-users", "users.json"]);
        }
        let ran = setup.run(&arguments, "");
        ran_cases += 1;
        if ran.code != 0 {
            let _ = writeln!(failures, "{file}: {}\n{}{}", case.name, ran.out, ran.err);
        }
    }
    assert!(failures.is_empty(), "{failures}");
    assert!(ran_cases > 100, "{ran_cases}");
}
