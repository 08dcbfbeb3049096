//! Pairs of sets against pairs of sets: is every pair of users that these connect connected by those?

use std::collections::{BTreeSet, HashMap};
use std::rc::Rc;

use foldhash::fast::RandomState;

use crate::automata::Undecided;
use crate::pattern::Template;
use crate::user_id::UserId;

use super::Prover;
use super::sets::{SetId, Sets};

/// All pairs of a user of the one set with a user of the other; with a template only those of whom it makes the one from
/// the other.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Pairs {
    /// The first of each pair.
    pub from: SetId,
    /// The second.
    pub to: SetId,
    /// What makes the one from the other.
    pub made: Option<Made>,
}

/// A template that makes one user of a pair from the other.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Made {
    /// The first from the second.
    First(Template),
    /// The second from the first.
    Second(Template),
}

impl Made {
    /// The template.
    pub fn template(&self) -> &Template {
        match self {
            Self::First(template) | Self::Second(template) => template,
        }
    }
}

impl Pairs {
    /// All pairs of these two sets.
    pub fn new(from: SetId, to: SetId) -> Self {
        let made = None;
        Self { from, to, made }
    }

    fn holds(&self, sets: &mut Sets, from: &str, to: &str) -> bool {
        let is_made = self.made.as_ref().is_none_or(|made| match made {
            Made::First(template) => make(template, to).as_deref() == Some(from),
            Made::Second(template) => make(template, from).as_deref() == Some(to),
        });
        is_made && sets.holds(self.from, from) && sets.holds(self.to, to)
    }
}

fn make(template: &Template, from: &str) -> Option<String> {
    UserId::parse(from)
        .ok()
        .and_then(|from| template.make(from))
}

/// What connects users: pairs, less other pairs.
#[derive(Debug, Default)]
pub struct Relation {
    /// What connects.
    pub pairs: Vec<Pairs>,
    /// What separates, whatever connects.
    pub blocks: Vec<Pairs>,
    /// Whether nobody is connected with itself.
    pub is_of_two: bool,
    index: Option<Index>,
}

#[derive(Debug)]
struct Index {
    pairs: HashMap<Pairs, usize, RandomState>,
    blocks: BTreeSet<(SetId, SetId)>,
    /// The pairs that a user is in on the left, or on the right, where the users there can be listed.
    from: Lookup,
    to: Lookup,
}

#[derive(Debug, Default)]
struct Lookup {
    listed: HashMap<Rc<str>, Vec<usize>, RandomState>,
    others: Vec<usize>,
}

/// More steps than this, and the rules overlap too much to go on.
const MOST_STEPS: usize = 20_000;

/// So many users are tried where a template has to make somebody of a set.
const MOST_TRIES: usize = 24;

impl Relation {
    /// A relation of these pairs, less those.
    pub fn new(pairs: Vec<Pairs>, blocks: Vec<Pairs>) -> Self {
        Self {
            pairs,
            blocks,
            is_of_two: false,
            index: None,
        }
    }

    /// Whether it connects two users.
    pub fn holds(&self, sets: &mut Sets, from: &str, to: &str) -> bool {
        !(self.is_of_two && from == to)
            && self.pairs.iter().any(|pairs| pairs.holds(sets, from, to))
            && !self.blocks.iter().any(|block| block.holds(sets, from, to))
    }

    fn index(&mut self, sets: &Sets) -> &Index {
        self.index.get_or_insert_with(|| Index {
            pairs: (self.pairs.iter().cloned().enumerate())
                .map(|(at, pairs)| (pairs, at))
                .collect(),
            blocks: self
                .blocks
                .iter()
                .map(|block| (block.from, block.to))
                .collect(),
            from: Lookup::new(self.pairs.iter().map(|pairs| pairs.from), sets),
            to: Lookup::new(self.pairs.iter().map(|pairs| pairs.to), sets),
        })
    }

    /// The pairs that may have something in common with these.
    fn near(&mut self, pairs: &Pairs, sets: &mut Sets) -> Vec<Pairs> {
        let index = self.index(sets);
        let near = if let Some(users) = sets.listed(pairs.to) {
            index.to.get(&users)
        } else if let Some(users) = sets.listed(pairs.from) {
            index.from.get(&users)
        } else {
            (0..self.pairs.len()).collect()
        };
        (near.into_iter())
            .map(|at| &self.pairs[at])
            .filter(|other| other.made.is_none() || other.made == pairs.made)
            .filter(|other| {
                !sets.are_plainly_disjoint(pairs.from, other.from)
                    && !sets.are_plainly_disjoint(pairs.to, other.to)
            })
            .cloned()
            .collect()
    }
}

impl Lookup {
    fn new(sides: impl Iterator<Item = SetId>, sets: &Sets) -> Self {
        let mut lookup = Self::default();
        for (at, set) in sides.enumerate() {
            match sets.listed(set) {
                Some(users) => {
                    for user in &*users {
                        lookup.listed.entry(user.clone()).or_default().push(at);
                    }
                }
                None => lookup.others.push(at),
            }
        }
        lookup
    }

    fn get(&self, users: &[Rc<str>]) -> Vec<usize> {
        let listed = users
            .iter()
            .filter_map(|user| self.listed.get(user))
            .flatten();
        let mut found: Vec<_> = listed.chain(&self.others).copied().collect();
        found.sort_unstable();
        found.dedup();
        found
    }
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
    other: &mut Relation,
) -> Result<Option<(Rc<str>, Rc<str>)>, Undecided> {
    let pairs = &one.pairs[at];
    let index = other.index(&prover.sets);
    let is_same = index.pairs.contains_key(pairs);
    let known: BTreeSet<_> = one
        .blocks
        .iter()
        .map(|block| (block.from, block.to))
        .collect();
    let new_blocks: Vec<_> = (index.blocks.difference(&known)).copied().collect();
    // What the second relation separates has to be separated by the first as well.
    for (from, to) in new_blocks {
        let from = prover.sets.intersection(pairs.from, from);
        let to = prover.sets.intersection(pairs.to, to);
        let part = Pairs {
            from,
            to,
            made: pairs.made.clone(),
        };
        if let Some(found) = outside(prover, &part, &one.blocks, &[], one, other)? {
            return Ok(Some(found));
        }
    }
    if is_same {
        return Ok(None);
    }
    let near = other.near(pairs, &mut prover.sets);
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
) -> Result<Option<(Rc<str>, Rc<str>)>, Undecided> {
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
) -> Result<Option<(Rc<str>, Rc<str>)>, Undecided> {
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
            let is_missing = one.holds(&mut prover.sets, &from, &to)
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
    let templates = made
        .into_iter()
        .chain(other.pairs.iter().filter_map(|pairs| pairs.made.as_ref()));
    Err(Undecided::Beyond(
        match templates.map(Made::template).next() {
            Some(template) => format!(
                "whether the template `{}` makes somebody of these users",
                template.as_str()
            ),
            None => "which users are left".to_owned(),
        },
    ))
}
