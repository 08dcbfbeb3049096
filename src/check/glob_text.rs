//! The parts of a glob's text, with their places. What a glob means is for `pattern` to say; this is for pointing.

use std::ops::Range;

/// A part of a glob.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// A character that stands for itself.
    Literal(char),
    /// A run of `*`.
    Stars,
    /// `?`
    Any,
    /// `[…]`, with the range of what stands in the brackets; `!` or `^` included.
    Class(Range<usize>),
    /// `{`, `}`, or a `,` between them.
    Brace(char),
}

/// The parts of a valid glob, each with its range of bytes.
pub(super) fn parts(text: &str) -> Vec<(Range<usize>, Part)> {
    let mut parts = Vec::new();
    let mut depth = 0_usize;
    let mut characters = text.char_indices().peekable();
    while let Some((start, character)) = characters.next() {
        let part = match character {
            '*' => {
                while characters.next_if(|(_, c)| *c == '*').is_some() {}
                Part::Stars
            }
            '?' => Part::Any,
            '\\' => Part::Literal(characters.next().map_or('\\', |(_, escaped)| escaped)),
            '[' => {
                characters.next_if(|(_, c)| matches!(c, '!' | '^'));
                // `]` right after `[` or `[!` is a member.
                characters.next_if(|(_, c)| *c == ']');
                let end = characters.find(|(_, c)| *c == ']');
                Part::Class(start + 1..end.map_or(text.len(), |(end, _)| end))
            }
            '{' => {
                depth += 1;
                Part::Brace('{')
            }
            '}' => {
                depth = depth.saturating_sub(1);
                Part::Brace('}')
            }
            ',' if depth > 0 => Part::Brace(','),
            other => Part::Literal(other),
        };
        let end = characters.peek().map_or(text.len(), |(next, _)| *next);
        parts.push((start..end, part));
    }
    parts
}

/// More texts than this are not told one by one.
const MOST_ALTERNATIVES: usize = 64;

/// The texts of a glob that is nothing but words in braces; `None` if it has a wildcard.
pub(super) fn alternatives(text: &str) -> Option<Vec<String>> {
    let plain = |text: String| -> Option<String> {
        let parts = parts(&text).into_iter();
        let characters = parts.map(|(_, part)| match part {
            Part::Literal(c) => Some(c),
            _ => None,
        });
        characters.collect()
    };
    without_braces(text)?.into_iter().map(plain).collect()
}

/// The globs without braces that a glob with braces stands for; `None` if these are too many.
pub(super) fn without_braces(text: &str) -> Option<Vec<String>> {
    // The texts so far; and for each open brace, those before it, and those of its words that are complete.
    let mut texts = vec![String::new()];
    let mut open: Vec<(Vec<String>, Vec<String>)> = Vec::new();
    for (range, part) in parts(text) {
        match part {
            Part::Brace('{') => {
                let before = std::mem::replace(&mut texts, vec![String::new()]);
                open.push((before, Vec::new()));
            }
            Part::Brace(',') => {
                let word = std::mem::replace(&mut texts, vec![String::new()]);
                open.last_mut()?.1.extend(word);
            }
            Part::Brace(_) => {
                let (before, mut words) = open.pop()?;
                words.append(&mut texts);
                if before.len() * words.len() > MOST_ALTERNATIVES {
                    return None;
                }
                let with_words = |before: &String| {
                    let before = before.clone();
                    let words = words.iter().map(move |word| format!("{before}{word}"));
                    words.collect::<Vec<_>>()
                };
                texts = before.iter().flat_map(with_words).collect();
            }
            _ => {
                let written = &text[range];
                for text in &mut texts {
                    text.push_str(written);
                }
            }
        }
    }
    Some(texts)
}

/// Where the server name begins: behind the first colon.
pub(super) fn server_start(text: &str) -> Option<usize> {
    let mut parts = parts(text).into_iter();
    let colon = parts.find(|(_, part)| *part == Part::Literal(':'));
    colon.map(|(range, _)| range.end)
}
