//! `duplicate-state`: a presence state that a `when` names twice.

use std::collections::HashMap;

use super::{Context, words};
use crate::finding::{Code, Finding};
use crate::pattern::shortened;
use crate::presence_state::PresenceState;
use crate::rules::when::States;

pub(super) fn check(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    for route in &cx.sets.routes {
        let mut seen = HashMap::new();
        let states = route.rule.when.states.iter();
        for (item, state) in states.flat_map(States::places) {
            let (first_item, first) =
                *(seen.entry(PresenceState::new(state))).or_insert((item, state));
            if first_item == item {
                continue;
            }
            let message = if first == state {
                format!("`{}` stands in this list already", shortened(state))
            } else {
                format!(
                    "`{state}` is the same state as `{first}`, which stands in this list already"
                )
            };
            let place = |item| words::state(route.file, &route.rule.about, item);
            findings.push(
                Finding::new(Code::DuplicateState, place(item), message)
                    .label(place(first_item), "first named")
                    .help("remove one of the two"),
            );
        }
    }
}
