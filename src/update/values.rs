//! Where the values of a record end.

use std::hint::black_box;

use crate::update::bytes::{digits_length, plain_length};

/// How long the text, number or literal is that `bytes` start with; nothing if it is none, or goes on after them. A
/// number most likely is as long as `likely`.
///
/// A number may be cut short where it goes on in a way that no shape does: with a second digit after a leading zero,
/// a fraction or an exponent. Such a record has no shape. An escape makes `is_plain` false.
#[expect(
    clippy::inline_always,
    reason = "it is most of what reading a record takes"
)]
#[inline(always)]
pub(super) fn value_length(bytes: &[u8], likely: usize, is_plain: &mut bool) -> Option<usize> {
    let (first, rest) = bytes.split_first()?;
    Some(match *first {
        b'"' => {
            let mut end = plain_length(rest);
            if rest.get(end) != Some(&b'"') {
                *is_plain = false;
                end = escaped_text_end(rest, end)?;
            }
            end + 2
        }
        b'1'..=b'9' => foreseen(digits_length(bytes), likely),
        b't' => literal_length(bytes, b"true")?,
        b'f' => literal_length(bytes, b"false")?,
        b'n' => literal_length(bytes, b"null")?,
        b'0' => 1,
        b'-' => match rest.first()? {
            b'1'..=b'9' => 1 + digits_length(rest),
            b'0' => 2,
            _ => return None,
        },
        _ => return None,
    })
}

/// `length`, as `likely` where they are equal: so the processor goes on with what follows before it has counted.
///
/// Where values start depends on where those before end, and waiting for that is much of what reading a record takes.
/// Most numbers are times, and as long as those before.
#[inline]
fn foreseen(length: usize, likely: usize) -> usize {
    // Without the box, the compiler sees that this is `length` in any case.
    if length == likely {
        black_box(likely)
    } else {
        length
    }
}

fn literal_length(bytes: &[u8], literal: &[u8]) -> Option<usize> {
    bytes.starts_with(literal).then_some(literal.len())
}

/// Where the quote stands that ends a text, which is plain up to `at`, and not to its end.
#[cold]
fn escaped_text_end(bytes: &[u8], mut at: usize) -> Option<usize> {
    loop {
        match *bytes.get(at)? {
            b'"' => return Some(at),
            b'\\' => match *bytes.get(at + 1)? {
                b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => at += 2,
                b'u' => {
                    let digits = bytes.get(at + 2..at + 6)?;
                    if !digits.iter().all(u8::is_ascii_hexdigit) {
                        return None;
                    }
                    at += 6;
                }
                _ => return None,
            },
            _ => return None,
        }
        at += plain_length(bytes.get(at..)?);
    }
}
