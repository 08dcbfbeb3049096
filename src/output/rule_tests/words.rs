//! Failures in words.

use std::fmt::Write as _;

use super::{Counts, Ran, key};
use crate::output::harmless::visible;
use crate::pattern::shortened;
use crate::proofs::Refutation;
use crate::rule_tests::{Answer, Failure, Mismatch, Results, Status};

/// So many users are named; the others are counted.
const MOST_USERS: usize = 20;

/// What came of a run.
pub fn summary(counts: Counts, results: &Results) -> String {
    let all = counts.all();
    let cases = if all == 1 { "case" } else { "cases" };
    let mut parts: Vec<String> = Vec::new();
    for (count, what) in [
        (counts.passed, "passed"),
        (counts.failed, "failed"),
        (counts.todo, "to do"),
        (counts.todo_passed, "to do that passed"),
    ] {
        if count > 0 {
            parts.push(format!("{count} {what}"));
        }
    }
    let mut summary = format!("ran {all} {cases}: {}", parts.join(", "));
    if parts.is_empty() {
        summary = format!("ran {all} {cases}");
    }
    if results.not_run > 0 {
        let not_run = results.not_run;
        let _ = write!(summary, "; stopped at the first failure, {not_run} not run");
    }
    if results.left_out > 0 {
        let _ = write!(summary, "; {} left out by `--filter`", results.left_out);
    }
    summary
}

/// A status, as programs get it.
pub fn status(status: Status) -> &'static str {
    match status {
        Status::Passed => "passed",
        Status::Failed => "failed",
        Status::Todo => "todo",
        Status::TodoPassed => "todo-passed",
    }
}

/// What is wrong, on one line.
pub fn title(ran: &Ran<'_>, failure: &Failure) -> String {
    let key = key(ran, failure);
    match &failure.mismatch {
        Mismatch::Exactly {
            missing,
            unexpected,
            got,
            expected,
        } => match (missing.len(), unexpected.len()) {
            (0, 0) if *got == Answer::All => format!("`{key}` is ALL, and not these users"),
            (0, 0) if *expected == Answer::All => format!("`{key}` is not ALL"),
            (missing, 0) => format!("`{key}` lacks {}", users(missing)),
            (0, unexpected) => format!("`{key}` has {} too many", users(unexpected)),
            (missing, unexpected) => format!(
                "`{key}` lacks {}, and has {} too many",
                users(missing),
                users(unexpected)
            ),
        },
        Mismatch::Missing { missing, .. } => {
            format!("`{key}`: {} missing from the answer", are(missing.len()))
        }
        Mismatch::Unexpected { unexpected, .. } if unexpected.is_empty() => {
            format!("the answer is ALL, which holds those of `{key}` as well")
        }
        Mismatch::Unexpected { unexpected, .. } => {
            format!("`{key}`: {} in the answer", are(unexpected.len()))
        }
        Mismatch::NotBy { rule, .. } => format!(
            "`{}` does not decide this",
            visible(&shortened(rule)).into_owned()
        ),
        Mismatch::Refuted { witness, .. } => {
            let [sender, recipient] = [&witness.sender, &witness.recipient]
                .map(|user| visible(&shortened(user)).into_owned());
            let gets = if key == "always" {
                "does not get"
            } else {
                "gets"
            };
            format!("`{key}` does not hold: `{recipient}` {gets} the updates of `{sender}`")
        }
        Mismatch::Undecided { .. } => format!("whether `{key}` holds is undecided"),
    }
}

/// What was expected and what came, a line each, after their names.
pub fn details(failure: &Failure) -> Vec<(&'static str, String)> {
    match &failure.mismatch {
        Mismatch::Exactly {
            expected,
            got,
            missing,
            unexpected,
        } => {
            let mut lines = vec![("expected", answer(expected)), ("got", answer(got))];
            if !missing.is_empty() {
                lines.push(("missing", names(missing)));
            }
            if !unexpected.is_empty() {
                lines.push(("too many", names(unexpected)));
            }
            lines
        }
        Mismatch::Missing { missing, got } => {
            vec![("got", answer(got)), ("missing", names(missing))]
        }
        Mismatch::Unexpected { unexpected, got } => {
            let mut lines = vec![("got", answer(got))];
            if !unexpected.is_empty() {
                lines.push(("too many", names(unexpected)));
            }
            lines
        }
        Mismatch::NotBy { rule, decided } => {
            let none = "no rule that has a name".to_owned();
            let decided = if decided.is_empty() {
                none
            } else {
                names(decided)
            };
            vec![
                ("expected", names(std::slice::from_ref(rule))),
                ("decided by", decided),
            ]
        }
        Mismatch::Refuted { witness, rules } => {
            let mut lines = vec![("state", visible(&shortened(state(witness))).into_owned())];
            if let Some(active) = witness.update.currently_active {
                lines.push(("currently active", active.to_string()));
            }
            let role = if witness.recipient_receives {
                "is a known user who receives"
            } else {
                "is not a known user, or is only seen"
            };
            lines.push(("recipient", role.to_owned()));
            lines.push((
                "because of",
                match rules.as_slice() {
                    [] => "no rule is about the two".to_owned(),
                    rules => rules
                        .iter()
                        .map(|rule| visible(rule).into_owned())
                        .collect::<Vec<_>>()
                        .join(", "),
                },
            ));
            lines
        }
        Mismatch::Undecided { reason } => vec![("reason", visible(reason).into_owned())],
    }
}

/// The state of a witness. An empty one stands for any that no rule names.
fn state(witness: &Refutation) -> &str {
    match witness.update.state.as_str() {
        "" => "any that no rule names",
        state => state,
    }
}

fn answer(answer: &Answer) -> String {
    match answer {
        Answer::All => "ALL".to_owned(),
        Answer::Users(users) if users.is_empty() => "nobody".to_owned(),
        Answer::Users(users) => names(users),
    }
}

fn names(names: &[String]) -> String {
    let mut list: Vec<_> = (names.iter().take(MOST_USERS))
        .map(|name| visible(&shortened(name)).into_owned())
        .collect();
    if names.len() > MOST_USERS {
        list.push(format!("and {} more", names.len() - MOST_USERS));
    }
    list.join(", ")
}

fn users(count: usize) -> String {
    match count {
        1 => "1 user".to_owned(),
        count => format!("{count} users"),
    }
}

fn are(count: usize) -> String {
    match count {
        1 => "1 user is".to_owned(),
        count => format!("{count} users are"),
    }
}
