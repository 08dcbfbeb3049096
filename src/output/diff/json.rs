//! For programs.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

use serde::Serialize;

use super::{Report, Rule, named};
use crate::diff::{Because, Difference, Direction, Kind, Question, Verdict, Which};

/// Writes one JSON object, on one line: `version` (1), `verdict`, `only_old`, `only_new`, `differences`, `more`, `more_recipients`, `undecided`, and `impact`, which
/// is `null` where no users were given.
///
/// # Errors
///
/// If `out` cannot be written to.
pub fn json(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let comparison = report.comparison;
    let [old, new] = comparison.more;
    let [old_recipients, new_recipients] = &comparison.more_recipients;
    let document = Document {
        version: 1,
        verdict: match comparison.verdict() {
            Verdict::Equivalent => "equivalent",
            Verdict::Wider => "wider",
            Verdict::Narrower => "narrower",
            Verdict::Both => "both",
            Verdict::Different => "different",
            Verdict::Undecided => "undecided",
        },
        only_old: direction(comparison.only_in(Which::Old)),
        only_new: direction(comparison.only_in(Which::New)),
        differences: (comparison.differences.iter().zip(&report.differences))
            .map(|(difference, placed)| Entry::new(difference, &placed.rule, &placed.blame))
            .collect(),
        more: More { old, new },
        more_recipients: More {
            old: old_recipients.as_deref(),
            new: new_recipients.as_deref(),
        },
        undecided: (comparison.undecided.iter().zip(&report.undecided))
            .map(|(open, rule)| Open {
                rules: named(open.which),
                reason: open.undecided.to_string(),
                rule: Place::new(rule),
            })
            .collect(),
        impact: report.impact.map(|impact| Impact {
            known: impact.known[1],
            known_to_old: impact.known[0],
            gains: &impact.gains,
            loses: &impact.loses,
        }),
    };
    crate::output::json::write(&document, out)?;
    writeln!(out)
}

fn direction(direction: Direction) -> &'static str {
    match direction {
        Direction::Nothing => "nothing",
        Direction::Something => "something",
        Direction::Undecided => "undecided",
    }
}

#[derive(Serialize)]
struct Document<'r> {
    version: u32,
    verdict: &'static str,
    only_old: &'static str,
    only_new: &'static str,
    differences: Vec<Entry<'r>>,
    more: More,
    more_recipients: More<Option<&'r str>>,
    undecided: Vec<Open<'r>>,
    impact: Option<Impact<'r>>,
}

#[derive(Serialize)]
struct More<T = usize> {
    old: T,
    new: T,
}

#[derive(Serialize)]
struct Open<'r> {
    rules: &'static str,
    reason: String,
    rule: Place<'r>,
}

#[derive(Serialize)]
struct Impact<'r> {
    known: usize,
    known_to_old: usize,
    gains: &'r BTreeMap<String, BTreeSet<String>>,
    loses: &'r BTreeMap<String, BTreeSet<String>>,
}

#[derive(Serialize)]
struct Entry<'r> {
    only_in: &'static str,
    question: &'static str,
    sender: Option<&'r str>,
    recipient: &'r str,
    state: Option<&'r str>,
    currently_active: Option<bool>,
    sender_is_known: Option<bool>,
    recipient_receives: bool,
    senders: Option<&'r str>,
    recipients: Option<&'r str>,
    updates: Option<Vec<OfKind<'r>>>,
    more: Option<MoreOfRule<'r>>,
    rule: Place<'r>,
    because: Vec<Why<'r>>,
}

/// Updates of a state, or, if that is `null`, of every state that no condition names.
#[derive(Serialize)]
struct OfKind<'r> {
    state: Option<&'r str>,
    currently_active: Option<bool>,
}

fn of_kind(kind: &Kind) -> Vec<OfKind<'_>> {
    let currently_active = kind.update.currently_active;
    let of = |state| OfKind {
        state,
        currently_active,
    };
    if kind.states.is_empty() {
        return vec![of(None)];
    }
    let states = kind.states.iter();
    states.map(|state| of(Some(&**state))).collect()
}

#[derive(Serialize)]
struct MoreOfRule<'r> {
    differences: usize,
    is_least: bool,
    recipients: Option<&'r str>,
}

#[derive(Serialize)]
struct Why<'r> {
    reason: &'static str,
    #[serde(flatten)]
    rule: Place<'r>,
}

#[derive(Serialize)]
struct Place<'r> {
    kind: &'static str,
    name: &'r str,
    file: &'r str,
    line: usize,
    column: usize,
}

impl<'r> Entry<'r> {
    fn new(difference: &'r Difference, rule: &'r Rule, blame: &'r [Rule]) -> Self {
        let mut entry = Self {
            only_in: named(difference.only_in),
            question: "route",
            sender: difference.sender.as_deref(),
            recipient: &difference.recipient,
            state: None,
            currently_active: None,
            sender_is_known: None,
            recipient_receives: true,
            senders: difference.senders.as_deref(),
            recipients: difference.recipients.as_deref(),
            updates: None,
            more: difference.more.as_ref().map(|more| MoreOfRule {
                differences: more.differences,
                is_least: more.is_least,
                recipients: more.recipients.as_deref(),
            }),
            rule: Place::new(rule),
            because: (difference.blame.iter().zip(blame))
                .map(|(because, rule)| Why {
                    reason: match because.because {
                        Because::Blocked => "blocked",
                        Because::OtherUpdates => "other-updates",
                        Because::SameName => "same-name",
                    },
                    rule: Place::new(rule),
                })
                .collect(),
        };
        match &difference.question {
            Question::Route {
                updates,
                recipient_receives,
            } => {
                let first = updates.these().next().map(|kind| &kind.update);
                entry.state = first.map(|update| &*update.state);
                entry.currently_active = first.and_then(|update| update.currently_active);
                entry.updates = Some(updates.these().flat_map(of_kind).collect());
                entry.recipient_receives = *recipient_receives;
            }
            Question::Interested { roles } => {
                entry.question = "interested";
                entry.sender_is_known = Some(roles.sender_is_known);
                entry.recipient_receives = roles.recipient_receives;
            }
            Question::SeesEveryone { recipient_receives } => {
                entry.question = "interested-all";
                entry.recipient_receives = *recipient_receives;
            }
        }
        entry
    }
}

impl<'r> Place<'r> {
    fn new(rule: &'r Rule) -> Self {
        Self {
            kind: rule.kind,
            name: &rule.name,
            file: &rule.file,
            line: rule.line,
            column: rule.column,
        }
    }
}
