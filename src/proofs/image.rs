//! Whom a template can make of the users of a set, and of whom it can make those of another: what is plain to see of what
//! these start with, end in, and are of servers.

use super::bounds::Bounds;
use super::prover::Prover;
use super::sets::{SetId, Sets};
use crate::pattern::{Pattern, Template};

/// So many servers are told one by one.
const MOST_SERVERS: usize = 64;

/// A piece of a template.
#[derive(Clone, Copy, PartialEq)]
enum Piece<'t> {
    Text(&'t str),
    Localpart,
    Server,
}

/// The users of `from` of whom a template may make somebody of `to`, and those of `to` whom it may make of them. Of the
/// others it is certain that it does not.
pub(super) fn made_of(
    prover: &mut Prover,
    template: &Template,
    from: SetId,
    to: SetId,
) -> (SetId, SetId) {
    let sets = &mut prover.sets;
    let text = template.as_str();
    let pieces = pieces(text);
    let (bounds, made) = (sets.bounds(from), sets.bounds(to));
    let mut to = narrowed(sets, to, &image(&pieces, &bounds));
    let from = narrowed(sets, from, &preimage(&pieces, &made));
    // Behind the colon, the server stays as it is.
    let keeps_server = (text.strip_suffix(":{server}")).is_some_and(|before| !before.contains(':'));
    if let Some(servers) =
        (bounds.servers.as_ref()).filter(|servers| keeps_server && servers.len() <= MOST_SERVERS)
    {
        let there = servers
            .iter()
            .filter_map(|server| Pattern::server(server).ok());
        let there: Vec<_> = there.map(|server| sets.pattern(&server)).collect();
        let there = sets.union(there);
        to = sets.intersection(to, there);
    }
    (from, to)
}

fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some(open) = rest.find('{') {
        if open > 0 {
            pieces.push(Piece::Text(&rest[..open]));
        }
        let (variable, after) = rest[open..].split_once('}').unwrap_or((&rest[open..], ""));
        pieces.push(if variable == "{server" {
            Piece::Server
        } else {
            Piece::Localpart
        });
        rest = after;
    }
    if !rest.is_empty() {
        pieces.push(Piece::Text(rest));
    }
    pieces
}

/// Those who match these expressions, too.
fn narrowed(sets: &mut Sets, set: SetId, expressions: &[String]) -> SetId {
    let patterns = expressions.iter().filter_map(|it| Pattern::regex(it).ok());
    patterns.fold(set, |set, pattern| {
        let pattern = sets.pattern(&pattern);
        sets.intersection(set, pattern)
    })
}

/// What all match that are made of users with these bounds.
fn image(pieces: &[Piece<'_>], bounds: &Bounds) -> Vec<String> {
    let mut servers = bounds.servers.iter().flat_map(|servers| servers.iter());
    let only_server = match (servers.next(), servers.next()) {
        (Some(one), None) => Some(&**one),
        _ => None,
    };
    let (mut start, mut end) = (String::new(), Vec::new());
    for piece in pieces {
        let (text, is_whole) = match piece {
            Piece::Text(text) => (*text, true),
            Piece::Server => (only_server.unwrap_or_default(), only_server.is_some()),
            Piece::Localpart => {
                let known = bounds.prefix.strip_prefix('@').unwrap_or_default();
                match known.split_once(':') {
                    Some((localpart, _)) => (localpart, true),
                    None => (known, false),
                }
            }
        };
        start.push_str(text);
        if !is_whole {
            break;
        }
    }
    for piece in pieces.iter().rev() {
        let (text, is_whole) = match piece {
            Piece::Text(text) => (*text, true),
            Piece::Server => (only_server.unwrap_or_default(), only_server.is_some()),
            Piece::Localpart => {
                // Where the server is known, what stands before it is the end of the localpart.
                let before = only_server.and_then(|server| bounds.suffix.strip_suffix(server));
                let known = before.and_then(|before| before.strip_suffix(':'));
                (known.unwrap_or_default().trim_start_matches('@'), false)
            }
        };
        end.push(text);
        if !is_whole {
            break;
        }
    }
    end.reverse();
    let end = end.concat();
    let mut expressions = Vec::new();
    // That an ID starts with `@` says nothing.
    if start.len() > 1 {
        expressions.push(format!("(?s){}.*", regex_syntax::escape(&start)));
    }
    if !end.is_empty() {
        expressions.push(format!("(?s).*{}", regex_syntax::escape(&end)));
    }
    expressions
}

/// What all match of whom users with these bounds may be made.
fn preimage(pieces: &[Piece<'_>], made: &Bounds) -> Vec<String> {
    let mut expressions = Vec::new();
    if let [Piece::Text(text), Piece::Localpart, Piece::Text(next), ..] = pieces
        && let Some(rest) = made.prefix.strip_prefix(text)
        && let Some(stop) = next.chars().next()
    {
        // The localpart may end where the template goes on.
        let known = rest.split([stop, ':']).next().unwrap_or_default();
        if !known.is_empty() {
            expressions.push(format!("(?s)@{}.*", regex_syntax::escape(known)));
        }
    }
    if let [.., Piece::Text(before), Piece::Localpart, Piece::Text(text)] = pieces
        && let Some(rest) = made.suffix.strip_suffix(text)
        && let Some(stop) = before.chars().next_back()
    {
        let known = rest.rsplit([stop, ':']).next().unwrap_or_default();
        if !known.is_empty() {
            expressions.push(format!("(?s).*{}:.*", regex_syntax::escape(known)));
        }
    }
    expressions
}
