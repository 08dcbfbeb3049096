//! What two rule sets do differently, for people and for programs.

mod full;
mod github;
mod json;

use crate::diff::impact::Impact;
use crate::diff::{Comparison, Question, Rules, Which};
use crate::finding::Location;
use crate::key_path::KeyPath;
use crate::proofs::RuleRef;
use crate::rules::locate::places;

pub use full::full;
pub use github::github;
pub use json::json;

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
        rules: [Rules<'_>; 2],
        impact: Option<&'a Impact>,
    ) -> Self {
        let rule = |which: Which, rule: RuleRef| Rule::new(rules[which as usize], rule);
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
            undecided: undecided.map(|(of, which, _)| rule(*which, *of)).collect(),
        }
    }
}

impl Rule {
    fn new(rules: Rules<'_>, rule: RuleRef) -> Self {
        let path = KeyPath::default().key(rule.list).item(rule.index);
        let place = places(rules.sources, &[&Location::value(rule.file, path)]);
        let file = (rules.rule_set.files.iter()).find(|file| file.file == rule.file);
        let abouts = file.map(|file| match rule.list {
            "routes" => file.routes.get(rule.index).map(|rule| &rule.about),
            "interests" => file.interests.get(rule.index).map(|rule| &rule.about),
            _ => file.blocks.get(rule.index).map(|rule| &rule.about),
        });
        let name = abouts.flatten().and_then(|about| about.name.clone());
        Self {
            name: name.unwrap_or_else(|| format!("{}[{}]", rule.list, rule.index)),
            kind: match rule.list {
                "routes" => "route",
                "interests" => "interest",
                _ => "block",
            },
            file: rules.sources.get(rule.file).name().to_owned(),
            line: place[0].line,
            column: place[0].column,
        }
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
    let unknown = |user: &str| format!("if the directory does not hold `{user}`");
    let mut conditions = Vec::new();
    match question {
        Question::Route {
            update,
            recipient_is_known,
        } => {
            conditions.push(format!("for the state `{}`", update.state));
            if let Some(active) = update.currently_active {
                conditions.push(format!("with `currently_active: {active}`"));
            }
            if !recipient_is_known {
                conditions.push(unknown(recipient));
            }
        }
        Question::Interested { known } => {
            if !known.recipient {
                conditions.push(unknown(recipient));
            }
            if let (false, Some(sender)) = (known.sender, sender) {
                conditions.push(unknown(sender));
            }
        }
        Question::SeesEveryone { recipient_is_known } => {
            if !recipient_is_known {
                conditions.push(unknown(recipient));
            }
        }
    }
    conditions
}
