//! `shadowed-rule`: a rule that does nothing that others do not do as well.
//!
//! A rule is shadowed if all that it does, for every kind of update and whoever is known, is done without it. A route may
//! bring an interest with it, so this counts as well. An interest is compared with other interests alone: where each
//! route brings one, it would be needless as soon as a route fits it, and that is how both are meant to be.

use std::collections::BTreeSet;

use super::{Proving, called};
use crate::automata::Undecided;
use crate::finding::{Code, Finding, Fix};
use crate::proofs::{Answers, Pairs, Prover, Relation, Roles, RuleRef, Sets, Update, are_covered};

/// A message names no more covers than these.
const MOST_NAMED: usize = 5;

/// A question, with all rules, and with those that are left.
struct Asked {
    all: Relation,
    left: Relation,
    /// The rule of each of the relation's pairs.
    rules: Vec<RuleRef>,
    /// The places of each rule's pairs.
    places: Vec<(RuleRef, usize)>,
}

impl Asked {
    fn new(all: Relation, rules: Vec<RuleRef>) -> Self {
        let mut places: Vec<_> = (rules.iter().copied().enumerate())
            .map(|(at, rule)| (rule, at))
            .collect();
        places.sort_unstable();
        Self {
            left: all.clone(),
            all,
            rules,
            places,
        }
    }

    fn places_of(&self, rule: RuleRef) -> impl Iterator<Item = usize> + '_ {
        let start = self.places.partition_point(|(of, _)| *of < rule);
        let of_rule = self.places[start..].iter();
        of_rule
            .take_while(move |(of, _)| *of == rule)
            .map(|(_, at)| *at)
    }
}

/// `dead` are the rules that do nothing by themselves.
pub(super) fn check(proving: &mut Proving<'_, '_>, dead: &BTreeSet<RuleRef>) {
    if proving.is_unclear(Code::ShadowedRule) {
        return;
    }
    let mut asked = asked(proving);
    let routes = proving.model.routes.iter().map(|route| route.rule);
    let interests = proving.model.interests.iter().map(|interest| interest.rule);
    let rules: Vec<_> = routes.chain(interests).collect();
    // Of two that do the same, the later one is needless. Interests come last, and so they go first.
    let mut are_routes_hidden = !proving.model.interests.is_empty();
    hide_routes(&mut asked, are_routes_hidden);
    let is_only = rules.len() == 1;
    for rule in rules.into_iter().rev() {
        if are_routes_hidden && rule.list == "routes" {
            hide_routes(&mut asked, false);
            are_routes_hidden = false;
        }
        let location = rule.location();
        if dead.contains(&rule) {
            continue;
        }
        hide(&mut asked, rule, true);
        let is_shadowed = is_shadowed(&mut proving.prover, &asked, rule);
        let is_shadowed = proving.answer(Code::ShadowedRule, &location, is_shadowed);
        if is_shadowed != Some(true) {
            hide(&mut asked, rule, false);
            continue;
        }
        let covers = covers(&mut proving.prover, &mut asked, rule);
        let names: Vec<_> = (covers.iter().flatten().take(MOST_NAMED))
            .map(|cover| called(proving.cx.rule_set, *cover))
            .collect();
        let kind = if rule.list == "routes" {
            "route"
        } else {
            "interest"
        };
        let message = match names.as_slice() {
            [] if covers.is_some() => {
                format!("this {kind} does nothing: blocks keep back all that it gives")
            }
            [] => format!("this {kind} does nothing that other rules do not do as well"),
            [one] => format!("this {kind} does nothing that {one} does not do as well"),
            [first @ .., last] => format!(
                "this {kind} does nothing that {} and {last} together do not do as well",
                first.join(", ")
            ),
        };
        let mut finding = Finding::new(Code::ShadowedRule, location, message).help(
            if covers.as_ref().is_some_and(Vec::is_empty) {
                "remove it, or narrow the blocks"
            } else {
                "remove it, or narrow what covers it"
            },
        );
        // Without any rule, rules are none.
        if !is_only {
            finding = finding.fix(Fix::remove(location));
        }
        for cover in covers.into_iter().flatten().take(MOST_NAMED) {
            finding = finding.label(cover.location(), "covers it, or a part");
        }
        proving.findings.push(finding);
    }
}

fn asked(proving: &mut Proving<'_, '_>) -> Vec<Asked> {
    let mut asked = Vec::new();
    let model = &proving.model;
    for recipient_receives in [true, false] {
        for update in Update::kinds(&[model]) {
            let answers = Answers::to_route(model, &update, recipient_receives);
            asked.push(Asked::new(answers.relation, answers.rules));
        }
    }
    for roles in Roles::ALL {
        let answers = Answers::to_interested(model, &mut proving.prover, roles);
        asked.push(Asked::new(answers.relation, answers.rules));
        // Who sees everyone is another answer than who sees all users one by one.
        let givers = answers.givers.iter();
        let (rules, pairs) = givers
            .map(|(rule, users)| (*rule, Pairs::new(*users, Sets::EVERYONE)))
            .unzip();
        asked.push(Asked::new(Relation::new(pairs, Vec::new()), rules));
    }
    asked
}

fn hide(asked: &mut [Asked], rule: RuleRef, is_hidden: bool) {
    for asked in asked {
        let places: Vec<_> = asked.places_of(rule).collect();
        for at in places {
            if is_hidden {
                asked.left.hidden.insert(at);
            } else {
                asked.left.hidden.remove(&at);
            }
        }
    }
}

/// Leaves the interests that derive from routes out of all questions, or takes them in again.
fn hide_routes(asked: &mut [Asked], are_hidden: bool) {
    for Asked { left, places, .. } in asked {
        for (_, at) in places.iter().filter(|(rule, _)| rule.list == "routes") {
            if are_hidden {
                left.hidden.insert(*at);
            } else {
                left.hidden.remove(at);
            }
        }
    }
}

fn is_shadowed(prover: &mut Prover, asked: &[Asked], rule: RuleRef) -> Result<bool, Undecided> {
    let mut does_something = false;
    for asked in asked {
        for at in asked.places_of(rule) {
            let pairs = &asked.all.pairs()[at];
            // Where nobody is, nothing is done.
            if prover.is_empty(pairs.from)? || prover.is_empty(pairs.to)? {
                continue;
            }
            does_something = true;
            if !are_covered(prover, &asked.all, at, &asked.left)? {
                return Ok(false);
            }
        }
    }
    Ok(does_something)
}

/// Rules that cover a shadowed one, of which none can be left out; `None` if there are too many to try.
fn covers(prover: &mut Prover, asked: &mut [Asked], rule: RuleRef) -> Option<Vec<RuleRef>> {
    /// More than these are not tried one by one.
    const MOST_TRIED: usize = 24;
    let mut near = BTreeSet::new();
    for asked in asked.iter() {
        for at in asked.places_of(rule) {
            let Ok(found) = asked.left.near(&asked.all.pairs()[at], prover) else {
                return None;
            };
            near.extend(found.into_iter().map(|at| asked.rules[at]));
        }
    }
    if near.len() > MOST_TRIED {
        return None;
    }
    let (mut gone, mut needed) = (Vec::new(), Vec::new());
    // The rules that come last are tried first, so that what stays was there first.
    for cover in near.into_iter().rev() {
        hide(asked, cover, true);
        if is_shadowed(prover, asked, rule) == Ok(true) {
            gone.push(cover);
        } else {
            hide(asked, cover, false);
            needed.push(cover);
        }
    }
    for cover in gone {
        hide(asked, cover, false);
    }
    needed.reverse();
    Some(needed)
}
