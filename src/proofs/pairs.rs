//! Pairs of sets against pairs of sets: is every pair of users that these connect connected by those?

use std::collections::BTreeSet;
use std::rc::Rc;

use crate::automata::Undecided;
use crate::pattern::{Inverse, Template, shortened};
use crate::user_id::UserId;

use super::image::made_of;
use super::products::{Made, Pairs};
use super::prover::{Prover, too_many};
use super::relation::Relation;
use super::sets::SetId;
use super::side::make;

/// The first and the second of a pair.
pub(crate) type TwoUsers = (Rc<str>, Rc<str>);

/// More steps than this, and the rules overlap too much to go on.
const MOST_STEPS: usize = 20_000;

/// So many users are tried where a template has to make somebody of a set.
const MOST_TRIES: usize = 24;

/// Whether the second relation connects all whom the first connects by its pairs number `at`. It is answered sooner than
/// [`missing`] names two whom it does not connect.
///
/// # Errors
///
/// As for [`missing`].
pub fn are_covered(
    prover: &mut Prover,
    one: &Relation,
    at: usize,
    other: &Relation,
) -> Result<bool, Undecided> {
    // Most pairs are not covered, and then nearly any two users of them show it.
    let pairs = &one.pairs()[at];
    if let (Some(from), Some(to)) = (prover.any(pairs.from), prover.any(pairs.to)) {
        let (from, to) = match &pairs.made {
            None => (Some(from), Some(to)),
            Some(Made::First(template)) => (make(template, &to).map(Into::into), Some(to)),
            Some(Made::Second(template)) => {
                let to = make(template, &from).map(Into::into);
                (Some(from), to)
            }
        };
        if let (Some(from), Some(to)) = (from, to)
            && one.holds(&from, &to, prover)?
            && !other.holds(&from, &to, prover)?
        {
            return Ok(false);
        }
    }
    Ok(missing(prover, one, at, other)?.is_none())
}

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
    other: &Relation,
) -> Result<Option<TwoUsers>, Undecided> {
    let pairs = &one.pairs()[at];
    // What the second relation separates has to be separated by the first as well.
    let near = other.near_blocks(pairs, prover)?;
    let separated: BTreeSet<_> = (near.into_iter())
        .map(|at| &other.blocks()[at])
        .filter(|block| !one.separates(block))
        .map(|block| (block.from, block.to))
        .collect();
    for (from, to) in separated {
        let from = prover.sets.intersection(pairs.from, from);
        let to = prover.sets.intersection(pairs.to, to);
        let part = Pairs {
            from,
            to,
            ..pairs.clone()
        };
        let blocks = one.blocks_near(&part, prover)?;
        if let Some(found) = outside(prover, &part, &blocks, one, other)? {
            return Ok(Some(found));
        }
    }
    if other.has(pairs) {
        return Ok(None);
    }
    let near = other.candidates(pairs, prover)?;
    let mut covers: Vec<_> = near.into_iter().map(|at| &other.pairs()[at]).collect();
    covers.extend(one.blocks_near(pairs, prover)?);
    outside(prover, pairs, &covers, one, other)
}

