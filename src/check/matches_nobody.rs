//! `matches-nobody`: a pattern that matches no known user.
//!
//! Where users are listed, that is said of every pattern. Where they are only compared with one, as in a block or an
//! `exclude`, the pattern may well be about users who are to come: there it is said if the known users hold others of
//! that server, or if the server's name nearly is one that is known.

use std::collections::{HashMap, HashSet};

use super::Context;
use crate::finding::{Code, Finding, Location};
use crate::pattern::{Pattern, shortened};
use crate::rules::Item;

pub(super) fn check(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    let (Some(known_users), Some(known)) = (cx.known_users, &cx.known) else {
        return;
    };
    // Of those who could not be read, or whom a file names that could not be read, somebody may match.
    if !known_users.is_whole() || cx.rule_set.files.iter().any(|rules| rules.is_broken) {
        return;
    }
    let patterns = listed(cx);
    if patterns.is_empty() {
        return;
    }
    let mut known = known.borrow_mut();
    let mut judged: HashMap<&Pattern, bool> = HashMap::new();
    for (location, pattern, is_listed) in patterns {
        let server = pattern.server_name();
        let near = (server.as_deref()).and_then(|server| known.near_server(server));
        if !is_listed && near.is_none() && !server.as_deref().is_some_and(|it| known.has_server(it))
        {
            continue;
        }
        // Inside Synapse, the homeserver adds its own users; known users without any of them are the others.
        if let (Some(server), Some(own)) = (&server, cx.server_name)
            && **server == *own
            && !known.has_server(own)
        {
            continue;
        }
        let is_matched = *judged
            .entry(pattern)
            .or_insert_with(|| known.is_matched(pattern, server.as_deref()));
        if !is_matched {
            let text = match pattern {
                Pattern::Server(text)
                | Pattern::Glob(text)
                | Pattern::ServerGlob(text)
                | Pattern::Regex(text)
                | Pattern::User(text) => text,
                Pattern::Everyone => continue,
            };
            let text = shortened(text);
            let message = match known_users.len() {
                0 => format!("`{text}` matches nobody, since there is not one known user"),
                1 => format!("`{text}` does not match the one known user"),
                count => format!("`{text}` matches none of the {count} known users"),
            };
            let help = match near {
                Some(near) => format!("did you mean the server `{}`?", shortened(near)),
                None => "correct it, or add its users to the known users".to_owned(),
            };
            findings.push(Finding::new(Code::MatchesNobody, location, message).help(help));
        }
    }
}

/// The patterns at their places, each place once, and whether they are looked up among the known users, for a list.
fn listed<'a>(cx: &Context<'a>) -> Vec<(Location, &'a Pattern, bool)> {
    let sets = &cx.sets;
    let routes =
        (sets.routes.all.iter().zip(&sets.sites.rules.routes)).flat_map(|(route, sides)| {
            let senders = route.file.derive_interests.then_some(sides.seen_at);
            [sides.seer_at].into_iter().chain(senders)
        });
    let interests = sets.sites.rules.interests.iter().map(|sides| sides.seen_at);
    let mut met = HashSet::new();
    let mut patterns = Vec::new();
    for site in routes.chain(interests) {
        sets.sites.included(site, &mut met, &mut |site, item| {
            if let Item::Pattern(pattern) = item
                && !matches!(pattern, Pattern::User(_) | Pattern::Everyone)
            {
                patterns.push((site.location(), pattern, true));
            }
            false
        });
    }
    let places: HashSet<_> = patterns.iter().map(|(place, ..)| *place).collect();
    for rules in &cx.rule_set.files {
        for users in rules.sets() {
            users.walk(&mut |placed| {
                let place = Location::part(rules.file, placed.at.whole);
                if let Item::Pattern(pattern) = placed.item
                    && !matches!(pattern, Pattern::User(_) | Pattern::Everyone)
                    && !places.contains(&place)
                {
                    patterns.push((place, pattern, false));
                }
            });
        }
    }
    patterns
}
