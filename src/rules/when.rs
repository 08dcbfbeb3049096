//! Conditions of routes, and the kinds of updates that they tell apart.

use std::collections::HashSet;

use indexmap::IndexMap;

use super::at::At;
use crate::presence_state::PresenceState;

/// The condition of a route. An update has to meet all of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct When {
    /// The presence states that the update may have.
    pub states: Option<States>,
    /// What the update must say of `currently_active`.
    pub currently_active: Option<bool>,
    /// Where the condition is written.
    pub(crate) at: At,
    /// Where it says something of `currently_active`.
    pub(crate) currently_active_at: At,
}

impl When {
    /// Whether an update meets the condition.
    pub fn holds(&self, state: &str, currently_active: Option<bool>) -> bool {
        (self.states.as_ref()).is_none_or(|states| states.hold(state))
            && (self.currently_active).is_none_or(|wanted| currently_active == Some(wanted))
    }
}

/// The value of `state`: a presence state, a list of them, or every state but these.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct States {
    /// As written.
    names: Vec<String>,
    /// Where each of them is written.
    places: Vec<At>,
    /// Where all of them are written.
    at: At,
    /// The indexes of the states, each once, in the order of the states.
    sorted: Box<[u32]>,
    /// Whether every state but these is meant.
    are_left_out: bool,
}

impl States {
    /// One state, which is written nowhere.
    pub fn one(name: String) -> Self {
        Self::new([(name, At::default())].into_iter(), At::default())
    }

    /// States, each with its place, and the place of all of them.
    pub fn new(named: impl Iterator<Item = (String, At)>, at: At) -> Self {
        let (names, places): (Vec<_>, _) = named.unzip();
        let mut sorted: Vec<_> = (0..names.len() as u32).collect();
        sorted.sort_by_key(|at| state(&names, *at));
        sorted.dedup_by_key(|at| state(&names, *at));
        Self {
            names,
            places,
            at,
            sorted: sorted.into(),
            are_left_out: false,
        }
    }

    /// Every state but these.
    #[must_use]
    pub(crate) fn left_out(self) -> Self {
        Self {
            are_left_out: true,
            ..self
        }
    }

    /// Whether the state of this name is meant: it is one of these, or, where these are left out, none of them.
    pub fn hold(&self, name: &str) -> bool {
        let sought = PresenceState::new(name);
        let is_named = (self.sorted)
            .binary_search_by_key(&sought, |at| state(&self.names, *at))
            .is_ok();
        is_named != self.are_left_out
    }

    /// Whether every state but those named is meant.
    pub fn are_left_out(&self) -> bool {
        self.are_left_out
    }

    /// Their names as written.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.names.iter().map(String::as_str)
    }

    /// The states, each once, by their one name and in the order of these.
    pub(crate) fn meant(&self) -> impl Iterator<Item = &str> {
        self.sorted.iter().map(|at| state(&self.names, *at).name())
    }

    /// Their names as written, each with its place.
    pub(crate) fn places(&self) -> impl Iterator<Item = (At, &str)> {
        self.places.iter().copied().zip(self.names())
    }

    /// Where all of them are written.
    pub(crate) fn at(&self) -> At {
        self.at
    }
}

fn state(names: &[String], at: u32) -> PresenceState<'_> {
    PresenceState::new(&names[at as usize])
}

/// A kind of updates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Kind<'w> {
    /// The first state of the kind that a condition names; `None` stands for all that none does.
    pub state: Option<&'w str>,
    /// What the updates say of `currently_active`, if they say anything.
    pub currently_active: Option<bool>,
}

/// The kinds of updates that conditions tell apart, in the order in which their states are named. States that stand in
/// the same conditions are of one kind.
pub(crate) fn kinds<'w>(mut conditions: impl Iterator<Item = &'w When> + Clone) -> Vec<Kind<'w>> {
    let mut named: IndexMap<PresenceState<'w>, (&'w str, Vec<usize>)> = IndexMap::new();
    let states = conditions.clone().filter_map(|when| when.states.as_ref());
    for (number, states) in states.enumerate() {
        for name in states.names() {
            let (_, conditions) =
                (named.entry(PresenceState::new(name))).or_insert_with(|| (name, Vec::new()));
            if conditions.last() != Some(&number) {
                conditions.push(number);
            }
        }
    }
    let mut told_apart = HashSet::new();
    let named = named.values();
    let named = named.filter(|(_, conditions)| told_apart.insert(conditions));
    let states: Vec<_> = [None]
        .into_iter()
        .chain(named.map(|(name, _)| Some(*name)))
        .collect();
    let mut activities = vec![None];
    if conditions.any(|when| when.currently_active.is_some()) {
        activities.extend([Some(true), Some(false)]);
    }
    let kinds = states.into_iter().flat_map(|state| {
        activities.iter().map(move |&currently_active| Kind {
            state,
            currently_active,
        })
    });
    kinds.collect()
}
