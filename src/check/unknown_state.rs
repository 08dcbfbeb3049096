//! `unknown-state`: a presence state in a `when` that Matrix does not know.

use super::Context;
use crate::finding::{Code, Finding, Location};
use crate::key_path::KeyPath;
use crate::pattern::shortened;
use crate::rules::did_you_mean;

/// The presence states of the Matrix specification (client-server API, "Presence"), and those of MSC3026.
pub(super) const KNOWN: [&str; 5] = [
    "online",
    "unavailable",
    "offline",
    "busy",
    "org.matrix.msc3026.busy",
];

pub(super) fn check(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    for rules in &cx.rule_set.files {
        for route in &rules.routes {
            let Some(states) = &route.when.states else {
                continue;
            };
            for (index, state) in states.names.iter().enumerate() {
                if KNOWN.contains(&state.as_str()) {
                    continue;
                }
                let path = KeyPath::default().key("routes").item(route.about.index);
                let mut path = path.key("when").key("state");
                if states.is_list {
                    path.push_item(index);
                }
                let help = did_you_mean(state, KNOWN).unwrap_or_else(|| {
                    let known: Vec<_> = KNOWN.iter().map(|state| format!("`{state}`")).collect();
                    format!("the known states are {}", known.join(", "))
                });
                let message = format!(
                    "`{}` is no presence state that Matrix knows",
                    shortened(state)
                );
                let location = Location::value(rules.file, path);
                findings.push(Finding::new(Code::UnknownState, location, message).help(help));
            }
        }
    }
}
