//! `foreign-sender`: a route between users of other servers, which has nothing to do on this one.

use super::{Context, words};
use crate::finding::{Code, Finding};
use crate::rules::Side;

pub(super) fn check(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    let Some(own) = cx.server_name else {
        return;
    };
    for route in &cx.sets.routes {
        let is_remote = |node| cx.sets.enumeration(node).is_remote();
        if is_remote(route.seen) && is_remote(route.seer) {
            let about = &route.rule.about;
            let message = format!(
                "neither the senders nor the recipients of this route are users of `{own}`"
            );
            let recipients = words::side(route.file, "routes", about, Side::Recipients);
            let place = words::side(route.file, "routes", about, Side::Senders);
            findings.push(
                Finding::new(Code::ForeignSender, place, message)
                    .label(recipients, "the recipients")
                    .help("move it to the rules of the senders' homeserver"),
            );
        }
    }
}
