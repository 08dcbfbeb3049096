//! The words for faults in a record.

use crate::pattern::cut;
use crate::update::bytes::is_space;
use crate::update::scan::{Broken, Expected, MAX_DEPTH};

/// How many characters of the user's text a message shows.
const SHOWN_CHARS: usize = 60;

/// The place and the words for a fault in the grammar of `record`, which starts with its value.
///
/// What is missing at the end of a line is reported there, and not at the next line, which may be a good record.
pub(crate) fn broken(record: &[u8], Broken { at, expected }: Broken) -> (usize, String) {
    let before = &record[..at];
    let last_token = before.iter().rposition(|&byte| !is_space(byte));
    let token_end = last_token.map_or(0, |last| last + 1);
    let line_ended = before[token_end..].contains(&b'\n');
    if expected == Expected::More {
        return (
            token_end,
            "the input ends before this record is complete".to_owned(),
        );
    }
    let cut_off = match expected {
        Expected::Colon | Expected::CommaOrBrace | Expected::CommaOrBracket => line_ended,
        // Where a key belongs, a next line that starts like a record most likely is one.
        Expected::Key | Expected::KeyOrEnd => line_ended && matches!(record[at], b'{' | b'['),
        _ => false,
    };
    let (at, found) = if cut_off {
        (token_end, "the end of the line".to_owned())
    } else {
        (at, found(&record[at..]))
    };
    let message = match expected {
        Expected::Value if at == 0 => format!("expected a JSON value, found {found}"),
        Expected::Value => format!("expected a value, found {found}"),
        Expected::Key => format!("expected a key in double quotes after `,`, found {found}"),
        Expected::KeyOrEnd => format!("expected a key in double quotes or `}}`, found {found}"),
        Expected::Colon => format!("expected `:` after the key, found {found}"),
        Expected::CommaOrBrace => format!("expected `,` or `}}`, found {found}"),
        Expected::CommaOrBracket => format!("expected `,` or `]`, found {found}"),
        Expected::TextWithoutControls if matches!(record[at], b'\n' | b'\r') => {
            "expected `\"` before the end of the line".to_owned()
        }
        Expected::TextWithoutControls => {
            format!(
                "expected `\\u{:04x}` in a text, found {found} itself",
                record[at]
            )
        }
        Expected::Escape => format!("expected an escape after `\\`, found {found}"),
        Expected::Hex => format!("expected four hexadecimal digits after `\\u`, found {found}"),
        Expected::Digit => format!("expected a digit of a number, found {found}"),
        Expected::NoLeadingZero => format!("expected no digit after a leading `0`, found {found}"),
        Expected::Literal => format!("expected `true`, `false` or `null`, found {found}"),
        Expected::LessDepth => {
            format!("more than {MAX_DEPTH} arrays and objects stand inside each other here")
        }
        Expected::More => unreachable!("said above"),
    };
    (at, message)
}

/// The words for bytes that are not UTF-8, with the place of the first of them.
pub(crate) fn not_utf8(record: &[u8], at: usize) -> String {
    format!("byte 0x{:02x} is not valid UTF-8 here", record[at])
}

/// A value by its first byte, as messages call it.
pub(crate) fn kind(first: u8) -> &'static str {
    match first {
        b'{' => "an object",
        b'[' => "an array",
        b'"' => "text",
        b't' | b'f' => "true or false",
        b'n' => "null",
        _ => "a number",
    }
}

/// The user's text in backticks: not too long, and on one line whatever it holds.
pub(crate) fn quoted(text: &str) -> String {
    format!("`{}`", cut(text, SHOWN_CHARS))
}

/// What stands at the start of these bytes.
fn found(bytes: &[u8]) -> String {
    let character = bytes[..bytes.len().min(4)]
        .utf8_chunks()
        .next()
        .and_then(|chunk| chunk.valid().chars().next());
    match character {
        Some('\n') => "the end of the line".to_owned(),
        Some(character) if character.is_control() || character == '\u{feff}' => {
            format!("U+{:04X}", u32::from(character))
        }
        Some('`') => "a backtick".to_owned(),
        Some(character) => format!("`{character}`"),
        None => format!("byte 0x{:02x}, which is not valid UTF-8", bytes[0]),
    }
}
