//! Where findings are: places in texts, which cost nothing until line and column are wanted.

use std::ops::Range;

use crate::source::{FileId, Place, Sources, Span};
use crate::yaml::written_range;

/// What a finding is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Location {
    /// The file.
    pub file: FileId,
    /// Where in the file.
    pub target: Target,
}

/// A part of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Target {
    /// The file as such.
    File,
    /// A part of its text.
    Part(Span),
    /// A part of what a scalar says, counted after YAML's quotes and escapes are undone.
    Inside {
        /// Where the scalar is written.
        scalar: Span,
        /// The part of it.
        part: Span,
    },
}

impl Location {
    /// A file as such.
    pub fn file(file: FileId) -> Self {
        let target = Target::File;
        Self { file, target }
    }

    /// A part of the text.
    pub fn part(file: FileId, span: Span) -> Self {
        let target = Target::Part(span);
        Self { file, target }
    }

    /// A range of bytes.
    pub fn bytes(file: FileId, range: Range<usize>) -> Self {
        Self::part(file, Span::new(range.start, range.end))
    }

    /// A part of what a scalar says.
    pub fn inside(file: FileId, scalar: Span, part: Range<usize>) -> Self {
        let part = Span::new(part.start, part.end);
        let target = Target::Inside { scalar, part };
        Self { file, target }
    }

    /// The part of the text that it is, or that it is in; the start for a file as such.
    pub fn span(self) -> Span {
        match self.target {
            Target::File => Span::default(),
            Target::Part(span) | Target::Inside { scalar: span, .. } => span,
        }
    }

    /// The place in the text.
    pub fn place(self, sources: &Sources) -> Place {
        let source = sources.get(self.file);
        let Target::Inside { scalar, part } = self.target else {
            return source.place(self.span().range());
        };
        let written = &source.text()[scalar.range()];
        let start = scalar.range().start;
        source.place(match written_range(written, part.range()) {
            Some(inner) => start + inner.start..start + inner.end,
            None => scalar.range(),
        })
    }
}
