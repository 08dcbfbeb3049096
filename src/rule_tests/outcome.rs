//! What came of running cases.

use std::collections::HashSet;

use super::coverage::Coverage;
use crate::proofs::Refutation;
use crate::source::Span;

/// What came of a run.
#[derive(Debug, Default)]
pub struct Results {
    /// The cases that ran, in the order of the files.
    pub outcomes: Vec<Outcome>,
    /// How many cases the filter left out.
    pub(crate) left_out: usize,
    /// How many cases did not run any more after one had failed.
    pub(crate) not_run: usize,
    /// What the cases exercised, if that was asked for.
    pub coverage: Option<Coverage>,
}

impl Results {
    /// Whether nothing failed but claims that could not be decided.
    pub(crate) fn is_only_undecided(&self) -> bool {
        let failed = (self.outcomes.iter()).filter(|outcome| outcome.status == Status::Failed);
        let mut mismatches = failed.flat_map(|outcome| &outcome.failures);
        mismatches.all(|failure| matches!(failure.mismatch, Mismatch::Undecided { .. }))
    }
}

/// What came of a case.
#[derive(Debug)]
pub struct Outcome {
    /// The suite, by its index.
    pub(crate) suite: usize,
    /// The test file, by its index.
    pub file: usize,
    /// The case, by its index in the file.
    pub case: usize,
    /// How it ended.
    pub status: Status,
    /// What is not as expected; nothing if the case passed.
    pub(crate) failures: Vec<Failure>,
}

/// How a case ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Status {
    /// As expected.
    Passed,
    /// Not as expected.
    Failed,
    /// Not as expected, and known to be so.
    Todo,
    /// As expected, although it is called known to fail.
    TodoPassed,
}

/// Something that is not as expected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Failure {
    /// Where the expectation stands.
    pub(crate) at: Span,
    /// What is expected and is not so.
    pub(crate) mismatch: Mismatch,
}

/// How an answer differs from what is expected.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Mismatch {
    /// `recipients` or `interested`.
    Exactly {
        /// The whole answer as expected.
        expected: Answer,
        /// The answer.
        got: Answer,
        /// Who is expected, and not in the answer.
        missing: Vec<String>,
        /// Who is in the answer, and not expected.
        unexpected: Vec<String>,
    },
    /// `includes`: these are not in the answer.
    Missing {
        /// Who is expected, and not in the answer.
        missing: Vec<String>,
        /// The answer.
        got: Answer,
    },
    /// `excludes`: these are in the answer.
    Unexpected {
        /// Who is in the answer, and must not be.
        unexpected: Vec<String>,
        /// The answer.
        got: Answer,
    },
    /// `by`: this rule does not decide.
    NotBy {
        /// The rule.
        rule: String,
        /// The rules that do, by name.
        decided: Vec<String>,
    },
    /// A claim does not hold.
    Refuted {
        /// Two users of whom it does not hold.
        witness: Refutation,
        /// The rules that make it so, by name, each with its place.
        rules: Vec<String>,
    },
    /// Whether a claim holds was not decided.
    Undecided {
        /// Why not.
        reason: String,
    },
}

/// Who gets an update, or whose presence a user may see.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Answer {
    /// Everyone's.
    All,
    /// These users.
    Users(Vec<String>),
}

impl Answer {
    /// The users, as far as they are listed.
    pub fn users(&self) -> &[String] {
        match self {
            Self::All => &[],
            Self::Users(users) => users,
        }
    }
}

/// How an answer differs from the whole answer that is expected. The order does not matter.
pub(super) fn differences(expected: Answer, got: &Answer) -> Option<Mismatch> {
    let (missing, unexpected) = match (&expected, got) {
        (Answer::All, Answer::All) => return None,
        (Answer::Users(expected), Answer::Users(got)) => {
            let without = |these: &[String], those: &[String]| -> Vec<String> {
                let those: HashSet<_> = those.iter().collect();
                these
                    .iter()
                    .filter(|user| !those.contains(user))
                    .cloned()
                    .collect()
            };
            let (missing, unexpected) = (without(expected, got), without(got, expected));
            if missing.is_empty() && unexpected.is_empty() {
                return None;
            }
            (missing, unexpected)
        }
        _ => (Vec::new(), Vec::new()),
    };
    Some(Mismatch::Exactly {
        expected,
        got: got.clone(),
        missing,
        unexpected,
    })
}
