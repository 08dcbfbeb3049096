//! What the parser sees instead of the text, so that it takes what it would refuse. Places can be told all the same.

use std::borrow::Cow;
use std::fmt::Write as _;

/// The length of two halves of a character as JSON escapes them, such as `\ud83d\ude00`.
const PAIR: usize = 12;

/// The length of the one escape that YAML has for such a character, such as `\U0001F600`.
const ONE: usize = 10;

/// Characters that stand in for others.
#[derive(Debug, Default)]
pub(super) struct StandIns(Vec<(char, char)>);

impl StandIns {
    /// The text with another character at these places, at all of which there is the same: a letter, a digit or one of
    /// `others` that the text has nowhere, neither written nor escaped. `None` if there is none.
    pub fn put(&mut self, text: &str, places: &[usize], others: &str) -> Option<String> {
        let original = text[*places.first()?..].chars().next()?;
        let lower = text.to_ascii_lowercase();
        let is_free = |stand_in: &char| {
            !text.contains(*stand_in) && !lower.contains(&format!("{:02x}", u32::from(*stand_in)))
        };
        let mut stand_ins = ('0'..='z')
            .filter(char::is_ascii_alphanumeric)
            .chain(others.chars());
        let stand_in = stand_ins.find(is_free)?;
        let mut seen = String::with_capacity(text.len());
        let mut rest = 0;
        for &at in places {
            seen.push_str(&text[rest..at]);
            seen.push(stand_in);
            rest = at + original.len_utf8();
        }
        seen.push_str(&text[rest..]);
        self.0.push((stand_in, original));
        Some(seen)
    }

    /// What the parser read, with the characters that were written.
    pub fn taken_back(&self, mut value: String) -> String {
        for (stand_in, original) in &self.0 {
            if value.contains(*stand_in) {
                value = value.replace(*stand_in, original.encode_utf8(&mut [0; 4]));
            }
        }
        value
    }
}

/// The character of two halves that are escaped here as in JSON, which is how Python writes it.
pub(super) fn pair(text: &str) -> Option<char> {
    let half = |at: usize| {
        let digits = text.get(at..at + 6)?.strip_prefix("\\u")?;
        let is_hex = digits.bytes().all(|digit| digit.is_ascii_hexdigit());
        u16::from_str_radix(digits, 16).ok().filter(|_| is_hex)
    };
    let halves = [half(0)?, half(6)?];
    let mut characters = char::decode_utf16(halves);
    (characters.next()?.ok()).filter(|character| character.len_utf16() == 2)
}

/// The text with one escape for each two halves of a character, and where these are. YAML has no halves.
pub(super) fn pairs_as_one(text: &str) -> (Cow<'_, str>, Vec<usize>) {
    let (mut seen, mut places, mut rest) = (String::new(), Vec::new(), 0);
    // Of several backslashes, each second one is a character by itself.
    let mut is_escaped = false;
    let mut last = None;
    for at in memchr::memchr_iter(b'\\', text.as_bytes()) {
        is_escaped = !is_escaped && at > 0 && last == Some(at - 1);
        last = Some(at);
        if is_escaped || at < rest {
            continue;
        }
        if let Some(character) = pair(&text[at..]) {
            seen.push_str(&text[rest..at]);
            places.push(seen.len());
            let _ = write!(seen, "\\U{:08X}", u32::from(character));
            rest = at + PAIR;
        }
    }
    if places.is_empty() {
        return (Cow::Borrowed(text), places);
    }
    seen.push_str(&text[rest..]);
    (Cow::Owned(seen), places)
}

/// What was read of a text in which escapes have no meaning, with its two halves as they are written.
pub(super) fn restored(value: &str, written: &str) -> String {
    let (mut restored, mut rest) = (String::new(), value);
    let (seen, places) = pairs_as_one(written);
    for (at, _) in seen.match_indices("\\U") {
        let Some(found) = rest.find("\\U") else { break };
        restored.push_str(&rest[..found]);
        rest = &rest[found..];
        let before = places.partition_point(|place| *place < at);
        let is_pair = places.get(before) == Some(&at);
        let length = if is_pair {
            let start = at + (PAIR - ONE) * before;
            restored.push_str(&written[start..start + PAIR]);
            ONE
        } else {
            restored.push_str("\\U");
            2
        };
        rest = rest.get(length..).unwrap_or_default();
    }
    restored.push_str(rest);
    restored
}

/// Where texts seem to begin that lack quotes: at each `@`, `*` and backtick behind what a value may follow. Some of these
/// may stand in the midst of a text, or of a comment.
pub(super) fn unquoted_starts(text: &str) -> Vec<usize> {
    let mut starts = Vec::new();
    let (mut before, mut is_blank) = (b'\n', false);
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b' ' | b'\t' => is_blank = true,
            b'@' | b'`' | b'*' => {
                let is_start = match before {
                    b'\n' | b'\r' | b'[' | b'{' | b',' => true,
                    b':' | b'-' | b'?' => is_blank,
                    _ => false,
                };
                if is_start {
                    starts.push(at);
                }
                (before, is_blank) = (byte, false);
            }
            _ => (before, is_blank) = (byte, false),
        }
    }
    starts
}
