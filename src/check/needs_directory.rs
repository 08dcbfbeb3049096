//! `needs-directory`: patterns that have to be looked up among known users, in a rule set without any.

use std::collections::HashSet;

use super::all_narrows::by_widening;
use super::{Context, words};
use crate::finding::{Code, Finding};
use crate::rules::Side;

const HELP: &str = "name a file of known users with `directory:` or `--directory`; inside Synapse, the homeserver \
                    knows its users";

pub(super) fn check(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    if cx.directory.is_some() {
        return;
    }
    // `all-narrows` says the same and more.
    let told: HashSet<_> = (by_widening(cx).into_iter())
        .map(|finding| finding.location)
        .collect();
    let mut note = |location, message| {
        if told.contains(&location) {
            return;
        }
        findings.push(Finding::new(Code::NeedsDirectory, location, message).help(HELP));
    };
    for route in &cx.sets.routes {
        let about = &route.rule.about;
        if cx.sets.enumeration(route.seer).needs_directory {
            note(
                words::side(route.file, "routes", about, Side::Recipients),
                "the recipients are patterns, which can only be looked up among known users",
            );
        }
        if route.file.derive_interests && cx.sets.enumeration(route.seen).is_widened() {
            note(
                words::side(route.file, "routes", about, Side::Senders),
                "without known users to look these patterns up among, the interest that derives from this route is \
                 widened to ALL",
            );
        }
    }
    for interest in &cx.sets.interests {
        if cx.sets.enumeration(interest.seen).is_widened() {
            note(
                words::side(interest.file, "interests", &interest.rule.about, Side::In),
                "without known users to look these patterns up among, the interest is widened to ALL",
            );
        }
    }
}
