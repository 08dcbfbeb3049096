//! Running cases: the router answers, and the answer is compared with what is expected.

use std::collections::{BTreeSet, HashSet};

use super::claims::Claims;
use super::coverage::Coverage;
use super::model::{Case, Exactly, Subject, TestFile};
use super::observe::{Asserted, Got, Observer};
use super::outcome::{Answer, Failure, Mismatch, Outcome, Results, Status, differences};
use super::points::{PointId, Points};
use super::sets::{Part, Sets};
use super::suite::Suite;
use crate::router::{CompileError, Interested, Router, Scratch};
use crate::rules::RuleSet;
use crate::user_id::UserId;

/// Which cases to run, and how.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Only cases whose name has this text in it, whatever its capitals.
    pub filter: Option<String>,
    /// Whether to stop after the first case that fails.
    pub fail_fast: bool,
    /// Whether to collect what the cases exercise.
    pub coverage: bool,
}

/// Runs the cases of all suites, in the order of the test files.
///
/// # Errors
///
/// If what a file expects is larger than a router can be.
pub fn run(
    files: &[TestFile],
    suites: &[Suite],
    options: &Options,
) -> Result<Results, CompileError> {
    let mut results = Results::default();
    let mut runners: Vec<_> = (suites.iter())
        .map(|suite| {
            let router = suite.router.as_ref()?;
            Some(Runner::new(
                &suite.rules.rule_set,
                router,
                suite.rules.known_users.is_some() || suite.assumed,
            ))
        })
        .collect();
    let mut claims: Vec<Option<Claims<'_>>> = suites.iter().map(|_| None).collect();
    let filter = options.filter.as_ref().map(|text| text.to_lowercase());
    let mut stopped = false;
    for (file, test) in files.iter().enumerate() {
        let suite = suites.iter().position(|suite| suite.files.contains(&file));
        let Some(suite) = suite else { continue };
        let Some(runner) = &mut runners[suite] else {
            continue;
        };
        let rules = &suites[suite].rules;
        let mut sets = Sets::new(test, &rules.rule_set, rules.known_users())?;
        for (index, case) in test.cases.iter().enumerate() {
            let is_wanted = |text: &String| case.name.to_lowercase().contains(text);
            if !filter.as_ref().is_none_or(is_wanted) {
                results.left_out += 1;
            } else if stopped {
                results.not_run += 1;
            } else {
                let (failures, marks) = match &case.subject {
                    Subject::Claim(property) => {
                        let claims =
                            claims[suite].get_or_insert_with(|| Claims::new(&suites[suite]));
                        (claims.failures(case, property), BTreeSet::new())
                    }
                    _ => runner.case(case, index, &mut sets, options.coverage),
                };
                let status = match (failures.is_empty(), &case.todo) {
                    (true, None) => Status::Passed,
                    (true, Some(_)) => Status::TodoPassed,
                    (false, None) => Status::Failed,
                    (false, Some(_)) => Status::Todo,
                };
                stopped = status == Status::Failed && options.fail_fast;
                if matches!(status, Status::Passed | Status::Failed) {
                    runner.count(&marks);
                }
                results.outcomes.push(Outcome {
                    suite,
                    file,
                    case: index,
                    status,
                    failures,
                });
            }
        }
    }
    if options.coverage {
        let counted = runners.into_iter().flatten().map(Runner::counted);
        results.coverage = Some(Coverage::new(suites, counted));
    }
    Ok(results)
}

/// Runs the cases about one rule set.
pub(super) struct Runner<'r> {
    router: &'r Router,
    scratch: Scratch,
    observer: Observer<'r>,
    /// For each point, how many cases exercised it.
    counts: Vec<usize>,
}

impl<'r> Runner<'r> {
    pub fn new(rule_set: &'r RuleSet, router: &'r Router, has_known_users: bool) -> Self {
        let points = Points::new(rule_set);
        Self {
            router,
            scratch: Scratch::default(),
            counts: vec![0; points.all.len()],
            observer: Observer::new(points, router, has_known_users),
        }
    }

    fn count(&mut self, marks: &BTreeSet<PointId>) {
        for point in marks {
            self.counts[point.0 as usize] += 1;
        }
    }

    fn counted(self) -> (Vec<super::Point>, Vec<usize>) {
        (self.observer.points.all, self.counts)
    }

