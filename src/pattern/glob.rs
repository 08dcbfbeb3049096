//! Globs, in globset's syntax, over characters.
//!
//! globset reads the glob and says what it means, as a regular expression. That expression is meant for bytes (in a
//! path, `?` may be half of `é`), so it is turned into one over characters here: for a user ID, `?` is one character.

use std::borrow::Cow;
use std::ops::Range;

use globset::{ErrorKind, GlobBuilder};
use regex_syntax::hir::{Hir, HirKind};

use super::{Fault, regex};
use crate::finding::Code;

/// Braces within braces. globset reads them by recursion, so the depth has to have an end.
const MAX_NESTED_BRACES: usize = 32;

/// A glob up to this length of text, `*` and `?` alone compiles to far less than [`super::MAX_AUTOMATON_BYTES`].
const PLAIN: usize = 255;

/// What a glob matches, if it is valid.
pub(super) fn read(text: &str) -> Result<Hir, Fault> {
    if let Some(at) = too_deep_brace(text) {
        let message = format!("this glob has more than {MAX_NESTED_BRACES} braces within braces");
        return Err(Fault::new(Code::InvalidGlob, message, at..at + 1));
    }
    let expression = expression(text).map_err(|kind| fault(text, &kind))?;
    // globset takes whatever it takes for an expression, so this finds nothing but what is too large for one.
    regex::read(&expression).map_err(|inner| Fault {
        range: 0..text.len(),
        ..inner
    })
}

/// The one text that a valid glob matches, if there is only one.
pub(super) fn literal(text: &str) -> Option<Box<str>> {
    if text.contains(['*', '?']) {
        return None;
    }
    match language(text).kind() {
        HirKind::Literal(literal) => std::str::from_utf8(&literal.0).ok().map(Into::into),
        _ => None,
    }
}

/// Whether a glob is valid and small at a glance.
pub(super) fn is_short_and_plain(text: &str) -> bool {
    text.len() <= PLAIN && is_plain(text)
}

/// Whether nothing but `*` and `?` has a meaning of its own in a glob.
pub(super) fn is_plain(text: &str) -> bool {
    !text.contains(['[', ']', '{', '}', '\\'])
}

/// What a valid glob matches.
pub(super) fn language(text: &str) -> Hir {
    let expression = expression(text).expect("globs are validated when they are read");
    regex::language(&expression)
}

/// What every text that matches ends in.
pub(super) fn literal_suffix(text: &str) -> &str {
    let special = |c| matches!(c, '*' | '?' | '[' | ']' | '{' | '}' | '\\');
    text.rfind(special).map_or(text, |last| &text[last + 1..])
}

/// What every text starts with that matches.
pub(super) fn literal_prefix(text: &str) -> &str {
    let special = |c| matches!(c, '*' | '?' | '[' | ']' | '{' | '}' | '\\');
    text.find(special).map_or(text, |first| &text[..first])
}

fn expression(text: &str) -> Result<String, ErrorKind> {
    let text = single_stars(text);
    let glob = GlobBuilder::new(&text)
        .literal_separator(false)
        .backslash_escape(true)
        // `@bot{,-test}:example.org` is meant to match `@bot:example.org`.
        .empty_alternates(true)
        .build()
        .map_err(|error| error.kind().clone())?;
    let bytes = glob.regex();
    let bytes = bytes.strip_prefix("(?-u)^").unwrap_or(bytes);
    let bytes = bytes.strip_suffix('$').unwrap_or(bytes);
    Ok(format!("(?s){}", with_characters(bytes)))
}

/// `**` as `*`: in a path, globset gives it a meaning of its own beside `/`, and a user ID is no path.
fn single_stars(text: &str) -> Cow<'_, str> {
    if !text.contains("**") {
        return Cow::Borrowed(text);
    }
    let mut single = String::new();
    let (mut copied, mut star_at) = (0, None);
    for (at, _) in syntax(text).filter(|(_, character)| *character == '*') {
        if star_at.is_some_and(|star| star + 1 == at) {
            single.push_str(&text[copied..at]);
            copied = at + 1;
        }
        star_at = Some(at);
    }
    single.push_str(&text[copied..]);
    Cow::Owned(single)
}

