//! A suite of JSON: what is a value is taken, alone and inside a record, what is none is refused, and the next record is
//! never lost, wherever the bytes are cut in two.

use std::io::Read as _;

use presence_router::update::{Item, Reader, Record};
use serde_json::value::RawValue;

use super::told;

const CASES: &str = include_str!("suite.txt");
const NEXT: &str = r#"{"user_id":"@next:b.example","state":"online"}"#;

#[derive(Clone, Copy, PartialEq)]
enum Is {
    Value,
    None,
    /// None alone, and something else inside a record.
    NoneAlone,
}

fn cases() -> impl Iterator<Item = (Is, Vec<u8>)> {
    CASES.lines().filter_map(|line| {
        let (is, text) = match line.as_bytes() {
            [b'+', b' ', text @ ..] => (Is::Value, text),
            [b'-', b' ', text @ ..] => (Is::None, text),
            [b'!', b' ', text @ ..] => (Is::NoneAlone, text),
            _ => return None,
        };
        Some((is, unescaped(text)))
    })
}

/// `%XX` is a byte, and `%(COUNT:TEXT)` a text so many times.
fn unescaped(mut text: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    while let Some((&first, rest)) = text.split_first() {
        text = rest;
        if first != b'%' {
            bytes.push(first);
        } else if let Some(rest) = rest.strip_prefix(b"(") {
            let end = rest.iter().position(|&byte| byte == b')').expect("an end");
            let repeated = str::from_utf8(&rest[..end]).expect("text");
            let (count, repeated) = repeated.split_once(':').expect("a count");
            bytes.extend(unescaped(repeated.as_bytes()).repeat(count.parse().expect("a count")));
            text = &rest[end + 1..];
        } else {
            let digits = str::from_utf8(&rest[..2]).expect("two digits");
            bytes.push(u8::from_str_radix(digits, 16).expect("two digits"));
            text = &rest[2..];
        }
    }
    bytes
}

/// The updates of a stream, by sender and text.
fn updates(input: &[u8]) -> Vec<(String, Vec<u8>)> {
    let mut reader = Reader::new(input);
    let mut found = Vec::new();
    while let Some(item) = reader.next().expect("memory") {
        if let Item::Record(record) = item {
            record.updates(|update| {
                if let Ok(update) = update {
                    found.push((
                        update.sender().as_str().to_owned(),
                        update.json.as_bytes().to_vec(),
                    ));
                }
            });
        }
    }
    found
}

/// The same stream, cut in two at each byte.
fn assert_the_same_in_pieces(input: &[u8]) {
    let whole = told(input, 1 << 20);
    for at in 1..input.len() {
        let (first, rest) = input.split_at(at);
        assert_eq!(
            told(first.chain(rest), 1 << 20),
            whole,
            "{} cut at {at}",
            input.escape_ascii()
        );
    }
}

#[test]
fn each_value_is_taken_and_nothing_else() {
    assert!(cases().count() > 300);
    for (is, bytes) in cases() {
        let shown = bytes.escape_ascii();
        let text = str::from_utf8(&bytes);
        let is_taken = text.is_ok_and(|text| Record::parse(text).is_ok());
        assert_eq!(is_taken, is == Is::Value, "{shown}");
        let is_json = serde_json::from_slice::<&RawValue>(&bytes).is_ok();
        // `serde_json` takes raw values of any depth.
        assert!(is_json == is_taken || bytes.len() > 200, "{shown}");

        let input = [&bytes[..], b"\n", NEXT.as_bytes(), b"\n"].concat();
        let found = updates(&input);
        assert!(
            found.iter().any(|(_, json)| json == NEXT.as_bytes()),
            "{shown}"
        );
        assert_the_same_in_pieces(&input);
    }
}

#[test]
fn each_value_is_taken_inside_a_record_and_nothing_else() {
    for (is, bytes) in cases().filter(|(is, _)| *is != Is::NoneAlone) {
        let record = [
            br#"{"user_id":"@a:b.example","x":"#.as_slice(),
            &bytes,
            br#","state":"online"}"#,
        ]
        .concat();
        let input = [&record[..], b"\n", NEXT.as_bytes(), b"\n"].concat();
        let mut expected = vec![("@next:b.example".to_owned(), NEXT.as_bytes().to_vec())];
        if is == Is::Value {
            expected.insert(0, ("@a:b.example".to_owned(), record));
        }
        assert_eq!(updates(&input), expected, "{}", bytes.escape_ascii());
        assert_the_same_in_pieces(&input);
    }
}

/// Half of a surrogate pair is no character: such a state is refused, and all others are what `serde_json` reads.
#[test]
fn each_text_is_a_state_if_it_is_one() {
    let texts = cases().filter(|(is, bytes)| *is != Is::NoneAlone && bytes.starts_with(b"\""));
    for (is, bytes) in texts {
        let record = [br#"{"user_id":"@a:b.example","state":"#, &bytes[..], b"}"].concat();
        let expected = serde_json::from_slice::<String>(&bytes).ok();
        assert!(is == Is::Value || expected.is_none());
        let Ok(text) = str::from_utf8(&record) else {
            continue;
        };
        let mut found = Vec::new();
        presence_router::update::updates(text, |update| {
            found.push(update.ok().map(|update| update.state.into_owned()));
        });
        assert_eq!(found, [expected], "{text}");
    }
}
