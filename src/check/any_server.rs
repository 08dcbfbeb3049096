//! `any-server`: a pattern for users of servers that anybody may set up, where a stranger may pick such a name.

use std::collections::HashSet;

use super::glob_text::{Part, parts};
use super::pattern_text::{regex_item, server_item, written};
use super::regex_text::Flaws;
use super::unintended::STRANGE;
use super::{Context, lookalike_server};
use crate::finding::{Code, Finding, Location};
use crate::pattern::{Pattern, proposed, shortened};
use crate::rules::Item;
use crate::sets::Kind;
use crate::user_id::{is_port, validate_server_name};
use crate::yaml::quoted_as;

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

/// So many servers of known users are looked at.
const MOST_KNOWN_SERVERS: usize = 50;

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
    // What runs straight into a name, as `*corp.example` does, is told apart.
    if lookalike_server::is_one(pattern) {
        return None;
    }
    let stranger = cx.unintended.stranger(pattern)?;
    let (written, stranger) = (written(item), shortened(&stranger));
    let verb = match role {
        Role::Sender => "takes",
        Role::Recipient => "reaches",
    };
    // Below that domain, the name of the server has to fit as well.
    let is_anywhere = stranger.ends_with(&format!(":{STRANGE}"));
    let is_everybody = cx.unintended.is_everybody(pattern);
    let whom = match pattern {
        _ if is_everybody => format!("{verb} users of every server, as `{stranger}`"),
        Pattern::Glob(_) | Pattern::Regex(_) if is_anywhere => format!(
            "{verb} users of every server, and anybody may choose such a name, as in `{stranger}`"
        ),
        _ => format!("{verb} users of servers that anybody may set up, as in `{stranger}`"),
    };
    let mut message = format!("{written} {whom}");
    if role == Role::Recipient {
        message.push_str(", who gets this as soon as a list of known users has it");
    }
    Some(Finding::new(Code::AnyServer, place, message).help(help(cx, pattern, is_everybody)))
}

fn help(cx: &Context<'_>, pattern: &Pattern, is_everybody: bool) -> String {
    if is_everybody {
        let own = cx.server_name.unwrap_or("example.org");
        return format!(
            "name the server, as in `{}`, or write `all` if everybody is meant",
            proposed(&server_item(own))
        );
    }
    let text = pattern.as_str();
    if let Pattern::ServerGlob(text) = pattern
        && let (host, port) = text.split_once(':').unwrap_or((text, ""))
        && let Some(network) = host.strip_suffix(".*")
        && network.split('.').all(is_port)
        && let Some(more @ 1..) = 4_usize.checked_sub(network.split('.').count())
    {
        let (network, rest) = (regex_syntax::escape(network), "\\.[0-9]+".repeat(more));
        let port = match port {
            "" => String::new(),
            "*" => ":[0-9]+".to_owned(),
            port => format!(":{port}"),
        };
        let expression = format!("@[^:]*:{network}{rest}{port}");
        return format!(
            "for the addresses that begin so, write `{}`",
            proposed(&regex_item(&expression))
        );
    }
    let Some(server) = meant(cx, pattern) else {
        return "name the servers that are meant".to_owned();
    };
    let named = match pattern {
        Pattern::Glob(_) => with_server(text, &server).map(|glob| quoted_as("\"", &glob)),
        Pattern::Regex(_) => regex_with_server(text, &server).map(|regex| regex_item(&regex)),
        _ => Some(server_item(&server)),
    };
    match (named, pattern) {
        (Some(named), _) => format!("name the server, as in `{}`", proposed(&named)),
        (None, Pattern::Regex(_)) => format!(
            "let it end with `:{}`, which names the server",
            regex_syntax::escape(&server)
        ),
        (None, _) => format!("let it end with `:{server}`, which names the server"),
    }
}

/// The server that was probably meant: what the pattern says without its wildcards, or one that is known and that it
/// takes.
fn meant(cx: &Context<'_>, pattern: &Pattern) -> Option<String> {
    let server_of = |text: &str| {
        text.split_once(':')
            .map_or("", |(_, server)| server)
            .to_owned()
    };
    let (prefix, suffix) = match pattern {
        Pattern::ServerGlob(text) => (literal_start(text), pattern.literal_suffix().into()),
        _ => (
            server_of(&pattern.literal_prefix()),
            pattern.literal_suffix().rsplit(':').next()?.to_owned(),
        ),
    };
    let is_name = |name: &str| {
        name.contains('.')
            && !name.starts_with('.')
            && !name.ends_with('.')
            && validate_server_name(name).is_ok()
            && cx.unintended.reaches(pattern, name)
    };
    let both = format!("{prefix}{suffix}");
    let said = [prefix, suffix].into_iter().find(|name| is_name(name));
    said.or_else(|| {
        let own = cx.server_name.filter(|own| cx.unintended.reaches(pattern, own));
        own.map(Into::into)
    })
    .or_else(|| {
        let known = cx.known.as_ref()?.borrow();
        let servers = known.most_common_servers().into_iter().take(MOST_KNOWN_SERVERS);
        let mut servers = servers.filter(|server| cx.unintended.reaches(pattern, server));
        servers.next().map(Into::into)
    })
    .or_else(|| Some(both).filter(|name| is_name(name)))
    .or_else(|| {
        // A pattern that says nothing of servers may be for any.
        let says_nothing = matches!(pattern, Pattern::Glob(text) if !text.contains(':') || text.ends_with(":*"))
            || matches!(pattern, Pattern::Regex(_)) && cx.unintended.reaches(pattern, STRANGE);
        says_nothing.then(|| cx.server_name.unwrap_or("example.org").to_owned())
    })
}

/// What a glob says before its first wildcard.
fn literal_start(text: &str) -> String {
    let parts = parts(text).into_iter();
    let literals = parts.map_while(|(_, part)| match part {
        Part::Literal(c) => Some(c),
        _ => None,
    });
    literals.collect()
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
