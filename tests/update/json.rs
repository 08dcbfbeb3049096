//! JSON texts that are written again keep their tokens.

use presence_router::output::json::{compact, indented, string};
use proptest::prelude::*;
use serde_json::Value;

fn out(write: impl FnOnce(&mut Vec<u8>)) -> String {
    let mut out = Vec::new();
    write(&mut out);
    String::from_utf8(out).unwrap()
}

#[test]
fn tokens_stay_as_they_are() {
    let json = " { \"a\\u0041 \\\" \\\\\" : [ 1.0 , 12345678901234567890 , -0.10e+05 ] ,\r\n\t\"a\":{ },\"a\":[ ] } ";
    let dense = r#"{"a\u0041 \" \\":[1.0,12345678901234567890,-0.10e+05],"a":{},"a":[]}"#;
    assert_eq!(out(|out| compact(json, out)), dense);
    assert_eq!(out(|out| compact(dense, out)), dense);
    let lines = "{\n    \"a\\u0041 \\\" \\\\\": [\n      1.0,\n      12345678901234567890,\n      -0.10e+05\n    ],\n    \
                 \"a\": {},\n    \"a\": []\n  }";
    assert_eq!(out(|out| indented(json, 1, out)), lines);
}

#[test]
fn what_is_no_json_does_no_harm() {
    for text in ["", "\"", "\"\\", "}}}}", "[", "{ ", "\"é", "]]1", "{:,"] {
        out(|out| compact(text, out));
        out(|out| indented(text, 0, out));
    }
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 30, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::btree_map(any::<String>(), inner, 0..5)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn forms_are_those_of_serde_json(value in value()) {
        let dense = serde_json::to_string(&value).unwrap();
        let lines = serde_json::to_string_pretty(&value).unwrap();
        prop_assert_eq!(out(|out| compact(&lines, out)), &dense[..]);
        prop_assert_eq!(out(|out| indented(&dense, 0, out)), &lines[..]);
        prop_assert_eq!(out(|out| indented(&lines, 0, out)), &lines[..]);
    }

    #[test]
    fn strings_are_read_back(text in any::<String>()) {
        let written = out(|out| string(&text, out));
        prop_assert_eq!(serde_json::from_str::<String>(&written).unwrap(), text);
    }
}
