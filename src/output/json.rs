//! JSON texts, written again without a change to their tokens.
//!
//! What is carried through stays as it was written: numbers of any length, escapes, the order of keys and keys that
//! stand there twice. Only white space between tokens changes. All functions append.

use std::io::{self, Write};

use memchr::memchr2;
use serde::Serialize;
use serde_json::Serializer;
use serde_json::ser::Formatter;

use super::harmless::{is_harmless, pictures};

use crate::update::is_space;

/// Writes a JSON text without white space between its tokens.
///
/// `json` must be a JSON text; of any other one, the bytes that are no white space come out in some form.
///
/// ```
/// let mut out = Vec::new();
/// presence_router::output::json::compact("{ \"a b\" : [1.0, \"\\u0041\"] }\n", &mut out);
/// assert_eq!(out, br#"{"a b":[1.0,"\u0041"]}"#);
/// ```
pub fn compact(json: &str, out: &mut Vec<u8>) {
    let bytes = json.as_bytes();
    // Many programs write no white space at all. To ask for the least byte takes many of them at once.
    if bytes.iter().fold(u8::MAX, |least, &byte| least.min(byte)) > b' ' {
        out.extend_from_slice(bytes);
        return;
    }
    out.reserve(bytes.len());
    let mut copied = 0;
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        if byte == b'"' {
            at = text_end(bytes, at);
        } else if is_space(byte) {
            out.extend_from_slice(&bytes[copied..at]);
            at += 1;
            copied = at;
        } else {
            at += 1;
        }
    }
    out.extend_from_slice(&bytes[copied..]);
}

/// Writes a JSON text with each entry on a line of its own, two spaces deeper for each array and object around it.
///
/// The first line isn't indented; the others are as if `depth` arrays and objects stood around the text. This is the
/// form that `serde_json` calls pretty.
///
/// `json` must be a JSON text, as for [`compact`].
///
/// ```
/// let mut out = Vec::new();
/// presence_router::output::json::indented(r#"{"a":[1,{}]}"#, 0, &mut out);
/// assert_eq!(out, b"{\n  \"a\": [\n    1,\n    {}\n  ]\n}");
/// ```
pub fn indented(json: &str, depth: usize, out: &mut Vec<u8>) {
    let bytes = json.as_bytes();
    let mut depth = depth;
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let token = at;
        at += 1;
        match byte {
            _ if is_space(byte) => {}
            b'{' | b'[' => {
                out.push(byte);
                let inside = bytes[at..].iter().position(|&byte| !is_space(byte));
                if let Some(inside) = inside
                    && matches!(bytes[at + inside], b'}' | b']')
                {
                    out.push(bytes[at + inside]);
                    at += inside + 1;
                } else {
                    depth += 1;
                    new_line(depth, out);
                }
            }
            b'}' | b']' => {
                depth = depth.saturating_sub(1);
                new_line(depth, out);
                out.push(byte);
            }
            b',' => {
                out.push(byte);
                new_line(depth, out);
            }
            b':' => out.extend_from_slice(b": "),
            b'"' => {
                at = text_end(bytes, token);
                out.extend_from_slice(&bytes[token..at]);
            }
            _ => out.push(byte),
        }
    }
}

/// The text as JSON, which YAML reads as well.
pub(crate) fn quoted(text: &str) -> String {
    let mut quoted = Vec::new();
    string(text, &mut quoted);
    String::from_utf8(quoted).expect("JSON is text")
}

/// Writes a text as a JSON string, with quotes and escapes, as [`write()`] does.
///
/// ```
/// let mut out = Vec::new();
/// presence_router::output::json::string("a \"b\"\n\u{202e}", &mut out);
/// assert_eq!(out, br#""a \"b\"\n\u202e""#);
/// ```
pub fn string(text: &str, out: &mut Vec<u8>) {
    write(text, out).expect("memory takes all that is written");
}

/// Writes a value on one line. What is not to be shown as it is stands there as an escape, so that nothing is lost, and
/// no screen and no log obeys it.
///
/// # Errors
///
/// If `out` cannot be written to.
pub fn write<T: Serialize + ?Sized>(value: &T, out: &mut dyn Write) -> io::Result<()> {
    value.serialize(&mut Serializer::with_formatter(out, Escaping))?;
    Ok(())
}

/// JSON without white space, in which every text is harmless.
struct Escaping;

impl Formatter for Escaping {
    fn write_string_fragment<W: Write + ?Sized>(
        &mut self,
        out: &mut W,
        fragment: &str,
    ) -> io::Result<()> {
        if is_harmless(fragment) {
            return out.write_all(fragment.as_bytes());
        }
        for (character, shown) in fragment.chars().zip(pictures(fragment)) {
            if character == shown {
                out.write_all(character.encode_utf8(&mut [0; 4]).as_bytes())?;
                continue;
            }
            for unit in character.encode_utf16(&mut [0; 2]) {
                write!(out, "\\u{unit:04x}")?;
            }
        }
        Ok(())
    }
}

/// Where the string that starts at `start` ends: after its closing quote.
fn text_end(bytes: &[u8], start: usize) -> usize {
    let mut at = start + 1;
    while let Some(found) = bytes.get(at..).and_then(|rest| memchr2(b'"', b'\\', rest)) {
        at += found;
        if bytes[at] == b'"' {
            return at + 1;
        }
        at += 2;
    }
    bytes.len()
}

fn new_line(depth: usize, out: &mut Vec<u8>) {
    out.push(b'\n');
    out.resize(out.len() + 2 * depth, b' ');
}
