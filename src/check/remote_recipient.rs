//! `remote-recipient`: a route to users of other servers, who see what arrives only if their server runs a router, too.

use super::remote::remote_server;
use super::{Context, words};
use crate::finding::{Code, Finding, Location};
use crate::rules::Item;
use crate::sets::Part;

pub(super) fn check(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    let Some(own) = cx.server_name else {
        return;
    };
    for route in &cx.sets.routes.all {
        // `foreign-sender` has more to say of a route between other servers.
        if !cx.sets.has_remote(route.seer)
            || cx.sets.is_remote(route.seer) && cx.sets.is_remote(route.seen)
        {
            continue;
        }
        let mut first = None;
        route.rule.recipients.walk(&mut |placed| {
            let part = match placed.item {
                Item::Pattern(pattern) => Part::Pattern(pattern),
                Item::Template(template) => Part::Template(template),
                Item::Group(_) => return,
            };
            if first.is_none() && placed.excludes == 0 {
                let place = Location::part(route.file.file, placed.at.whole);
                first = remote_server(part, own).map(|server| (server, place));
            }
        });
        let in_group = || {
            let mut server = None;
            cx.sets.reader.items(route.seer, &mut |item| {
                server = remote_server(item, own);
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
