//! From a part of what a scalar says to how that part is written.

use std::ops::Range;

use super::LINE_ENDS;
use super::stand_in::pair;

/// Which bytes of a scalar as written, with its quotes and escapes, make these bytes of what it says. `None` if it is
/// written over several lines or has a tag: its parts are not worth the trouble.
///
/// ```
/// use presence_router::yaml::written_range;
///
/// assert_eq!(written_range(r#""\u0040a:x""#, 1..2), Some(7..8));
/// assert_eq!(written_range("'it''s'", 2..3), Some(3..5));
/// assert_eq!(written_range("plain", 1..3), Some(1..3));
/// ```
pub fn written_range(written: &str, range: Range<usize>) -> Option<Range<usize>> {
    if written.contains(LINE_ENDS) || written.starts_with('!') {
        return None;
    }
    let quote = written
        .chars()
        .next()
        .filter(|first| ['\'', '"'].contains(first));
    let quotes = usize::from(quote.is_some());
    let end_of_text = written.len().checked_sub(quotes)?;
    let (mut at, mut decoded) = (quotes, 0);
    let (mut start, mut end) = (None, None);
    while at < end_of_text {
        if decoded >= range.start {
            start.get_or_insert(at);
        }
        let rest = &written[at..];
        let character = rest.chars().next()?;
        let (length, decoded_length) = match (quote, character) {
            (Some('\''), '\'') => (2, 1),
            (Some('"'), '\\') => escape(rest)?,
            _ => (character.len_utf8(), character.len_utf8()),
        };
        at += length;
        decoded += decoded_length;
        if decoded >= range.end {
            end.get_or_insert(at);
        }
    }
    let start = start.unwrap_or(at);
    Some(start..end.unwrap_or(at).max(start))
}

/// The length of an escape in double quotes, and of the character that it stands for, in bytes.
fn escape(written: &str) -> Option<(usize, usize)> {
    if let Some(character) = pair(written) {
        return Some((12, character.len_utf8()));
    }
    let digits = match written.as_bytes().get(1)? {
        b'x' => 2,
        b'u' => 4,
        b'U' => 8,
        b'N' | b'_' => return Some((2, 2)),
        b'L' | b'P' => return Some((2, 3)),
        _ => return Some((2, 1)),
    };
    let code = u32::from_str_radix(written.get(2..2 + digits)?, 16).ok()?;
    Some((2 + digits, char::from_u32(code)?.len_utf8()))
}
