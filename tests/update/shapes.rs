//! Records that look like the one before are read in another way; it has to come to the same.

use std::io::Read;

use presence_router::update::{Item, Reader};
use proptest::prelude::*;

use super::{Pieces, told, told_at_once};
use crate::properties::cases;

/// Records as programs write them: the same keys again and again.
const SHAPES: [&str; 7] = [
    r#"{"user_id":"S","state":"S","last_active_ts":N,"status_msg":"S","currently_active":L}"#,
    r#"{"type": "m.presence", "sender": "S", "content": {"presence": "S", "currently_active": L}}"#,
    r#"{"user_id":"S","state":"S"}"#,
    r#"{"content":{"presence":"S","n":[N,N]},"sender":"S"}"#,
    r#"{"user_id":"S","presence":"S","user_id":L}"#,
    r#"[N,{"user_id":"S"},L]"#,
    r#"{"user_id":"S","a_key_that_is_longer_than_what_is_compared_at_once":N,"state":"S"}"#,
];

/// Good ones come first. Texts are looked at sixteen bytes at a time.
const TEXTS: [&str; 14] = [
    "@a:b.example",
    "online",
    "0123456789abcde",
    "0123456789abcdef",
    "@somebody-with-a-long-name:of-a-large-server.example",
    "",
    "é",
    "\\n",
    "\\u00e9",
    "\\ud83d",
    "\\\"",
    "\\x",
    "\\u12x4",
    "a\tb",
];

const NUMBERS: [&str; 11] = [
    "0",
    "-0",
    "7",
    "1234567890123",
    "-12",
    "01",
    "1.5",
    "1e9",
    "-",
    "1.",
    "00",
];

const LITERALS: [&str; 6] = ["true", "false", "null", "nul", "tru", "TRUE"];

fn record() -> impl Strategy<Value = String> {
    let picks = prop::collection::vec(0..1000_usize, 8);
    (0..SHAPES.len(), picks, 0..10_u8).prop_map(|(shape, picks, chance)| {
        let mut picks = picks.into_iter().cycle();
        // Most records are good: only then shapes are remembered.
        let mut pick = |all: &[&'static str], good: usize| {
            let most = if chance == 0 { all.len() } else { good };
            all[picks.next().expect("it is endless") % most]
        };
        let mut record = String::new();
        for character in SHAPES[shape].chars() {
            match character {
                'S' => record.push_str(pick(&TEXTS, 11)),
                'N' => record.push_str(pick(&NUMBERS, 5)),
                'L' => record.push_str(pick(&LITERALS, 3)),
                other => record.push(other),
            }
        }
        record
    })
}

/// The updates and faults of all records.
fn updates(input: impl Read, max_record_bytes: usize) -> Vec<String> {
    let mut reader = Reader::with_max_record_bytes(input, max_record_bytes);
    let mut found = Vec::new();
    while let Some(item) = reader.next().unwrap() {
        if let Item::Record(record) = item {
            record.updates(|update| found.push(format!("{update:?}")));
        }
    }
    found
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(7 * cases()))]

    #[test]
    fn a_shape_is_read_as_the_grammar_reads_it(
        records in prop::collection::vec((record(), prop::option::weighted(0.1, (any::<usize>(), any::<u8>()))), 1..30),
        between in prop::sample::select(vec!["\n", "", " \r\n", ","]),
        max_record_bytes in prop::sample::select(vec![1000, 60, 90]),
    ) {
        let mut input = Vec::new();
        for (record, fault) in records {
            let start = input.len();
            input.extend_from_slice(record.as_bytes());
            if let Some((at, byte)) = fault {
                let length = input.len() - start;
                input[start + at % length] = byte;
            }
            input.extend_from_slice(between.as_bytes());
        }
        // Byte by byte, no record is there whole when it is looked at first, and the grammar reads it.
        let bytes = Pieces { input: &input, lengths: vec![1], turn: 0 };
        let by_grammar = told(bytes, max_record_bytes);
        prop_assert_eq!(told(&input[..], max_record_bytes), &by_grammar[..]);
        prop_assert_eq!(told_at_once(&input, max_record_bytes), by_grammar);
        let bytes = Pieces { input: &input, lengths: vec![1], turn: 0 };
        prop_assert_eq!(updates(&input[..], max_record_bytes), updates(bytes, max_record_bytes));
    }
}

#[test]
fn a_shape_is_remembered() {
    // As many as it takes until most records are read by their shape, with a fault in the last one.
    let mut input = r#"{"user_id":"@a:b","state":"online","n":1}"#.repeat(3);
    input.push_str(r#"{"user_id":"@a:b","state":"online","n":1x"#);
    let told = told(input.as_bytes(), 1000);
    assert_eq!(told.len(), 4);
    assert!(
        told[3].contains("expected `,` or `}`, found `x`"),
        "{}",
        told[3]
    );
}
