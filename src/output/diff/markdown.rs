//! A page for a comment on a change, or for the summary of a step.

use std::io::{self, Write};

use super::super::harmless::markdown as harmless;
use super::{Report, full};

/// Writes what the change does as Markdown: all that people read on a terminal, between fences.
///
/// # Errors
///
/// If `out` cannot be written to.
pub(crate) fn markdown(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let mut text = anstream::StripStream::new(Vec::new());
    full(report, &mut text)?;
    let text = String::from_utf8_lossy(&text.into_inner()).into_owned();
    // A fence is longer than any that stands in the text.
    let longest = text.split(|character| character != '`').map(str::len).max();
    let fence = "`".repeat(longest.unwrap_or_default().max(2) + 1);
    // The verdict comes last there, and first here.
    let text = text.trim_end();
    let (differences, verdict) = text.rsplit_once('\n').unwrap_or(("", text));
    writeln!(out, "### Presence rules: {}\n", harmless(verdict))?;
    if !differences.trim().is_empty() {
        writeln!(out, "{fence}text\n{}\n{fence}", differences.trim())?;
    }
    Ok(())
}
