//! Findings as text, each with the lines that it is about.

use std::collections::BTreeSet;
use std::io::{self, Write};

use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};

use super::concise::style;
use super::excerpt::{Excerpt, excerpts};
use super::{Located, Report};
use crate::finding::Severity;
use crate::output::harmless::visible;

/// Lines are cut before they get here; beyond this, the renderer would cut them.
const WIDEST: usize = 1000;

/// Stands for `FILE:LINE:COLUMN` until that is put in: the renderer counts lines and columns in what is shown to it,
/// which may be the middle of a line. No other text has it, because [`visible`] takes it away.
const HEADER: char = '\u{e000}';

/// Writes each finding as `rustc` would: what is wrong, the lines with the fault underlined, and the remedy. Colours
/// come as ANSI sequences, which the writer may strip.
///
/// # Errors
///
/// If `out` cannot be written to.
pub fn full(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let renderer = Renderer::styled()
        .error(style(Severity::Error))
        .warning(style(Severity::Warning))
        .note(style(Severity::Note))
        .term_width(WIDEST)
        .hyperlink(false);
    for located in &report.findings {
        write_finding(report, located, &renderer, out)?;
        writeln!(out)?;
    }
    let codes: BTreeSet<_> = (report.findings.iter())
        .map(|located| located.finding.code)
        .collect();
    match codes.first() {
        None => Ok(()),
        Some(code) if codes.len() == 1 => {
            writeln!(out, "`presence-router check --explain {code}` says more")
        }
        Some(_) => writeln!(
            out,
            "`presence-router check --explain CODE` says more about a code"
        ),
    }
}

fn write_finding(
    report: &Report<'_>,
    located: &Located<'_>,
    renderer: &Renderer,
    out: &mut dyn Write,
) -> io::Result<()> {
    let finding = located.finding;
    let title = level(finding.severity)
        .primary_title(visible(&finding.message))
        .id(finding.code.name());
    let mut group = Group::with_title(title);
    if located.span.is_file {
        group = group.element(Origin::path(visible(report.name(located.span.file))));
    }
    let labels = (located.labels.iter()).map(|(label, span)| (span, Some(label.message.as_str())));
    let places: Vec<_> = (std::iter::once((&located.span, None)).chain(labels))
        .filter(|(span, _)| !span.is_file)
        .collect();
    let excerpts = excerpts(report.sources, places);
    for excerpt in &excerpts {
        group = group.element(snippet(report, excerpt));
    }
    for (label, span) in located.labels.iter().filter(|(_, span)| span.is_file) {
        let note = format!("{}: {}", label.message, report.name(span.file));
        group = group.element(Level::NOTE.message(visible(&note).into_owned()));
    }
    if let Some(help) = &finding.help {
        group = group.element(Level::HELP.message(visible(help)));
    }
    let mut rendered = renderer.render(&[group]);
    if excerpts.is_empty() {
        // Without a line number, the renderer leaves no room for one.
        rendered = rendered.replace('\n', "\n ");
    }
    let mut parts = rendered.split(HEADER);
    out.write_all(parts.next().unwrap_or_default().as_bytes())?;
    for (excerpt, part) in excerpts.iter().zip(parts) {
        let name = visible(report.name(excerpt.file));
        let start = excerpt.span.start;
        write!(out, "{name}:{}:{}", start.line, start.column)?;
        let counted = |character: char| character == ':' || character.is_ascii_digit();
        out.write_all(part.trim_start_matches(counted).as_bytes())?;
    }
    writeln!(out)
}

fn snippet<'r>(
    report: &Report<'_>,
    excerpt: &Excerpt<'r>,
) -> Snippet<'r, annotate_snippets::Annotation<'r>> {
    let shown = excerpt.show(report.sources.get(excerpt.file));
    let marks = shown.marks.into_iter().map(|(bytes, label)| match label {
        None => AnnotationKind::Primary.span(bytes),
        Some(label) => AnnotationKind::Context.span(bytes).label(visible(label)),
    });
    Snippet::source(shown.text)
        .line_start(excerpt.first_line)
        .path(HEADER.to_string())
        .annotations(marks)
}

fn level(severity: Severity) -> Level<'static> {
    match severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Note => Level::NOTE,
    }
}
