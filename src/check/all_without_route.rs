//! `all-without-route`: a user who is given ALL, and whom no route reaches. Synapse's sync code then looks for the
//! user's key among the answers of `get_users_for_states`, and fails.

use super::all::{Fate, fate_of_unnamed, givers, labelled, users};
use super::{Context, words};
use crate::finding::{Code, Finding};

pub(super) fn check(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    let unnamed = fate_of_unnamed(cx);
    for giver in &givers(cx) {
        let alike = users(cx, giver, unnamed);
        let Some(alike) = (alike.iter()).find(|alike| matches!(alike.fate, Fate::Nothing(_)))
        else {
            continue;
        };
        let message = format!(
            "{} may see ALL, and no route sends anything there, so Synapse answers `/sync` with an error",
            alike.named()
        );
        let help = match alike.fate {
            Fate::Nothing(Some(_)) => "narrow the block, or take ALL away",
            _ => "add a route to them, or list whom they may see instead of `all`",
        };
        let location = words::side(giver.file(), giver.users());
        let finding = Finding::new(Code::AllWithoutRoute, location, message).help(help);
        findings.push(labelled(cx, finding, giver, alike.fate));
    }
}
