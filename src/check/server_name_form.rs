//! `server-name-form`: a server name with capitals, or with a dot at an end, which no server has; in a regular expression
//! also an IPv6 address in brackets, which are a class there.

use std::ops::Range;

use super::Context;
use super::glob_text::{server_start, without_braces};
use super::pattern_text::{Placed, for_each, regex_item};
use super::regex_text::{Flaws, replaced};
use crate::finding::{Code, Effect, Finding, Fix, Location};
use crate::pattern::{Pattern, proposed, shortened};
use crate::rules::Item;

pub(super) fn check(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    in_server_names(cx, findings);
    in_patterns(cx, findings);
    in_templates(cx, findings);
}

/// What the rules say of their own homeserver, which is what `local` means.
fn in_server_names(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    for rules in &cx.rule_set.files {
        let Some(server) = rules.server_name.as_deref() else {
            continue;
        };
        if is_known(cx, server) {
            continue;
        }
        let Some((_, message, meant)) = fault(server) else {
            continue;
        };
        // A homeserver has one name.
        let meant = meant.trim_start_matches("*.").to_owned();
        let location = Location::part(rules.file, rules.server_name_at);
        findings.push(
            Finding::new(Code::ServerNameForm, location, message)
                .help(format!("write `{}`", proposed(&meant)))
                .fix(Fix::say(location, meant, Effect::Others)),
        );
    }
}

/// Templates that fix the server.
fn in_templates(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    for rules in &cx.rule_set.files {
        for users in rules.sets() {
            users.walk(&mut |placed| {
                let Item::Template(template) = placed.item else {
                    return;
                };
                let text = template.as_str();
                let Some((start, server)) = text.split_once(':') else {
                    return;
                };
                let Some((part, message, meant)) = fault(server) else {
                    return;
                };
                // No user is made at the servers below a name.
                if server.contains('{') || meant.contains('*') || is_known(cx, server) {
                    return;
                }
                let at = start.len() + 1;
                let scalar = placed.at.text;
                let location = Location::inside(rules.file, scalar, at + part.start..at + part.end);
                let meant = format!("{start}:{meant}");
                let scalar = Location::part(rules.file, scalar);
                findings.push(
                    Finding::new(Code::ServerNameForm, location, message)
                        .help(format!("write `{}`", proposed(&meant)))
                        .fix(Fix::say(scalar, meant, Effect::Others)),
                );
            });
        }
    }
}

fn in_patterns(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    for_each(cx, |placed| {
        let (text, server) = match placed.pattern {
            Pattern::Server(text) | Pattern::ServerGlob(text) => (text, 0..text.len()),
            Pattern::User(text) => {
                let Some(colon) = text.find(':') else { return };
                (text, colon + 1..text.len())
            }
            Pattern::Glob(text) => {
                let Some(start) = server_start(text) else {
                    return;
                };
                (text, start..text.len())
            }
            Pattern::Regex(text) => {
                findings.extend(in_regex(cx, text, &placed));
                return;
            }
            Pattern::Everyone => return,
        };
        let Some((part, message, meant)) = fault_in(&text[server.clone()]) else {
            return;
        };
        if cx.knows(placed.pattern) && !text[server.clone()].contains('{') {
            return;
        }
        let location = placed.inside(server.start + part.start..server.start + part.end);
        let meant = meant.map(|meant| format!("{}{meant}", &text[..server.start]));
        let finding = Finding::new(Code::ServerNameForm, location, message);
        findings.push(match meant {
            Some(meant) => placed.with_text(finding, &meant, Effect::Others),
            None => finding.help("correct it, or write an item for each of the names"),
        });
    });
}

/// The fault of a server name, or of one of those that braces stand for, and what was meant.
fn fault_in(server: &str) -> Option<(Range<usize>, String, Option<String>)> {
    if !server.contains('{') {
        let (part, message, meant) = fault(server)?;
        return Some((part, message, Some(meant)));
    }
    let one = without_braces(server)?;
    let (_, message, meant) = one.iter().find_map(|server| fault(server))?;
    let is_of_case = one
        .iter()
        .any(|server| server.to_ascii_lowercase() == meant);
    let meant = is_of_case.then(|| server.to_ascii_lowercase());
    Some((0..server.len(), message, meant))
}