    /// What is not as the case expects, and, if it is wanted, what decided.
    fn case(
        &mut self,
        case: &Case,
        index: usize,
        sets: &mut Sets,
        is_observed: bool,
    ) -> (Vec<Failure>, BTreeSet<PointId>) {
        let mut failures = Vec::new();
        let answer = self.answer(&case.subject);
        let in_answer: HashSet<&str> = answer.users().iter().map(String::as_str).collect();
        let is_in = |user: &str| answer == Answer::All || in_answer.contains(user);
        let mut asserted: Vec<String> = Vec::new();
        if let Some(written) = &case.exactly {
            let expected = match &written.value {
                Exactly::All => Answer::All,
                Exactly::Nobody => Answer::Users(Vec::new()),
                Exactly::Users(_) => Answer::Users(sets.enumerate(index, Part::Exactly)),
            };
            failures.extend(differences(expected, &answer).map(|mismatch| Failure {
                at: written.at,
                mismatch,
            }));
        }
        if let Some(written) = &case.includes {
            let mut missing = sets.enumerate(index, Part::Includes);
            asserted.extend_from_slice(&missing);
            missing.retain(|user| !is_in(user));
            if !missing.is_empty() {
                failures.push(Failure {
                    at: written.at,
                    mismatch: Mismatch::Missing {
                        missing,
                        got: answer.clone(),
                    },
                });
            }
        }
        if let Some(written) = &case.excludes {
            let named = sets.enumerate(index, Part::Excludes);
            let mut unexpected: Vec<String> = (answer.users().iter().chain(&named))
                .filter(|user| is_in(user))
                .filter(|user| {
                    let id = UserId::parse(user).expect("a router knows user IDs");
                    sets.holds(index, Part::Excludes, id)
                })
                .cloned()
                .collect();
            asserted.extend(named);
            let mut seen = HashSet::new();
            unexpected.retain(|user| seen.insert(user.clone()));
            // ALL holds even those whom nobody knows.
            if !unexpected.is_empty() || answer == Answer::All {
                failures.push(Failure {
                    at: written.at,
                    mismatch: Mismatch::Unexpected {
                        unexpected,
                        got: answer.clone(),
                    },
                });
            }
        }
        let mut marks = BTreeSet::new();
        if is_observed || !case.by.is_empty() {
            let by_parts = case.includes.is_some() || case.excludes.is_some();
            let asserted = match &case.exactly {
                None if by_parts => Asserted::Users(&asserted),
                _ => Asserted::Everyone,
            };
            marks = self.observe(&case.subject, &answer, &asserted);
            let decided = self.names(&marks);
            for by in &case.by {
                if !decided.contains(&by.value) {
                    failures.push(Failure {
                        at: by.at,
                        mismatch: Mismatch::NotBy {
                            rule: by.value.clone(),
                            decided: decided.clone(),
                        },
                    });
                }
            }
        }
        (failures, marks)
    }

    /// The router's answer.
    pub fn answer(&mut self, subject: &Subject) -> Answer {
        self.scratch.forget_made_users();
        let mut answer = Vec::new();
        match subject {
            // It is proven, and not asked.
            Subject::Claim(_) => {}
            Subject::User(user) => {
                let user = UserId::parse(user).expect("reading checked it");
                let seen = self.router.interested(user, &mut self.scratch);
                match seen.expect("the suite was checked") {
                    Interested::All(_) => return Answer::All,
                    Interested::Users(users) => {
                        let users = users.to_vec();
                        let name = |user| self.router.user(user, &self.scratch).to_owned();
                        answer.extend(users.into_iter().map(name));
                    }
                }
            }
            Subject::Updates(updates) => {
                let mut seen = HashSet::new();
                for sent in updates {
                    let recipients = self.recipients(sent);
                    answer.extend(
                        recipients
                            .into_iter()
                            .filter(|user| seen.insert(user.clone())),
                    );
                }
            }
        }
        Answer::Users(answer)
    }

    fn recipients(&mut self, sent: &super::Sent) -> Vec<String> {
        let sender = UserId::parse(&sent.sender).expect("reading checked it");
        let routing = self.router.routing().expect("the suite was checked");
        let active = sent.currently_active;
        let users = routing.route(sender, &sent.state, active, &mut self.scratch, &mut ());
        let users = users.to_vec();
        (users.into_iter())
            .map(|user| self.router.user(user, &self.scratch).to_owned())
            .collect()
    }

    /// What decided the answer, as far as it is asserted.
    pub(crate) fn observe(
        &mut self,
        subject: &Subject,
        answer: &Answer,
        asserted: &Asserted<'_>,
    ) -> BTreeSet<PointId> {
        let mut marks = BTreeSet::new();
        match (subject, answer) {
            (Subject::Claim(_), _) => {}
            (Subject::User(user), Answer::All) => {
                self.observer
                    .interested(user, &Got::All, asserted, &mut marks);
            }
            (Subject::User(user), Answer::Users(users)) => {
                let got = Got::Users(users);
                self.observer.interested(user, &got, asserted, &mut marks);
            }
            (Subject::Updates(updates), _) => {
                for sent in updates {
                    let got = self.recipients(sent);
                    self.observer.update(sent, &got, asserted, &mut marks);
                }
            }
        }
        marks
    }

    /// The names of the rules among these points.
    fn names(&self, marks: &BTreeSet<PointId>) -> Vec<String> {
        let points = &self.observer.points.all;
        let names = marks
            .iter()
            .filter_map(|mark| points[mark.0 as usize].kind.name());
        names.map(str::to_owned).collect()
    }
}
