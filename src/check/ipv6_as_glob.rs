//! `ipv6-as-glob`: an IPv6 address in brackets, where brackets are a class of characters.

use std::ops::Range;

use super::Context;
use super::glob_text::{Part, parts};
use super::pattern_text::{for_each, server_item, user_item};
use crate::finding::{Code, Effect, Finding};
use crate::pattern::{GLOB_CHARACTERS, Pattern, proposed, shortened};
use crate::user_id::{UserId, validate_server_name};
use crate::yaml::quoted_as;

pub(super) fn check(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    for_each(cx, |placed| {
        let (text, is_server) = match placed.pattern {
            Pattern::Glob(text) => (text, false),
            Pattern::ServerGlob(text) => (text, true),
            _ => return,
        };
        let Some(brackets) = address(placed.pattern) else {
            return;
        };
        let start = if is_server { 0 } else { brackets.start };
        if text[..brackets.start].contains('{') {
            let message = format!(
                "this is read as a glob, in which the brackets of `{}` are a class of characters",
                shortened(&text[brackets.clone()])
            );
            let finding = Finding::new(Code::Ipv6AsGlob, placed.inside(brackets.clone()), message);
            let address = text[brackets].replacen('[', "\\[", 1);
            let address = address.strip_suffix(']').unwrap_or(&address).to_owned() + "\\]";
            let item = format!("{{server: {}}}", quoted_as("'", &address));
            findings.push(finding.help(format!(
                "write each server as an item of its own, this one as `{}`",
                proposed(&item)
            )));
            return;
        }
        let server = &text[start..];
        let (brackets_start, brackets_end) = (brackets.start, brackets.end);
        let inner = &text[brackets.start + 1..brackets.end - 1];
        let is_wild = |text: &str| text.contains(['*', '?', '{']) || inner.contains('[');
        let message = format!(
            "this is read as a glob, in which the brackets of `{}` are a class of characters",
            shortened(&text[brackets.clone()])
        );
        let finding = Finding::new(Code::Ipv6AsGlob, placed.inside(brackets), message);
        let escaped = || {
            let (before, after) = (&text[..brackets_start], &text[brackets_end..]);
            // No name has a zone.
            let inner = inner
                .split('%')
                .next()
                .unwrap_or_default()
                .to_ascii_lowercase();
            let written = quoted_as("'", &format!("{before}\\[{inner}\\]{after}"));
            if is_server {
                format!("{{server: {written}}}")
            } else {
                written
            }
        };
        if let Some(network) = server.strip_prefix('[').and_then(|it| it.split_once('/')) {
            // The addresses of a network begin alike, as they are mostly written.
            let address = network.0.trim_end_matches(':');
            let rest = network.1.split_once(']').map_or("", |(_, rest)| rest);
            let like = quoted_as("'", &format!("{}\\[{address}:*\\]{rest}", &text[..start]));
            let like = if is_server {
                format!("{{server: {like}}}")
            } else {
                like
            };
            findings.push(finding.help(format!(
                "a glob knows nothing of networks; for addresses that begin alike, write `{}`",
                proposed(&like)
            )));
            return;
        }
        let item = if is_wild(server) {
            escaped()
        } else if validate_server_name(server).is_err() {
            let (key, example) = if is_server {
                ("server", "[2001:db8::1]")
            } else {
                ("user", "@alice:[2001:db8::1]")
            };
            findings.push(finding.help(format!(
                "`{}` is not a server name; write a valid one, as in `{{{key}: \"{example}\"}}`",
                shortened(server)
            )));
            return;
        } else if UserId::parse(text).is_ok() && !text[..start].contains(GLOB_CHARACTERS) {
            user_item(text)
        } else if matches!(&text[..start], "@*:" | "*:") {
            server_item(server)
        } else {
            escaped()
        };
        let mut finding = placed.with_item(finding, &item, Effect::Others);
        if is_wild(server) {
            finding.help = Some(format!(
                "for all addresses of this form, write `{}`",
                proposed(&item)
            ));
        }
        findings.push(finding);
    });
}

/// The brackets, if there are some, that look like those of an IPv6 address.
pub(super) fn address(pattern: &Pattern) -> Option<Range<usize>> {
    let (text, is_server) = match pattern {
        Pattern::Glob(text) => (text, false),
        Pattern::ServerGlob(text) => (text, true),
        _ => return None,
    };
    let mut at_server = is_server;
    for (range, part) in parts(text) {
        match part {
            Part::Class(inner) if at_server => {
                let inner = &text[inner];
                let is_wild = |c: char| matches!(c, '*' | '?' | '{' | '}' | ',');
                let of_address = |c: char| {
                    c.is_ascii_alphanumeric()
                        || matches!(c, ':' | '.' | '/' | '[' | '-' | '!' | '%')
                        || is_wild(c)
                };
                // `[*]` is how a server's ACL writes every address.
                let is_address = inner.contains(':') || inner.chars().all(is_wild);
                // A class in the brackets of an address ends that, as it is read.
                let end = if inner.contains('[') {
                    let rest = text[range.end..].find(']')?;
                    range.end + rest + 1
                } else {
                    range.end
                };
                let is_negated = inner.starts_with(['!', '^']);
                let is_one = is_address && !is_negated && inner.chars().all(of_address);
                if is_one {
                    return Some(range.start..end);
                }
                at_server = false;
            }
            // In braces, each word may begin a server name.
            Part::Brace(_) => at_server |= is_server,
            // The address begins behind a wildcard, too: `*[::1]`.
            Part::Stars | Part::Any => {}
            part => at_server = part == Part::Literal(':'),
        }
    }
    None
}
