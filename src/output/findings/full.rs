//! Findings as text, each with the lines that it is about.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};

use super::concise::style;
use super::excerpt::{Excerpt, excerpts};
use super::sarif::uri;
use super::{Located, Report};
use crate::code_pages;
use crate::finding::Severity;
use crate::output::harmless::visible;
use crate::source::FileId;

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
        .hyperlink(report.has_links);
    // Notes of one kind are one: the first, with the places of the others.
    let mut notes: BTreeMap<_, Vec<&Located<'_>>> = BTreeMap::new();
    let is_note = |located: &&Located<'_>| located.finding.severity == Severity::Note;
    for note in report.findings.iter().filter(is_note) {
        notes.entry(note.finding.code).or_default().push(note);
    }
    for located in &report.findings {
        let mut others: &[_] = &[];
        if is_note(&located) {
            let all = &notes[&located.finding.code];
            if !std::ptr::eq(all[0], located) {
                continue;
            }
            others = &all[1..];
        }
        write_finding(report, located, others, &renderer, out)?;
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
    others: &[&Located<'_>],
    renderer: &Renderer,
    out: &mut dyn Write,
) -> io::Result<()> {
    let finding = located.finding;
    let title = level(finding.severity)
        .primary_title(visible(&finding.message))
        .id(finding.code.name());
    let title = if report.has_links {
        title.id_url(code_pages::url(finding.code))
    } else {
        title
    };
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
    if !others.is_empty() {
        let places = visible(&other_places(report, others)).into_owned();
        group = group.element(Level::NOTE.message(places));
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
        let place = format!("{name}:{}:{}", start.line, start.column);
        match link(report, excerpt.file) {
            Some(url) => write!(out, "\x1b]8;;{url}\x1b\\{place}\x1b]8;;\x1b\\")?,
            None => write!(out, "{place}")?,
        }
        let counted = |character: char| character == ':' || character.is_ascii_digit();
        out.write_all(part.trim_start_matches(counted).as_bytes())?;
    }
    writeln!(out)
}

/// Where else there is a note of one kind.
fn other_places(report: &Report<'_>, others: &[&Located<'_>]) -> String {
    /// So many places are named.
    const MOST: usize = 3;
    let named = others.iter().take(MOST).map(|other| {
        let (name, start) = (report.name(other.span.file), other.span.start);
        format!("{name}:{}:{}", start.line, start.column)
    });
    let named = named.collect::<Vec<_>>().join(", ");
    match others.len().saturating_sub(MOST) {
        0 => format!("the same at {named}"),
        1 => format!("the same at {named} and 1 more place; `--format concise` has all"),
        more => format!("the same at {named} and {more} more places; `--format concise` has all"),
    }
}

/// Where a place leads in a terminal that knows links: to its file.
fn link(report: &Report<'_>, file: FileId) -> Option<String> {
    let path = report
        .sources
        .get(file)
        .path()
        .filter(|_| report.has_links)?;
    Some(uri(&path.canonicalize().ok()?.to_string_lossy()))
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
