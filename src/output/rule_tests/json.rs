//! Results as JSON, for programs of one's own. docs/testing.md says what the fields mean.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::value::RawValue;

use super::words::{status, title};
use super::{Ran, Report, covered, explained, key};
use crate::rule_tests::{Answer, Coverage, Failure, Mismatch};

const VERSION: u32 = 1;

#[derive(Serialize)]
struct Document<'r> {
    version: u32,
    cases: Vec<CaseEntry<'r>>,
    summary: Summary,
    coverage: Option<CoverageEntry<'r>>,
}

#[derive(Serialize)]
struct CaseEntry<'r> {
    name: &'r str,
    file: &'r str,
    line: usize,
    column: usize,
    status: &'static str,
    todo: Option<&'r str>,
    failures: Vec<FailureEntry<'r>>,
}

#[derive(Serialize)]
struct FailureEntry<'r> {
    key: &'static str,
    message: String,
    line: usize,
    column: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    expected: Option<Users<'r>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    got: Option<Users<'r>>,
    missing: &'r [String],
    unexpected: &'r [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    decided_by: Option<&'r [String]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    witness: Option<Witness<'r>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    undecided: Option<&'r str>,
    /// As `explain --format json` writes it.
    why: Vec<Box<RawValue>>,
}

/// A list of user IDs, or `"ALL"`.
#[derive(Serialize)]
#[serde(untagged)]
enum Users<'r> {
    All(&'static str),
    These(&'r [String]),
}

/// Two users of whom a claim does not hold.
#[derive(Serialize)]
struct Witness<'r> {
    sender: &'r str,
    recipient: &'r str,
    recipient_receives: bool,
    state: &'r str,
    currently_active: Option<bool>,
}

#[derive(Serialize)]
struct Summary {
    cases: usize,
    passed: usize,
    failed: usize,
    todo: usize,
    todo_passed: usize,
    not_run: usize,
    left_out: usize,
}

#[derive(Serialize)]
struct CoverageEntry<'r> {
    all: usize,
    covered: usize,
    percent: usize,
    points: Vec<PointEntry<'r>>,
}

#[derive(Serialize)]
struct PointEntry<'r> {
    kind: &'static str,
    name: Option<&'r str>,
    text: &'r str,
    file: &'r str,
    line: usize,
    column: usize,
    cases: usize,
}

/// Writes one JSON object on one line.
///
/// # Errors
///
/// If `out` cannot be written to.
pub fn json(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let counts = report.counts();
    let cases: io::Result<_> = report.ran.iter().map(|ran| case(report, ran)).collect();
    let document = Document {
        version: VERSION,
        cases: cases?,
        summary: Summary {
            cases: counts.all(),
            passed: counts.passed,
            failed: counts.failed,
            todo: counts.todo,
            todo_passed: counts.todo_passed,
            not_run: report.results.not_run,
            left_out: report.results.left_out,
        },
        coverage: covered(report).map(coverage),
    };
    crate::output::json::write(&document, out)?;
    writeln!(out)
}

fn case<'r>(report: &Report<'r>, ran: &'r Ran<'r>) -> io::Result<CaseEntry<'r>> {
    let failures: io::Result<_> = (ran.failures.iter())
        .map(|(it, place)| {
            let (whys, sources) = report.why(ran, it);
            let why: io::Result<_> = whys
                .iter()
                .map(|why| {
                    let mut json = Vec::new();
                    explained(why).json(sources, &mut json)?;
                    Ok(serde_json::from_slice(&json)?)
                })
                .collect();
            Ok(FailureEntry {
                line: place.line,
                column: place.column,
                why: why?,
                ..failure(ran, it)
            })
        })
        .collect();
    Ok(CaseEntry {
        name: &ran.case.name,
        file: report.name(ran),
        line: ran.place.line,
        column: ran.place.column,
        status: status(ran.outcome.status),
        todo: ran.case.todo.as_deref(),
        failures: failures?,
    })
}

fn failure<'r>(ran: &Ran<'_>, failure: &'r Failure) -> FailureEntry<'r> {
    let mut entry = FailureEntry {
        key: key(ran, failure),
        message: title(ran, failure),
        line: 0,
        column: 0,
        expected: None,
        got: None,
        missing: &[],
        unexpected: &[],
        decided_by: None,
        witness: None,
        undecided: None,
        why: Vec::new(),
    };
    match &failure.mismatch {
        Mismatch::Exactly {
            expected,
            got,
            missing,
            unexpected,
        } => {
            entry.expected = Some(users(expected));
            entry.got = Some(users(got));
            entry.missing = missing;
            entry.unexpected = unexpected;
        }
        Mismatch::Missing { missing, got } => {
            entry.got = Some(users(got));
            entry.missing = missing;
        }
        Mismatch::Unexpected { unexpected, got } => {
            entry.got = Some(users(got));
            entry.unexpected = unexpected;
        }
        Mismatch::NotBy { decided, .. } => entry.decided_by = Some(decided),
        Mismatch::Refuted { witness, rules } => {
            entry.witness = Some(Witness {
                sender: &witness.sender,
                recipient: &witness.recipient,
                recipient_receives: witness.recipient_receives,
                state: &witness.update.state,
                currently_active: witness.update.currently_active,
            });
            entry.decided_by = Some(rules);
        }
        Mismatch::Undecided { reason } => entry.undecided = Some(reason),
    }
    entry
}

fn users(answer: &Answer) -> Users<'_> {
    match answer {
        Answer::All => Users::All("ALL"),
        Answer::Users(users) => Users::These(users),
    }
}

fn coverage(coverage: &Coverage) -> CoverageEntry<'_> {
    let total = coverage.total();
    CoverageEntry {
        all: total.all,
        covered: total.covered,
        percent: total.percent(),
        points: (coverage.points())
            .map(|(file, point)| PointEntry {
                kind: point.kind.noun(),
                name: point.kind.name(),
                text: &point.text,
                file,
                line: point.place.line,
                column: point.place.column,
                cases: point.hits,
            })
            .collect(),
    }
}
