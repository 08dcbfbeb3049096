//! Findings as text, a line for each.

use std::io::{self, Write};

use anstyle::{AnsiColor, Style};

use super::Report;
use crate::finding::Severity;
use crate::output::harmless::visible;

/// Writes a line for each finding: `FILE:LINE:COLUMN: error[code]: message`, and after that the remedy. Colours come
/// as ANSI sequences, which the writer may strip.
///
/// # Errors
///
/// If `out` cannot be written to.
pub fn concise(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    lines(report, style, out)
}

/// The same lines, without colours.
pub fn plain(report: &Report<'_>) -> String {
    let mut text = Vec::new();
    lines(report, |_| Style::new(), &mut text).expect("memory takes all");
    String::from_utf8(text).expect("it is put together from texts")
}

fn lines(report: &Report<'_>, style: fn(Severity) -> Style, out: &mut dyn Write) -> io::Result<()> {
    for located in &report.findings {
        let (finding, start) = (located.finding, located.span.start);
        let name = visible(report.name(located.span.file));
        let style = style(finding.severity);
        write!(
            out,
            "{name}:{}:{}: {style}{}[{}]{style:#}: {}",
            start.line,
            start.column,
            finding.severity,
            finding.code,
            visible(&finding.message)
        )?;
        for (label, span) in &located.labels {
            let name = visible(report.name(span.file));
            write!(
                out,
                "; {} at {name}:{}:{}",
                visible(&label.message),
                span.start.line,
                span.start.column
            )?;
        }
        match &finding.help {
            Some(help) => writeln!(out, "; {}", visible(help))?,
            None => writeln!(out)?,
        }
    }
    Ok(())
}

/// How the word for a severity is coloured, here and wherever a message has one.
pub fn style(severity: Severity) -> Style {
    let color = match severity {
        Severity::Error => AnsiColor::Red,
        Severity::Warning => AnsiColor::Yellow,
        Severity::Note => AnsiColor::Cyan,
    };
    color.on_default().bold()
}
