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
