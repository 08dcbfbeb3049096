//! How much of the rules the cases exercise.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use super::points::{Point, PointKind};
use super::suite::Suite;
use crate::finding::Location;
use crate::source::{Place, Source, Span};

/// What cases exercised, over all suites. A rule file that several suites have is one.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct Coverage {
    /// The rule files, in the order in which they were loaded.
    pub files: Vec<CoveredFile>,
}

/// A rule file.
#[derive(Debug)]
pub struct CoveredFile {
    /// Its name.
    pub name: String,
    /// Its rules, and the items of their user sets, by their places.
    pub(crate) points: Vec<CoveredPoint>,
}

/// A rule or an item.
#[derive(Debug)]
pub(crate) struct CoveredPoint {
    /// What it is.
    pub(crate) kind: PointKind,
    /// Where it stands: a rule where its name does, if it has one.
    pub place: Place,
    /// As it is written, on one line.
    pub text: String,
    /// How many cases exercised it.
    pub(crate) hits: usize,
}

impl Coverage {
    pub(super) fn new(
        suites: &[Suite],
        counted: impl Iterator<Item = (Vec<Point>, Vec<usize>)>,
    ) -> Self {
        let mut coverage = Self::default();
        // Where each file stands in `files`, and each point in it.
        let mut files: HashMap<PathBuf, usize> = HashMap::new();
        let mut points: HashMap<(usize, Span), usize> = HashMap::new();
        let usable = suites.iter().filter(|suite| suite.router.is_some());
        for (suite, (all, counts)) in usable.zip(counted) {
            for (point, hits) in all.into_iter().zip(counts) {
                let place = location(&point).place(&suite.rules.sources);
                let source = suite.rules.sources.get(point.file);
                let name = source.name();
                let path = Path::new(name);
                let real = path.canonicalize().unwrap_or_else(|_| path.to_owned());
                let file = *files.entry(real).or_insert_with(|| {
                    coverage.files.push(CoveredFile {
                        name: name.to_owned(),
                        points: Vec::new(),
                    });
                    coverage.files.len() - 1
                });
                let covered = &mut coverage.files[file].points;
                let index = *points.entry((file, point.at)).or_insert_with(|| {
                    covered.push(CoveredPoint {
                        text: text(source, &place),
                        kind: point.kind,
                        place,
                        hits: 0,
                    });
                    covered.len() - 1
                });
                covered[index].hits += hits;
            }
        }
        for file in &mut coverage.files {
            file.points.sort_by_key(|point| point.place.range.start);
        }
        coverage
    }

    /// Every point, with the name of its file.
    pub(crate) fn points(&self) -> impl Iterator<Item = (&str, &CoveredPoint)> {
        (self.files.iter()).flat_map(|file| {
            let points = file.points.iter();
            points.map(|point| (file.name.as_str(), point))
        })
    }

    /// How many points there are, and how many of them were exercised.
    pub(crate) fn total(&self) -> Share {
        Share::of(self.points().map(|(_, point)| point))
    }
}

/// A part of a whole.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Share {
    /// How many there are.
    pub all: usize,
    /// How many of them were exercised.
    pub(crate) covered: usize,
}

impl Share {
    /// The share of these points that was exercised.
    pub fn of<'p>(points: impl Iterator<Item = &'p CoveredPoint>) -> Self {
        let mut share = Self::default();
        for point in points {
            share.all += 1;
            share.covered += usize::from(point.hits > 0);
        }
        share
    }

    /// In percent, rounded down, so that 100 means all. Of nothing, all is covered.
    pub(crate) fn percent(self) -> usize {
        (self.covered * 100).checked_div(self.all).unwrap_or(100)
    }
}

impl PointKind {
    /// The name of a rule, if it is one and has one.
    pub fn name(&self) -> Option<&str> {
        match self {
            Self::Route(rule) | Self::Interest(rule) | Self::Block(rule) => rule.name.as_deref(),
            Self::Item { .. } => None,
        }
    }

    /// What to call it.
    pub(crate) fn noun(&self) -> &'static str {
        match self {
            Self::Route(_) => "route",
            Self::Interest(_) => "interest",
            Self::Block(_) => "block",
            Self::Item {
                excludes: false, ..
            } => "pattern",
            Self::Item { excludes: true, .. } => "exclusion",
        }
    }
}

/// A rule stands where its name does: the rest of it has points of its own.
fn location(point: &Point) -> Location {
    let at = match &point.kind {
        PointKind::Route(rule) | PointKind::Interest(rule) | PointKind::Block(rule) => {
            rule.shown_at
        }
        PointKind::Item { .. } => point.at,
    };
    Location::part(point.file, at)
}

fn text(source: &Source, place: &Place) -> String {
    let text = &source.text()[place.range.clone()];
    text.lines().next().unwrap_or_default().trim().to_owned()
}
