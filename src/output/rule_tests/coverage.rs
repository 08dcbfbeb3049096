//! Coverage for people.

use std::io::{self, Write};

use anstyle::{AnsiColor, Style};

use super::share;
use crate::output::harmless::visible;
use crate::pattern::shortened;
use crate::rule_tests::{Coverage, PointKind, Share};

const GOOD: Style = AnsiColor::Green.on_default().bold();
const BAD: Style = AnsiColor::Red.on_default().bold();

/// Writes how much of each file the cases exercised, by kind, and then what they did not.
///
/// # Errors
///
/// If `out` cannot be written to.
pub fn coverage(coverage: &Coverage, out: &mut dyn Write) -> io::Result<()> {
    let heads = ["file", "routes", "interests", "blocks", "patterns", "all"];
    let mut rows = vec![heads.map(str::to_owned)];
    let row = |name: &str, points: &[&crate::rule_tests::CoveredPoint]| {
        let of = |wanted: fn(&PointKind) -> bool| {
            let points = points.iter().copied().filter(|point| wanted(&point.kind));
            let share = Share::of(points);
            format!("{}/{}", share.covered, share.all)
        };
        [
            visible(name).into_owned(),
            of(|kind| matches!(kind, PointKind::Route(_))),
            of(|kind| matches!(kind, PointKind::Interest(_))),
            of(|kind| matches!(kind, PointKind::Block(_))),
            of(|kind| matches!(kind, PointKind::Item { .. })),
            format!("{}%", Share::of(points.iter().copied()).percent()),
        ]
    };
    for file in &coverage.files {
        rows.push(row(&file.name, &file.points.iter().collect::<Vec<_>>()));
    }
    if coverage.files.len() > 1 {
        let all: Vec<_> = coverage.points().map(|(_, point)| point).collect();
        rows.push(row("all", &all));
    }
    let width = |column: usize| {
        let cells = rows.iter().map(|row| row[column].chars().count());
        cells.max().unwrap_or(0)
    };
    let widths: Vec<_> = (0..heads.len()).map(width).collect();
    writeln!(out)?;
    for [name, numbers @ ..] in &rows {
        write!(out, "{name:<width$}", width = widths[0])?;
        for (number, width) in numbers.iter().zip(&widths[1..]) {
            write!(out, "  {number:>width$}")?;
        }
        writeln!(out)?;
    }
    missing(coverage, out)?;
    let total = coverage.total();
    let style = if total.covered == total.all {
        GOOD
    } else {
        BAD
    };
    writeln!(out, "\ncoverage: {style}{}{style:#}", share(total))
}

/// Writes what no case exercised, with its place. Nothing if there is none.
///
/// # Errors
///
/// If `out` cannot be written to.
pub fn missing(coverage: &Coverage, out: &mut dyn Write) -> io::Result<()> {
    let missing: Vec<_> = coverage
        .points()
        .filter(|(_, point)| point.hits == 0)
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    writeln!(out, "\nno case exercises")?;
    for (file, point) in missing {
        let (line, column) = (point.place.line, point.place.column);
        let noun = point.kind.noun();
        let what = match (&point.kind, point.kind.name()) {
            (PointKind::Item { .. }, _) | (_, Some(_)) => {
                format!("{noun} {}", shortened(&point.text))
            }
            (_, None) => format!("{noun} without a name"),
        };
        writeln!(
            out,
            "  {}:{line}:{column}: {}",
            visible(file),
            visible(&what)
        )?;
    }
    Ok(())
}
