//! Users in files are the same users in a list.

use std::collections::HashMap;
use std::path::Path;

use presence_router::known_users::lists_of_texts;
use presence_router::proofs::{Model, Prover};
use presence_router::rules;
use presence_router::source::Sources;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::random::{self, Files, files, known_users};
use super::{Asked, cases, updates_of};
use crate::compiled::Compiled;
use crate::plain::Plain;

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: cases() / 3, ..ProptestConfig::default() })]

    #[test]
    fn users_in_files_are_users_in_lists(
        files in files(),
        known_users in proptest::option::of(known_users()),
    ) {
        let listed = Asked::new(&files, known_users.as_deref());
        let (sources, rule_set) = with_files(&files);
        let known = listed.known_users.as_ref();
        let plain = Plain::new(&sources, &rule_set, known);
        let router = Compiled::new(&sources, &rule_set, known);
        let lists = Compiled::new(&listed.sources, &listed.rules, known);
        let needs = plain.routes_without_known_users();
        prop_assert_eq!(&needs, &router.routes_without_known_users());
        prop_assert_eq!(&needs, &lists.routes_without_known_users());
        for user in random::everybody() {
            let answer = plain.interested(&user);
            prop_assert_eq!(&answer, &router.interested(&user), "{} asks", user);
            prop_assert_eq!(&answer, &lists.interested(&user), "{} asks", user);
        }
        if needs.is_empty() {
            for update in random::everybody().flat_map(|user| updates_of(&user)) {
                let routed = plain.route(&update);
                prop_assert_eq!(&routed, &router.route(&update), "{:?} is sent", update);
                prop_assert_eq!(&routed, &lists.route(&update), "{:?} is sent", update);
            }
        }
        let mut prover = Prover::default();
        let one = Model::new(&rule_set, &mut prover.sets);
        let other = Model::new(&listed.rules, &mut prover.sets);
        for (one, other) in one.routes.iter().zip(&other.routes) {
            prop_assert_eq!(prover.are_equal(one.senders.matched, other.senders.matched), Ok(None));
            prop_assert_eq!(prover.are_equal(one.recipients.named, other.recipients.named), Ok(None));
        }
    }
}

/// The same rules, each list of exact IDs being a file.
fn with_files(files: &Files) -> (Sources, rules::RuleSet) {
    let (mut sources, mut texts) = (Sources::default(), HashMap::new());
    for (index, rules) in files.iter().enumerate() {
        let mut rules = rules.clone();
        move_to_files(&mut rules, &mut texts);
        sources.add(format!("{index}.yaml"), rules.to_string());
    }
    let (mut rule_set, findings) = rules::read(&sources);
    assert!(!rule_set.is_faulty, "{findings:?}");
    let text_of = |path: &Path| texts.get(path.to_str()?).map(String::as_str);
    let findings = lists_of_texts(&mut rule_set, &mut sources, text_of);
    assert_eq!(findings, []);
    (sources, rule_set)
}

fn move_to_files(value: &mut Value, texts: &mut HashMap<String, String>) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| move_to_files(item, texts)),
        Value::Object(entries) => {
            if let Some(Value::Array(users)) = entries.get("user") {
                let users: Vec<_> = users.iter().filter_map(Value::as_str).collect();
                let name = format!("{}.users", texts.len());
                let (text, file) = match texts.len() % 3 {
                    0 => (users.join("\n"), json!({"file": name})),
                    1 => (json!(users).to_string(), json!({"file": [name]})),
                    _ => {
                        let row = |user: &&str| format!("\r\nA; \"{user}\"; 1");
                        let rows: String = users.iter().map(row).collect();
                        let text = format!("name;matrix_id ;n{}", rows.replace("; \"", ";\""));
                        (text, json!({"file": name, "column": "matrix_id"}))
                    }
                };
                texts.insert(name, text);
                *value = file;
            } else {
                entries
                    .values_mut()
                    .for_each(|entry| move_to_files(entry, texts));
            }
        }
        _ => {}
    }
}
