//! Results for people: a line for each file, and each failure with its line and its reason.

use std::io::{self, Write};

use anstyle::{AnsiColor, Style};

use super::words::{details, title};
use super::{Counts, Ran, Report, explained};
use crate::output::harmless::visible;
use crate::pattern::shortened;
use crate::rule_tests::{Failure, Status};
use crate::source::{Place, Source};

const GOOD: Style = AnsiColor::Green.on_default().bold();
const BAD: Style = AnsiColor::Red.on_default().bold();
const ODD: Style = AnsiColor::Yellow.on_default().bold();
const FRAME: Style = AnsiColor::BrightBlue.on_default().bold();

/// Writes the files with their counts, and then each failure: where it is expected otherwise, what came, and why.
/// Colours come as ANSI sequences, which the writer may strip.
///
/// # Errors
///
/// If `out` cannot be written to.
pub fn full(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    for (test, ran) in report.by_file() {
        let counts = Counts::of(ran.iter().map(|ran| ran.outcome));
        let name = visible(report.source(test).name());
        let all = match counts.all() {
            1 => "1 case".to_owned(),
            all => format!("{all} cases"),
        };
        if counts.failed > 0 {
            writeln!(
                out,
                "{BAD}FAILED{BAD:#}  {name}: {} of {all}",
                counts.failed
            )?;
        } else {
            writeln!(out, "{GOOD}passed{GOOD:#}  {name}: {all}")?;
        }
        for ran in ran {
            todo(ran, &name, out)?;
        }
    }
    for ran in &report.ran {
        if ran.outcome.status == Status::Failed {
            case(report, ran, out)?;
        }
    }
    Ok(())
}

fn todo(ran: &Ran<'_>, name: &str, out: &mut dyn Write) -> io::Result<()> {
    let Some(reason) = &ran.case.todo else {
        return Ok(());
    };
    let (line, column) = (ran.place.line, ran.place.column);
    let case = visible(&ran.case.name);
    if ran.outcome.status == Status::TodoPassed {
        return writeln!(
            out,
            "{ODD}passes{ODD:#}  {name}:{line}:{column}: {case}: remove its `todo`"
        );
    }
    let reason = shortened(reason);
    let reason = visible(&reason);
    writeln!(
        out,
        "{ODD}to do{ODD:#}   {name}:{line}:{column}: {case}: {reason}"
    )
}

fn case(report: &Report<'_>, ran: &Ran<'_>, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "\n{BAD}failed{BAD:#}: {}", visible(&ran.case.name))?;
    for (failure, place) in &ran.failures {
        excerpt(report.source(ran.test), place, &title(ran, failure), out)?;
        let lines = details(failure);
        let width = lines.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
        for (name, text) in lines {
            writeln!(out, "  {name:>width$}: {text}")?;
        }
        reasons(report, ran, failure, out)?;
    }
    Ok(())
}

/// The line of an expectation, as compilers show it.
fn excerpt(source: &Source, place: &Place, title: &str, out: &mut dyn Write) -> io::Result<()> {
    let line = place.line;
    let margin = " ".repeat(line.to_string().len());
    let (name, column) = (visible(source.name()), place.column);
    let text = source.text()[source.line(line)].trim_end();
    writeln!(out, "{margin}{FRAME}-->{FRAME:#} {name}:{line}:{column}")?;
    writeln!(out, "{margin} {FRAME}|{FRAME:#}")?;
    writeln!(out, "{FRAME}{line} |{FRAME:#} {}", visible(&cut(text)))?;
    writeln!(out, "{margin} {FRAME}|{FRAME:#}")?;
    writeln!(out, "{margin} {FRAME}={FRAME:#} {title}")
}

/// A line that is not too long to read.
fn cut(line: &str) -> String {
    const MOST: usize = 120;
    match line.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line.to_owned(),
    }
}

fn reasons(
    report: &Report<'_>,
    ran: &Ran<'_>,
    failure: &Failure,
    out: &mut dyn Write,
) -> io::Result<()> {
    let (whys, sources) = report.why(ran, failure);
    for why in &whys {
        let mut tree = Vec::new();
        explained(why).tree(sources, &mut tree)?;
        writeln!(out)?;
        for line in String::from_utf8_lossy(&tree).lines() {
            if line.is_empty() {
                writeln!(out)?;
            } else {
                writeln!(out, "  {line}")?;
            }
        }
    }
    Ok(())
}
