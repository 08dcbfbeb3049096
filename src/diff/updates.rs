//! The updates that a difference is about: of all kinds that conditions tell apart, those for which it is there.

use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;

use crate::presence_state::PresenceState;
use crate::proofs::{Model, Update};
use crate::rules::when::States;

/// Updates of one kind: no condition of the two rule sets tells them apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kind {
    /// One of them.
    pub update: Update,
    /// All states that they may have. If none is named here, it is every state that no condition names.
    pub states: Vec<String>,
}

/// Updates of some of all kinds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Updates {
    all: Arc<[Kind]>,
    these: BTreeSet<usize>,
}

impl Updates {
    pub(super) fn one(all: &Arc<[Kind]>, kind: usize) -> Self {
        Self {
            all: all.clone(),
            these: BTreeSet::from([kind]),
        }
    }

    pub(super) fn add(&mut self, kind: usize) {
        self.these.insert(kind);
    }

    /// Updates of each of these kinds.
    pub fn these(&self) -> impl Iterator<Item = &Kind> {
        self.these.iter().map(|kind| &self.all[*kind])
    }

    /// Every kind that there is, and whether it is one of these.
    pub fn all(&self) -> impl Iterator<Item = (&Kind, bool)> {
        let is_one = |kind| self.these.contains(&kind);
        (self.all.iter().enumerate()).map(move |(index, kind)| (kind, is_one(index)))
    }
}

/// All kinds of updates that the conditions of two rule sets tell apart.
pub(super) fn kinds(models: [&Model; 2]) -> Arc<[Kind]> {
    let routes = models.iter().flat_map(|model| &model.routes);
    let states: HashSet<&States> = routes
        .clone()
        .filter_map(|route| route.when.states.as_ref())
        .collect();
    let names = routes.filter_map(|route| route.when.states.as_ref());
    let mut met = HashSet::new();
    let names = names.flat_map(States::names);
    let names: Vec<_> = names
        .filter(|name| met.insert(PresenceState::new(name)))
        .collect();
    let kinds = Update::kinds(&models).into_iter().map(|update| {
        let is_alike = |name: &&&str| {
            let mut states = states.iter();
            states.all(|states| states.hold(name) == states.hold(&update.state))
        };
        let states = names.iter().filter(is_alike);
        let states = states.map(|name| (*name).to_owned()).collect();
        Kind { update, states }
    });
    kinds.collect()
}
