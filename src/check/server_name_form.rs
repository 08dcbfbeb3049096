//! `server-name-form`: a server name with capitals, or with a dot at an end, which no server has.

use std::ops::Range;

use super::Context;
use super::pattern_text::{Placed, for_each, regex_item};
use super::regex_text::replaced;
use crate::finding::{Code, Effect, Finding, Fix, Location};
use crate::pattern::{Pattern, proposed, shortened};
use crate::rules::Item;

pub(super) fn check(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    in_patterns(cx, findings);
    in_templates(cx, findings);
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
                if server.contains('{') || meant.contains('*') || is_known(cx, server, false) {
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
                // An IPv6 address in brackets is for `ipv6-as-glob` to judge.
                let Some(colon) = text.rfind(':').filter(|_| !text.contains(":[")) else {
                    return;
                };
                (text, colon + 1..text.len())
            }
            Pattern::Regex(text) => {
                findings.extend(in_regex(cx, text, &placed));
                return;
            }
            Pattern::Everyone => return,
        };
        let Some((part, message, meant)) = fault(&text[server.clone()]) else {
            return;
        };
        let is_glob = matches!(placed.pattern, Pattern::ServerGlob(_) | Pattern::Glob(_));
        if is_known(cx, &text[server.clone()], is_glob) {
            return;
        }
        let location = placed.inside(server.start + part.start..server.start + part.end);
        let meant = format!("{}{meant}", &text[..server.start]);
        let finding = Finding::new(Code::ServerNameForm, location, message);
        findings.push(placed.with_text(finding, &meant, Effect::Others));
    });
}

/// An expression for the users of one server, where it says that name as such.
fn in_regex(cx: &Context<'_>, text: &str, placed: &Placed<'_>) -> Option<Finding> {
    let server = Pattern::regex(text).ok()?.server_name()?;
    let (_, message, meant) = fault(&server)?;
    let written = regex_syntax::escape(&server);
    let start = text.rfind(&written)?;
    // The servers below a name are no text, and so they are for the author to write.
    if is_known(cx, &server, false) || meant.contains('*') {
        return None;
    }
    let range = start..start + written.len();
    let escaped = regex_syntax::escape(&meant);
    let whole = replaced(text, vec![(range.clone(), &*escaped)]);
    let finding = Finding::new(Code::ServerNameForm, placed.inside(range), message);
    Some(placed.with_item(finding, &regex_item(&whole), Effect::Others))
}

/// The part of a server name, or of a glob for some, that no server name has; why; and what was probably meant.
pub(super) fn fault(server: &str) -> Option<(Range<usize>, String, String)> {
    // A port, and what is in the brackets of an address, are no names.
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
    if let Some(name) = host.strip_prefix('.') {
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

/// Whether some known user is of such a server after all.
fn is_known(cx: &Context<'_>, server: &str, is_glob: bool) -> bool {
    let pattern = if is_glob {
        Pattern::glob(&format!("@*:{server}"))
    } else {
        Pattern::server(server)
    };
    let Ok(pattern) = pattern else { return false };
    cx.knows(&pattern)
}
