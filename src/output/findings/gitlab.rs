//! Findings as a Code Quality report, which GitLab shows in merge requests.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::io::{self, Write};

use serde::Serialize;

use super::github::message;
use super::sarif::relative;
use super::{Located, Report};
use crate::finding::Severity;

#[derive(Serialize)]
struct Issue<'r> {
    description: String,
    check_name: &'static str,
    fingerprint: String,
    severity: &'static str,
    location: Location<'r>,
}

#[derive(Serialize)]
struct Location<'r> {
    path: &'r str,
    lines: Lines,
}

#[derive(Serialize)]
struct Lines {
    begin: usize,
    end: usize,
}

/// Writes one JSON array on one line, with an object for each finding.
///
/// # Errors
///
/// If `out` cannot be written to.
pub fn gitlab(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let mut seen: HashMap<u64, usize> = HashMap::new();
    let issues: Vec<_> = (report.findings.iter())
        .map(|located| {
            let identity = identity(report, located);
            let count = seen.entry(identity).or_default();
            *count += 1;
            Issue {
                description: message(report, located),
                check_name: located.finding.code.name(),
                fingerprint: format!("{identity:016x}{count:08x}"),
                severity: match located.finding.severity {
                    Severity::Error => "critical",
                    Severity::Warning => "minor",
                    Severity::Note => "info",
                },
                location: Location {
                    path: relative(report.name(located.span.file)),
                    lines: Lines {
                        begin: located.span.start.line,
                        end: located.span.end.line,
                    },
                },
            }
        })
        .collect();
    crate::output::json::write(&issues, out)?;
    writeln!(out)
}

/// What stays of a finding when lines come or go above it: GitLab tells by it which ones are new.
fn identity(report: &Report<'_>, located: &Located<'_>) -> u64 {
    let mut hasher = DefaultHasher::new();
    let finding = located.finding;
    let name = relative(report.name(located.span.file));
    (finding.code.name(), name, &finding.message).hash(&mut hasher);
    hasher.finish()
}
