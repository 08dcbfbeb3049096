//! `interest-without-route`: a user who may see another, whose updates no route sends to it.

use super::sets::Connection;
use super::{Context, words};
use crate::finding::{Code, Finding};
use crate::rules::Interest;

pub(super) fn check(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    // What could not be read may be just the route that seems to be missing.
    if cx.rule_set.is_faulty {
        return;
    }
    for interest in &cx.sets.interests.all {
        if !cx.sets.facts(interest.seen).everyone && !cx.sets.is_exhausted() {
            findings.extend(unrouted(cx, interest));
        }
    }
}

/// A pair without a route, first those whom nothing routes: a block that takes some pairs out of many is there for that.
fn unrouted<'a>(cx: &Context<'a>, interest: &Connection<'a, Interest>) -> Option<Finding> {
    let sets = &cx.sets;
    let seers = sets.exact(interest.seer);
    let seen = sets.exact(interest.seen);
    let is_all = [interest.seen, interest.seer].map(|node| sets.facts(node).is_exact())
        == [true; 2]
        && seers.is_all
        && seen.is_all;
    let (mut first, mut count, mut routed, mut blocked) = (None, 0_usize, 0_usize, None);
    for &seer in seers.users.iter().filter(|seer| !cx.is_remote(seer)) {
        for &seen in seen.users.iter().filter(|seen| **seen != seer) {
            match (sets.route(seen, seer), sets.block(seen, seer)) {
                (None, None) => {
                    first = first.or(Some((seen, seer)));
                    count += 1;
                }
                // Nobody sees past a block.
                (None, Some(_)) => {}
                (Some(route), Some(block)) => {
                    blocked = blocked.or(Some((seen, seer, route, block)));
                }
                (Some(_), None) => routed += 1,
            }
        }
    }
    if sets.is_exhausted() {
        return None;
    }
    let place = words::side(interest.file, &interest.rule.sees);
    if let Some((seen, seer)) = first {
        let others = match count - 1 {
            0 => String::new(),
            1 => ", nor those of another pair".to_owned(),
            more => format!(", nor those of {more} other pairs"),
        };
        let message =
            format!("`{seer}` may see `{seen}`, and no route sends it these updates{others}");
        let help = "add a route from these senders to these recipients; an interest sends nothing";
        return Some(Finding::new(Code::InterestWithoutRoute, place, message).help(help));
    }
    let (seen, seer, route, block) = blocked.filter(|_| routed == 0 && is_all)?;
    let (route, block) = (&sets.routes.all[route], &sets.blocks.all[block]);
    let message = format!("`{seer}` may see `{seen}`, and a block keeps all these updates away");
    let routed = words::rule(route.file, &route.rule.about);
    let blocked = words::rule(block.file, &block.rule.about);
    Some(
        Finding::new(Code::InterestWithoutRoute, place, message)
            .label(routed, "routed here")
            .label(blocked, "blocked by this")
            .help("remove the interest, or narrow the block"),
    )
}
