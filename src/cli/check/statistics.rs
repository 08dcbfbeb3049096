//! `check --statistics`: how many findings there are of each code.

use std::collections::BTreeMap;
use std::io::{self, Write};

use crate::code_pages::CodePage;
use crate::finding::{Finding, Severity};

/// Writes a line for each code, the severest and most frequent first: how many, how severe, the code, and what it means.
pub fn write(findings: &[Finding], out: &mut dyn Write) -> io::Result<()> {
    let mut counts: BTreeMap<_, usize> = BTreeMap::new();
    for finding in findings {
        *counts.entry((finding.severity, finding.code)).or_default() += 1;
    }
    let mut counts: Vec<_> = counts.into_iter().collect();
    counts.sort_by_key(|((severity, code), count)| {
        let rank = match severity {
            Severity::Error => 0,
            Severity::Warning => 1,
            Severity::Note => 2,
        };
        (rank, usize::MAX - count, *code)
    });
    let widest = counts.iter().map(|((_, code), _)| code.name().len()).max();
    let width = widest.unwrap_or_default();
    for ((severity, code), count) in counts {
        let (severity, name) = (severity.to_string(), code.name());
        let summary = CodePage::of(code).summary;
        writeln!(out, "{count:5}  {severity:7}  {name:width$}  {summary}")?;
    }
    Ok(())
}
