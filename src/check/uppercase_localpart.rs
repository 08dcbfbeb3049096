//! `uppercase-localpart`: an exact ID with capitals, which accounts made today do not have, or a glob that would match
//! known users without them.

use std::collections::HashSet;

use super::Context;
use super::pattern_text::{Placed, for_each, user_item};
use crate::finding::{Code, Effect, Finding};
use crate::pattern::{Pattern, proposed, shortened};
use crate::user_id::UserId;

pub(super) fn check(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    // A known user with capitals is one of the old accounts, or one that a bridge made.
    let mut known: Option<HashSet<&str>> = None;
    for_each(cx, |placed| {
        let Pattern::User(text) = placed.pattern else {
            findings.extend(in_glob(cx, &placed));
            return;
        };
        let Ok(id) = UserId::parse(text) else { return };
        if !id.localpart().contains(|c: char| c.is_ascii_uppercase()) {
            return;
        }
        let known = known.get_or_insert_with(|| {
            let known = cx
                .known_users
                .map(|known_users| known_users.iter().collect());
            known.unwrap_or_default()
        });
        if known.contains(id.as_str()) {
            return;
        }
        let lower = format!(
            "@{}:{}",
            id.localpart().to_ascii_lowercase(),
            id.server_name()
        );
        let message = format!(
            "`{}` has capitals, and the case of a user ID counts",
            shortened(text)
        );
        let help = format!(
            "accounts made today have none: write `{}`, unless this one is old or made by a bridge",
            proposed(&user_item(&lower))
        );
        let location = placed.inside(1..1 + id.localpart().len());
        let fix = placed.says(&lower, Effect::Others);
        findings.push(
            Finding::new(Code::UppercaseLocalpart, location, message)
                .help(help)
                .fix(fix),
        );
    });
}

/// A glob that matches known users only without its capitals.
fn in_glob(cx: &Context<'_>, placed: &Placed<'_>) -> Option<Finding> {
    let Pattern::Glob(text) = placed.pattern else {
        return None;
    };
    let (localpart, server) = text.split_once(':')?;
    let at = localpart.find(|c: char| c.is_ascii_uppercase())?;
    // In brackets and behind a backslash, a letter may be something else.
    if localpart.contains(['[', '\\']) || cx.knows(placed.pattern) {
        return None;
    }
    let lower = format!("{}:{server}", localpart.to_ascii_lowercase());
    if !cx.knows(&Pattern::glob(&lower).ok()?) {
        return None;
    }
    let message = format!(
        "`{}` has capitals, and the case of a user ID counts: without them, known users match",
        shortened(text)
    );
    let finding = Finding::new(Code::UppercaseLocalpart, placed.inside(at..at + 1), message);
    Some(placed.with_text(finding, &lower, Effect::Others))
}
