//! `lookalike-server`: a wildcard that runs straight into a server name, so that names that end the same match as well.

use super::Context;
use super::glob_text::{Part, parts};
use super::pattern_text::{for_each, sample, server_item};
use crate::finding::{Code, Effect, Finding};
use crate::pattern::{Pattern, proposed, shortened};
use crate::user_id::validate_server_name;

/// What the name of the other server starts with, in messages.
const OTHER: &str = "evil";

pub(super) fn check(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    for_each(cx, |placed| {
        let (text, found) = match placed.pattern {
            Pattern::Glob(text) => (text, in_glob(text)),
            Pattern::ServerGlob(text) => (text, in_server_glob(text)),
            _ => return,
        };
        let Some(Lookalike {
            star,
            meant,
            example,
            remedy,
        }) = found
        else {
            return;
        };
        let Some(id) = cx.unintended.find(placed.pattern, &meant, example) else {
            return;
        };
        let message = format!(
            "`{}` also matches users of other servers, such as `{}`",
            shortened(text),
            shortened(&id)
        );
        let location = placed.inside(star..text.len());
        let finding = Finding::new(Code::LookalikeServer, location, message);
        findings.push(match remedy {
            Remedy::Write(meant) => placed.with_text(finding, &meant, Effect::Fewer),
            Remedy::Choose(help) => finding.help(help),
        });
    });
}

/// Whether a pattern is one, whoever matches it.
pub(super) fn is_one(pattern: &Pattern) -> bool {
    match pattern {
        Pattern::Glob(text) => in_glob(text).is_some(),
        Pattern::ServerGlob(text) => in_server_glob(text).is_some(),
        _ => false,
    }
}

struct Lookalike {
    /// Where the wildcard stands.
    star: usize,
    /// What was probably meant.
    meant: Vec<Pattern>,
    /// A user that is matched, and not meant, as far as the text tells.
    example: Option<String>,
    remedy: Remedy,
}

enum Remedy {
    /// This glob was meant.
    Write(String),
    /// One of several was meant, as this says.
    Choose(String),
}

/// The last wildcard of a glob, where it stands, and the server name that ends the glob right after it.
fn star_before_server(text: &str) -> Option<(usize, &str)> {
    let last = (parts(text).into_iter()).rfind(|(_, part)| !matches!(part, Part::Literal(_)))?;
    let (range, Part::Stars) = last else {
        return None;
    };
    let server = &text[range.end..];
    // `*.example.org` takes the servers below, and that is what it says.
    let is_name = server.contains('.')
        && server.starts_with(|c: char| c.is_ascii_alphanumeric())
        && validate_server_name(server).is_ok();
    is_name.then_some((range.start, server))
}

fn in_glob(text: &str) -> Option<Lookalike> {
    let (star, server) = star_before_server(text)?;
    let before = &text[..star];
    if before.ends_with(':') {
        let (name, below) = (format!("{before}{server}"), format!("{before}*.{server}"));
        return Some(Lookalike {
            star,
            meant: globs(&[&name, &below]),
            example: sample_of(before).map(|before| format!("{before}{OTHER}{server}")),
            remedy: Remedy::Choose(format!(
                "write `{}` for this server, or `{}` for those below it",
                proposed(&name),
                proposed(&below)
            )),
        });
    }
    if before.contains(':') {
        return None;
    }
    let start = if before.is_empty() { "@" } else { before };
    let sampled = sample_of(start);
    let localpart = sampled.map(|sampled| if sampled == "@" { "@a".into() } else { sampled });
    let meant = format!("{start}*:{server}");
    Some(Lookalike {
        star,
        meant: globs(&[&meant]),
        example: localpart.map(|localpart| format!("{localpart}:{OTHER}{server}")),
        remedy: Remedy::Write(meant),
    })
}

fn in_server_glob(text: &str) -> Option<Lookalike> {
    let (0, server) = star_before_server(text)? else {
        return None;
    };
    let below = format!("*.{server}");
    let meant = [server, &below].map(Pattern::server);
    Some(Lookalike {
        star: 0,
        meant: meant.into_iter().filter_map(Result::ok).collect(),
        example: Some(format!("@a:{OTHER}{server}")),
        remedy: Remedy::Choose(format!(
            "write `{}` for this server, or `{}` for those below it",
            proposed(&server_item(server)),
            proposed(&server_item(&below))
        )),
    })
}

fn globs(texts: &[&str]) -> Vec<Pattern> {
    let globs = texts.iter().map(|text| Pattern::glob(text));
    globs.filter_map(Result::ok).collect()
}

/// A text that the start of a glob matches.
fn sample_of(start: &str) -> Option<String> {
    sample(&Pattern::glob(start).ok()?.language())
}
