//! Relations between users, as pairs of sets.
//!
//! Say these are the rules, and the question is whether the route `c` does anything that the others do not:
//!
//! ```yaml
//! routes:
//!   - {name: a, senders: "@dept1-*:x", recipients: {server: x}}
//!   - {name: b, senders: "@dept2-*:x", recipients: {server: x}}
//!   - {name: c, senders: "@dept1-b*:x", recipients: ["@lead:x", {template: "@{localpart}-bot:x"}]}
//! blocks:
//!   - {senders: "@dept1-bob:x"}
//! ```
//!
//! 1. *Pairs.* Each route is all pairs of somebody of one set with somebody of another: `a` is `@dept1-*:x` × users of x. A
//!    template is a relation of its own: `c` is `@dept1-b*:x` × `@lead:x`, and besides, `@dept1-b*:x` × everyone, where
//!    `Made` keeps of these the pairs whose second is `@{localpart}-bot:x`, made of the first. If a template under
//!    `exclude` leaves out pairs one by one, they are in `LeftOut`.
//! 2. *Blocks* are pairs as well, here `@dept1-bob:x` × everyone. They take away, whichever route connects.
//! 3. *Hidden.* What the others do is the same relation with the pairs of `c` hidden. Both share their indexes.
//! 4. *Near.* Of all the pairs, only those count that have something in common with those of `c` on **both** sides, which
//!    `neighbours` finds: `a`, but not `b`. And they have to say it for sure: pairs of a template connect some of two sets
//!    only, so they count for pairs of the very same template alone. All pairs of two sets count for any template.
//! 5. *Splitting* is what `pairs` does with them. `@dept1-b*:x` × `@lead:x`, less `a`, leaves nobody on either side: these
//!    pairs are covered. Of the template's, `@dept1-b*:x` × everyone who is not of x is left, and nobody knows yet that the
//!    template makes none of these. So some users are tried, and as they show nothing, it is undecided.

use std::cell::OnceCell;
use std::collections::{BTreeSet, HashMap};
use std::rc::Rc;

use foldhash::fast::RandomState;

use crate::automata::Undecided;

use super::neighbours::{Found, Neighbours};
use super::products::Pairs;
use super::prover::Prover;
use super::sets::{SetId, Sets};

/// What connects users: pairs, less other pairs. Copies share what was found out about both.
#[derive(Clone, Debug, Default)]
pub struct Relation {
    pairs: Rc<[Pairs]>,
    blocks: Rc<[Pairs]>,
    /// Whether nobody is connected with itself.
    pub is_of_two: bool,
    /// Which of the pairs are left out, by their places.
    pub hidden: BTreeSet<usize>,
    has_templates: bool,
    index: Rc<OnceCell<Index>>,
    block_index: Rc<OnceCell<Index>>,
}

impl Relation {
    /// A relation of these pairs, less those.
    pub fn new(pairs: Vec<Pairs>, blocks: Vec<Pairs>) -> Self {
        Self {
            has_templates: pairs.iter().any(Pairs::has_templates),
            pairs: pairs.into(),
            blocks: blocks.into(),
            ..Self::default()
        }
    }

    /// A relation of other pairs, less the same.
    #[must_use]
    pub fn with(&self, pairs: Vec<Pairs>) -> Self {
        Self {
            blocks: self.blocks.clone(),
            block_index: self.block_index.clone(),
            is_of_two: self.is_of_two,
            ..Self::new(pairs, Vec::new())
        }
    }

    /// What connects.
    pub fn pairs(&self) -> &[Pairs] {
        &self.pairs
    }

    /// What separates, whatever connects.
    pub fn blocks(&self) -> &[Pairs] {
        &self.blocks
    }

    /// Whether it connects two users.
    ///
    /// # Errors
    ///
    /// If the budget does not suffice to look at all pairs that may.
    pub fn holds(&self, from: &str, to: &str, prover: &mut Prover) -> Result<bool, Undecided> {
        if self.is_of_two && from == to {
            return Ok(false);
        }
        let mut near = self.index().of_users(from, to, prover)?;
        near.retain(|at| !self.hidden.contains(at));
        let sets = &mut prover.sets;
        if !(near.into_iter()).any(|at| self.pairs[at].holds(sets, from, to)) {
            return Ok(false);
        }
        let near = self.block_index().of_users(from, to, prover)?;
        let sets = &mut prover.sets;
        Ok(!(near.into_iter()).any(|at| self.blocks[at].holds(sets, from, to)))
    }

    /// Whether pairs of sets say all of it, so that who is in two sets is connected.
    pub(crate) fn is_plain(&self) -> bool {
        !self.is_of_two && !self.has_templates
    }

    /// Whether it has the very same pairs.
    pub(super) fn has(&self, pairs: &Pairs) -> bool {
        (self.index().same(pairs).iter()).any(|at| !self.hidden.contains(at))
    }

    /// Whether it separates the very same pairs.
    pub(crate) fn separates(&self, block: &Pairs) -> bool {
        !self.block_index().same(block).is_empty()
    }

    /// The places of the pairs that may have something in common with these, and have all of what both sides share: what a
    /// template makes or leaves out counts only if it makes or leaves out the same of these.
    ///
    /// # Errors
    ///
    /// If the budget does not suffice to look at all that may be near.
    pub fn near(&self, pairs: &Pairs, prover: &mut Prover) -> Result<Vec<usize>, Undecided> {
        let mut near = self.candidates(pairs, prover)?;
        let sets = &mut prover.sets;
        near.retain(|at| {
            let other = &self.pairs[*at];
            !sets.are_plainly_disjoint(pairs.from, other.from)
                && !sets.are_plainly_disjoint(pairs.to, other.to)
        });
        Ok(near)
    }

