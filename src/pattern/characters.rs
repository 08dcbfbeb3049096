//! Characters that cannot be seen, or that look like others.
//!
//! What looks like what is in Unicode's UTS #39, "Unicode Security Mechanisms", by the crate `unicode-security`.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;
use unicode_security::confusable_detection::skeleton;

use super::{proposed, shortened};

/// Spaces but the ordinary one, and whatever nobody sees.
static HIDDEN: LazyLock<Regex> = LazyLock::new(|| {
    // U+FE0F stands in many a group's name, after an emoji.
    Regex::new(r"[\p{Zs}\p{Zl}\p{Zp}\p{Cf}\p{Cc}\p{Default_Ignorable_Code_Point}--\x20\x{FE0F}]")
        .expect("a valid expression")
});

/// What a text is.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Kind {
    /// A user ID, or a pattern for some: new ones have ASCII letters only.
    Users,
    /// A name that somebody made up, in any language.
    Name,
}

/// An odd character of a text.
pub(crate) struct Odd {
    pub range: Range<usize>,
    pub message: String,
    /// What was probably meant,
    pub(crate) meant: String,
    /// and on what condition.
    pub provided: &'static str,
}

impl Odd {
    /// What to write.
    pub(crate) fn help(&self) -> String {
        format!("write `{}`{}", proposed(&self.meant), self.provided)
    }
}

/// The first odd character of a text.
pub(crate) fn odd(text: &str, kind: Kind) -> Option<Odd> {
    if text.is_ascii() && !text.contains(|c: char| c.is_ascii_control()) {
        return None;
    }
    let mark = || mark(text).filter(|_| kind == Kind::Users);
    hidden(text).or_else(|| lookalike(text, kind)).or_else(mark)
}

/// Dots of other scripts, which a domain name may be typed with (RFC 3490, section 3.1).
const DOTS: [char; 3] = ['\u{3002}', '\u{FF0E}', '\u{FF61}'];

/// A mark that looks like one of those that user IDs have, such as another hyphen.
fn mark(text: &str) -> Option<Odd> {
    let looks_like = |c: char| {
        let mut buffer = [0; 4];
        let mut like = skeleton(c.encode_utf8(&mut buffer));
        match (like.next(), like.next()) {
            _ if c.is_ascii() || c.is_alphanumeric() => None,
            _ if DOTS.contains(&c) => Some('.'),
            (Some(one), None) if ".:@_-=/+*?".contains(one) => Some(one),
            _ => None,
        }
    };
    let (at, c) = text
        .char_indices()
        .find(|(_, c)| looks_like(*c).is_some())?;
    let like = looks_like(c)?;
    Some(Odd {
        range: at..at + c.len_utf8(),
        message: format!(
            "`{}` has the character U+{:04X}, which looks like `{like}` and is another one",
            shortened(text),
            u32::from(c)
        ),
        meant: text.chars().map(|c| looks_like(c).unwrap_or(c)).collect(),
        provided: ", if that is meant",
    })
}

fn hidden(text: &str) -> Option<Odd> {
    let found = HIDDEN.find_iter(text).find(|found| {
        // Joins two emoji to one.
        let before = text[..found.start()].chars().next_back();
        found.as_str() != "\u{200D}" || before.is_none_or(char::is_alphanumeric)
    })?;
    let c = found.as_str().chars().next()?;
    let what = match c {
        '\u{202A}'..='\u{202E}'
        | '\u{2066}'..='\u{2069}'
        | '\u{200E}'
        | '\u{200F}'
        | '\u{061C}' => "which changes the direction of what stands around it",
        _ if c.is_whitespace() && !c.is_control() => "which is not an ordinary space",
        _ if c.is_control() => "a control character",
        _ => "which nobody sees",
    };
    Some(Odd {
        range: found.range(),
        message: format!("this has the character U+{:04X}, {what}", u32::from(c)),
        meant: HIDDEN.replace_all(text, "").into_owned(),
        provided: "",
    })
}

/// A letter of another alphabet that looks like one of ASCII, where ASCII was probably meant.
fn lookalike(text: &str, kind: Kind) -> Option<Odd> {
    let words = text.split(|c: char| !c.is_alphanumeric());
    for word in words.filter(|word| !word.is_ascii()) {
        let plain = |c: char| plain(c);
        let is_mixed = word.contains(|c: char| c.is_ascii_alphabetic());
        let is_all = word.chars().all(|c| plain(c).is_some());
        if !(is_mixed || is_all && kind == Kind::Users) {
            continue;
        }
        let Some((at, c)) =
            (word.char_indices()).find(|(_, c)| !c.is_ascii() && plain(*c).is_some())
        else {
            continue;
        };
        let start = word.as_ptr() as usize - text.as_ptr() as usize + at;
        let looks_like = plain(c)?;
        let meant: String = text.chars().map(|c| plain(c).unwrap_or(c)).collect();
        return Some(Odd {
            range: start..start + c.len_utf8(),
            message: format!(
                "`{}` has the character U+{:04X}, which looks like `{looks_like}` and is another one",
                shortened(text),
                u32::from(c)
            ),
            meant,
            provided: ", if that is meant",
        });
    }
    None
}

/// The ASCII character that this is, or looks like.
fn plain(c: char) -> Option<char> {
    if c.is_ascii() {
        return Some(c);
    }
    let mut buffer = [0; 4];
    let mut looks_like = skeleton(c.encode_utf8(&mut buffer));
    match (looks_like.next(), looks_like.next()) {
        (Some(one), None) if one.is_ascii_alphanumeric() => Some(one),
        _ => None,
    }
}
