//! `route-without-interest`: a user whom a route sends updates of another that it may not see.

use super::sets::Connection;
use super::{Context, words};
use crate::finding::{Code, Finding};
use crate::rules::Route;
use crate::user_id::UserId;

pub(super) fn check(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    // What could not be read may be just the interest that seems to be missing.
    if cx.rule_set.is_faulty {
        return;
    }
    for route in &cx.sets.routes.all {
        if !route.file.derive_interests && !cx.sets.is_exhausted() {
            findings.extend(unseen(cx, route));
        }
    }
}

fn unseen<'a>(cx: &Context<'a>, route: &Connection<'a, Route>) -> Option<Finding> {
    let sets = &cx.sets;
    let senders = sets.exact(route.seen);
    let recipients = sets.exact(route.seer);
    let (mut first, mut count) = (None, 0_usize);
    for &sender in &senders.users {
        for &recipient in recipients.users.iter().filter(|user| **user != sender) {
            let is_seen = !is_asked_for(cx, sender, recipient)
                || sets.interest(sender, recipient).is_some()
                || sets.derived(sender, recipient)
                || sets.block(sender, recipient).is_some();
            if !is_seen {
                first = first.or(Some((sender, recipient)));
                count += 1;
            }
        }
    }
    let (sender, recipient) = first.filter(|_| !sets.is_exhausted())?;
    let others = match count - 1 {
        0 => String::new(),
        1 => "; the same is true of another pair".to_owned(),
        more => format!("; the same is true of {more} other pairs"),
    };
    let message = format!(
        "this route sends updates of `{sender}` to `{recipient}`, and no interest lets it see them{others}"
    );
    let place = words::side(route.file, &route.rule.recipients);
    Some(
        Finding::new(Code::RouteWithoutInterest, place, message)
            .help("add an interest, or remove `derive_interests: false` from this file"),
    )
}

/// Whether the homeserver asks for the interests of the recipient, as it does for its own users. Where the rules do not
/// say which homeserver theirs is, users of the sender's server are taken for its own.
fn is_asked_for(cx: &Context<'_>, sender: &str, recipient: &str) -> bool {
    let server = |user| UserId::parse(user).ok().map(UserId::server_name);
    match cx.server_name {
        Some(own) => server(recipient) == Some(own),
        None => server(recipient) == server(sender),
    }
}