    /// The same, with some that have nothing in common with these, as is plain to see.
    pub(super) fn candidates(
        &self,
        pairs: &Pairs,
        prover: &mut Prover,
    ) -> Result<Vec<usize>, Undecided> {
        let mut near = self.index().near(pairs, prover)?;
        near.retain(|at| !self.hidden.contains(at));
        Ok(near)
    }

    /// The places of all blocks that have something in common with these pairs, and of some more.
    ///
    /// # Errors
    ///
    /// If the budget does not suffice to look at all that may be near.
    pub(super) fn near_blocks(
        &self,
        pairs: &Pairs,
        prover: &mut Prover,
    ) -> Result<Vec<usize>, Undecided> {
        self.block_index().near(pairs, prover)
    }

    /// The blocks that may have something in common with these pairs.
    ///
    /// # Errors
    ///
    /// As for [`Self::near`].
    pub(crate) fn blocks_near(
        &self,
        pairs: &Pairs,
        prover: &mut Prover,
    ) -> Result<Vec<&Pairs>, Undecided> {
        let near = self.near_blocks(pairs, prover)?;
        Ok(near.into_iter().map(|at| &self.blocks[at]).collect())
    }

    fn index(&self) -> &Index {
        self.index.get_or_init(|| Index::new(&self.pairs))
    }

    fn block_index(&self) -> &Index {
        (self.block_index).get_or_init(|| Index::new(&self.blocks))
    }
}

/// The places of pairs, by the templates that decide about them, and then by who is on their sides.
#[derive(Debug, Default)]
struct Index {
    all: Rc<[Pairs]>,
    plain: OfTemplates,
    /// By pairs of nobody, of which these templates decide.
    others: HashMap<Pairs, OfTemplates, RandomState>,
}

/// The places of pairs about which the same templates decide.
#[derive(Debug, Default)]
struct OfTemplates {
    places: Vec<usize>,
    same: HashMap<(SetId, SetId), Vec<usize>, RandomState>,
    /// Those of the first and of the second of each pair, made when they are first asked for: mostly, all pairs of one rule
    /// set are the very same in the other.
    sides: OnceCell<[Neighbours; 2]>,
}

impl Index {
    fn new(all: &Rc<[Pairs]>) -> Self {
        let mut index = Self {
            all: all.clone(),
            ..Self::default()
        };
        for (at, pairs) in all.iter().enumerate() {
            let part = if pairs.has_templates() {
                index.others.entry(pairs.templates()).or_default()
            } else {
                &mut index.plain
            };
            part.places.push(at);
            part.same
                .entry((pairs.from, pairs.to))
                .or_default()
                .push(at);
        }
        index
    }

    /// The very same pairs.
    fn same(&self, pairs: &Pairs) -> &[usize] {
        let part = if pairs.has_templates() {
            self.others.get(&pairs.templates())
        } else {
            Some(&self.plain)
        };
        let same = part.and_then(|part| part.same.get(&(pairs.from, pairs.to)));
        same.map_or(&[], Vec::as_slice)
    }

    fn near(&self, pairs: &Pairs, prover: &mut Prover) -> Result<Vec<usize>, Undecided> {
        let mut near = Vec::new();
        let mut parts = vec![&self.plain];
        if pairs.has_templates() {
            let templates = pairs.templates();
            let (mut without_made, mut without_except) = (templates.clone(), templates.clone());
            (without_made.made, without_except.except) = (None, None);
            let mut keys = vec![templates];
            for fewer in [without_made, without_except] {
                if fewer.has_templates() && !keys.contains(&fewer) {
                    keys.push(fewer);
                }
            }
            parts.extend(keys.iter().filter_map(|key| self.others.get(key)));
        }
        for part in parts {
            let [from, to] = part.sides(&self.all, &mut prover.sets);
            let sides = [(from, pairs.from), (to, pairs.to)];
            let fewer = Neighbours::fewer(sides, &mut prover.sets);
            part.collect(&fewer, prover, &mut near)?;
        }
        near.sort_unstable();
        Ok(near)
    }

    /// The places of those that may connect two users.
    fn of_users(&self, from: &str, to: &str, prover: &mut Prover) -> Result<Vec<usize>, Undecided> {
        prover.count(self.others.len())?;
        let mut near = Vec::new();
        for part in std::iter::once(&self.plain).chain(self.others.values()) {
            let sides = part.sides(&self.all, &mut prover.sets);
            let (by_from, by_to) = (sides[0].of_user(from), sides[1].of_user(to));
            let fewer = if by_from.count <= by_to.count {
                by_from
            } else {
                by_to
            };
            part.collect(&fewer, prover, &mut near)?;
        }
        Ok(near)
    }
}

impl OfTemplates {
    fn sides(&self, all: &[Pairs], sets: &mut Sets) -> &[Neighbours; 2] {
        let sides: [fn(&Pairs) -> SetId; 2] = [|pairs| pairs.from, |pairs| pairs.to];
        self.sides.get_or_init(|| {
            sides.map(|side| Neighbours::new(self.places.iter().map(|at| side(&all[*at])), sets))
        })
    }

    /// Adds the places of those that were found.
    fn collect(
        &self,
        found: &Found<'_>,
        prover: &mut Prover,
        near: &mut Vec<usize>,
    ) -> Result<(), Undecided> {
        let places = found.places();
        prover.count(places.len())?;
        near.extend(places.into_iter().map(|at| self.places[at]));
        Ok(())
    }
}
