//! Streams of records: what is one, where it starts, and what becomes of broken ones.

use std::io::{self, Read};

use presence_router::update::{Item, Reader};
use proptest::prelude::*;

use super::{Pieces, told};
use crate::properties::cases;

/// Cases: a line `> INPUT`, where `\n` and the like are escapes, then a line for each thing that is told.
const CASES: &str = include_str!("stream.txt");

fn unescape(text: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        if byte != b'\\' {
            bytes.push(byte);
            continue;
        }
        bytes.push(match after[0] {
            b'n' => b'\n',
            b'r' => b'\r',
            b't' => b'\t',
            b'0' => 0,
            b'x' => u8::from_str_radix(str::from_utf8(&after[1..3]).unwrap(), 16).unwrap(),
            other => other,
        });
        rest = &after[if after[0] == b'x' { 3 } else { 1 }..];
    }
    bytes
}

#[test]
fn every_kind_of_stream() {
    let mut actual = String::new();
    for line in CASES.lines() {
        if line.starts_with('#') || line.is_empty() {
            actual.extend([line, "\n"]);
        } else if let Some(input) = line.strip_prefix("> ") {
            actual.extend([line, "\n"]);
            for told in told(&unescape(input)[..], 1000) {
                actual.extend([&told.replace('\n', "\\n"), "\n"]);
            }
        }
    }
    if std::env::var_os("BLESS").is_some() {
        std::fs::write("tests/update/stream.txt", &actual).unwrap();
    }
    for (actual, expected) in actual.lines().zip(CASES.lines()) {
        assert_eq!(actual, expected);
    }
    assert_eq!(actual, CASES);
}

#[test]
fn pieces_change_nothing() {
    for line in CASES.lines() {
        if let Some(input) = line.strip_prefix("> ") {
            let input = &unescape(input)[..];
            for length in 1..7 {
                let pieces = Pieces {
                    input,
                    lengths: vec![length],
                    turn: 0,
                };
                assert_eq!(told(pieces, 1000), told(input, 1000), "{line}");
            }
        }
    }
}

/// What streams are made of, whole and broken.
fn fragments() -> impl Strategy<Value = Vec<u8>> {
    let fragment = prop_oneof![
        8 => prop::sample::select(vec![
            r#"{"user_id":"@a:b","state":"online"}"#, "{\"a\":\n[1,\n{}]}", "{}", "[", "]", ",", "{", "}", ":", "\"",
            "\"a\"", "12", "-", "1e", "true", "nul", "\n", "\n", "\r\n", " ", "\\", "\\u12", "é", "\0", "[[", "]]",
            "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", "\u{feff}", "\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"",
        ]).prop_map(|text| text.as_bytes().to_vec()),
        1 => prop::collection::vec(any::<u8>(), 1..4),
    ];
    prop::collection::vec(fragment, 0..40).prop_map(|fragments| fragments.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(14 * cases()))]

    #[test]
    fn random_pieces_change_nothing(
        input in fragments(),
        lengths in prop::collection::vec(1..20_usize, 1..5),
        max_record_bytes in 0..60_usize,
    ) {
        let pieces = Pieces { input: &input, lengths, turn: 0 };
        prop_assert_eq!(told(pieces, max_record_bytes), told(&input[..], max_record_bytes));
    }

    #[test]
    fn no_byte_is_lost(input in fragments(), max_record_bytes in 0..60_usize) {
        let mut reader = Reader::with_max_record_bytes(&input[..], max_record_bytes);
        let mut handed_out = Vec::new();
        while let Some(item) = reader.next().unwrap() {
            match item {
                Item::Record(record) => {
                    prop_assert!(record.text().len() <= max_record_bytes);
                    prop_assert!(serde_json::from_str::<&serde_json::value::RawValue>(record.text()).is_ok());
                    handed_out.extend_from_slice(record.text().as_bytes());
                }
                Item::Refused(refusal) => handed_out.extend_from_slice(refusal.bytes),
                Item::Rest(rest) => handed_out.extend_from_slice(rest.bytes),
            }
        }
        // What is not handed out is white space and the commas and brackets of arrays.
        let mut handed_out = handed_out.iter().peekable();
        for &byte in input.strip_prefix("\u{feff}".as_bytes()).unwrap_or(&input) {
            if handed_out.next_if_eq(&&byte).is_none() {
                prop_assert!(b" \t\r\n[],".contains(&byte), "{:?} is lost", byte as char);
            }
        }
        prop_assert!(handed_out.next().is_none());
    }

    #[test]
    fn good_records_survive_their_neighbours(lines in prop::collection::vec((any::<bool>(), fragments()), 0..8)) {
        // A line that starts outside of any record is read whatever stood before it.
        let good = r#"{"user_id":"@a:b","state":"online","note":"this one is good"}"#;
        let mut input = Vec::new();
        let mut count = 0;
        for (is_good, junk) in lines {
            if is_good {
                count += 1;
                input.extend_from_slice(good.as_bytes());
            } else {
                // Brackets and braces could make a record that the next line is rightly a part of.
                input.extend(junk.into_iter().filter(|byte| !b"\n[{:,".contains(byte)));
            }
            input.push(b'\n');
        }
        let found = told(&input[..], 1000).iter().filter(|line| line.ends_with(good)).count();
        prop_assert_eq!(found, count);
    }
}

/// Gives its pieces one by one, and must not be asked for more before the records of the last one were taken.
struct Live<'a> {
    pieces: std::slice::Iter<'a, &'a str>,
    owed: &'a std::cell::Cell<usize>,
}

impl Read for Live<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        assert_eq!(
            self.owed.get(),
            0,
            "a complete record waits while more is read"
        );
        let Some(piece) = self.pieces.next() else {
            return Ok(0);
        };
        // `$` marks what must be told as soon as this piece is read.
        self.owed.set(piece.matches('$').count());
        let piece = piece.replace('$', "");
        buffer[..piece.len()].copy_from_slice(piece.as_bytes());
        Ok(piece.len())
    }
}

#[test]
fn a_record_never_waits_for_more_input() {
    let pieces = [
        "{}$",
        "{\"a\":",
        "1}$",
        "\n{",
        "}${",
        "}$\n\n",
        "[{}$",
        ",{}${}$$",
        "]",
        "[",
        "1",
        ",$",
        "2 $",
        "]",
        "7",
        "\n$",
        "\"x\"$",
        "true$",
        "{\"a\"\n}$",
        "\n$",
        "x\n$",
        "{}$",
    ];
    let owed = std::cell::Cell::new(0);
    let mut reader = Reader::new(Live {
        pieces: pieces.iter(),
        owed: &owed,
    });
    loop {
        let buffered = reader.buffered();
        assert!(
            buffered || owed.get() == 0,
            "buffered() tells what is at hand"
        );
        match reader.next().unwrap() {
            Some(_) => owed.set(owed.get().checked_sub(1).expect("more than was owed")),
            None => break,
        }
    }
}

#[test]
fn an_error_of_the_input_is_told_and_reading_goes_on() {
    struct Flaky(usize);
    impl Read for Flaky {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            self.0 += 1;
            match self.0 {
                1 => {
                    buffer[0] = b'{';
                    Ok(1)
                }
                2 => Err(io::Error::other("unplugged")),
                3 => {
                    buffer[0] = b'}';
                    Ok(1)
                }
                _ => Ok(0),
            }
        }
    }
    let mut reader = Reader::new(Flaky(0));
    assert!(reader.next().is_err());
    assert!(matches!(reader.next(), Ok(Some(Item::Record(_)))));
    assert!(matches!(reader.next(), Ok(None)));
}
