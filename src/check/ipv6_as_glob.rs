//! `ipv6-as-glob`: an IPv6 address in brackets, where brackets are a class of characters.

use std::ops::Range;

use super::Context;
use super::glob_text::{Part, parts};
use super::pattern_text::for_each;
use crate::finding::{Code, Finding};
use crate::pattern::{GLOB_CHARACTERS, Pattern, proposed, shortened};
use crate::user_id::{UserId, validate_server_name};

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
        let server = &text[start..];
        let is_wild = |text: &str| text.contains(['*', '?', '{']);
        let help = if is_wild(server) {
            let escaped = escaped(server);
            let written = if is_server {
                format!("{{server: '{escaped}'}}")
            } else {
                format!("'{}{escaped}'", &text[..start])
            };
            format!(
                "for all addresses of this form, write `{}`",
                proposed(&written)
            )
        } else if validate_server_name(server).is_err() {
            let (key, example) = if is_server {
                ("server", "[2001:db8::1]")
            } else {
                ("user", "@alice:[2001:db8::1]")
            };
            format!(
                "`{}` is no server name; write a valid one, as in `{{{key}: \"{example}\"}}`",
                shortened(server)
            )
        } else if UserId::parse(text).is_ok() && !text[..start].contains(GLOB_CHARACTERS) {
            format!("write `{{user: \"{}\"}}`", proposed(text))
        } else if matches!(&text[..start], "@*:" | "*:") {
            format!("write `{{server: \"{}\"}}`", proposed(server))
        } else {
            format!("write `'{}{}'`", proposed(&text[..start]), escaped(server))
        };
        let message = format!(
            "this is read as a glob, in which the brackets of `{}` are a class of characters",
            shortened(&text[brackets.clone()])
        );
        let location = placed.inside(brackets);
        findings.push(Finding::new(Code::Ipv6AsGlob, location, message).help(help));
    });
}

/// The same with brackets that stand for themselves.
fn escaped(server: &str) -> String {
    server.replace('[', "\\[").replace(']', "\\]")
}

/// The brackets, if there are some, that look like those of an IPv6 address.
pub(super) fn address(pattern: &Pattern) -> Option<Range<usize>> {
    let (text, mut at_server) = match pattern {
        Pattern::Glob(text) => (text, false),
        Pattern::ServerGlob(text) => (text, true),
        _ => return None,
    };
    for (range, part) in parts(text) {
        match part {
            Part::Class(inner) if at_server => {
                let inner = &text[inner];
                let is_wild = |c: char| matches!(c, '*' | '?' | '{' | '}' | ',');
                let of_address =
                    |c: char| c.is_ascii_alphanumeric() || matches!(c, ':' | '.') || is_wild(c);
                // `[*]` is how a server's ACL writes every address.
                let is_address = inner.contains(':') || inner.chars().all(is_wild);
                return (is_address && inner.chars().all(of_address)).then_some(range);
            }
            part => at_server = part == Part::Literal(':'),
        }
    }
    None
}
