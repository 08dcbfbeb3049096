//! Input that wants to cost too much.

use std::io::{self, Read};

use presence_router::update::{Item, Reader, Seen, updates};

use super::told;

/// What a reader tells in short: the first bytes of each message, and how many bytes are refused.
fn summary(input: impl Read) -> Vec<String> {
    let mut reader = Reader::new(input);
    let mut lines: Vec<String> = Vec::new();
    let mut bytes = 0;
    while let Some(item) = reader.next().unwrap() {
        match item {
            Item::Record(record) => lines.push(format!("{} record", record.place(0))),
            Item::Refused(refusal) => {
                lines.push(format!("{} {}", refusal.place, refusal.message));
                bytes += refusal.bytes.len();
            }
            Item::Rest(rest) => bytes += rest.bytes.len(),
        }
    }
    lines.push(format!("{bytes} bytes refused"));
    lines
}

#[test]
fn a_long_record_is_refused_and_the_next_one_read() {
    let text = "x".repeat(5 * 1024 * 1024);
    let length = text.len() + 8;
    for after in [" {}", "\n{}"] {
        let input = format!("{{}}\n{{\"a\":\"{text}\"}}{after}");
        let place = if after == " {}" {
            format!("2:{}", length + 2)
        } else {
            "3:1".to_owned()
        };
        assert_eq!(
            summary(input.as_bytes()),
            [
                "1:1 record",
                "2:1 the record is longer than the limit of 1048576 bytes",
                &format!("{place} record"),
                &format!("{length} bytes refused"),
            ]
        );
    }
}

#[test]
fn a_long_line_of_junk_is_refused_and_the_next_one_read() {
    let input = format!("{}\n{{}}", "x".repeat(5 * 1024 * 1024));
    let expected = [
        "1:1 expected a JSON value, found `x`",
        "2:1 record",
        "5242880 bytes refused",
    ];
    assert_eq!(summary(input.as_bytes()), expected);
}

#[test]
fn a_record_may_be_as_long_as_the_limit() {
    for (limit, is_read) in [(11, true), (10, false)] {
        let told = told(&b"{\"abc\":\"d\"}\n"[..], limit);
        assert_eq!(told[0].starts_with("1:1 record {"), is_read, "{told:?}");
        assert_eq!(told.len(), 1);
    }
}

/// A record of this many bytes, made while it is read.
struct Endless {
    left: usize,
    greatest_read: usize,
}

impl Read for Endless {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = buffer.len().min(self.left);
        self.greatest_read = self.greatest_read.max(buffer.len());
        buffer[..length].fill(b'7');
        self.left -= length;
        Ok(length)
    }
}

#[test]
fn memory_does_not_grow_with_a_record() {
    const LENGTH: usize = 200 * 1000 * 1000;
    let mut input = Endless {
        left: LENGTH,
        greatest_read: 0,
    };
    let head = &b"{\"a\":[\""[..];
    let lines = summary(head.chain(&mut input).chain(&b"\"]}\n{}"[..]));
    assert_eq!(
        lines[0],
        "1:1 the record is longer than the limit of 1048576 bytes"
    );
    assert_eq!(
        lines[1..],
        [
            "2:1 record".to_owned(),
            format!("{} bytes refused", LENGTH + 10)
        ]
    );
    // A reader asks for all the room that it has.
    assert!(input.greatest_read <= 1024 * 1024 + 64 * 1024);
}

#[test]
fn deep_nesting_is_refused() {
    let deep = format!("{}{}\n{{}}", "{\"a\":".repeat(10_000), "}".repeat(10_000));
    let expected = "1:636 more than 127 arrays and objects stand inside each other here";
    let lines = summary(deep.as_bytes());
    assert_eq!(
        (lines[0].as_str(), lines[1].as_str()),
        (expected, "2:1 record")
    );
    let mut message = String::new();
    updates(&deep, |update| message = update.unwrap_err().message);
    assert!(message.starts_with("more than 127"));
}

#[test]
fn broken_input_takes_time_in_line_with_its_length() {
    let lines = 20_000;
    for line in [
        "[\n",
        "{\"a\":\n",
        "{\"a\":[1,\n",
        "1,\n",
        "[1,\n",
        "{\n",
        "\"\n",
        "[[[[[[[[[[\n",
        "{} {} {}\n",
        ",][",
    ] {
        for head in ["", "[\n", "{\"a\":[1,\n"] {
            let input = format!("{head}{}", line.repeat(lines));
            // Quadratic work would take so long that nobody waits for the end of the test.
            assert!(!summary(input.as_bytes()).is_empty(), "{head:?} {line:?}");
        }
    }
}

#[test]
fn many_updates_of_one_sender_take_time_in_line_with_their_number() {
    let mut seen = Seen::default();
    for round in 0..2 {
        for number in 0..100_000 {
            let update = format!(r#"{{"n":{number}.0,"user_id":"@a:b"}}"#);
            let expected = if round == 0 { Ok(number) } else { Err(number) };
            let written = if round == 0 {
                update
            } else {
                update.replace(".0", "e0")
            };
            assert_eq!(seen.insert("@a:b", &written), expected);
        }
    }
}
