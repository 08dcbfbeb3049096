//! Results of tests for people and for programs, a file for each format.

mod coverage;
mod full;
mod github;
mod json;
mod junit;
mod lcov;
mod tap;
mod words;

use crate::output::explain::Explained;
use crate::rule_tests::{
    Case, Coverage, Failure, Mismatch, Outcome, Results, Share, Status, Suite, TestFile, Why, why,
};
use crate::source::{Place, Source, Sources, Span};

pub use coverage::{coverage, missing};
pub use full::full;
pub use github::{github, step_summary};
pub use json::json;
pub use junit::junit;
pub use lcov::lcov;
pub use tap::tap;

/// Results with their places: what every format is made from.
#[derive(Debug)]
pub struct Report<'a> {
    files: &'a [TestFile],
    sources: &'a Sources,
    suites: &'a [Suite],
    results: &'a Results,
    ran: Vec<Ran<'a>>,
}

/// A case that ran.
#[derive(Debug)]
struct Ran<'a> {
    outcome: &'a Outcome,
    test: &'a TestFile,
    case: &'a Case,
    place: Place,
    failures: Vec<(&'a Failure, Place)>,
}

impl<'a> Report<'a> {
    /// Looks all places up. `sources` are the test files as text.
    pub fn new(
        files: &'a [TestFile],
        sources: &'a Sources,
        suites: &'a [Suite],
        results: &'a Results,
    ) -> Self {
        let ran = (results.outcomes.iter())
            .map(|outcome| {
                let test = &files[outcome.file];
                let case = &test.cases[outcome.case];
                let place = |at: Span| sources.get(test.file).place(at.range());
                Ran {
                    outcome,
                    test,
                    case,
                    place: place(case.at),
                    failures: (outcome.failures.iter())
                        .map(|failure| (failure, place(failure.at)))
                        .collect(),
                }
            })
            .collect();
        Self {
            files,
            sources,
            suites,
            results,
            ran,
        }
    }

    fn source(&self, test: &TestFile) -> &'a Source {
        self.sources.get(test.file)
    }

    fn name(&self, ran: &Ran<'_>) -> &'a str {
        self.source(ran.test).name()
    }

    /// What `explain` says of a failure, with the sources that it speaks of.
    fn why(&self, ran: &Ran<'_>, failure: &Failure) -> (Vec<Why>, &'a Sources) {
        let suite = &self.suites[ran.outcome.suite];
        let is_by = matches!(failure.mismatch, Mismatch::NotBy { .. });
        if is_by && ran.failures.len() > 1 {
            // Whatever else is wrong with the answer explains that as well.
            return (Vec::new(), &suite.rules.sources);
        }
        (why(suite, &ran.case.subject, failure), &suite.rules.sources)
    }

    /// The cases of each file that has some that ran, in the order of the files.
    fn by_file(&self) -> impl Iterator<Item = (&'a TestFile, Vec<&Ran<'a>>)> {
        let files = self.files.iter().enumerate();
        files.filter_map(|(index, test)| {
            let ran: Vec<_> = (self.ran.iter())
                .filter(|ran| ran.outcome.file == index)
                .collect();
            (!ran.is_empty()).then_some((test, ran))
        })
    }

    /// How many cases ended each way.
    pub(crate) fn counts(&self) -> Counts {
        Counts::of(self.results.outcomes.iter())
    }

    /// What came of the run, in words: "4 cases: 3 passed, 1 failed".
    pub fn summary(&self) -> String {
        words::summary(self.counts(), self.results)
    }
}

/// How many cases ended each way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    /// Those that were as expected.
    pub(crate) passed: usize,
    /// Those that were not.
    pub(crate) failed: usize,
    /// Those that were not, and are known to be so.
    pub(crate) todo: usize,
    /// Those that were as expected, and are called known not to be.
    pub(crate) todo_passed: usize,
}

impl Counts {
    fn of<'o>(outcomes: impl Iterator<Item = &'o Outcome>) -> Self {
        let mut counts = Self::default();
        for outcome in outcomes {
            match outcome.status {
                Status::Passed => counts.passed += 1,
                Status::Failed => counts.failed += 1,
                Status::Todo => counts.todo += 1,
                Status::TodoPassed => counts.todo_passed += 1,
            }
        }
        counts
    }

    /// All of them.
    pub fn all(self) -> usize {
        self.passed + self.failed + self.todo + self.todo_passed
    }
}

fn explained(why: &Why) -> Explained<'_> {
    match why {
        Why::Pair(pair) => Explained::Pair(pair),
        Why::Sent(sent) => Explained::Sent(sent),
        Why::Received(received) => Explained::Received(received),
    }
}

/// The key at whose value an expectation stands.
fn key(ran: &Ran<'_>, failure: &Failure) -> &'static str {
    match failure.mismatch {
        Mismatch::Exactly { .. } | Mismatch::Refuted { .. } | Mismatch::Undecided { .. } => {
            ran.case.exactly_key()
        }
        Mismatch::Missing { .. } => "includes",
        Mismatch::Unexpected { .. } => "excludes",
        Mismatch::NotBy { .. } => "by",
    }
}

/// A share in words: "9 of 10 (90%)".
fn share(share: Share) -> String {
    format!("{} of {} ({}%)", share.covered, share.all, share.percent())
}

/// Coverage that was collected.
fn covered<'r>(report: &Report<'r>) -> Option<&'r Coverage> {
    report.results.coverage.as_ref()
}
