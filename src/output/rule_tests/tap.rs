//! Results in the Test Anything Protocol, version 14: <https://testanything.org/tap-version-14-specification.html>.

use std::io::{self, Write};

use super::words::{details, title};
use super::{Ran, Report};
use crate::output::harmless::visible;
use crate::output::json;
use crate::rule_tests::Status;

/// Writes a test point for each case, with the failures in its YAML block.
///
/// # Errors
///
/// If `out` cannot be written to.
pub fn tap(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "TAP version 14")?;
    writeln!(out, "1..{}", report.ran.len())?;
    for (index, ran) in report.ran.iter().enumerate() {
        let ok = match ran.outcome.status {
            Status::Passed | Status::TodoPassed => "ok",
            Status::Failed | Status::Todo => "not ok",
        };
        write!(out, "{ok} {} - {}", index + 1, escaped(&ran.case.name))?;
        if let Some(reason) = &ran.case.todo {
            write!(out, " # TODO {}", escaped(reason))?;
        }
        writeln!(out)?;
        if !ran.failures.is_empty() {
            diagnostics(report, ran, out)?;
        }
    }
    Ok(())
}

fn diagnostics(report: &Report<'_>, ran: &Ran<'_>, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "  ---")?;
    writeln!(out, "  failures:")?;
    for (failure, place) in &ran.failures {
        writeln!(out, "    - message: {}", json::quoted(&title(ran, failure)))?;
        writeln!(out, "      file: {}", json::quoted(report.name(ran)))?;
        writeln!(out, "      line: {}", place.line)?;
        writeln!(out, "      column: {}", place.column)?;
        for (name, text) in details(failure) {
            writeln!(
                out,
                "      {}: {}",
                name.replace(' ', "_"),
                json::quoted(&text)
            )?;
        }
    }
    writeln!(out, "  ...")
}

/// A description: `#` would start a directive.
fn escaped(text: &str) -> String {
    visible(text).replace('\\', "\\\\").replace('#', "\\#")
}
