//! `offline-not-routed`: a condition that no update to `offline` can meet, so that recipients see the last state for
//! ever.

use std::collections::HashSet;

use super::Context;
use crate::finding::{Code, Finding, Location};
use crate::presence_state::{OFFLINE, PresenceState};
use crate::rules::when::States;
use crate::rules::{Route, UserSet, When, did_you_mean};

pub(super) fn check(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    let routes = || cx.sets.routes.all.iter();
    if routes().all(|route| passes_offline(&route.rule.when)) {
        return;
    }
    // Another route may be there for just these updates.
    let others: HashSet<(&UserSet, &UserSet)> = routes()
        .filter(|route| passes_offline(&route.rule.when))
        .map(|route| (&route.rule.senders, &route.rule.recipients))
        .collect();
    for route in routes() {
        let Route {
            senders,
            recipients,
            when,
            ..
        } = route.rule;
        // What could not be read may have been meant for it.
        let is_read = !cx
            .rule_set
            .faults
            .iter()
            .any(|fault| fault.file == route.file.file && when.at.whole.contains(fault.span()));
        if passes_offline(when)
            || !is_read
            || is_misspelled(when)
            || others.contains(&(senders, recipients))
        {
            continue;
        }
        let states = when.states.as_ref();
        let (at, message, help) = if let Some(states) = states.filter(|_| leaves_out_offline(when))
        {
            (
                states.at(),
                "these states leave out `offline`, so the recipients keep seeing the last state that was sent",
                if states.are_left_out() {
                    "remove `offline` from those under `not`"
                } else {
                    "add `offline` to the states"
                },
            )
        } else {
            (
                when.currently_active_at,
                "nobody who goes `offline` is active, so the recipients keep seeing the last state that was sent",
                "remove `currently_active`, or add a route for `state: offline` with the same senders and recipients",
            )
        };
        let location = Location::part(route.file.file, at.whole);
        findings.push(Finding::new(Code::OfflineNotRouted, location, message).help(help));
    }
}

/// An update to `offline` says that its user is not active, or says nothing of it.
fn passes_offline(when: &When) -> bool {
    !leaves_out_offline(when) && when.currently_active != Some(true)
}

fn leaves_out_offline(when: &When) -> bool {
    let states = when.states.as_ref();
    states.is_some_and(|states| !states.hold(OFFLINE))
}

/// Whether one of the states may be meant to be `offline`, which `unknown-state` tells.
fn is_misspelled(when: &When) -> bool {
    let mut states = when.states.iter().flat_map(States::names);
    states.any(|state| {
        !PresenceState::new(state).is_known() && did_you_mean(state, [OFFLINE]).is_some()
    })
}
