//! `needs-known-users`: patterns that have to be looked up among known users, in a rule set without any.

use super::{Context, words};
use crate::finding::{Code, Finding};
use crate::rules::servers::Servers;
use crate::rules::{Item, Route};

const HELP: &str = "name known users with `known_users:`, or a file of them with `--known-users`; inside Synapse, the \
                    homeserver knows its users";

/// One note for the whole rule set, at the first of its rules that say so; none beside errors, which come first.
pub(super) fn check(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    if cx.known_users.is_some() || cx.rule_set.is_faulty {
        return;
    }
    let mut servers = Servers::new(cx.groups);
    let routes = cx.sets.routes.iter().filter_map(|route| {
        let seen = cx.sets.enumeration(route.seen);
        let seer = cx.sets.enumeration(route.seer);
        // A template may be read backwards instead.
        let lists_senders = if seer.has_template {
            looks_for_senders(route.rule, seen.everyone, &mut servers)
        } else {
            !seen.everyone
        };
        let side = if seer.needs_known_users {
            &route.rule.recipients
        } else if route.file.derive_interests && seen.needs_known_users && lists_senders {
            &route.rule.senders
        } else {
            return None;
        };
        Some((route.file, &route.rule.about, side))
    });
    let interests = cx.sets.interests.iter().filter_map(|interest| {
        let seen = cx.sets.enumeration(interest.seen);
        let needs = seen.needs_known_users && !seen.everyone;
        needs.then_some((interest.file, &interest.rule.about, &interest.rule.sees))
    });
    let mut rules = routes
        .chain(interests)
        .filter(|(_, about, _)| !about.allows(Code::NeedsKnownUsers));
    let Some((file, _, users)) = rules.next() else {
        return;
    };
    let others = match rules.count() {
        0 => String::new(),
        1 => ", and those of another rule".to_owned(),
        more => format!(", and those of {more} other rules"),
    };
    let message = format!(
        "there are no known users among whom to look up these patterns{others}: `route` and `interested` refuse to \
         answer where they matter"
    );
    let location = words::side(file, users);
    findings.push(Finding::new(Code::NeedsKnownUsers, location, message).help(HELP));
}

/// Whether whom a recipient by a template sees has to be looked for among the known users.
fn looks_for_senders(route: &Route, from_everyone: bool, servers: &mut Servers<'_>) -> bool {
    let server_is_known = servers.of(&route.senders).is_some();
    let mut looks = false;
    route.recipients.walk(&mut |placed| {
        let is_excluded = placed.excludes > 0;
        looks |= match placed.item {
            Item::Template(template) => is_excluded || !template.is_invertible(server_is_known),
            _ => !is_excluded && !from_everyone,
        };
    });
    looks
}
