//! Checks by proof: what holds for every user ID there could be. They say nothing where a proof runs out of its budget;
//! that is told apart from findings.

mod beside;
mod dead_pattern;
mod dead_rule;
mod eaten_include;
mod idle_block;
mod needless_exclude;
mod not_complementary;
mod overlapping;
mod remote_recipient;
mod shadowed_pattern;
mod shadowed_rule;

use std::collections::{BTreeSet, HashSet};

use super::Context;
use super::Proofs;
use super::lists;
use super::pattern_text::written;
use crate::automata::Undecided;
use crate::finding::{Code, Finding, Location};
use crate::pattern::shortened;
use crate::proofs::{Model, Prover, RuleRef, Side, sides};
use crate::rules::{RuleSet, UserSet};
use crate::sets;
use crate::source::{FileId, Sources, Span};

/// A question that ran out of its budget, or that this method does not decide.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Open {
    /// What it was about.
    pub(crate) location: Location,
    /// The check that asked.
    pub code: Code,
    /// Why it has no answer.
    pub undecided: Undecided,
}

/// What checks by proof look at.
struct Proving<'c, 'a> {
    cx: &'c Context<'a>,
    sources: &'c Sources,
    prover: Prover,
    /// What each set of the graph holds.
    sides: Vec<Side>,
    model: Model,
    findings: Vec<Finding>,
    open: Vec<Open>,
    /// What was found by plain means already.
    known: HashSet<Location>,
    /// What was said of rules that do not fit.
    told: Told,
}

/// The codes of these checks.
pub(super) const CODES: &[Code] = &[
    Code::DeadPattern,
    Code::DeadRule,
    Code::ShadowedPattern,
    Code::ShadowedRule,
    Code::NeedlessExclude,
    Code::EatenInclude,
    Code::IdleBlock,
    Code::NotComplementary,
    Code::Overlapping,
];

/// Adds what can be proven of a rule set, and gives what could not be decided. If it is only the sound part `of` another
/// one, a rule may be missing, so that nothing is concluded from what is not there.
pub(super) fn prove(
    cx: &Context<'_>,
    of: Option<&RuleSet>,
    sources: &Sources,
    proofs: &Proofs,
    findings: &mut Vec<Finding>,
) -> Proven {
    let mut prover = Prover::new(proofs.budget.clone());
    let (reader, rules) = (&cx.sets.reader, &cx.sets.sites.rules);
    let sides = sides(reader, &mut prover.sets);
    let model = Model::of(cx.rule_set, reader, rules, &sides);
    let known = (findings.iter())
        .filter(|finding| matches!(finding.code, Code::DuplicatePattern | Code::SubsumedPattern))
        .map(|finding| finding.location);
    let mut proving = Proving {
        cx,
        sources,
        prover,
        sides,
        model,
        known: known.collect(),
        told: (findings.iter())
            .filter(|finding| {
                matches!(
                    finding.code,
                    Code::InterestWithoutRoute | Code::RouteWithoutInterest | Code::RemoteInterest
                )
            })
            .map(|finding| &finding.location)
            .collect(),
        findings: Vec::new(),
        open: Vec::new(),
    };
    dead_pattern::check(&mut proving, of.unwrap_or(cx.rule_set));
    let blocks = dead_rule::blocks(&proving.model);
    let dead = dead_rule::check(&mut proving, &blocks);
    shadowed_pattern::check(&mut proving);
    shadowed_rule::check(&mut proving, &dead.rules);
    needless_exclude::check(&mut proving);
    eaten_include::check(&mut proving);
    remote_recipient::check(&mut proving, &blocks, findings);
    if of.is_none() {
        idle_block::check(&mut proving, &dead, &blocks);
        not_complementary::check(&mut proving);
    }
    if proofs.requested.contains(&Code::Overlapping) {
        overlapping::check(&mut proving);
    }
    findings.append(&mut proving.findings);
    Proven {
        dead: dead.rules.iter().map(|rule| (rule.file, rule.at)).collect(),
        open: proving.open,
    }
}

/// What was proven, beside findings.
#[derive(Default)]
pub(super) struct Proven {
    /// The rules that do nothing.
    pub dead: BTreeSet<(FileId, Span)>,
    /// What could not be decided.
    pub(crate) open: Vec<Open>,
}

impl Proving<'_, '_> {
    /// What a set of the graph holds.
    fn side(&self, set: sets::SetId) -> &Side {
        &self.sides[set.0 as usize]
    }

    /// The answer to a question, or `None` if it has none, which is then noted.
    fn answer<T>(
        &mut self,
        code: Code,
        location: &Location,
        answer: Result<T, Undecided>,
    ) -> Option<T> {
        match answer {
            Ok(answer) => Some(answer),
            Err(undecided) => {
                self.open.push(Open {
                    location: *location,
                    code,
                    undecided,
                });
                None
            }
        }
    }

    /// Whether it is unclear of some rules what they do, which is then noted.
    fn is_unclear(&mut self, code: Code) -> bool {
        let unclear = self.model.unclear().map(|(rule, undecided)| Open {
            location: rule.location(),
            code,
            undecided,
        });
        let before = self.open.len();
        self.open.extend(unclear);
        self.open.len() > before
    }

    /// Whether something was said of this place already.
    fn is_known(&self, location: &Location) -> bool {
        self.known.contains(location)
    }
}

/// Places that something was said of. Rules do not overlap, so the first place from where a rule starts tells whether it
/// has one.
struct Told(BTreeSet<(FileId, Span)>);

impl<'l> FromIterator<&'l Location> for Told {
    fn from_iter<I: IntoIterator<Item = &'l Location>>(places: I) -> Self {
        Self(
            places
                .into_iter()
                .map(|place| (place.file, place.span()))
                .collect(),
        )
    }
}

impl Told {
    /// Whether one of them is within a rule.
    fn is_of(&self, rule: RuleRef) -> bool {
        self.is_in(rule.file, rule.at)
    }

    fn is_in(&self, file: FileId, at: Span) -> bool {
        let first = self.0.range((file, Span { end: 0, ..at })..).next();
        first.is_some_and(|(of, span)| *of == file && at.contains(*span))
    }
}

/// What a message calls a rule: its name, or what it is.
fn called(rule_set: &RuleSet, rule: RuleRef) -> String {
    match rule.about(rule_set).and_then(|about| about.name.as_deref()) {
        Some(name) => format!("`{}`", shortened(name)),
        None => format!("`{}[{}]`", rule.list, rule.index),
    }
}
