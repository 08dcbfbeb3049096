//! `all-narrows`: a user who is given ALL, and no longer sees room-mates or itself by that.

use super::all::{Fate, Giver, fate_of_unnamed, givers, labelled, users, widened};
use super::{Context, words};
use crate::finding::{Code, Finding, Severity};
use crate::rules::Side;

pub(super) fn check(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    let unnamed = fate_of_unnamed(cx);
    for giver in &givers(cx) {
        findings.extend(narrowing(cx, giver, unnamed, Cause::Said));
    }
    findings.extend(by_widening(cx));
}

/// The findings about interests that are widened to ALL.
pub(super) fn by_widening(cx: &Context<'_>) -> Vec<Finding> {
    let unnamed = fate_of_unnamed(cx);
    (widened(cx).iter())
        .filter_map(|giver| narrowing(cx, giver, unnamed, Cause::Widened))
        .collect()
}

/// How it comes that a rule gives ALL.
#[derive(Clone, Copy, PartialEq)]
enum Cause {
    /// It says so.
    Said,
    /// Its patterns cannot be looked up. Inside Synapse they can, so this is a note.
    Widened,
}

fn narrowing(cx: &Context<'_>, giver: &Giver<'_>, unnamed: Fate, cause: Cause) -> Option<Finding> {
    let alike = users(cx, giver, unnamed);
    let alike = (alike.iter()).find(|alike| matches!(alike.fate, Fate::Something(_)))?;
    let (list, side, rule) = match giver {
        Giver::Interest(_) => ("interests", Side::In, "this interest"),
        Giver::Route(_) => (
            "routes",
            Side::Senders,
            "the interest that derives from this route",
        ),
    };
    let gives = match cause {
        Cause::Said => "gives ALL to",
        Cause::Widened => "is widened, for want of known users, to ALL for",
    };
    let who = alike.named();
    let message = format!(
        "{rule} {gives} {who}, and Synapse then shows only what the routes send: neither room-mates nor \
         the user itself without a route"
    );
    let help = match (cause, alike.fate, giver) {
        (Cause::Widened, ..) => {
            "name a file of known users with `directory:` or `--directory`; inside Synapse, which knows its users, \
             nothing is widened"
        }
        (_, Fate::Something(Some(_)), _) => "let the block leave the user's own presence alone",
        (_, _, Giver::Interest(_)) => {
            "list whom they may see instead of `all`, or send them everything by a route with `senders: all`"
        }
        (_, _, Giver::Route(_)) => {
            "send everything by a route without `when`, or list the senders instead of `all`"
        }
    };
    let location = words::side(giver.file(), list, giver.about(), side);
    let mut finding = Finding::new(Code::AllNarrows, location, message).help(help);
    if cause == Cause::Widened {
        finding.severity = Severity::Note;
        return Some(finding);
    }
    Some(labelled(cx, finding, giver, alike.fate))
}
