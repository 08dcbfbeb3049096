//! `dead-rule`: a rule that does nothing, whoever is concerned.

use std::collections::BTreeSet;

use super::{Proving, called, is_of};
use crate::automata::Undecided;
use crate::finding::{Code, Finding};
use crate::proofs::{Pairs, Prover, Relation, RuleRef, SetId, Side, missing};

/// Finds dead rules, and gives them.
pub(super) fn check(proving: &mut Proving<'_, '_>) -> BTreeSet<RuleRef> {
    let mut dead = BTreeSet::new();
    let blocks: Vec<Pairs> = (proving.model.blocks.iter())
        .map(|block| Pairs::new(block.senders, block.recipients))
        .collect();
    for at in 0..proving.model.routes.len() {
        let route = &proving.model.routes[at];
        let (rule, senders, recipients) =
            (route.rule, route.senders.clone(), route.recipients.clone());
        if check_sides(
            proving,
            rule,
            [("senders", &senders), ("recipients", &recipients)],
        ) {
            dead.insert(rule);
            continue;
        }
        if blocks.is_empty() || !recipients.made.is_empty() {
            continue;
        }
        let pairs = Pairs::new(senders.matched, recipients.matched);
        let near = stopping(&mut proving.prover, &pairs, &blocks);
        let stopped = is_stopped(&mut proving.prover, &pairs, &blocks, &near);
        let location = rule.location();
        if let Some(true) = proving.answer(Code::DeadRule, &location, stopped) {
            let names: Vec<_> = (near.iter())
                .map(|at| called(proving.cx.rule_set, proving.model.blocks[*at].rule))
                .collect();
            let by = match names.as_slice() {
                [one] => format!("the block {one} stops"),
                _ => "blocks stop".to_owned(),
            };
            let message = format!("this route never sends anything: {by} all of it");
            let mut finding = Finding::new(Code::DeadRule, location, message)
                .help("remove the route, or narrow the blocks");
            for at in near.into_iter().take(5) {
                finding = finding.label(proving.model.blocks[at].rule.location(), "this stops it");
            }
            proving.findings.push(finding);
            dead.insert(rule);
        }
    }
    for at in 0..proving.model.interests.len() {
        let interest = &proving.model.interests[at];
        let (rule, users, sees) = (interest.rule, interest.users.clone(), interest.sees.clone());
        if check_sides(proving, rule, [("users", &users), ("in", &sees)]) {
            dead.insert(rule);
        }
    }
    for at in 0..proving.model.blocks.len() {
        let block = &proving.model.blocks[at];
        let (rule, sides) = (
            block.rule,
            [("senders", block.senders), ("recipients", block.recipients)],
        );
        check_sets(proving, rule, sides);
    }
    dead
}

/// Whether nobody is in one of the sides, which is then reported.
fn check_sides(proving: &mut Proving<'_, '_>, rule: RuleRef, sides: [(&str, &Side); 2]) -> bool {
    if sides
        .iter()
        .any(|(_, side)| !side.made.is_empty() || side.excludes_made)
    {
        return false;
    }
    check_sets(proving, rule, sides.map(|(key, side)| (key, side.matched)))
}

fn check_sets(proving: &mut Proving<'_, '_>, rule: RuleRef, sets: [(&str, SetId); 2]) -> bool {
    let location = rule.location();
    for (key, set) in sets {
        let found = proving.prover.find(set);
        if let Some(None) = proving.answer(Code::DeadRule, &location, found) {
            // A pattern that matches nobody has a finding of its own, and that says it all.
            let has_dead_pattern = (proving.findings.iter())
                .any(|finding| finding.code == Code::DeadPattern && is_of(&finding.location, rule));
            if has_dead_pattern {
                return true;
            }
            let message = format!("this rule does nothing: nobody is in its `{key}`");
            proving.findings.push(
                Finding::new(Code::DeadRule, location, message)
                    .help(format!("remove the rule, or mend its `{key}`")),
            );
            return true;
        }
    }
    false
}

/// The blocks that may stop a part.
fn stopping(prover: &mut Prover, pairs: &Pairs, blocks: &[Pairs]) -> Vec<usize> {
    let meets = |block: &Pairs, prover: &mut Prover| {
        [(pairs.from, block.from), (pairs.to, block.to)]
            .into_iter()
            .all(|(one, other)| {
                let both = prover.sets.intersection(one, other);
                !matches!(prover.find(both), Ok(None))
            })
    };
    (0..blocks.len())
        .filter(|at| meets(&blocks[*at], prover))
        .collect()
}

fn is_stopped(
    prover: &mut Prover,
    pairs: &Pairs,
    blocks: &[Pairs],
    near: &[usize],
) -> Result<bool, Undecided> {
    if near.is_empty() {
        return Ok(false);
    }
    let one = Relation::new(vec![pairs.clone()], Vec::new());
    let stopped = near.iter().map(|at| blocks[*at].clone()).collect();
    let mut other = Relation::new(stopped, Vec::new());
    Ok(missing(prover, &one, 0, &mut other)?.is_none())
}