/// globset writes a character outside of ASCII as its bytes, `\xC3\xA9`; this puts the character back.
fn with_characters(bytes: &str) -> String {
    let mut out = Vec::with_capacity(bytes.len());
    let mut rest = bytes.as_bytes();
    while let [first, after @ ..] = rest {
        let hex = match after {
            [b'x', high, low, ..] if *first == b'\\' => hex_byte(*high, *low),
            _ => None,
        };
        let taken = match hex {
            Some(byte) => {
                out.push(byte);
                4
            }
            // An escaped character stays escaped; the backslash of `\\` must not be taken for the start of `\x`.
            None if *first == b'\\' => {
                out.extend(rest.iter().take(2));
                2
            }
            None => {
                out.push(*first);
                1
            }
        };
        rest = &rest[taken.min(rest.len())..];
    }
    String::from_utf8(out).expect("the bytes of characters, in their order")
}

fn hex_byte(high: u8, low: u8) -> Option<u8> {
    let digit = |byte: u8| (byte as char).to_digit(16);
    Some((digit(high)? * 16 + digit(low)?) as u8)
}

/// What globset found wrong. It says what, and this says where.
fn fault(text: &str, kind: &ErrorKind) -> Fault {
    let (message, range, help) = match kind {
        ErrorKind::UnclosedClass => (
            "this `[` is never closed".to_owned(),
            unclosed_class(text),
            Some("close it with `]`, or write `\\[` for the character itself"),
        ),
        ErrorKind::InvalidRange(from, to) => (
            format!("the range `{from}-{to}` is empty, since `{from}` comes after `{to}`"),
            (text.find(&format!("{from}-{to}"))).map_or(0..text.len(), |start| {
                start..start + from.len_utf8() + 1 + to.len_utf8()
            }),
            Some("write the lower character first"),
        ),
        ErrorKind::UnopenedAlternates => (
            "this `}` has no `{` before it".to_owned(),
            unmatched_brace(text, '}'),
            Some("remove it, or write `\\}` for the character itself"),
        ),
        ErrorKind::UnclosedAlternates => (
            "this `{` is never closed".to_owned(),
            unmatched_brace(text, '{'),
            Some("close it with `}`, or write `\\{` for the character itself"),
        ),
        ErrorKind::DanglingEscape => (
            "nothing follows this `\\`".to_owned(),
            text.len() - 1..text.len(),
            Some("write `\\\\` for a backslash itself"),
        ),
        other => (other.to_string(), 0..text.len(), None),
    };
    let fault = Fault::new(Code::InvalidGlob, message, range);
    match help {
        Some(help) => fault.help(help),
        None => fault,
    }
}

/// The characters that are neither escaped nor part of a class, and where they stand; a class counts as its `[`.
fn syntax(text: &str) -> impl Iterator<Item = (usize, char)> {
    let mut characters = text.char_indices().peekable();
    std::iter::from_fn(move || {
        loop {
            let (at, character) = characters.next()?;
            match character {
                '\\' => {
                    characters.next();
                }
                '[' => {
                    characters.next_if(|(_, c)| matches!(c, '!' | '^'));
                    // `]` right after `[` or `[!` is a member.
                    characters.next_if(|(_, c)| *c == ']');
                    let closed = characters.any(|(_, c)| c == ']');
                    return Some((at, if closed { '[' } else { UNCLOSED }));
                }
                _ => return Some((at, character)),
            }
        }
    })
}

/// Stands for a `[` without its `]`; no character of a glob can be mistaken for it, as NUL is in no valid user ID.
const UNCLOSED: char = '\0';

fn unclosed_class(text: &str) -> Range<usize> {
    syntax(text)
        .find(|&(_, character)| character == UNCLOSED)
        .map_or(0..text.len(), |(at, _)| at..text.len())
}

fn unmatched_brace(text: &str, brace: char) -> Range<usize> {
    let mut open = Vec::new();
    for (at, character) in syntax(text) {
        match character {
            '{' => open.push(at),
            '}' if open.pop().is_none() && brace == '}' => return at..at + 1,
            _ => {}
        }
    }
    open.last().map_or(0..text.len(), |&at| at..at + 1)
}

fn too_deep_brace(text: &str) -> Option<usize> {
    let mut depth = 0_usize;
    for (at, character) in syntax(text) {
        match character {
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > MAX_NESTED_BRACES {
            return Some(at);
        }
    }
    None
}
