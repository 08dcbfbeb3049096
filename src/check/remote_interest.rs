//! `remote-interest`: an interest of users of other servers alone, for whom nobody asks.

use super::{Context, words};
use crate::finding::{Code, Finding};

pub(super) fn check(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    let Some(own) = cx.server_name else {
        return;
    };
    for interest in &cx.sets.interests.all {
        if cx.sets.is_remote(interest.seer) {
            let message = format!(
                "none of these users is of `{own}`, and Synapse asks only for the interests of its own users"
            );
            let help = "write this interest in the rules of their server; a route alone sends updates there";
            let place = words::side(interest.file, &interest.rule.users);
            findings.push(Finding::new(Code::RemoteInterest, place, message).help(help));
        }
    }
}
