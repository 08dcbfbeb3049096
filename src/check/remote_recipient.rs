//! `remote-recipient`: a route to users of other servers, who see what arrives only if their server runs a router, too.

use std::collections::HashSet;

use super::Context;
use super::remote::remote_server;
use super::sets::Connection;
use super::words;
use crate::finding::{Code, Finding, Location};
use crate::rules::{Item, Route};
use crate::sets::Part;

pub(super) fn check(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    for route in &cx.sets.routes.all {
        let mut servers = candidates(cx, route).into_iter();
        findings.extend((servers.next()).map(|(server, place)| finding(&server, place)));
    }
}

/// The other servers whose users a route names, each where it does so, those that stand in the rule first.
pub(super) fn candidates(
    cx: &Context<'_>,
    route: &Connection<'_, Route>,
) -> Vec<(Box<str>, Location)> {
    let Some(own) = cx.server_name else {
        return Vec::new();
    };
    // `foreign-sender` has more to say of a route between other servers.
    if !cx.sets.has_remote(route.seer)
        || cx.sets.is_remote(route.seer) && cx.sets.is_remote(route.seen)
    {
        return Vec::new();
    }
    let mut servers = Vec::new();
    route.rule.recipients.walk(&mut |placed| {
        let part = match placed.item {
            Item::Pattern(pattern) | Item::Local(Some(pattern)) => Part::Pattern(pattern),
            Item::Template(template) => Part::Template(template),
            Item::File(file) => match &file.users {
                Some(users) => Part::Listed(users),
                None => return,
            },
            Item::Group(_) | Item::Local(None) => return,
        };
        if placed.excludes == 0 {
            let place = Location::part(route.file.file, placed.at.whole);
            servers.extend(remote_server(part, own).map(|server| (server, place)));
        }
    });
    let mut seen: HashSet<_> = servers.iter().map(|(server, _)| server.clone()).collect();
    let place = words::side(route.file, &route.rule.recipients);
    cx.sets.reader.items(route.seer, &mut |item| {
        if let Some(server) = remote_server(item, own)
            && seen.insert(server.clone())
        {
            servers.push((server, place));
        }
        true
    });
    servers
}

pub(super) fn finding(server: &str, place: Location) -> Finding {
    let message = format!(
        "users of `{server}` see what this route sends only if that server runs a presence router, too"
    );
    let help = format!("let the router of `{server}` show them these senders");
    Finding::new(Code::RemoteRecipient, place, message).help(help)
}
