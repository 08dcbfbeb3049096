//! `needs-known-users`: patterns that have to be looked up among known users, in a rule set without any.

use super::{Context, words};
use crate::finding::{Code, Finding};

const HELP: &str = "name known users with `known_users:`, or a file of them with `--known-users`; inside Synapse, the \
                    homeserver knows its users";

/// One note for the whole rule set, at the first of its rules that say so; none beside errors, which come first.
pub(super) fn check(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    if cx.known_users.is_some() || cx.rule_set.is_faulty {
        return;
    }
    let sets = &cx.sets;
    let servers = sets.reader.servers();
    let routes = sets.routes.all.iter().filter_map(|route| {
        let (senders, recipients) = (sets.facts(route.seen), sets.facts(route.seer));
        let server_is_known = servers[route.seen.0 as usize].is_some();
        let reader = &sets.reader;
        let side = if recipients.needs_known_users {
            &route.rule.recipients
        } else if route.file.derive_interests
            && senders.needs_known_users
            && reader.needs_senders(
                route.seer,
                senders.everyone,
                server_is_known,
                sets.all_facts(),
            )
        {
            &route.rule.senders
        } else {
            return None;
        };
        Some((route.file, &route.rule.about, side))
    });
    let interests = sets.interests.all.iter().filter_map(|interest| {
        let seen = sets.facts(interest.seen);
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
        1 => " and those of another rule".to_owned(),
        more => format!(" and those of {more} other rules"),
    };
    let message = format!(
        "these patterns{others} pick from the known users, and there are none: where they matter, `route` and \
         `interested` refuse to answer"
    );
    let location = words::side(file, users);
    findings.push(Finding::new(Code::NeedsKnownUsers, location, message).help(HELP));
}
