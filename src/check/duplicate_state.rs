//! `duplicate-state`: a presence state that a `when` names twice.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use super::Context;
use crate::finding::{Code, Finding, Fix, Location};
use crate::pattern::shortened;
use crate::presence_state::PresenceState;
use crate::rules::when::States;

pub(super) fn check(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    for route in &cx.sets.routes.all {
        let mut seen = HashMap::new();
        let states = route.rule.when.states.iter();
        for (at, state) in states.flat_map(States::places) {
            let (first_at, first) = match seen.entry(PresenceState::new(state)) {
                Entry::Occupied(first) => *first.get(),
                Entry::Vacant(entry) => {
                    entry.insert((at, state));
                    continue;
                }
            };
            let message = if first == state {
                format!("`{}` stands in this list already", shortened(state))
            } else {
                format!(
                    "`{state}` is the same state as `{first}`, which stands in this list already"
                )
            };
            let place = |part| Location::part(route.file.file, part);
            findings.push(
                Finding::new(Code::DuplicateState, place(at.whole), message)
                    .label(place(first_at.whole), "first named")
                    .help("remove one of the two")
                    .fix(Fix::remove(place(at.whole))),
            );
        }
    }
}
