//! Lines and columns of a stream.

use std::fmt;

/// A place in an input: line and column, both from 1.
///
/// A column counts characters (Unicode scalar values); a byte that is no part of one counts as one. A line ends with
/// `\n`.
///
/// ```
/// use presence_router::update::Place;
///
/// let mut place = Place::START;
/// place.advance("[\n\"é\"".as_bytes());
/// assert_eq!(place.to_string(), "2:4");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// The line, from 1.
    pub line: u64,
    /// The column in characters, from 1.
    pub column: u64,
}

impl Place {
    /// Where an input starts.
    pub const START: Self = Self { line: 1, column: 1 };

    /// Moves on over these bytes, which start at a character's first byte.
    pub fn advance(&mut self, bytes: &[u8]) {
        let mut last_line = bytes;
        if let Some(newline) = memchr::memrchr(b'\n', bytes) {
            self.line += memchr::memchr_iter(b'\n', bytes).count() as u64;
            self.column = 1;
            last_line = &bytes[newline + 1..];
        }
        self.column += last_line
            .utf8_chunks()
            .map(|chunk| chunk.valid().chars().count() + chunk.invalid().len())
            .sum::<usize>() as u64;
    }
}

impl fmt::Display for Place {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:{}", self.line, self.column)
    }
}
