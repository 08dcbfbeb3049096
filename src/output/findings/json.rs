//! Findings as JSON, for programs.

use std::io::{self, Write};

use serde::Serialize;

use super::{Located, Position, Report, Span};

/// Writes one JSON object, on one line: `version` (1), `findings`, and a `summary` of how many there are.
///
/// Lines and columns count from 1, columns in characters; `byte` counts from 0. `start` and `end` are `null` where a
/// file as such is meant.
///
/// # Errors
///
/// If `out` cannot be written to.
pub fn json(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let counts = report.counts();
    let document = Document {
        version: 1,
        findings: (report.findings.iter())
            .map(|located| Entry::new(report, located))
            .collect(),
        summary: Summary {
            errors: counts.errors,
            warnings: counts.warnings,
            notes: counts.notes,
            files: report.files.len(),
        },
    };
    crate::output::json::write(&document, out)?;
    writeln!(out)
}

#[derive(Serialize)]
struct Document<'r> {
    version: u32,
    findings: Vec<Entry<'r>>,
    summary: Summary,
}

#[derive(Serialize)]
struct Summary {
    errors: usize,
    warnings: usize,
    notes: usize,
    files: usize,
}

#[derive(Serialize)]
struct Entry<'r> {
    code: &'static str,
    severity: String,
    message: &'r str,
    #[serde(flatten)]
    place: Place<'r>,
    labels: Vec<Label<'r>>,
    help: Option<&'r str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    fix: Option<Fix<'r>>,
}

/// The remedy as edits.
#[derive(Serialize)]
struct Fix<'r> {
    effect: &'static str,
    edits: Vec<Edit<'r>>,
}

#[derive(Serialize)]
struct Edit<'r> {
    #[serde(flatten)]
    place: Place<'r>,
    text: &'r str,
}

#[derive(Serialize)]
struct Label<'r> {
    message: &'r str,
    #[serde(flatten)]
    place: Place<'r>,
}

#[derive(Serialize)]
struct Place<'r> {
    file: &'r str,
    start: Option<Point>,
    end: Option<Point>,
}

#[derive(Serialize)]
struct Point {
    line: usize,
    column: usize,
    byte: usize,
}

impl<'r> Entry<'r> {
    fn new(report: &Report<'r>, located: &'r Located<'r>) -> Self {
        let finding = located.finding;
        Self {
            code: finding.code.name(),
            severity: finding.severity.to_string(),
            message: &finding.message,
            place: Place::new(report, &located.span),
            labels: (located.labels.iter())
                .map(|(label, span)| Label {
                    message: &label.message,
                    place: Place::new(report, span),
                })
                .collect(),
            help: finding.help.as_deref(),
            fix: located.fix.as_ref().map(|fix| Fix {
                effect: fix.effect(),
                edits: (fix.edits.iter())
                    .map(|(span, text)| Edit {
                        place: Place::new(report, span),
                        text,
                    })
                    .collect(),
            }),
        }
    }
}

impl<'r> Place<'r> {
    fn new(report: &Report<'r>, span: &Span) -> Self {
        let point = |position: Position| Point {
            line: position.line,
            column: position.column,
            byte: position.byte,
        };
        Self {
            file: report.name(span.file),
            start: (!span.is_file).then(|| point(span.start)),
            end: (!span.is_file).then(|| point(span.end)),
        }
    }
}
