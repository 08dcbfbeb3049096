//! The grammar accepts what `serde_json` accepts, and tells faults at the byte where it does.

use presence_router::update::{MAX_DEPTH, Record};
use proptest::prelude::*;
use serde_json::value::RawValue;

use crate::properties::cases;

/// `serde_json` reads raw values of any depth; values that it makes a tree of are limited.
fn accepted(text: &str) -> bool {
    let too_deep = matches!(
        serde_json::from_str::<serde_json::Value>(text),
        Err(error) if error.to_string().starts_with("recursion limit exceeded")
    );
    serde_json::from_str::<&RawValue>(text).is_ok() && !too_deep
}

fn compare(text: &str) -> Result<(), TestCaseError> {
    let ours = Record::parse(text);
    prop_assert_eq!(ours.is_ok(), accepted(text), "{:?}", text);
    if let Err(fault) = ours {
        prop_assert!(fault.offset <= text.len() && fault.text == text);
        prop_assert!(!fault.message.is_empty());
    }
    Ok(())
}

fn json() -> impl Strategy<Value = String> {
    let space = || prop::sample::select(vec!["", "", " ", "\n", "\t\r"]);
    let leaf = prop_oneof![
        prop::sample::select(vec![
            "null",
            "true",
            "false",
            "0",
            "-0",
            "12",
            "-1.50",
            "1e9",
            "2E+7",
            "3.0e-1",
            r#""""#,
            r#""\u00e9\ud800""#,
            r#""\"\\\/\b\f\n\r\t""#,
            r#""a long text without escapes""#,
            "\"é𝄞\"",
        ])
        .prop_map(str::to_owned),
        ".{0,12}".prop_map(|text| serde_json::to_string(&text).unwrap()),
    ];
    leaf.prop_recursive(5, 40, 5, move |inner| {
        let item = (space(), inner, space())
            .prop_map(|(before, json, after)| format!("{before}{json}{after}"));
        let key = prop::sample::select(vec!["\"a\"", "\"user_id\" ", "\"\\u0061\"", "\n\"\""]);
        prop_oneof![
            prop::collection::vec(item.clone(), 0..5)
                .prop_map(|items| format!("[{}]", items.join(","))),
            prop::collection::vec((key, item), 0..5).prop_map(|entries| {
                let entries: Vec<_> = entries
                    .iter()
                    .map(|(key, json)| format!("{key}:{json}"))
                    .collect();
                format!("{{{}}}", entries.join(","))
            }),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(20 * cases()))]

    #[test]
    fn json_is_accepted(text in json()) {
        prop_assert!(Record::parse(&text).is_ok());
        compare(&text)?;
    }

    #[test]
    fn mutated_json_is_judged_alike(
        text in json(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), prop::option::of(any::<prop::sample::Index>())), 1..4),
    ) {
        const BYTES: &[u8] = b"{}[]:,\"\\ \n\0\x1f-+.0eEu1atrfn\x7f";
        let mut bytes = text.into_bytes();
        for (place, byte) in changes {
            if bytes.is_empty() {
                break;
            }
            let at = place.index(bytes.len());
            match byte {
                Some(byte) => bytes[at] = *byte.get(BYTES),
                None => _ = bytes.remove(at),
            }
        }
        if let Ok(text) = String::from_utf8(bytes) {
            compare(&text)?;
        }
    }

    #[test]
    fn random_text_is_judged_alike(text in r#"[{}\[\]:,"\\ \-+.0-9eEtrufalsn]{0,12}"#) {
        compare(&text)?;
    }
}

#[test]
fn depth_ends_where_serde_json_ends() {
    for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
        for depth in usize::from(MAX_DEPTH) - 1..usize::from(MAX_DEPTH) + 3 {
            let text = format!("{}1{}", open.repeat(depth), close.repeat(depth));
            assert_eq!(
                Record::parse(&text).is_ok(),
                depth <= usize::from(MAX_DEPTH)
            );
            assert_eq!(accepted(&text), depth <= usize::from(MAX_DEPTH));
        }
    }
}
