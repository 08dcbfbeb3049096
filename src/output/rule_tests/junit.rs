//! Results as a `JUnit` report, which most build servers show.

use std::fmt::Write as _;
use std::io::{self, Write};

use super::words::{details, title};
use super::{Counts, Ran, Report, explained};
use crate::output::harmless::xml;
use crate::rule_tests::{Failure, Status};

/// Writes a test suite for each file, with a test case for each case. What is to do is skipped, with its reason.
///
/// # Errors
///
/// If `out` cannot be written to.
pub fn junit(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let all = report.counts();
    writeln!(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>")?;
    writeln!(
        out,
        "<testsuites name=\"presence-router test\" tests=\"{}\" failures=\"{}\" errors=\"0\">",
        all.all(),
        all.failed
    )?;
    for (test, ran) in report.by_file() {
        let counts = Counts::of(ran.iter().map(|ran| ran.outcome));
        let name = xml(report.source(test).name());
        writeln!(
            out,
            "  <testsuite name=\"{name}\" tests=\"{}\" failures=\"{}\" errors=\"0\" skipped=\"{}\">",
            counts.all(),
            counts.failed,
            counts.todo
        )?;
        for ran in ran {
            case(report, ran, &name, out)?;
        }
        writeln!(out, "  </testsuite>")?;
    }
    writeln!(out, "</testsuites>")
}

fn case(report: &Report<'_>, ran: &Ran<'_>, file: &str, out: &mut dyn Write) -> io::Result<()> {
    let name = xml(&ran.case.name);
    let line = ran.place.line;
    let head = format!(
        "    <testcase name=\"{name}\" classname=\"{file}\" file=\"{file}\" line=\"{line}\""
    );
    match ran.outcome.status {
        Status::Passed | Status::TodoPassed => writeln!(out, "{head}/>"),
        Status::Todo => {
            let reason = xml(ran.case.todo.as_deref().unwrap_or_default());
            writeln!(
                out,
                "{head}>\n      <skipped message=\"{reason}\"/>\n    </testcase>"
            )
        }
        Status::Failed => {
            writeln!(out, "{head}>")?;
            for (failure, place) in &ran.failures {
                let message = xml(&title(ran, failure));
                let place = format!("{}:{}:{}", report.name(ran), place.line, place.column);
                let text = xml(&text(report, ran, failure, &place)?);
                writeln!(out, "      <failure message=\"{message}\">{text}</failure>")?;
            }
            writeln!(out, "    </testcase>")
        }
    }
}

/// What `full` writes of a failure, without colours and without the line of the file.
fn text(report: &Report<'_>, ran: &Ran<'_>, failure: &Failure, place: &str) -> io::Result<String> {
    let mut text = format!("{place}: {}", title(ran, failure));
    for (name, line) in details(failure) {
        let _ = write!(text, "\n{name}: {line}");
    }
    let (whys, sources) = report.why(ran, failure);
    for why in &whys {
        let mut tree = Vec::new();
        explained(why).tree(sources, &mut tree)?;
        let tree = String::from_utf8_lossy(&tree).into_owned();
        let _ = write!(
            text,
            "\n\n{}",
            anstream::adapter::strip_str(tree.trim_end())
        );
    }
    Ok(text)
}
