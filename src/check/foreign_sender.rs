//! `foreign-sender`: a route between users of other servers, which has nothing to do on this one.

use super::{Context, words};
use crate::finding::{Code, Finding};

pub(super) fn check(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    let Some(own) = cx.server_name else {
        return;
    };
    for route in &cx.sets.routes.all {
        let is_remote = |node| cx.sets.is_remote(node);
        if is_remote(route.seen) && is_remote(route.seer) {
            let message = format!(
                "neither the senders nor the recipients of this route are users of `{own}`"
            );
            let recipients = words::side(route.file, &route.rule.recipients);
            let place = words::side(route.file, &route.rule.senders);
            findings.push(
                Finding::new(Code::ForeignSender, place, message)
                    .label(recipients, "the recipients")
                    .help("move it to the rules of the senders' homeserver"),
            );
        }
    }
}
