//! `unknown-state`: a presence state in a `when` that Matrix does not know.

use super::Context;
use crate::finding::{Code, Finding, Location};
use crate::pattern::shortened;
use crate::presence_state::{KNOWN, PresenceState};
use crate::rules::did_you_mean;
use crate::rules::when::States;

pub(super) fn check(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    let known = || KNOWN.iter().map(|(name, _)| *name);
    for route in &cx.sets.routes.all {
        let states = route.rule.when.states.iter();
        for (at, state) in states.flat_map(States::places) {
            if PresenceState::new(state).is_known() {
                continue;
            }
            let help = did_you_mean(state, known()).unwrap_or_else(|| {
                let known: Vec<_> = known().map(|state| format!("`{state}`")).collect();
                format!("the known states are {}", known.join(", "))
            });
            let message = format!(
                "`{}` is no presence state that Matrix knows",
                shortened(state)
            );
            let place = Location::part(route.file.file, at.whole);
            findings.push(Finding::new(Code::UnknownState, place, message).help(help));
        }
    }
}
