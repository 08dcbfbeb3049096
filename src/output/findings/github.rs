//! Findings as GitHub's workflows take them: commands that mark lines of a pull request, and a summary of the step.

use std::fmt::Write as _;
use std::io::{self, Write};

use super::{Located, Report};
use crate::finding::Severity;
use crate::output::harmless::{command_data, command_property, markdown};

/// GitHub takes no more than 1 MiB of summary for a step; the rest is in the log anyhow.
const MOST_ROWS: usize = 500;

/// Writes a workflow command for each finding: `::error file=…,line=…::message`.
///
/// # Errors
///
/// If `out` cannot be written to.
pub fn github(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    for located in &report.findings {
        let (finding, span) = (located.finding, &located.span);
        let command = match finding.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Note => "notice",
        };
        let file = command_property(report.name(span.file));
        write!(out, "::{command} file={file}")?;
        let (start, end) = (span.start, span.end);
        if !span.is_file && start.line == end.line {
            let (line, from, to) = (start.line, start.column, end.column);
            write!(out, ",line={line},col={from},endLine={line},endColumn={to}")?;
        } else if !span.is_file {
            // GitHub refuses columns where the lines differ.
            write!(out, ",line={},endLine={}", start.line, end.line)?;
        }
        let title = command_property(finding.code.name());
        writeln!(
            out,
            ",title={title}::{}",
            command_data(&message(report, located))
        )?;
    }
    Ok(())
}

/// The message, the other places and the remedy, a line for each.
pub(super) fn message(report: &Report<'_>, located: &Located<'_>) -> String {
    let mut message = located.finding.message.clone();
    for (label, span) in &located.labels {
        let (name, start) = (report.name(span.file), span.start);
        let _ = write!(
            message,
            "\n{} at {name}:{}:{}",
            label.message, start.line, start.column
        );
    }
    if let Some(help) = &located.finding.help {
        let _ = write!(message, "\n{help}");
    }
    message
}

/// Writes a summary in Markdown, for the file that `GITHUB_STEP_SUMMARY` names.
///
/// # Errors
///
/// If `out` cannot be written to.
pub fn step_summary(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let files = match report.files.len() {
        1 => "1 file".to_owned(),
        files => format!("{files} files"),
    };
    let counts = report.counts().in_words();
    writeln!(out, "### Presence rules: {counts} in {files}\n")?;
    if report.findings.is_empty() {
        return Ok(());
    }
    writeln!(out, "| severity | code | place | finding |")?;
    writeln!(out, "|---|---|---|---|")?;
    for located in report.findings.iter().take(MOST_ROWS) {
        let (finding, span) = (located.finding, &located.span);
        let mut place = report.name(span.file).to_owned();
        if !span.is_file {
            let _ = write!(place, ":{}:{}", span.start.line, span.start.column);
        }
        writeln!(
            out,
            "| {} | `{}` | {} | {} |",
            finding.severity,
            finding.code,
            markdown(&place),
            markdown(&message(report, located))
        )?;
    }
    if let Some(more @ 1..) = report.findings.len().checked_sub(MOST_ROWS) {
        writeln!(out, "\nand {more} more")?;
    }
    writeln!(out)
}
