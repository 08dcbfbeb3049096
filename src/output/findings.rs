//! Findings as text.

use std::io::{self, Write};

use anstyle::{AnsiColor, Style};

use crate::finding::{Finding, Severity};
use crate::rules::locate::places;
use crate::source::Sources;

/// Writes a line for each finding: `FILE:LINE:COLUMN: error[code]: message`, and after that the remedy. Colours come
/// as ANSI sequences, which the writer may strip.
///
/// # Errors
///
/// If `out` cannot be written to.
pub fn concise(findings: &[Finding], sources: &Sources, out: &mut dyn Write) -> io::Result<()> {
    let locations: Vec<_> = findings.iter().map(|finding| &finding.location).collect();
    for (finding, place) in findings.iter().zip(places(sources, &locations)) {
        let name = sources.get(finding.location.file).name();
        let style = style(finding.severity);
        write!(
            out,
            "{name}:{}:{}: {style}{}[{}]{style:#}: {}",
            place.line, place.column, finding.severity, finding.code, finding.message
        )?;
        let labels: Vec<_> = finding.labels.iter().map(|label| &label.location).collect();
        for (label, place) in finding.labels.iter().zip(places(sources, &labels)) {
            let name = sources.get(label.location.file).name();
            write!(
                out,
                "; {} at {name}:{}:{}",
                label.message, place.line, place.column
            )?;
        }
        match &finding.help {
            Some(help) => writeln!(out, "; {help}")?,
            None => writeln!(out)?,
        }
    }
    Ok(())
}

/// How many findings there are of each severity, in words: "2 errors and 1 warning".
pub fn count(findings: &[Finding]) -> String {
    let counted = [
        (Severity::Error, "error"),
        (Severity::Warning, "warning"),
        (Severity::Note, "note"),
    ];
    let parts: Vec<_> = (counted.into_iter())
        .map(|(severity, name)| {
            let of = |finding: &&Finding| finding.severity == severity;
            (findings.iter().filter(of).count(), name)
        })
        .filter(|(count, _)| *count > 0)
        .map(|(count, name)| format!("{count} {name}{}", if count == 1 { "" } else { "s" }))
        .collect();
    match parts.as_slice() {
        [] => "no findings".to_owned(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// How a severity looks.
pub(super) fn style(severity: Severity) -> Style {
    let color = match severity {
        Severity::Error => AnsiColor::Red,
        Severity::Warning => AnsiColor::Yellow,
        Severity::Note => AnsiColor::Cyan,
    };
    color.on_default().bold()
}
