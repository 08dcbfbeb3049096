//! The few lines of a file that show a finding. Making one costs the same wherever in however large a file it is.

use std::ops::Range;

use super::Span;
use crate::output::harmless::pictures;
use crate::source::{FileId, Source, Sources};

/// A line of more characters than this is cut.
const MOST_CHARACTERS: usize = 120;

/// How much of a long line is shown before the place that matters, and from there on.
const BEFORE: usize = 40;
const AFTER: usize = 80;

/// Places so many lines from each other are shown together.
const NEAR: usize = 8;

/// Lines that follow each other, with the places in them that matter.
pub(super) struct Excerpt<'r> {
    pub file: FileId,
    /// The first place, which the excerpt is called by.
    pub span: &'r Span,
    pub first_line: usize,
    last_line: usize,
    /// Of a long line, which is always alone: the bytes of it that are shown.
    window: Option<Range<usize>>,
    marks: Vec<Mark<'r>>,
}

/// A place within a line; what goes on over more lines is cut at the end of the first.
struct Mark<'r> {
    line: usize,
    /// In the line.
    bytes: Range<usize>,
    label: Option<&'r str>,
}

/// A text to show, and the bytes of it that are to be underlined. Those without a label are what the finding is about.
pub(super) struct Shown<'r> {
    pub text: String,
    pub marks: Vec<(Range<usize>, Option<&'r str>)>,
}

/// As few excerpts as will show these places.
pub(super) fn excerpts<'r>(
    sources: &Sources,
    places: impl IntoIterator<Item = (&'r Span, Option<&'r str>)>,
) -> Vec<Excerpt<'r>> {
    let mut excerpts: Vec<Excerpt<'r>> = Vec::new();
    for (span, label) in places {
        let source = sources.get(span.file);
        let line = source.line(span.start.line);
        let length = line.len();
        let start = span.start.byte.saturating_sub(line.start).min(length);
        let end = span.end.byte.saturating_sub(line.start).min(length);
        let mark = Mark {
            line: span.start.line,
            bytes: start..end.max(start),
            label,
        };
        let text = &source.text()[line];
        match (excerpts.iter_mut()).find(|excerpt| excerpt.holds(span.file, &mark, text)) {
            Some(excerpt) => {
                excerpt.first_line = excerpt.first_line.min(mark.line);
                excerpt.last_line = excerpt.last_line.max(mark.line);
                excerpt.marks.push(mark);
            }
            None => excerpts.push(Excerpt {
                file: span.file,
                span,
                first_line: mark.line,
                last_line: mark.line,
                window: is_long(text).then(|| window(text, mark.bytes.start)),
                marks: vec![mark],
            }),
        }
    }
    excerpts
}

impl<'r> Excerpt<'r> {
    /// Whether a place can be shown here as well.
    fn holds(&self, file: FileId, mark: &Mark<'_>, text: &str) -> bool {
        if self.file != file {
            return false;
        }
        if let Some(window) = &self.window {
            let fits = window.start <= mark.bytes.start && mark.bytes.end <= window.end;
            return mark.line == self.first_line && fits;
        }
        let first = self.first_line.min(mark.line);
        let last = self.last_line.max(mark.line);
        last - first <= NEAR && !is_long(text)
    }

    pub fn show(&self, source: &Source) -> Shown<'r> {
        let mut shown = Shown {
            text: String::new(),
            marks: Vec::new(),
        };
        for line in self.first_line..=self.last_line {
            let text = &source.text()[source.line(line)];
            let part = match &self.window {
                Some(window) => window.clone(),
                None if is_long(text) => 0..forward(text, MOST_CHARACTERS),
                None => 0..text.len(),
            };
            if part.start > 0 {
                shown.text.push('…');
            }
            let start = shown.text.len();
            let characters = show(&text[part.clone()]);
            for mark in self.marks.iter().filter(|mark| mark.line == line) {
                let at = |byte: usize| {
                    let before = text[part.start..byte.min(part.end)].chars().count();
                    let before = characters[..before].iter().map(|shown| shown.len_utf8());
                    start + before.sum::<usize>()
                };
                let bytes = at(mark.bytes.start)..at(mark.bytes.end);
                shown.marks.push((bytes, mark.label));
            }
            shown.text.extend(characters);
            if part.end < text.len() {
                shown.text.push('…');
            }
            if line < self.last_line {
                shown.text.push('\n');
            }
        }
        shown
    }
}

/// What is shown of a part of a line, a character for each of its own. Tabs stay: the renderer knows how wide it makes
/// them.
fn show(text: &str) -> Vec<char> {
    (text.chars().zip(pictures(text)))
        .map(|(character, shown)| if character == '\t' { '\t' } else { shown })
        .collect()
}

fn is_long(text: &str) -> bool {
    text.len() > MOST_CHARACTERS && forward(text, MOST_CHARACTERS) < text.len()
}

fn window(text: &str, at: usize) -> Range<usize> {
    let before = text[..at].char_indices().rev().take(BEFORE).last();
    before.map_or(at, |(start, _)| start)..at + forward(&text[at..], AFTER)
}

/// The byte after so many characters.
fn forward(text: &str, characters: usize) -> usize {
    let after = text.char_indices().nth(characters);
    after.map_or(text.len(), |(byte, _)| byte)
}
