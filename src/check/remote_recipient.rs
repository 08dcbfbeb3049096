//! `remote-recipient`: a route to users of other servers, who see what arrives only if their server runs a router, too.

use super::{Context, words};
use crate::finding::{Code, Finding, Location};
use crate::rules::Item;

pub(super) fn check(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    if cx.server_name.is_none() {
        return;
    }
    for route in &cx.sets.routes {
        let recipients = cx.sets.enumeration(route.seer);
        // `foreign-sender` has more to say of a route between other servers.
        if !recipients.has_remote
            || recipients.is_remote() && cx.sets.enumeration(route.seen).is_remote()
        {
            continue;
        }
        let mut first = None;
        route.rule.recipients.walk(&mut |placed| {
            if first.is_none() && placed.excludes == 0 {
                let place = Location::part(route.file.file, placed.at.whole);
                first = cx.remote_server(placed.item).map(|server| (server, place));
            }
        });
        let in_group = || {
            let mut server = None;
            cx.sets
                .included(&route.rule.recipients, &mut |item: &Item| {
                    server = cx.remote_server(item);
                    server.is_none()
                });
            let place = words::side(route.file, &route.rule.recipients);
            server.map(|server| (server, place))
        };
        if let Some((server, place)) = first.or_else(in_group) {
            let message = format!(
                "users of `{server}` see what this route sends only if that server runs a presence router, too"
            );
            let help = format!("let the router of `{server}` show them these senders");
            findings.push(Finding::new(Code::RemoteRecipient, place, message).help(help));
        }
    }
}
