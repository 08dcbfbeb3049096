//! For GitHub's workflows: commands that mark lines of a pull request.

use std::io::{self, Write};

use super::super::harmless::{command_data, command_property};
use super::full::{others, sentence};
use super::{Report, Rule, more, named};
use crate::diff::Which;

/// Writes a workflow command for each difference, at the rule that does it, or, where only the old rules do, at the new
/// rule that keeps it from happening, if there is one.
///
/// # Errors
///
/// If `out` cannot be written to.
pub(crate) fn github(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let comparison = report.comparison;
    for (difference, placed) in comparison.differences.iter().zip(&report.differences) {
        let (title, rule) = match difference.only_in {
            Which::New => ("added", &placed.rule),
            Which::Old => ("removed", placed.blame.first().unwrap_or(&placed.rule)),
        };
        let mut what = sentence(difference);
        for line in others(difference) {
            what.push_str("; ");
            what.push_str(&line);
        }
        let message = match difference.only_in {
            Which::New => format!("from now on, {what}"),
            Which::Old => format!("no more: {what}"),
        };
        command("warning", rule, title, &message, out)?;
    }
    for which in [Which::Old, Which::New] {
        if let Some(more) = more(comparison, which) {
            writeln!(out, "::warning title=more::{}", command_data(&more))?;
        }
    }
    for (open, rule) in comparison.undecided.iter().zip(&report.undecided) {
        let message = format!(
            "undecided for the {} rules: {}",
            named(open.which),
            open.undecided
        );
        command("notice", rule, "undecided", &message, out)?;
    }
    Ok(())
}

fn command(
    command: &str,
    rule: &Rule,
    title: &str,
    message: &str,
    out: &mut dyn Write,
) -> io::Result<()> {
    let (file, message) = (command_property(&rule.file), command_data(message));
    let (line, column) = (rule.line, rule.column);
    writeln!(
        out,
        "::{command} file={file},line={line},col={column},title={title}::{message}"
    )
}
