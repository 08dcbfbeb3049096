//! What two rule sets do differently, for people and for programs.

mod full;
mod github;
mod json;
#[cfg(feature = "cli")]
mod markdown;

use crate::diff::impact::Impact;
use crate::diff::{Comparison, Question, Which, Written};
use crate::proofs::RuleRef;

pub use full::full;
pub use github::github;
pub use json::json;
#[cfg(feature = "cli")]
pub use markdown::markdown;

/// A comparison, with the places of all rules that it names.
#[derive(Debug)]
pub struct Report<'a> {
    comparison: &'a Comparison,
    impact: Option<&'a Impact>,
    /// Of each difference.
    differences: Vec<Placed>,
    /// Of each question that is undecided.
    undecided: Vec<Rule>,
}

/// The rules that a difference is about.
#[derive(Debug)]
struct Placed {
    rule: Rule,
    blame: Vec<Rule>,
}

/// A rule, and where it stands.
#[derive(Debug)]
struct Rule {
    /// Its name, or its place in its file.
    name: String,
    /// What it is: `route`, `interest`, `block`.
    kind: &'static str,
    file: String,
    line: usize,
    column: usize,
}

impl<'a> Report<'a> {
    /// Looks all places up. `rules` are those that were compared: the old and the new.
    pub fn new(
        comparison: &'a Comparison,
        rules: [Written<'_>; 2],
        impact: Option<&'a Impact>,
    ) -> Self {
        let [old, new] = rules;
        let rule = |which: Which, rule: RuleRef| match which {
            Which::Old => placed(old, rule),
            Which::New => placed(new, rule),
        };
        let differences = comparison.differences.iter().map(|difference| {
            let other = difference.only_in.other();
            Placed {
                rule: rule(difference.only_in, difference.rule),
                blame: (difference.blame.iter())
                    .map(|blame| rule(other, blame.rule))
                    .collect(),
            }
        });
        let undecided = comparison.undecided.iter();
        Self {
            comparison,
            impact,
            differences: differences.collect(),
            undecided: undecided.map(|open| rule(open.which, open.rule)).collect(),
        }
    }
}

/// A rule with its place.
fn placed(rules: Written<'_>, rule: RuleRef) -> Rule {
    let name = rule
        .about(rules.rule_set)
        .and_then(|about| about.name.clone());
    let place = rule.location().place(rules.sources);
    Rule {
        name: name.unwrap_or_else(|| format!("{}[{}]", rule.list, rule.index)),
        kind: rule.kind(),
        file: rules.sources.get(rule.file).name().to_owned(),
        line: place.line,
        column: place.column,
    }
}

/// The two rule sets by their names in messages.
fn named(which: Which) -> &'static str {
    match which {
        Which::Old => "old",
        Which::New => "new",
    }
}

/// Under which conditions the answers differ, in words.
fn conditions(question: &Question, sender: Option<&str>, recipient: &str) -> Vec<String> {
    let unknown = |user: &str| format!("if `{user}` is not known");
    let receives_not = || format!("if `{recipient}` is not known, or is only seen");
    let mut conditions = Vec::new();
    match question {
        Question::Route {
            update,
            recipient_receives,
        } => {
            conditions.push(format!("for the state `{}`", update.state));
            if let Some(active) = update.currently_active {
                conditions.push(format!("with `currently_active: {active}`"));
            }
            if !recipient_receives {
                conditions.push(receives_not());
            }
        }
        Question::Interested { roles } => match (roles.recipient_receives, sender) {
            (false, Some(sender)) if sender == recipient => {
                conditions.push(if roles.sender_is_known {
                    format!("if `{sender}` is known, and only seen")
                } else {
                    unknown(sender)
                });
            }
            (receives, sender) => {
                if !receives {
                    conditions.push(receives_not());
                }
                if let (false, Some(sender)) = (roles.sender_is_known, sender) {
                    conditions.push(unknown(sender));
                }
            }
        },
        Question::SeesEveryone { recipient_receives } => {
            if !recipient_receives {
                conditions.push(receives_not());
            }
        }
    }
    conditions
}
