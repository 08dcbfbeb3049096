//! `all-narrows`: a user who is given ALL, and no longer sees room-mates or itself by that.

use super::all::{Fate, Giver, fate_of_unnamed, givers, labelled, users};
use super::{Context, words};
use crate::finding::{Code, Finding};

pub(super) fn check(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    let unnamed = fate_of_unnamed(cx);
    findings.extend((givers(cx).iter()).filter_map(|giver| narrowing(cx, giver, unnamed)));
}

fn narrowing(cx: &Context<'_>, giver: &Giver<'_>, unnamed: Fate) -> Option<Finding> {
    let alike = users(cx, giver, unnamed);
    let alike = (alike.iter()).find(|alike| matches!(alike.fate, Fate::Something(_)))?;
    let rule = match giver {
        Giver::Interest(_) => "this interest",
        Giver::Route(_) => "the interest that derives from this route",
    };
    let who = alike.named();
    let message = format!(
        "{rule} gives ALL to {who}, and Synapse then shows only what the routes send: neither room-mates nor \
         the user itself without a route"
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
    let location = words::side(giver.file(), giver.sees());
    let finding = Finding::new(Code::AllNarrows, location, message).help(help);
    Some(labelled(cx, finding, giver, alike.fate))
}
