//! Coverage as lcov's tracefiles have it, for `genhtml`, editors and CI. The format is described in the manual page
//! geninfo(1).
//!
//! A line counts as often as the point on it, and where several stand on a line, each is a branch. Rules are no
//! functions: lcov takes a function to go on until the next one, and to be called if one of its lines is, and neither
//! is true of rules.

use std::collections::BTreeMap;
use std::io::{self, Write};

use crate::output::harmless::visible;
use crate::rule_tests::{Coverage, CoveredFile, CoveredPoint};

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
    writeln!(out, "SF:{}", visible(&file.name))?;
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
            let hits = if touched {
                point.hits.to_string()
            } else {
                "-".to_owned()
            };
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
