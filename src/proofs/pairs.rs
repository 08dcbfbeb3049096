//! Pairs of sets against pairs of sets: is every pair of users that these connect connected by those?

use std::collections::BTreeSet;
use std::rc::Rc;

use crate::automata::Undecided;
use crate::pattern::shortened;

use super::Prover;
use super::relation::{Made, Pairs, Relation, make};
use super::sets::SetId;

/// The first and the second of a pair.
pub type TwoUsers = (Rc<str>, Rc<str>);

/// More steps than this, and the rules overlap too much to go on.
const MOST_STEPS: usize = 20_000;

/// So many users are tried where a template has to make somebody of a set.
const MOST_TRIES: usize = 24;

/// Two users whom the first relation connects by its pairs number `at`, and the second does not connect; or `None` if
/// there are no such two.
///
/// # Errors
///
/// If the budget does not suffice to tell, or where templates make users in more ways than this method looks at.
pub fn missing(
    prover: &mut Prover,
    one: &Relation,
    at: usize,
    other: &mut Relation,
) -> Result<Option<TwoUsers>, Undecided> {
    let pairs = &one.pairs[at];
    let known: BTreeSet<_> = one
        .blocks
        .iter()
        .map(|block| (block.from, block.to))
        .collect();
    let separated = other.separated(&mut prover.sets);
    // What the second relation separates has to be separated by the first as well.
    for (from, to) in separated.difference(&known) {
        let from = prover.sets.intersection(pairs.from, *from);
        let to = prover.sets.intersection(pairs.to, *to);
        let part = Pairs {
            from,
            to,
            ..pairs.clone()
        };
        if let Some(found) = outside(prover, &part, &one.blocks, &[], one, other)? {
            return Ok(Some(found));
        }
    }
    if other.has(pairs, &mut prover.sets) {
        return Ok(None);
    }
    let near: Vec<_> = (other.near(pairs, &mut prover.sets).into_iter())
        .map(|at| other.pairs[at].clone())
        .collect();
    outside(prover, pairs, &near, &one.blocks, one, other)
}

/// Two users of these pairs who are in none of those, nor of these blocks.
fn outside(
    prover: &mut Prover,
    pairs: &Pairs,
    those: &[Pairs],
    blocks: &[Pairs],
    one: &Relation,
    other: &Relation,
) -> Result<Option<TwoUsers>, Undecided> {
    let covers: Vec<&Pairs> = those.iter().chain(blocks).collect();
    let mut open = vec![(pairs.from, pairs.to, 0)];
    let mut steps = 0;
    while let Some((from, to, at)) = open.pop() {
        steps += 1;
        if steps > MOST_STEPS {
            return Err(Undecided::Beyond(
                "too many rules overlap to tell them apart".to_owned(),
            ));
        }
        if prover.find(from)?.is_none() || prover.find(to)?.is_none() {
            continue;
        }
        let Some(cover) = covers.get(at) else {
            // None of the pairs is left: whoever is in the two sets is a witness, but for templates.
            if let Some(found) = pick(prover, pairs.made.as_ref(), (from, to), one, other)? {
                return Ok(Some(found));
            }
            continue;
        };
        let both_from = prover.sets.intersection(from, cover.from);
        if prover.find(both_from)?.is_none() {
            open.push((from, to, at + 1));
            continue;
        }
        let both_to = prover.sets.intersection(to, cover.to);
        if prover.find(both_to)?.is_none() {
            open.push((from, to, at + 1));
            continue;
        }
        let rest_to = prover.sets.difference(to, cover.to);
        open.push((both_from, rest_to, at + 1));
        let rest_from = prover.sets.difference(from, cover.from);
        open.push((rest_from, to, at + 1));
    }
    Ok(None)
}

/// Two users of two sets that the pairs of a relation leave over, if templates do not connect them all the same.
fn pick(
    prover: &mut Prover,
    made: Option<&Made>,
    (from, to): (SetId, SetId),
    one: &Relation,
    other: &Relation,
) -> Result<Option<TwoUsers>, Undecided> {
    let (mut from_left, mut to_left) = (from, to);
    // Whether each of the users on the one side was tried with all on the other.
    let mut is_thorough = true;
    for attempt in 0..MOST_TRIES {
        let (Some(first), Some(second)) = (prover.find(from_left)?, prover.find(to_left)?) else {
            if is_thorough {
                return Ok(None);
            }
            break;
        };
        let pair = match made {
            None => Some((first.clone(), second.clone())),
            Some(Made::Second(template)) => {
                let made = make(template, &first).filter(|made| prover.sets.holds(to, made));
                made.map(|made| (first.clone(), made.into()))
            }
            Some(Made::First(template)) => {
                let made = make(template, &second).filter(|made| prover.sets.holds(from, made));
                made.map(|made| (made.into(), second.clone()))
            }
        };
        if let Some((from, to)) = pair {
            let is_missing = (other.is_plain() && one.is_plain())
                || one.holds(&mut prover.sets, &from, &to)
                    && !other.holds(&mut prover.sets, &from, &to);
            if is_missing {
                return Ok(Some((from, to)));
            }
        }
        let next_to = {
            let tried = prover.sets.users([second]);
            prover.sets.difference(to_left, tried)
        };
        let tried = prover.sets.users([first]);
        let next_from = prover.sets.difference(from_left, tried);
        match made {
            Some(Made::First(_)) => to_left = next_to,
            Some(Made::Second(_)) => from_left = next_from,
            // Without a template, each may be tried with all others; a few of these will do.
            None if prover.find(next_to)?.is_none() => from_left = next_from,
            None if prover.find(next_from)?.is_none() => to_left = next_to,
            None => {
                is_thorough = false;
                if attempt % 2 == 0 {
                    to_left = next_to;
                } else {
                    from_left = next_from;
                }
            }
        }
    }
    let mut all = other.pairs.iter().chain(&one.pairs);
    let excluded = all.find_map(|pairs| {
        let left_out = pairs.except.as_ref()?;
        let is_near = !prover.sets.are_plainly_disjoint(pairs.from, from)
            && !prover.sets.are_plainly_disjoint(pairs.to, to);
        is_near.then_some((left_out.template()?, &left_out.by))
    });
    let templates = made
        .into_iter()
        .chain(other.pairs.iter().filter_map(|pairs| pairs.made.as_ref()));
    Err(Undecided::Beyond(
        match (templates.map(Made::template).next(), excluded) {
            (Some(template), _) => format!(
                "whether the template `{}` makes somebody of these users",
                shortened(template.as_str())
            ),
            (None, Some((template, by))) => format!(
                "which users the template `{}` under `exclude` of {by} leaves out",
                shortened(template.as_str())
            ),
            (None, None) => "which users are left".to_owned(),
        },
    ))
}
