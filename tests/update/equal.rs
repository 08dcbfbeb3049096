//! Equality of updates as JSON values.

use presence_router::update::Seen;
use proptest::prelude::*;
use serde_json::Value;

use crate::properties::cases;

fn equal(a: &str, b: &str) -> bool {
    let mut seen = Seen::default();
    assert_eq!(seen.insert("@a:b", a), Ok(0));
    let forth = seen.insert("@a:b", b);
    let mut seen = Seen::default();
    assert_eq!(seen.insert("@a:b", b), Ok(0));
    assert_eq!(seen.insert("@a:b", a).is_err(), forth.is_err());
    forth.is_err()
}

#[test]
fn equal_values() {
    let classes = [
        &[
            "1", "1.0", "1e0", "10e-1", "0.1E+1", "0.01e2", "100e-002", " 1 ",
        ][..],
        &[
            "0",
            "-0",
            "0.0",
            "0e99999999999999999999999999",
            "-0.000e-5",
        ],
        &["-1", "-1.0"],
        &[
            "12345678901234567890",
            "12345678901234567890.0",
            "1234567890123456789e1",
        ],
        &["12345678901234567891"],
        &["0.1", "1e-1", "0.10"],
        &["0.1000000000000000055511151231257827"],
        &["1e400", "10e399", "0.1e401"],
        &[
            "1e99999999999999999999999999",
            "10e99999999999999999999999998",
            "0.1e100000000000000000000000000",
        ],
        &[
            "1e999999999999999999",
            "10e999999999999999998",
            "0.1e1000000000000000000",
        ],
        &[
            "1e-999999999999999999",
            "10e-1000000000000000000",
            "0.1e-999999999999999998",
        ],
        &[
            "1e-100000000000000000000000000",
            "0.1e-99999999999999999999999999",
            "10e-0100000000000000000000000001",
        ],
        &[
            "1e100000000000000000000000000",
            "0.001e100000000000000000000000003",
        ],
        &["true"],
        &["false"],
        &["null"],
        &["\"A\"", "\"\\u0041\"", " \"\\u0041\" "],
        &["\"\u{1d11e}\"", "\"\\ud834\\udd1e\"", "\"\\uD834\\uDD1E\""],
        &["\"\\ud834\"", "\"\\uD834\""],
        &["\"\\ud834x\""],
        &["\"\\ud834\\ud834\\udd1e\"", "\"\\ud834\u{1d11e}\""],
        &["\"\\udd1e\\ud834\""],
        &["\"\"", " \"\" "],
        &[
            "\"\\/\\b\\f\\n\\r\\t\\\"\\\\\"",
            "\"/\\u0008\\u000c\\u000a\\u000d\\u0009\\u0022\\u005c\"",
        ],
        &["\"1\""],
        &["[]", "[ ]"],
        &["{}", "{\n}"],
        &["[[]]"],
        &["[1,2]", "[1.0, 2e0]"],
        &["[2,1]"],
        &["[12]"],
        &[
            "{\"a\":1,\"b\":2}",
            "{\"b\":2,\"a\":1}",
            "{\"a\":7,\"b\":2,\"a\":1}",
            "{\"\\u0061\":1,\"b\":2.0}",
        ],
        &["{\"a\":2,\"b\":1}", "{\"a\":1,\"b\":1,\"a\":2}"],
        &[
            "{\"a\":{\"c\":[],\"b\":null}}",
            "{\"a\":{\"b\":null,\"c\":[]}}",
        ],
        &["{\"ab\":1}"],
        &["{\"a\":\"b\"}"],
        &["[\"a\",\"b\"]"],
        &["[\"ab\"]"],
    ];
    for (a_class, a) in classes.iter().enumerate() {
        for (b_class, b) in classes.iter().enumerate() {
            for (a, b) in a.iter().flat_map(|a| b.iter().map(move |b| (a, b))) {
                assert_eq!(equal(a, b), a_class == b_class, "{a} {b}");
            }
        }
    }
}

#[test]
fn senders_keep_apart_and_indexes_stay() {
    let mut seen = Seen::default();
    let update =
        |sender: &str, state: &str| format!(r#"{{"user_id":"{sender}","state":"{state}"}}"#);
    for (index, (sender, state)) in [("@a:b", "x"), ("@c:d", "x"), ("@a:b", "y"), ("@c:d", "z")]
        .iter()
        .enumerate()
    {
        assert_eq!(seen.insert(sender, &update(sender, state)), Ok(index));
    }
    assert_eq!(seen.insert("@c:d", &update("@c:d", "x")), Err(1));
    assert_eq!(
        seen.insert("@c:d", r#"{"state":"z", "user_id":"@c:d"}"#),
        Err(3)
    );
    assert_eq!(seen.len(), 4);
    assert_eq!(seen.json(2), update("@a:b", "y"));
}

#[test]
fn what_is_no_json_equals_only_itself() {
    for text in [
        "",
        "{",
        "[1",
        "\"a",
        "\"\\u12",
        "{1:2}",
        "-",
        "e5",
        &"[".repeat(100_000),
    ] {
        assert!(equal(text, text));
        assert!(!equal(text, "{}"));
    }
}

/// Small values, so that equal ones come up.
fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        (-2..3_i64).prop_map(Value::from),
        prop::sample::select(vec!["", "a", "é", "\n"]).prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 10, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
            prop::collection::btree_map("[ab]", inner, 0..3)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

/// The same value in other words.
fn rewritten(value: &Value) -> String {
    match value {
        Value::Array(items) => {
            let items: Vec<_> = items.iter().map(rewritten).collect();
            format!("[ {} ]", items.join(" ,"))
        }
        Value::Object(map) => {
            let entries: Vec<_> = map
                .iter()
                .rev()
                .map(|(key, value)| {
                    format!("{}:[],{}:{}", escaped(key), escaped(key), rewritten(value))
                })
                .collect();
            format!("{{ {} }}", entries.join("\n,"))
        }
        Value::Number(number) => format!("{number}00e-2"),
        Value::String(text) => escaped(text),
        other => other.to_string(),
    }
}

fn escaped(text: &str) -> String {
    let units = text.encode_utf16();
    let units: Vec<_> = units.map(|unit| format!("\\u{unit:04X}")).collect();
    format!("\"{}\"", units.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(20 * cases()))]

    #[test]
    fn equality_is_that_of_values(a in value(), b in value()) {
        prop_assert_eq!(equal(&a.to_string(), &b.to_string()), a == b);
        prop_assert_eq!(equal(&rewritten(&a), &b.to_string()), a == b);
        prop_assert!(equal(&rewritten(&a), &a.to_string()));
    }

    #[test]
    fn numbers_are_equal_as_numbers(
        a in -999..1000_i64, a_exponent in 0..9_u32, b in -999..1000_i64, b_exponent in 0..9_u32,
    ) {
        let scaled = |number: i64, exponent: u32| number * 10_i64.pow(exponent);
        prop_assert_eq!(
            equal(&format!("{a}00e{a_exponent}"), &format!("{b}.0E+0{}", b_exponent + 2)),
            scaled(a, a_exponent) == scaled(b, b_exponent)
        );
    }
}