/// Two users of these pairs who are in none of those that cover them.
fn outside(
    prover: &mut Prover,
    pairs: &Pairs,
    covers: &[&Pairs],
    one: &Relation,
    other: &Relation,
) -> Result<Option<TwoUsers>, Undecided> {
    let mut open = vec![(pairs.from, pairs.to, 0)];
    let mut steps = 0;
    while let Some((from, to, at)) = open.pop() {
        prover.count(1)?;
        steps += 1;
        if steps > MOST_STEPS {
            return Err(too_many());
        }
        if is_one_empty(prover, from, to)? {
            continue;
        }
        let mut at = at;
        while let Some(cover) = covers.get(at)
            && (prover.sets.are_plainly_disjoint(from, cover.from)
                || prover.sets.are_plainly_disjoint(to, cover.to))
        {
            prover.count(1)?;
            at += 1;
        }
        let Some(cover) = covers.get(at) else {
            // None of the pairs is left: whoever is in the two sets is a witness, but for templates.
            if let Some(found) = pick(prover, pairs.made.as_ref(), (from, to), one, other)? {
                return Ok(Some(found));
            }
            continue;
        };
        let both_from = prover.sets.intersection(from, cover.from);
        let both_to = prover.sets.intersection(to, cover.to);
        if is_one_empty(prover, both_from, both_to)? {
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

/// Whether nobody is in one of two sets, whatever can be said of the other.
fn is_one_empty(prover: &mut Prover, one: SetId, other: SetId) -> Result<bool, Undecided> {
    match (prover.is_empty(one), prover.is_empty(other)) {
        (Ok(true), _) | (_, Ok(true)) => Ok(true),
        (one, other) => Ok(one? || other?),
    }
}

/// Two users of two sets that the pairs of a relation leave over, if templates do not connect them all the same.
fn pick(
    prover: &mut Prover,
    made: Option<&Made>,
    (from, to): (SetId, SetId),
    one: &Relation,
    other: &Relation,
) -> Result<Option<TwoUsers>, Undecided> {
    // Most of those whom a template cannot make of each other need not be tried.
    let (from, to) = match made {
        None => (from, to),
        Some(Made::Second(template)) => made_of(prover, template, from, to),
        Some(Made::First(template)) => {
            let (to, from) = made_of(prover, template, to, from);
            (from, to)
        }
    };
    if is_one_empty(prover, from, to)? {
        return Ok(None);
    }
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
        let mut tried = Vec::new();
        // Whether the user who is made was tried with all of whom it is made.
        let mut is_inverted = false;
        match made {
            None => tried.push((first.clone(), second.clone())),
            Some(Made::Second(template)) => {
                let made = make(template, &first).filter(|made| prover.sets.holds(to, made));
                tried.extend(made.map(|made| (first.clone(), made.into())));
                let sources = sources(prover, template, &second, from);
                is_inverted = sources.is_some();
                let sources = sources.into_iter().flatten();
                tried.extend(sources.map(|source| (source, second.clone())));
            }
            Some(Made::First(template)) => {
                let made = make(template, &second).filter(|made| prover.sets.holds(from, made));
                tried.extend(made.map(|made| (made.into(), second.clone())));
                let sources = sources(prover, template, &first, to);
                is_inverted = sources.is_some();
                let sources = sources.into_iter().flatten();
                tried.extend(sources.map(|source| (first.clone(), source)));
            }
        }
        for (from, to) in tried {
            let is_missing = (other.is_plain() && one.is_plain())
                || one.holds(&from, &to, prover)? && !other.holds(&from, &to, prover)?;
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
            Some(_) if is_inverted => (from_left, to_left) = (next_from, next_to),
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
    let mut all = other.pairs().iter().chain(one.pairs());
    let excluded = all.find_map(|pairs| {
        let left_out = pairs.except.as_ref()?;
        let is_near = !prover.sets.are_plainly_disjoint(pairs.from, from)
            && !prover.sets.are_plainly_disjoint(pairs.to, to);
        is_near.then_some((left_out.template()?, &left_out.by))
    });
    let templates = made
        .into_iter()
        .chain(other.pairs().iter().filter_map(|pairs| pairs.made.as_ref()));
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

/// All users of a set of whom a template makes this one; `None` if these cannot be listed.
fn sources(
    prover: &mut Prover,
    template: &Template,
    made: &str,
    among: SetId,
) -> Option<Vec<Rc<str>>> {
    let made = UserId::parse(made).ok()?;
    let servers = prover.sets.servers(among);
    let server = servers.as_ref().filter(|servers| servers.len() == 1);
    let server = server.and_then(|servers| servers.first());
    match template.invert(made, server.map(|server| &**server)) {
        Inverse::These(mut users) => {
            users.retain(|user| prover.sets.holds(among, user));
            Some(users.into_iter().map(Into::into).collect())
        }
        Inverse::Unbounded => None,
    }
}
