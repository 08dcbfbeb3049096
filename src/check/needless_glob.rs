//! `needless-glob`: a glob that says no more than a user ID, a server or a shorter glob would.

use std::ops::Range;

use regex_syntax::hir::HirKind;

use super::Context;
use super::glob_text::{Part, parts};
use super::pattern_text::{for_each, server_item, user_item};
use super::regex_text::replaced;
use crate::finding::{Code, Effect, Finding};
use crate::pattern::Pattern;
use crate::user_id::{UserId, validate_server_name};

pub(super) fn check(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    for_each(cx, |placed| {
        let (text, exact) = match placed.pattern {
            Pattern::Glob(text) => (text, one_user(placed.pattern)),
            Pattern::ServerGlob(text) => (text, one_server(text)),
            _ => return,
        };
        if let Some((reason, item)) = exact {
            let location = placed.inside(0..text.len());
            let (effect, more) = match placed.pattern {
                Pattern::Glob(_) => placed.exact_instead(),
                _ => (Effect::Same, ""),
            };
            let finding = Finding::new(Code::NeedlessGlob, location, reason);
            findings.push(placed.with_item(finding, &item, effect).and(more));
            return;
        }
        let stars = needless_stars(text);
        let Some(first) = stars.first() else { return };
        let message = format!("`{}` is the same as `*` here", &text[first.clone()]);
        let location = placed.inside(first.clone());
        let shorter = replaced(text, stars.into_iter().map(|range| (range, "*")).collect());
        let finding = Finding::new(Code::NeedlessGlob, location, message);
        findings.push(placed.with_text(finding, &shorter, Effect::Same));
    });
}

fn one_user(glob: &Pattern) -> Option<(&'static str, String)> {
    let id = literal(glob)?;
    UserId::parse(&id).ok()?;
    Some(("this glob matches one user ID only", user_item(&id)))
}

fn one_server(text: &str) -> Option<(&'static str, String)> {
    let server = literal(&Pattern::glob(text).ok()?)?;
    validate_server_name(&server).ok()?;
    Some((
        "this glob matches one server name only",
        server_item(&server),
    ))
}

/// The one text that a glob matches.
fn literal(glob: &Pattern) -> Option<String> {
    match glob.language().kind() {
        HirKind::Literal(literal) => String::from_utf8(literal.0.to_vec()).ok(),
        _ => None,
    }
}

/// Runs of `*` that mean no more than one. Beside a `/`, and at the edges of a brace, `**` may have a meaning of its own.
fn needless_stars(text: &str) -> Vec<Range<usize>> {
    let parts = parts(text);
    let is_border = |index: Option<usize>| {
        let part = index.and_then(|index| parts.get(index));
        matches!(part, Some((_, Part::Literal('/') | Part::Brace(_))))
    };
    (parts.iter().enumerate())
        .filter(|(index, (range, part))| {
            *part == Part::Stars
                && (2..text.len()).contains(&range.len())
                && !is_border(index.checked_sub(1))
                && !is_border(Some(index + 1))
        })
        .map(|(_, (range, _))| range.clone())
        .collect()
}
