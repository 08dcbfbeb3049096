//! `all-narrows`: a user who is given ALL, and no longer sees room-mates or itself by that.

use super::all::{Fate, Giver, fate_of_unnamed, givers, labelled, users};
use super::{Context, words};
use crate::finding::{Code, Finding};
use crate::rules::Side;

pub(super) fn check(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    let unnamed = fate_of_unnamed(cx);
    for giver in &givers(cx) {
        let alike = users(cx, giver, unnamed);
        let narrowed = (alike.iter()).find(|alike| matches!(alike.fate, Fate::Something(_)));
        let Some(alike) = narrowed else {
            continue;
        };
        let (list, side, cause) = match giver {
            Giver::Interest(_) => ("interests", Side::In, "this interest"),
            Giver::Route(_) => (
                "routes",
                Side::Senders,
                "the interest that derives from this route",
            ),
        };
        let message = format!(
            "{cause} gives ALL to {}, and Synapse then shows only what the routes send: neither room-mates nor the \
             user itself without a route",
            alike.named()
        );
        let help = match (alike.fate, giver) {
            (Fate::Something(Some(_)), _) => "let the block leave the user's own presence alone",
            (_, Giver::Interest(_)) => {
                "list whom they may see instead of `all`, or send them everything by a route with `senders: all`"
            }
            (_, Giver::Route(_)) => {
                "send everything by a route without `when`, or list the senders instead of `all`"
            }
        };
        let location = words::side(giver.file(), list, giver.about(), side);
        let finding = Finding::new(Code::AllNarrows, location, message).help(help);
        findings.push(labelled(cx, finding, giver, alike.fate));
    }
}
