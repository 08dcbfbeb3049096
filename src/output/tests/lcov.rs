//! Coverage as lcov's tracefiles have it, for `genhtml`, editors and CI: rules are functions, and where several
//! patterns stand on a line, each is a branch. The format is described in the manual page geninfo(1).

use std::collections::BTreeMap;
use std::io::{self, Write};

use crate::cases::{Coverage, CoveredFile, CoveredPoint, PointKind};

/// Writes a section for each rule file. A file is named as it was loaded.
///
/// # Errors
///
/// If `out` cannot be written to.
pub fn lcov(coverage: &Coverage, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "TN:")?;
    for file in &coverage.files {
        section(file, out)?;
    }
    Ok(())
}

fn section(file: &CoveredFile, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "SF:{}", file.name)?;
    let rules: Vec<_> = (file.points.iter())
        .filter(|point| !matches!(point.kind, PointKind::Item { .. }))
        .collect();
    for rule in &rules {
        writeln!(out, "FN:{},{}", rule.place.line, name(rule))?;
    }
    for rule in &rules {
        writeln!(out, "FNDA:{},{}", rule.hits, name(rule))?;
    }
    if !rules.is_empty() {
        let hit = rules.iter().filter(|rule| rule.hits > 0).count();
        writeln!(out, "FNF:{}\nFNH:{hit}", rules.len())?;
    }
    let mut lines: BTreeMap<usize, Vec<&CoveredPoint>> = BTreeMap::new();
    for point in &file.points {
        lines.entry(point.place.line).or_default().push(point);
    }
    let (mut branches, mut taken) = (0, 0);
    for (line, points) in lines.iter().filter(|(_, points)| points.len() > 1) {
        let touched = points.iter().any(|point| point.hits > 0);
        for (index, point) in points.iter().enumerate() {
            branches += 1;
            taken += usize::from(point.hits > 0);
            // `-` is for branches of a line that was never come to.
            let hits = if touched { point.hits.to_string() } else { "-".to_owned() };
            writeln!(out, "BRDA:{line},0,{index},{hits}")?;
        }
    }
    if branches > 0 {
        writeln!(out, "BRF:{branches}\nBRH:{taken}")?;
    }
    let mut hit = 0;
    for (line, points) in &lines {
        let hits = points.iter().map(|point| point.hits).max().unwrap_or(0);
        hit += usize::from(hits > 0);
        writeln!(out, "DA:{line},{hits}")?;
    }
    writeln!(out, "LF:{}\nLH:{hit}\nend_of_record", lines.len())
}

/// A name for a rule that is the only one of its kind in the file.
fn name(rule: &CoveredPoint) -> String {
    let noun = rule.kind.noun();
    match rule.kind.name() {
        // What would end the name.
        Some(name) => format!("{noun} {}", name.replace([',', '\n', '\r'], " ")),
        None => format!("{noun} at line {}", rule.place.line),
    }
}
