//! What is told of each rule: differences for the same users are one, whatever the updates, and what is told of users in
//! one role need not be told of them in another.

use std::collections::HashSet;

use indexmap::IndexMap;

use crate::proofs::{Prover, RuleRef, SetId, describe};

use super::alike::Senders;
use super::{Comparison, Difference, More, Question, Which};

/// More differences than this, for each rule set, are only counted.
pub const MOST: usize = 50;

/// So many differences of one rule are told, and the others are counted.
const MOST_OF_RULE: usize = 8;

/// So many are counted.
const MOST_COUNTED: usize = 16;

/// A rule of one of the rule sets, and what is asked of it.
pub(super) type Subject = (Which, RuleRef, About);

/// What is asked, whatever updates say, and whoever is known.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum About {
    Route,
    Interested,
    Everyone,
}

impl About {
    /// Whether it is who may see whom, and not who is sent what.
    pub fn is_interest(self) -> bool {
        self != Self::Route
    }
}

/// What is asked of a rule.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Asked {
    pub about: About,
    /// The kind of updates, by its number.
    pub kind: usize,
    /// In which roles: whether the recipient receives, and whether the sender is known.
    pub roles: (bool, bool),
}

/// Two sets between which something is different.
#[derive(Clone, Copy)]
pub(super) struct Between {
    /// Everyone, if left out.
    pub senders: Option<Senders>,
    pub recipients: SetId,
    /// Whether a template makes the one of the other.
    pub is_made: bool,
}

/// A difference, told or only counted.
struct Group {
    asked: Asked,
    /// All kinds of updates for which it is there.
    kinds: Vec<usize>,
    between: Between,
    /// All recipients of the rule of whom nothing was told yet.
    recipients: SetId,
    witness: (Option<String>, String),
    /// Where it is told.
    place: Option<usize>,
}

/// What was told, and what was only counted.
#[derive(Default)]
pub(super) struct Tally {
    groups: IndexMap<Subject, Vec<Group>>,
    /// How many differences of each rule set are told.
    told: [usize; 2],
    /// Rules of which there is more than was counted.
    is_least: HashSet<Subject>,
    /// The rules of which nothing is told, and their recipients.
    untold: [IndexMap<Subject, Vec<SetId>>; 2],
}

impl Tally {
    /// Whether nothing more of a rule is to be told or counted.
    pub fn is_done(&self, subject: Subject) -> bool {
        self.is_least.contains(&subject)
            || self.groups.get(&subject).map_or(0, Vec::len) >= MOST_COUNTED
    }

    /// Those of some recipients of whom this was told in other roles.
    pub fn told_in_other_roles(
        &self,
        prover: &mut Prover,
        subject: Subject,
        asked: Asked,
        between: Between,
    ) -> SetId {
        let groups = self.groups.get(&subject).into_iter().flatten();
        let groups =
            groups.filter(|group| group.asked.roles != asked.roles && group.has(asked.kind));
        let mut told = Vec::new();
        for group in groups {
            let has_all = match (group.between.senders, between.senders) {
                (None, None) => true,
                (Some(Senders::These(all)), Some(Senders::These(these))) => {
                    group.between.is_made == between.is_made
                        && prover.is_within(these, all) == Ok(None)
                }
                (Some(Senders::Among(all) | Senders::These(all)), Some(Senders::Among(these))) => {
                    group.between.is_made == between.is_made && all == these
                }
                _ => false,
            };
            if has_all {
                told.push(group.between.recipients);
            }
        }
        prover.sets.union(told)
    }

    /// Adds a kind of updates to a difference that was told or counted, if there is one of the very same users.
    pub fn join(
        &mut self,
        prover: &mut Prover,
        comparison: &mut Comparison,
        subject: Subject,
        asked: Asked,
        (between, witness): (Between, (Option<&str>, &str)),
    ) -> bool {
        let groups = self.groups.get_mut(&subject).into_iter().flatten();
        let mut groups = groups.filter(|group| group.asked.roles == asked.roles);
        let Some(group) = groups.find(|group| group.is_about(prover, between, witness)) else {
            return false;
        };
        group.kinds.push(asked.kind);
        let told = group.place.map(|at| &mut comparison.differences[at]);
        if let Some(Difference {
            question: Question::Route { updates, .. },
            ..
        }) = told
        {
            updates.add(asked.kind);
        }
        true
    }

    /// Notes a difference, which will be number `next` if it is told, and says whether it is to be. `recipients` are all
    /// of the rule.
    pub fn add(
        &mut self,
        subject: Subject,
        asked: Asked,
        (between, (sender, recipient)): (Between, (Option<&str>, &str)),
        recipients: SetId,
        next: usize,
    ) -> bool {
        let which = subject.0 as usize;
        let groups = self.groups.entry(subject).or_default();
        let is_told = self.told[which] < MOST && groups.len() < MOST_OF_RULE;
        if is_told {
            self.told[which] += 1;
        } else if groups.is_empty() {
            let of_rule = self.untold[which].entry(subject).or_default();
            of_rule.push(recipients);
            // What it does else is not asked: the rule is counted, and that is all.
            self.is_least.insert(subject);
            return false;
        }
        groups.push(Group {
            asked,
            kinds: vec![asked.kind],
            between,
            recipients,
            witness: (sender.map(Into::into), recipient.into()),
            place: is_told.then_some(next),
        });
        if groups.len() >= MOST_COUNTED {
            self.is_least.insert(subject);
        }
        is_told
    }

    /// Says of each rule set, and of each rule, what is only counted.
    pub fn finish(self, prover: &mut Prover, comparison: &mut Comparison) {
        for (subject, groups) in &self.groups {
            let counted: Vec<_> = (groups.iter().filter(|group| group.place.is_none())).collect();
            let last = groups.iter().rev().find_map(|group| group.place);
            let Some(last) = last.filter(|_| !counted.is_empty()) else {
                continue;
            };
            let is_least = self.is_least.contains(subject);
            let recipients = counted.iter().map(|group| {
                if is_least {
                    group.recipients
                } else {
                    group.between.recipients
                }
            });
            let recipients = prover.sets.union(recipients);
            comparison.differences[last].more = Some(More {
                differences: counted.len(),
                is_least,
                recipients: describe(prover, recipients),
            });
        }
        for (which, untold) in self.untold.into_iter().enumerate() {
            comparison.more[which] = untold.len();
            let recipients = prover.sets.union(untold.into_values().flatten());
            comparison.more_recipients[which] = describe(prover, recipients);
        }
    }
}

impl Group {
    fn has(&self, kind: usize) -> bool {
        self.kinds.contains(&kind)
    }

    /// Whether it is there between the same users.
    fn is_about(
        &self,
        prover: &mut Prover,
        between: Between,
        (sender, recipient): (Option<&str>, &str),
    ) -> bool {
        let mut are_equal = |one, other| {
            let are_lists = [one, other].map(|set| prover.sets.listed(set).is_some()) == [true; 2];
            one == other || !are_lists && prover.are_equal(one, other) == Ok(None)
        };
        if self.between.is_made != between.is_made
            || !are_equal(self.between.recipients, between.recipients)
        {
            return false;
        }
        match (self.between.senders, between.senders) {
            (None, None) => true,
            (Some(Senders::These(one)), Some(Senders::These(other))) => are_equal(one, other),
            // Of which of these it is true may be another matter for other updates.
            (Some(Senders::Among(one)), Some(Senders::Among(other))) => {
                (self.witness.0.as_deref(), &*self.witness.1) == (sender, recipient)
                    && are_equal(one, other)
            }
            _ => false,
        }
    }
}
