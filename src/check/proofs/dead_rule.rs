//! `dead-rule`: a rule that does nothing, whoever is concerned.

use std::collections::{BTreeSet, HashSet};

use super::{Proving, Told, called};
use crate::automata::Undecided;
use crate::finding::{Code, Finding, Location};
use crate::proofs::{Answers, Model, Pairs, Prover, Relation, RuleRef, SetId, Side, are_covered};
use crate::rules::{At, Item, UserSet};

/// The rules that do nothing, and the blocks that may do something.
#[derive(Default)]
pub(super) struct Dead {
    pub rules: BTreeSet<RuleRef>,
    /// The blocks that may stop what a route sends, by their place among the blocks.
    pub busy_blocks: BTreeSet<usize>,
}

/// The pairs that blocks are about, in the order of the blocks.
pub(super) fn blocks(model: &Model) -> Relation {
    let blocks = model.blocks.iter();
    let blocks = blocks.map(|block| Pairs::new(block.senders, block.recipients));
    Relation::new(blocks.collect(), Vec::new())
}

/// Finds dead rules.
pub(super) fn check(proving: &mut Proving<'_, '_>, blocks: &Relation) -> Dead {
    let mut dead = Dead::default();
    // A pattern that matches nobody has a finding of its own, and that says it all.
    let told = told(proving);
    for at in 0..proving.model.routes.len() {
        let route = &proving.model.routes[at];
        let (rule, senders, recipients) =
            (route.rule, route.senders.clone(), route.recipients.clone());
        if check_sides(
            proving,
            rule,
            [("senders", &senders), ("recipients", &recipients)],
            &told,
        ) {
            dead.rules.insert(rule);
            continue;
        }
        let route = &proving.model.routes[at];
        let gives_all = route.derives_interest && senders.is_everyone;
        let parts = Answers::of_route(route);
        if blocks.pairs().is_empty() && !recipients.has_templates() {
            continue;
        }
        let near = stopping(&mut proving.prover, &parts, blocks);
        match &near {
            Ok(near) => dead.busy_blocks.extend(near),
            // Where it cannot be told, they may all do something.
            Err(_) => dead.busy_blocks.extend(0..blocks.pairs().len()),
        }
        let stopped = near.and_then(|near| {
            is_stopped(&mut proving.prover, parts, blocks, &near).map(|is| is.then_some(near))
        });
        let location = rule.location();
        if let Some(Some(near)) = proving.answer(Code::DeadRule, &location, stopped) {
            let finding = stopped_route(proving, rule, &near, gives_all);
            proving.findings.push(finding);
            dead.rules.insert(rule);
        }
    }
    for at in 0..proving.model.interests.len() {
        let interest = &proving.model.interests[at];
        let (rule, users, sees) = (interest.rule, interest.users.clone(), interest.sees.clone());
        if check_sides(proving, rule, [("users", &users), ("in", &sees)], &told) {
            dead.rules.insert(rule);
        }
    }
    for at in 0..proving.model.blocks.len() {
        let block = &proving.model.blocks[at];
        let (rule, sides) = (
            block.rule,
            [("senders", block.senders), ("recipients", block.recipients)],
        );
        if check_sets(proving, rule, sides, &told) {
            dead.rules.insert(rule);
        }
    }
    dead
}

/// The places of dead patterns, and of the groups that have one where these are named.
fn told(proving: &Proving<'_, '_>) -> Told {
    let mut told: Vec<_> = (proving.findings.iter())
        .filter(|finding| finding.code == Code::DeadPattern)
        .map(|finding| finding.location)
        .collect();
    let of_patterns: Told = told.iter().collect();
    let cx = proving.cx;
    let mut has_one = HashSet::new();
    // Each group comes after those that it names.
    for index in cx.groups.order().0 {
        let group = &cx.groups.all[index];
        let at = group.users.at().whole;
        if of_patterns.is_in(group.file, at) || names_one(group.users, &has_one, &mut |_| {}) {
            has_one.insert(group.name);
        }
    }
    for rules in &cx.rule_set.files {
        for users in rules.sets() {
            names_one(users, &has_one, &mut |at| {
                told.push(Location::part(rules.file, at.whole));
            });
        }
    }
    told.iter().collect()
}

