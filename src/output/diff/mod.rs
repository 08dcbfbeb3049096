//! What two rule sets do differently, for people and for programs.

mod full;
mod github;
mod json;
#[cfg(feature = "cli")]
mod markdown;

use crate::diff::impact::Impact;
use crate::diff::{Comparison, Kind, Question, Updates, Which, Written};
use crate::pattern::shortened;
use crate::proofs::RuleRef;

pub(crate) use full::full;
pub(crate) use github::github;
pub use json::json;
#[cfg(feature = "cli")]
pub(crate) use markdown::markdown;

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

/// The rules of which nothing is told, counted, and who their recipients are.
fn more(comparison: &Comparison, which: Which) -> Option<String> {
    let more = comparison.more[which as usize];
    let rules = if more == 1 { "rule does" } else { "rules do" };
    let recipients = comparison.more_recipients[which as usize].as_deref();
    let recipients = recipients.map_or_else(String::new, |recipients| {
        format!("; their recipients: {recipients}")
    });
    let which = named(which);
    (more > 0)
        .then(|| format!("and {more} more {rules} what only the {which} rules do{recipients}"))
}

/// Under which conditions the answers differ, in words.
fn conditions(question: &Question, sender: Option<&str>, recipient: &str) -> Vec<String> {
    let unknown = |user: &str| format!("if `{user}` is not known");
    let receives_not = || format!("if `{recipient}` is not known, or is only seen");
    let mut conditions = Vec::new();
    match question {
        Question::Route {
            updates,
            recipient_receives,
        } => {
            conditions.extend(updates_in_words(updates));
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

/// For which updates, in words; nothing if it is for all of them.
fn updates_in_words(updates: &Updates) -> Option<String> {
    let mut words: Vec<(Option<String>, Vec<Option<bool>>)> = Vec::new();
    let mut activities: Vec<Option<bool>> = Vec::new();
    for (kind, _) in updates.all() {
        let active = kind.update.currently_active;
        if activities.contains(&active) {
            continue;
        }
        activities.push(active);
        let Some(states) = states_in_words(updates, active) else {
            continue;
        };
        match words.iter_mut().find(|(other, _)| *other == states) {
            Some((_, all)) => all.push(active),
            None => words.push((states, vec![active])),
        }
    }
    let parts = words.into_iter().filter_map(|(states, active)| {
        let active = match active.as_slice() {
            _ if active.len() == activities.len() => None,
            [Some(active)] => Some(format!("with `currently_active: {active}`")),
            [None] => Some("without `currently_active`".to_owned()),
            [None, Some(other)] => Some(format!("unless `currently_active: {}`", !other)),
            _ => Some("with `currently_active`".to_owned()),
        };
        let parts: Vec<_> = states.into_iter().chain(active).collect();
        (!parts.is_empty()).then(|| parts.join(", "))
    });
    let parts: Vec<_> = parts.collect();
    (!parts.is_empty()).then(|| parts.join("; and "))
}

/// For which states, if updates say this of `currently_active`: no words for all of them, and nothing if there are none.
#[expect(clippy::option_option, reason = "all of them is an answer, too")]
fn states_in_words(updates: &Updates, active: Option<bool>) -> Option<Option<String>> {
    let kinds = (updates.all()).filter(|(kind, _)| kind.update.currently_active == active);
    let (these, others): (Vec<_>, Vec<_>) = kinds.partition(|(_, is_one)| *is_one);
    if these.is_empty() {
        return None;
    }
    if others.is_empty() {
        return Some(None);
    }
    let is_rest = |kinds: &[(&Kind, bool)]| kinds.iter().any(|(kind, _)| kind.states.is_empty());
    let (named, but) = if is_rest(&these) {
        (others, true)
    } else {
        (these, false)
    };
    let names = named.iter().flat_map(|(kind, _)| &kind.states);
    let names: Vec<_> = names.map(|name| format!("`{}`", shortened(name))).collect();
    let names_said = match names.as_slice() {
        [first @ .., last] if !first.is_empty() => format!("{} and {last}", first.join(", ")),
        names => names.concat(),
    };
    Some(Some(match (but, names.len()) {
        (true, _) => format!("for every state but {names_said}"),
        (false, 1) => format!("for the state {names_said}"),
        (false, _) => format!("for the states {names_said}"),
    }))
}