/// What is wrong with the server name in an expression, and what was meant.
fn in_regex(cx: &Context<'_>, text: &str, placed: &Placed<'_>) -> Option<Finding> {
    let flaws = Flaws::of(text);
    let [first_dot, last_dot] = &flaws.edge_dots;
    let (range, message, changes) = if let Some(range) = flaws.addresses.first() {
        let message = format!(
            "in a regular expression, the brackets of `{}` are a class of characters",
            shortened(&text[range.clone()])
        );
        let changes = flaws.addresses.iter().map(|range| {
            let escaped = regex_syntax::escape(&text[range.clone()]);
            (range.clone(), escaped.replace("\\*", "[0-9a-f:.]*"))
        });
        (range, message, changes.collect::<Vec<_>>())
    } else if let Some(range) = flaws.capitals.first() {
        let message = "this server name has capitals, and the case of a server name counts: servers write their names in \
                       small letters";
        let changes = flaws.capitals.iter();
        let changes = changes.map(|at| (at.clone(), text[at.clone()].to_ascii_lowercase()));
        (range, message.to_owned(), changes.collect())
    } else if let Some(range) = last_dot {
        let message = "no server name ends with a dot, as this does";
        (
            range,
            message.to_owned(),
            vec![(range.clone(), String::new())],
        )
    } else if let Some(range) = first_dot {
        let message = "no server name starts with a dot, as this does";
        let changes = vec![(range.start..range.start, "[^:]*".to_owned())];
        (range, message.to_owned(), changes)
    } else {
        return None;
    };
    let is_address = !flaws.addresses.is_empty();
    // An alternative that nobody meets stays one beside another that somebody does.
    if !is_address && !text.contains('|') && cx.knows(placed.pattern) {
        return None;
    }
    let changes = changes.iter().map(|(range, to)| (range.clone(), &**to));
    let whole = replaced(text, changes.collect());
    let finding = Finding::new(Code::ServerNameForm, placed.inside(range.clone()), message);
    Some(match Pattern::regex(&whole) {
        Ok(_) => placed.with_item(finding, &regex_item(&whole), Effect::Others),
        Err(_) => finding.help("correct it"),
    })
}

/// The part of a server name, or of a glob for some, that no server name has; why; and what was probably meant.
pub(super) fn fault(server: &str) -> Option<(Range<usize>, String, String)> {
    if let Some(at) = capital_in_address(server) {
        let message = format!(
            "`{}` has capitals, and the case of a server name counts: servers write their addresses in small letters",
            shortened(server)
        );
        return Some((at..at + 1, message, server.to_ascii_lowercase()));
    }
    // A port, and what is in the brackets of an address or of a class, are no names.
    let host = match server.find(['[', ':']) {
        Some(0) => return None,
        Some(end) => &server[..end],
        None => server,
    };
    let rest = &server[host.len()..];
    if let Some(at) = host.find(|c: char| c.is_ascii_uppercase()) {
        let message = format!(
            "`{}` has capitals, and the case of a server name counts: servers write their names in small letters",
            shortened(server)
        );
        return Some((at..at + 1, message, server.to_ascii_lowercase()));
    }
    // `.*` is of a regular expression: `other-notation` speaks of it.
    if let Some(name) = host.strip_prefix('.').filter(|name| !name.starts_with('*')) {
        let message = format!(
            "no server name starts with a dot, as `{}` does",
            shortened(server)
        );
        // As for cookies and for `no_proxy`, it means the servers below.
        return Some((0..1, message, format!("*.{name}{rest}")));
    }
    if let Some(name) = host.strip_suffix('.') {
        let message = format!(
            "no server name ends with a dot, as `{}` does",
            shortened(server)
        );
        return Some((name.len()..host.len(), message, format!("{name}{rest}")));
    }
    let at = host.find("..")?;
    let message = format!(
        "no server name has two dots side by side, as `{}` does",
        shortened(server)
    );
    Some((at..at + 2, message, server.replace("..", ".")))
}

/// The first capital of an IPv6 address, in brackets that may be escaped.
fn capital_in_address(server: &str) -> Option<usize> {
    let inner = server
        .strip_prefix("\\[")
        .or_else(|| server.strip_prefix('['))?;
    let start = server.len() - inner.len();
    let inner = inner.split(']').next()?;
    let of_address =
        |c: char| c.is_ascii_hexdigit() || matches!(c, ':' | '.' | '*' | '?' | '\\' | '/');
    let is_address = inner.contains(':') && inner.chars().all(of_address);
    let capital = inner.find(|c: char| c.is_ascii_uppercase());
    capital.filter(|_| is_address).map(|at| start + at)
}

/// Whether some known user is of such a server after all.
fn is_known(cx: &Context<'_>, server: &str) -> bool {
    Pattern::server(server).is_ok_and(|server| cx.knows(&server))
}
