//! `unknown-state`: a presence state in a `when` that Matrix does not know.

use super::Context;
use crate::finding::{Code, Finding, Location};
use crate::pattern::shortened;
use crate::presence_state::{KNOWN, PresenceState};
use crate::rules::did_you_mean;
use crate::rules::when::States;

pub(super) fn check(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    for route in &cx.sets.routes.all {
        let states = route.rule.when.states.iter();
        for (at, state) in states.flat_map(States::places) {
            if PresenceState::new(state).is_known() {
                continue;
            }
            let help = meant(state).unwrap_or_else(|| {
                let known: Vec<_> = known().map(|state| format!("`{state}`")).collect();
                format!("the states are {}", known.join(", "))
            });
            let message = format!("`{}` is not a Matrix presence state", shortened(state));
            let place = Location::part(route.file.file, at.whole);
            findings.push(Finding::new(Code::UnknownState, place, message).help(help));
        }
    }
}

fn known() -> impl Iterator<Item = &'static str> {
    KNOWN.iter().map(|(name, _)| *name)
}

/// What a text was to say that is no state: one of another case, several in one text, or one that is misspelt.
fn meant(state: &str) -> Option<String> {
    let is_known = |state: &str| PresenceState::new(state).is_known();
    let lower = state.trim().to_ascii_lowercase();
    if is_known(&lower) {
        return Some(format!("write `{lower}`"));
    }
    let parts = lower
        .split([',', ';', '|', '/'])
        .flat_map(str::split_whitespace);
    let parts: Vec<_> = parts.collect();
    if parts.len() > 1 && parts.iter().all(|part| is_known(part)) {
        return Some(format!(
            "for several states, write a list: `[{}]`",
            parts.join(", ")
        ));
    }
    did_you_mean(state, known())
}