/// Whether a set names one of these groups, each of which is then visited.
fn names_one(users: &UserSet, groups: &HashSet<&str>, visit: &mut dyn FnMut(At)) -> bool {
    let mut found = false;
    users.walk(&mut |placed| {
        if let Item::Group(name) = placed.item
            && groups.contains(&**name)
        {
            found = true;
            visit(placed.at);
        }
    });
    found
}

/// Whether nobody is in one of the sides, which is then reported.
fn check_sides(
    proving: &mut Proving<'_, '_>,
    rule: RuleRef,
    sides: [(&str, &Side); 2],
    told: &Told,
) -> bool {
    if sides.iter().any(|(_, side)| side.has_templates()) {
        return false;
    }
    check_sets(
        proving,
        rule,
        sides.map(|(key, side)| (key, side.matched)),
        told,
    )
}

fn check_sets(
    proving: &mut Proving<'_, '_>,
    rule: RuleRef,
    sets: [(&str, SetId); 2],
    told: &Told,
) -> bool {
    let location = rule.location();
    for (key, set) in sets {
        let is_empty = proving.prover.is_empty(set);
        if let Some(true) = proving.answer(Code::DeadRule, &location, is_empty) {
            if told.is_of(rule) {
                return true;
            }
            let message = format!("this rule does nothing: nobody is in its `{key}`");
            proving.findings.push(
                Finding::new(Code::DeadRule, location, message)
                    .help(format!("remove the rule, or correct its `{key}`")),
            );
            return true;
        }
    }
    false
}

/// What is said of a route that sends nothing.
fn stopped_route(
    proving: &Proving<'_, '_>,
    rule: RuleRef,
    near: &BTreeSet<usize>,
    gives_all: bool,
) -> Finding {
    let blocks = &proving.model.blocks;
    let names: Vec<_> = (near.iter())
        .map(|at| called(proving.cx.rule_set, blocks[*at].rule))
        .collect();
    let by = match names.as_slice() {
        [] => "templates leave all of its recipients out".to_owned(),
        [one] => format!("the block {one} stops all of it"),
        _ => "blocks stop all of it".to_owned(),
    };
    let (more, help) = match (names.len(), gives_all) {
        (0, _) => ("", "remove the route, or correct its `recipients`"),
        (_, false) => ("", "remove the route, or narrow the blocks"),
        (_, true) => (
            ", but it still lets its recipients see everyone (ALL), which blocks do not reduce",
            "remove the route, which takes ALL away as well, or narrow the blocks",
        ),
    };
    let message = format!("this route never sends anything: {by}{more}");
    let mut finding = Finding::new(Code::DeadRule, rule.location(), message).help(help);
    for at in near.iter().take(5) {
        finding = finding.label(blocks[*at].rule.location(), "this stops it");
    }
    finding
}

/// The blocks that may stop one of these parts.
pub(super) fn stopping(
    prover: &mut Prover,
    parts: &[Pairs],
    blocks: &Relation,
) -> Result<BTreeSet<usize>, Undecided> {
    let mut stopping = BTreeSet::new();
    for part in parts {
        // A block stops pairs by who is in its sets, whatever templates say.
        for at in blocks.near(part, prover)? {
            let block = &blocks.pairs()[at];
            let meets = [(part.from, block.from), (part.to, block.to)];
            let meets = meets.into_iter().all(|(one, other)| {
                let both = prover.sets.intersection(one, other);
                !matches!(prover.is_empty(both), Ok(true))
            });
            if meets {
                stopping.insert(at);
            }
        }
    }
    Ok(stopping)
}

/// Whether blocks stop all of these parts.
pub(super) fn is_stopped(
    prover: &mut Prover,
    parts: Vec<Pairs>,
    blocks: &Relation,
    near: &BTreeSet<usize>,
) -> Result<bool, Undecided> {
    let one = Relation::new(parts, Vec::new());
    if near.is_empty() && one.is_plain() {
        return Ok(false);
    }
    let stopped = near.iter().map(|at| blocks.pairs()[*at].clone()).collect();
    let other = Relation::new(stopped, Vec::new());
    for at in 0..one.pairs().len() {
        if !are_covered(prover, &one, at, &other)? {
            return Ok(false);
        }
    }
    Ok(true)
}
