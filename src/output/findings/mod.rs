//! Findings for people and for programs, a file for each format.

mod concise;
#[cfg(feature = "cli")]
mod excerpt;
#[cfg(feature = "cli")]
mod full;
mod github;
mod gitlab;
mod json;
mod junit;
mod sarif;

use std::ops::Range;

use crate::finding::{Edit, Editor, Effect, Finding, Label, Location, Severity, Target};
use crate::source::{FileId, Place, Sources};

pub use concise::{concise, plain, style};
#[cfg(feature = "cli")]
pub use full::full;
pub use github::{github, step_summary};
pub use gitlab::gitlab;
pub use json::json;
pub use junit::junit;
pub use sarif::sarif;

/// Findings with their places: what every format is made from.
#[derive(Debug)]
pub struct Report<'a> {
    findings: Vec<Located<'a>>,
    sources: &'a Sources,
    /// The files that were checked, whether something was found in them or not.
    files: &'a [FileId],
    /// Whether places are links, where a terminal shows them.
    pub has_links: bool,
}

#[derive(Debug)]
struct Located<'a> {
    finding: &'a Finding,
    span: Span,
    labels: Vec<(&'a Label, Span)>,
    fix: Option<Remedy>,
}

/// A remedy as edits: what is written in place of each part.
#[derive(Debug)]
struct Remedy {
    effect: Effect,
    edits: Vec<(Span, String)>,
}

/// A part of a file.
#[derive(Debug)]
struct Span {
    file: FileId,
    /// Whether the file as such is meant. All places are then its start.
    is_file: bool,
    start: Position,
    end: Position,
}

/// A place between two characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Position {
    /// From 1.
    line: usize,
    /// From 1, in characters.
    column: usize,
    /// From 0, in the file.
    byte: usize,
}

impl<'a> Report<'a> {
    /// Looks all places up, and puts the findings into the order in which the files are
    /// read. `files` are those that were checked.
    pub fn new(findings: &'a [Finding], sources: &'a Sources, files: &'a [FileId]) -> Self {
        let span = |location: Location| Span::new(sources, location);
        let mut editor = Editor::new(sources);
        let mut findings: Vec<_> = (findings.iter())
            .map(|finding| Located {
                finding,
                span: span(finding.location),
                labels: (finding.labels.iter())
                    .map(|label| (label, span(label.location)))
                    .collect(),
                fix: finding.fix.as_ref().and_then(|fix| {
                    let edits = editor.edits(fix)?.into_iter();
                    let place = |edit: &Edit| Location::bytes(edit.file, edit.range.clone());
                    Some(Remedy {
                        effect: fix.effect,
                        edits: edits.map(|edit| (span(place(&edit)), edit.text)).collect(),
                    })
                }),
            })
            .collect();
        findings.sort_by_key(|Located { finding, span, .. }| {
            (span.file, span.start.byte, finding.code)
        });
        Self {
            findings,
            sources,
            files,
            has_links: false,
        }
    }

    fn name(&self, file: FileId) -> &'a str {
        self.sources.get(file).name()
    }

    fn counts(&self) -> Counts {
        Counts::of(self.findings.iter().map(|located| located.finding))
    }
}

impl Remedy {
    /// What it does to the rules, in a word for programs.
    fn effect(&self) -> &'static str {
        match self.effect {
            Effect::Same => "same",
            Effect::Fewer => "fewer",
            Effect::More => "more",
            Effect::Others => "others",
        }
    }
}

impl Span {
    fn new(sources: &Sources, location: Location) -> Self {
        let source = sources.get(location.file);
        let place = location.place(sources);
        let end = source.place(place.range.end..place.range.end);
        Self {
            file: location.file,
            is_file: location.target == Target::File,
            start: Position::start(&place),
            end: Position::start(&end),
        }
    }

    fn bytes(&self) -> Range<usize> {
        self.start.byte..self.end.byte
    }
}

impl Position {
    fn start(place: &Place) -> Self {
        Self {
            line: place.line,
            column: place.column,
            byte: place.range.start,
        }
    }
}

/// How many findings there are of each severity.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Counts {
    errors: usize,
    warnings: usize,
    notes: usize,
}

impl Counts {
    fn of<'f>(findings: impl Iterator<Item = &'f Finding>) -> Self {
        let mut counts = Self::default();
        for finding in findings {
            match finding.severity {
                Severity::Error => counts.errors += 1,
                Severity::Warning => counts.warnings += 1,
                Severity::Note => counts.notes += 1,
            }
        }
        counts
    }

    fn in_words(self) -> String {
        let counted = [
            (self.errors, "error"),
            (self.warnings, "warning"),
            (self.notes, "note"),
        ];
        let parts: Vec<_> = (counted.into_iter())
            .filter(|(count, _)| *count > 0)
            .map(|(count, name)| format!("{count} {name}{}", if count == 1 { "" } else { "s" }))
            .collect();
        match parts.as_slice() {
            [] => "no findings".to_owned(),
            [one] => one.clone(),
            [first @ .., last] => format!("{} and {last}", first.join(", ")),
        }
    }
}

/// How many findings there are of each severity, in words: "2 errors and 1 warning".
pub fn count(findings: &[Finding]) -> String {
    Counts::of(findings.iter()).in_words()
}
