//! `shadowed-pattern`: an item whose users the others of its list take already, together.

use std::collections::HashSet;

use super::lists::{Usage, for_each};
use super::{Proving, written};
use crate::finding::{Code, Finding, Fix, Location};
use crate::pattern::Pattern;
use crate::proofs::{Neighbours, Side};
use crate::rules::Item;

/// A message names no more covers than these.
const MOST_NAMED: usize = 5;

struct List<'a> {
    members: Vec<(Location, &'a Item, Side)>,
    is_matched: bool,
}

pub(super) fn check(proving: &mut Proving<'_, '_>) {
    let mut all = Vec::new();
    for_each(proving.cx, |list| {
        let members = list.members.iter().map(|member| {
            let side = proving.side(member.set).clone();
            (member.location, member.item, side)
        });
        all.push(List {
            members: members.collect(),
            is_matched: list.usage == Usage::Matched,
        });
    });
    for list in &all {
        check_list(proving, list);
    }
}

fn check_list(proving: &mut Proving<'_, '_>, list: &List<'_>) {
    let sets = &mut proving.prover.sets;
    let near = Neighbours::new(list.members.iter().map(|(.., side)| side.matched), sets);
    let mut removed: HashSet<usize> = (list.members.iter().enumerate())
        .filter(|(_, (location, ..))| proving.is_known(location))
        .map(|(at, _)| at)
        .collect();
    // Of two that cover each other, the later one is needless.
    for (at, (location, item, side)) in list.members.iter().enumerate().rev() {
        let is_all = matches!(item, Item::Pattern(Pattern::Everyone));
        let is_listed = !list.is_matched && proving.prover.sets.listed(side.matched).is_some();
        if removed.contains(&at) || is_all || is_listed || side.has_templates() || side.is_everyone
        {
            continue;
        }
        let mut covers = Vec::new();
        let near = near.of(side.matched, &mut proving.prover.sets).places();
        let counted = proving.prover.count(near.len());
        if (proving.answer(Code::ShadowedPattern, location, counted)).is_none() {
            continue;
        }
        for other in near {
            let is_cover = other != at && !removed.contains(&other);
            let other_side = &list.members[other].2;
            let is_near = is_cover
                && !other_side.has_templates()
                && proving
                    .prover
                    .sets
                    .intersection(side.matched, other_side.matched)
                    != crate::proofs::Sets::NOBODY;
            if is_near {
                covers.push(other);
            }
        }
        let is_covered = |proving: &mut Proving<'_, '_>, covers: &[usize]| {
            let sides = || covers.iter().map(|cover| &list.members[*cover].2);
            let matched = proving.prover.sets.union(sides().map(|side| side.matched));
            let named = proving.prover.sets.union(sides().map(|side| side.named));
            let is_named = list.is_matched
                || proving.prover.sets.difference(side.named, named) == crate::proofs::Sets::NOBODY;
            if !is_named {
                return false;
            }
            let left = proving.prover.is_within(side.matched, matched);
            matches!(
                proving.answer(Code::ShadowedPattern, location, left),
                Some(None)
            )
        };
        // A dead pattern has a finding of its own.
        if covers.is_empty()
            || !is_covered(proving, &covers)
            || proving.prover.find(side.matched) == Ok(None)
        {
            continue;
        }
        // A smallest set of covers: none of them can be left out.
        let mut index = 0;
        while covers.len() > 1 && index < covers.len() && covers.len() <= 64 {
            let cover = covers.remove(index);
            if !is_covered(proving, &covers) {
                covers.insert(index, cover);
                index += 1;
            }
        }
        removed.insert(at);
        let named: Vec<_> = (covers.iter().take(MOST_NAMED))
            .map(|cover| written(list.members[*cover].1))
            .collect();
        let others = match (named.as_slice(), covers.len() - named.len()) {
            ([one], 0) => one.clone(),
            ([first @ .., last], 0) => format!("{} and {last} together", first.join(", ")),
            (named, more) => format!("{} and {more} more together", named.join(", ")),
        };
        let message = format!("{} adds nobody to {others}", written(item));
        let mut finding = Finding::new(Code::ShadowedPattern, *location, message)
            .help("remove it, or narrow what takes its users")
            .fix(Fix::remove(*location));
        for cover in covers.iter().take(MOST_NAMED) {
            finding = finding.label(list.members[*cover].0, "takes its users");
        }
        proving.findings.push(finding);
    }
}
