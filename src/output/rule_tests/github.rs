//! Results as GitHub's workflows take them: commands that mark lines of a pull request, and a summary of the step.

use std::fmt::Write as _;
use std::io::{self, Write};

use super::words::{details, title};
use super::{Ran, Report, covered, share};
use crate::output::harmless::{command_data, command_property, markdown};
use crate::rule_tests::{Coverage, Failure, Status};

/// GitHub takes no more than 1 MiB of summary for a step; the rest is in the log anyhow.
const MOST_ROWS: usize = 500;

/// Writes a workflow command for each failure: `::error file=…,line=…::message`. What no case exercised becomes a
/// notice, if coverage was collected.
///
/// # Errors
///
/// If `out` cannot be written to.
pub fn github(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    for ran in &report.ran {
        let file = command_property(report.name(ran));
        let name = command_property(&ran.case.name);
        match ran.outcome.status {
            Status::Passed | Status::Todo => {}
            Status::TodoPassed => {
                let line = ran.place.line;
                let message = "this case passes: remove its `todo`";
                writeln!(
                    out,
                    "::notice file={file},line={line},title={name}::{message}"
                )?;
            }
            Status::Failed => {
                for (failure, place) in &ran.failures {
                    let (line, column) = (place.line, place.column);
                    let message = command_data(&message(ran, failure));
                    writeln!(
                        out,
                        "::error file={file},line={line},col={column},title={name}::{message}"
                    )?;
                }
            }
        }
    }
    let points = covered(report).into_iter().flat_map(Coverage::points);
    for (file, point) in points.filter(|(_, point)| point.hits == 0) {
        let (file, line) = (command_property(file), point.place.line);
        let what = point.kind.noun();
        writeln!(
            out,
            "::notice file={file},line={line},title=coverage::no case exercises this {what}"
        )?;
    }
    Ok(())
}

fn message(ran: &Ran<'_>, failure: &Failure) -> String {
    let mut message = title(ran, failure);
    for (name, text) in details(failure) {
        let _ = write!(message, "\n{name}: {text}");
    }
    message
}

/// Writes a summary in Markdown, for the file that `GITHUB_STEP_SUMMARY` names.
///
/// # Errors
///
/// If `out` cannot be written to.
pub fn step_summary(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "### Presence rules: {}\n", report.summary())?;
    if let Some(coverage) = covered(report) {
        writeln!(out, "Coverage: {}\n", share(coverage.total()))?;
    }
    let failures: Vec<_> = (report.ran.iter())
        .filter(|ran| ran.outcome.status == Status::Failed)
        .flat_map(|ran| ran.failures.iter().map(move |failure| (ran, failure)))
        .collect();
    if failures.is_empty() {
        return Ok(());
    }
    writeln!(out, "| case | place | failure |")?;
    writeln!(out, "|---|---|---|")?;
    for (ran, (failure, place)) in failures.iter().take(MOST_ROWS) {
        let place = format!("{}:{}:{}", report.name(ran), place.line, place.column);
        writeln!(
            out,
            "| {} | {} | {} |",
            markdown(&ran.case.name),
            markdown(&place),
            markdown(&message(ran, failure))
        )?;
    }
    if let Some(more @ 1..) = failures.len().checked_sub(MOST_ROWS) {
        writeln!(out, "\nand {more} more")?;
    }
    writeln!(out)
}
