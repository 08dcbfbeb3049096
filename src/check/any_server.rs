//! `any-server`: a pattern for users of servers that anybody may set up, where a stranger may pick such a name.

use std::collections::HashSet;

use super::Context;
use super::glob_text::{Part, parts};
use super::pattern_text::{regex_item, server_item, written};
use super::regex_text::Flaws;
use crate::finding::{Code, Finding, Location};
use crate::pattern::{Pattern, proposed, shortened};
use crate::rules::Item;
use crate::sets::Kind;
use crate::yaml::quoted_as;

/// A domain that nobody names. Who has users there has users everywhere.
const STRANGE: &str = "evil.test";

pub(super) fn check(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    let sites = &cx.sets.sites;
    let (routes, interests) = (&sites.rules.routes, &sites.rules.interests);
    let senders = routes.iter().chain(interests).map(|sides| sides.seen_at);
    let recipients = routes.iter().map(|sides| sides.seer_at);
    let closed = closed(cx);
    // A group may be senders here and recipients there; to say it once is enough.
    let mut met = HashSet::new();
    let senders = senders.map(|side| (Role::Sender, side));
    for (role, at) in senders.chain(recipients.map(|side| (Role::Recipient, side))) {
        sites.included(at, &mut met, &mut |site, item| {
            if let Item::Pattern(pattern) = item
                && !closed.contains(&site.location())
            {
                findings.extend(judge(cx, role, site.location(), item, pattern));
            }
            false
        });
    }
}

/// The items of each `all_of` that names the server of its users, or all of them, by another of its sets.
fn closed(cx: &Context<'_>) -> HashSet<Location> {
    let sites = &cx.sets.sites;
    let mut servers = None;
    let mut closed = HashSet::new();
    for site in sites.all_of() {
        let Kind::AllOf(members) = sites.kind(site) else {
            continue;
        };
        let servers = servers.get_or_insert_with(|| cx.sets.reader.servers());
        let is_closed = members.into_iter().any(|member| {
            let set = sites.get(member).set;
            servers[set.0 as usize].is_some() || cx.sets.facts(set).is_exact()
        });
        if is_closed {
            closed.extend(sites.items(site).map(|item| sites.get(item).location()));
        }
    }
    closed
}

/// What a user of a pattern is to a rule.
#[derive(Clone, Copy, PartialEq)]
enum Role {
    Sender,
    Recipient,
}

fn judge(
    cx: &Context<'_>,
    role: Role,
    place: Location,
    item: &Item,
    pattern: &Pattern,
) -> Option<Finding> {
    if !matches!(
        pattern,
        Pattern::Glob(_) | Pattern::ServerGlob(_) | Pattern::Regex(_)
    ) || pattern.server_name().is_some()
    {
        return None;
    }
    let stranger = cx.unintended.stranger(pattern, STRANGE)?;
    let (written, stranger) = (written(item), shortened(&stranger));
    let verb = match role {
        Role::Sender => "takes",
        Role::Recipient => "reaches",
    };
    // Below that domain, the name of the server has to fit as well.
    let is_anywhere = stranger.ends_with(&format!(":{STRANGE}"));
    let whom = match pattern {
        Pattern::Glob(_) | Pattern::Regex(_) if is_anywhere => format!(
            "{verb} users of every server, and anybody may choose such a name, as in `{stranger}`"
        ),
        _ => format!("{verb} users of servers that anybody may set up, as in `{stranger}`"),
    };
    let mut message = format!("{written} {whom}");
    if role == Role::Recipient {
        message.push_str(", who gets this as soon as a list of known users has it");
    }
    Some(Finding::new(Code::AnyServer, place, message).help(help(cx, pattern)))
}

fn help(cx: &Context<'_>, pattern: &Pattern) -> String {
    let own = cx.server_name.unwrap_or("example.org");
    match pattern {
        Pattern::ServerGlob(text) if &**text == "*" => format!(
            "name the server, as in `{}`, or write `all` if everybody is meant",
            proposed(&server_item(own))
        ),
        Pattern::Glob(text) => match with_server(text, own) {
            Some(glob) => format!(
                "name the server, as in `{}`",
                proposed(&quoted_as("\"", &glob))
            ),
            None => format!("let it end with `:{own}`, which names the server"),
        },
        Pattern::Regex(text) => match regex_with_server(text, own) {
            Some(regex) => format!("name the server, as in `{}`", proposed(&regex_item(&regex))),
            None => format!(
                "let it end with `:{}`, which names the server",
                regex_syntax::escape(own)
            ),
        },
        _ => format!("name the server, as in `{}`", proposed(&server_item(own))),
    }
}

/// The glob with this server in place of its own.
fn with_server(text: &str, server: &str) -> Option<String> {
    let is_colon = |(_, part): &(_, Part)| *part == Part::Literal(':');
    let parts = parts(text);
    // A brace may be open where the colon stands.
    if parts.iter().any(|(_, part)| matches!(part, Part::Brace(_))) && !text.ends_with('}') {
        return None;
    }
    let colon = parts.iter().find(|part| is_colon(part));
    let localpart = colon.map_or(text, |(range, _)| &text[..range.start]);
    let glob = format!("{localpart}:{server}");
    is_of(&Pattern::text(&glob).ok()?, server).then_some(glob)
}

/// The expression with this server in place of its own.
fn regex_with_server(text: &str, server: &str) -> Option<String> {
    let bare = Flaws::of(text).without_anchors(text)?;
    let localpart = match bare.split_once(':') {
        Some((_, rest)) if rest.contains(':') => return None,
        Some((localpart, _)) => localpart,
        None => &bare,
    };
    let regex = format!("{localpart}:{}", regex_syntax::escape(server));
    is_of(&Pattern::regex(&regex).ok()?, server).then_some(regex)
}

fn is_of(pattern: &Pattern, server: &str) -> bool {
    pattern.server_name().as_deref() == Some(server)
}
