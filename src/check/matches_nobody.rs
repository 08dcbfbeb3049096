//! `matches-nobody`: a pattern that matches no known user.
//!
//! Where users are listed, that is said of every pattern. Where they are only compared with one, as in a block or an
//! `exclude`, the pattern may well be about users who are to come: there it is said if the known users hold others of
//! that server, or if the server's name nearly is one that is known.

use std::collections::{HashMap, HashSet};

use super::Context;
use super::known::Known;
use super::server_name_form::fault;
use crate::finding::{Code, Effect, Finding, Fix, Location};
use crate::pattern::{Pattern, shortened};
use crate::rules::{At, Item};
use crate::source::FileId;

pub(super) fn check(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    let (Some(known_users), Some(known)) = (cx.known_users, &cx.known) else {
        return;
    };
    let mut known = known.borrow_mut();
    own_servers(cx, &mut known, findings);
    let patterns = listed(cx);
    if patterns.is_empty() {
        return;
    }
    let receive = (known_users.with_roles()).filter(|(_, role)| role.receives());
    let receive: Vec<_> = receive.map(|(user, _)| user).collect();
    let everybody_receives = receive.len() == known_users.len();
    let mut receiving = Known::new(if everybody_receives {
        Vec::new()
    } else {
        receive
    });
    let mut judged: HashMap<&Pattern, bool> = HashMap::new();
    let mut judged_recipients: HashMap<&Pattern, bool> = HashMap::new();
    for (file, at, pattern, usage) in patterns {
        let location = Location::part(file, at.whole);
        let server = pattern.server_name();
        let near = (server.as_deref()).and_then(|server| known.near_server(server));
        if usage == Usage::Compared
            && near.is_none()
            && !server.as_deref().is_some_and(|it| known.has_server(it))
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
        // A bridge has its users under names that begin so, and makes them as they come: lists of accounts have none.
        if usage != Usage::Recipients
            && near.is_none()
            && pattern.literal_prefix().starts_with("@_")
            && !known.has_start("@_")
        {
            continue;
        }
        let is_matched = *judged
            .entry(pattern)
            .or_insert_with(|| known.is_matched(pattern, server.as_deref()));
        let are_taken_in = usage != Usage::Recipients
            || everybody_receives
            || *judged_recipients
                .entry(pattern)
                .or_insert_with(|| receiving.is_matched(pattern, server.as_deref()));
        let text = match pattern {
            Pattern::Server(text)
            | Pattern::Glob(text)
            | Pattern::ServerGlob(text)
            | Pattern::Regex(text)
            | Pattern::User(text) => shortened(text),
            Pattern::Everyone => continue,
        };
        if !is_matched {
            let message = match known_users.len() {
                0 => format!("`{text}` matches nobody, since there are no known users"),
                1 => format!("`{text}` does not match the only known user"),
                count => format!("`{text}` matches none of the {count} known users"),
            };
            let finding = Finding::new(Code::MatchesNobody, location, message);
            let Some((near, server)) = near.zip(server) else {
                findings.push(finding.help("correct it, or add its users to the known users"));
                continue;
            };
            let mut finding =
                finding.help(format!("did you mean the server `{}`?", shortened(&near)));
            if !matches!(pattern, Pattern::Regex(_))
                && let Some(start) = pattern.as_str().strip_suffix(&*server)
            {
                let scalar = Location::part(file, at.text);
                let meant = format!("{start}{near}");
                finding = finding.fix(Fix::say(scalar, meant, Effect::Others));
            }
            findings.push(finding);
        } else if !are_taken_in {
            let message = format!(
                "`{text}` matches only users who are only seen, and patterns do not take these in as recipients"
            );
            findings.push(
                Finding::new(Code::MatchesNobody, location, message)
                    .help("correct it, or name those who should receive by their IDs"),
            );
        }
    }
}

/// The rules' own homeserver, which is what `local` means, where nobody is known of it, and its name nearly is one of
/// which somebody is.
fn own_servers(cx: &Context<'_>, known: &mut Known<'_>, findings: &mut Vec<Finding>) {
    for rules in &cx.rule_set.files {
        let Some(server) = rules.server_name.as_deref() else {
            continue;
        };
        // Of one cause, one finding.
        if known.has_server(server) || fault(server).is_some() {
            continue;
        }
        let Some(near) = known.near_server(server) else {
            continue;
        };
        let location = Location::part(rules.file, rules.server_name_at);
        let message = format!("no known user is of the homeserver `{}`", shortened(server));
        let help = format!("did you mean the server `{}`?", shortened(&near));
        let fix = Fix::say(location, near, Effect::Others);
        findings.push(
            Finding::new(Code::MatchesNobody, location, message)
                .help(help)
                .fix(fix),
        );
    }
}

/// What becomes of the users whom a pattern matches.
#[derive(Clone, Copy, PartialEq)]
enum Usage {
    /// They are listed as recipients.
    Recipients,
    /// They are listed as users who are seen.
    Seen,
    /// Users are compared with the pattern.
    Compared,
}

/// The patterns at their places, each place once, and what they are for.
fn listed<'a>(cx: &Context<'a>) -> Vec<(FileId, At, &'a Pattern, Usage)> {
    let sets = &cx.sets;
    let routes = sets.routes.all.iter().zip(&sets.sites.rules.routes);
    let senders = routes.filter(|(route, _)| route.file.derive_interests);
    let senders = senders.map(|(_, sides)| (sides.seen_at, Usage::Seen));
    let interests = sets.sites.rules.interests.iter();
    let interests = interests.map(|sides| (sides.seen_at, Usage::Seen));
    // A group is entered once, and what it stands for elsewhere need not be recipients.
    let recipients = sets.sites.rules.routes.iter();
    let recipients = recipients.map(|sides| (sides.seer_at, Usage::Recipients));
    let mut met = HashSet::new();
    let mut patterns = Vec::new();
    for (site, usage) in senders.chain(interests).chain(recipients) {
        sets.sites.included(site, &mut met, &mut |site, item| {
            if let Item::Pattern(pattern) = item
                && !matches!(pattern, Pattern::User(_) | Pattern::Everyone)
            {
                patterns.push((site.file, site.users.at(), pattern, usage));
            }
            false
        });
    }
    let places: HashSet<_> = (patterns.iter())
        .map(|(file, at, ..)| (*file, at.whole))
        .collect();
    for rules in &cx.rule_set.files {
        for users in rules.sets() {
            users.walk(&mut |placed| {
                if let Item::Pattern(pattern) = placed.item
                    && !matches!(pattern, Pattern::User(_) | Pattern::Everyone)
                    && !places.contains(&(rules.file, placed.at.whole))
                {
                    patterns.push((rules.file, placed.at, pattern, Usage::Compared));
                }
            });
        }
    }
    patterns
}
