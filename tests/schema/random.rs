//! User sets of every form, right and wrong ones, and the same said of each by the schema and by the reader.

use std::sync::LazyLock;

use jsonschema::Validator;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};

use super::{compare, validator};
use crate::properties::cases;

static VALIDATOR: LazyLock<Validator> = LazyLock::new(validator);

const KEYS: [&str; 15] = [
    "user",
    "glob",
    "regex",
    "server",
    "group",
    "file",
    "column",
    "template",
    "all_of",
    "include",
    "exclude",
    "description",
    "not",
    "local",
    "any_of",
];

/// What is no list and no mapping.
fn scalar() -> impl Strategy<Value = Value> {
    select(vec![
        json!("all"),
        json!("local"),
        json!("@a:x.example"),
        json!("@*:x.example"),
        json!("x.example"),
        json!(""),
        json!(" "),
        json!(5),
        json!(true),
        json!(null),
    ])
}

/// What may be meant as a set of users.
fn users() -> impl Strategy<Value = Value> {
    scalar().prop_recursive(4, 24, 4, |inner| {
        let one =
            (select(KEYS.to_vec()), inner.clone()).prop_map(|(key, value)| json!({key: value}));
        let several = vec((select(KEYS.to_vec()), inner.clone()), 0..4);
        let several = several.prop_map(|entries| {
            entries
                .into_iter()
                .map(|(key, value)| (key.to_owned(), value))
                .collect::<Value>()
        });
        let difference = (inner.clone(), inner.clone());
        let difference = difference
            .prop_map(|(include, exclude)| json!({"include": include, "exclude": exclude}));
        let all_of = vec(inner.clone(), 0..4).prop_map(|members| json!({"all_of": members}));
        prop_oneof![
            3 => vec(inner, 0..4).prop_map(Value::from),
            2 => one,
            1 => several,
            2 => difference,
            2 => all_of,
        ]
    })
}

/// What may be meant as the states of a condition.
fn states() -> impl Strategy<Value = Value> {
    scalar().prop_recursive(3, 8, 3, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..3).prop_map(Value::from),
            (select(vec!["not", "but"]), inner).prop_map(|(key, value)| json!({key: value})),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: cases() * 4, ..ProptestConfig::default() })]

    #[test]
    fn the_schema_and_the_reader_agree_on_user_sets(users in users(), states in states()) {
        for rules in [
            json!({"groups": {"a": &users}}),
            json!({"routes": [{"senders": &users, "recipients": "@a:x.example"}]}),
            json!({"routes": [{"senders": "all", "recipients": &users}]}),
            json!({"blocks": [{"recipients": &users}]}),
            json!({"routes": [{"senders": "all", "recipients": "all", "when": {"state": states}}]}),
        ] {
            prop_assert_eq!(compare(&VALIDATOR, &rules.to_string()), Some(Ok(())));
        }
    }
}
