//! Findings as a `JUnit` report, which most build servers show.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{self, Write};

use super::{Located, Report};
use crate::finding::Severity;
use crate::output::harmless::xml;
use crate::source::FileId;

/// Writes a test suite for each file, with a failed test case for each error in it, or one that passed. Warnings and
/// notes fail nothing: they are what the suite has printed.
///
/// # Errors
///
/// If `out` cannot be written to.
pub fn junit(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let mut suites: BTreeMap<FileId, Vec<&Located<'_>>> =
        (report.files.iter().map(|file| (*file, Vec::new()))).collect();
    for located in &report.findings {
        suites.entry(located.span.file).or_default().push(located);
    }
    let failures = report.counts().errors;
    let passed = (suites.values())
        .filter(|findings| !findings.iter().any(|located| is_failure(located)))
        .count();
    writeln!(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>")?;
    writeln!(
        out,
        "<testsuites name=\"presence-router check\" tests=\"{}\" failures=\"{failures}\" errors=\"0\">",
        failures + passed
    )?;
    for (file, findings) in &suites {
        suite(report, *file, findings, out)?;
    }
    writeln!(out, "</testsuites>")
}

fn is_failure(located: &Located<'_>) -> bool {
    located.finding.severity == Severity::Error
}

fn suite(
    report: &Report<'_>,
    file: FileId,
    findings: &[&Located<'_>],
    out: &mut dyn Write,
) -> io::Result<()> {
    let name = xml(report.name(file));
    let (failed, printed): (Vec<&Located<'_>>, Vec<_>) =
        findings.iter().partition(|f| is_failure(f));
    let (tests, failures) = (failed.len().max(1), failed.len());
    writeln!(
        out,
        "  <testsuite name=\"{name}\" tests=\"{tests}\" failures=\"{failures}\" errors=\"0\" skipped=\"0\">"
    )?;
    if failed.is_empty() {
        writeln!(out, "    <testcase name=\"check\" classname=\"{name}\"/>")?;
    }
    for located in failed {
        let (finding, line) = (located.finding, located.span.start.line);
        let title = if located.span.is_file {
            finding.code.to_string()
        } else {
            format!("{} at {line}:{}", finding.code, located.span.start.column)
        };
        writeln!(out, "    <testcase name=\"{title}\" classname=\"{name}\">")?;
        writeln!(
            out,
            "      <failure type=\"{}\" message=\"{}\">{}</failure>",
            finding.code,
            xml(&finding.message),
            xml(&text(report, located))
        )?;
        writeln!(out, "    </testcase>")?;
    }
    if !printed.is_empty() {
        let lines: Vec<_> = printed
            .iter()
            .map(|located| text(report, located))
            .collect();
        writeln!(
            out,
            "    <system-out>{}</system-out>",
            xml(&lines.join("\n"))
        )?;
    }
    writeln!(out, "  </testsuite>")
}

/// The finding as `concise` writes it, with its other places and remedy on lines of their own.
fn text(report: &Report<'_>, located: &Located<'_>) -> String {
    let (finding, start) = (located.finding, located.span.start);
    let mut text = report.name(located.span.file).to_owned();
    if !located.span.is_file {
        let _ = write!(text, ":{}:{}", start.line, start.column);
    }
    let (severity, code) = (finding.severity, finding.code);
    let _ = write!(text, ": {severity}[{code}]: {}", finding.message);
    for (label, span) in &located.labels {
        let (name, start) = (report.name(span.file), span.start);
        let (line, column) = (start.line, start.column);
        let _ = write!(text, "\n{} at {name}:{line}:{column}", label.message);
    }
    if let Some(help) = &finding.help {
        let _ = write!(text, "\nhelp: {help}");
    }
    text
}
