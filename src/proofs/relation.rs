//! Relations between users, as pairs of sets.

use std::collections::{BTreeSet, HashMap};
use std::hash::{Hash, Hasher};
use std::rc::Rc;

use foldhash::fast::RandomState;

use crate::pattern::Template;
use crate::user_id::UserId;

use super::sets::{SetId, Sets};
use super::side::{Except, Side, leaves_out};

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
    /// What leaves some pairs out, one by one.
    pub except: Option<LeftOut>,
}

/// Pairs that are left out: the user on one side is in a set that depends on the user on the other.
#[derive(Clone, Debug)]
pub struct LeftOut {
    /// Whether it is the first of each pair who is looked for in the sets.
    pub is_first: bool,
    /// The sets.
    pub except: Except,
    /// The rule that leaves them out, in words. Equal pairs of two rules are equal.
    pub by: Rc<str>,
}

impl PartialEq for LeftOut {
    fn eq(&self, other: &Self) -> bool {
        (self.is_first, &self.except) == (other.is_first, &other.except)
    }
}

impl Eq for LeftOut {}

impl Hash for LeftOut {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (self.is_first, &self.except).hash(state);
    }
}

impl LeftOut {
    fn holds(&self, sets: &mut Sets, from: &str, to: &str) -> bool {
        let (user, other) = if self.is_first {
            (from, to)
        } else {
            (to, from)
        };
        leaves_out(&self.except, sets, user, other)
    }

    /// A template that decides.
    pub(super) fn template(&self) -> Option<&Template> {
        fn first(sides: &[Side]) -> Option<&Template> {
            sides.iter().find_map(|side| {
                let made = side.made.iter().map(|(template, _)| template).next();
                made.or_else(|| {
                    let mut partial = side.partial.iter();
                    partial.find_map(|part| part.made.as_ref().or_else(|| first(&part.except)))
                })
            })
        }
        first(&self.except)
    }
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
        Self {
            from,
            to,
            made: None,
            except: None,
        }
    }

    /// Whether templates decide about single pairs.
    pub fn has_templates(&self) -> bool {
        self.made.is_some() || self.except.is_some()
    }

    /// The same pairs, each the other way round.
    #[must_use]
    pub fn turned(&self) -> Self {
        Self {
            from: self.to,
            to: self.from,
            made: self.made.clone().map(|made| match made {
                Made::First(template) => Made::Second(template),
                Made::Second(template) => Made::First(template),
            }),
            except: self.except.clone().map(|left_out| LeftOut {
                is_first: !left_out.is_first,
                ..left_out
            }),
        }
    }

    fn holds(&self, sets: &mut Sets, from: &str, to: &str) -> bool {
        let is_made = self.made.as_ref().is_none_or(|made| match made {
            Made::First(template) => make(template, to).as_deref() == Some(from),
            Made::Second(template) => make(template, from).as_deref() == Some(to),
        });
        is_made
            && sets.holds(self.from, from)
            && sets.holds(self.to, to)
            && !(self.except.as_ref()).is_some_and(|except| except.holds(sets, from, to))
    }
}

pub(super) fn make(template: &Template, from: &str) -> Option<String> {
    UserId::parse(from)
        .ok()
        .and_then(|from| template.make(from))
}

/// What connects users: pairs, less other pairs.
#[derive(Clone, Debug, Default)]
pub struct Relation {
    /// What connects.
    pub pairs: Vec<Pairs>,
    /// What separates, whatever connects.
    pub blocks: Vec<Pairs>,
    /// Whether nobody is connected with itself.
    pub is_of_two: bool,
    /// Which of the pairs are left out, by their places.
    pub hidden: BTreeSet<usize>,
    has_templates: bool,
    index: Option<Rc<Index>>,
}

#[derive(Debug)]
struct Index {
    pairs: HashMap<Pairs, Vec<usize>, RandomState>,
    blocks: Rc<BTreeSet<(SetId, SetId)>>,
    from: Lookup,
    to: Lookup,
}

/// The places of pairs, by who is on one of their sides.
#[derive(Debug, Default)]
struct Lookup {
    /// By each user of a list.
    listed: HashMap<Rc<str>, Vec<usize>, RandomState>,
    /// By the servers of sets that are no lists, and of those that are.
    patterns: HashMap<Rc<str>, Vec<usize>, RandomState>,
    lists: HashMap<Rc<str>, Vec<usize>, RandomState>,
    anywhere: Vec<usize>,
}

impl Relation {
    /// A relation of these pairs, less those.
    pub fn new(pairs: Vec<Pairs>, blocks: Vec<Pairs>) -> Self {
        Self {
            has_templates: pairs.iter().any(Pairs::has_templates),
            pairs,
            blocks,
            ..Self::default()
        }
    }

    /// Whether it connects two users.
    pub fn holds(&self, sets: &mut Sets, from: &str, to: &str) -> bool {
        let is_shown = |at: &usize| !self.hidden.contains(at);
        !(self.is_of_two && from == to)
            && (self.pairs.iter().enumerate())
                .any(|(at, pairs)| is_shown(&at) && pairs.holds(sets, from, to))
            && !self.blocks.iter().any(|block| block.holds(sets, from, to))
    }

    /// Whether pairs of sets say all of it, so that who is in two sets is connected.
    pub fn is_plain(&self) -> bool {
        !self.is_of_two && !self.has_templates
    }

    /// Whether it has the very same pairs.
    pub(super) fn has(&mut self, pairs: &Pairs, sets: &mut Sets) -> bool {
        let index = self.index(sets);
        let same = index.pairs.get(pairs).map_or(&[][..], Vec::as_slice);
        same.iter().any(|at| !self.hidden.contains(at))
    }

    /// What it separates.
    pub(super) fn separated(&mut self, sets: &mut Sets) -> Rc<BTreeSet<(SetId, SetId)>> {
        self.index(sets).blocks.clone()
    }

    fn index(&mut self, sets: &mut Sets) -> Rc<Index> {
        if self.index.is_none() {
            let mut pairs: HashMap<Pairs, Vec<usize>, RandomState> = HashMap::default();
            for (at, same) in self.pairs.iter().enumerate() {
                pairs.entry(same.clone()).or_default().push(at);
            }
            let blocks = self.blocks.iter().map(|block| (block.from, block.to));
            self.index = Some(Rc::new(Index {
                pairs,
                blocks: Rc::new(blocks.collect()),
                from: Lookup::new(self.pairs.iter().map(|pairs| pairs.from), sets),
                to: Lookup::new(self.pairs.iter().map(|pairs| pairs.to), sets),
            }));
        }
        self.index.clone().expect("it was just made")
    }

    /// The places of the pairs that may have something in common with these, and have all of what both sides share: what a
    /// template makes or leaves out counts only if it makes or leaves out the same of these.
    pub fn near(&mut self, pairs: &Pairs, sets: &mut Sets) -> Vec<usize> {
        let index = self.index(sets);
        let by_from = index.from.get(pairs.from, sets);
        let by_to = index.to.get(pairs.to, sets);
        let near = match (by_from, by_to) {
            (Some(one), Some(other)) if one.len() <= other.len() => one,
            (_, Some(one)) | (Some(one), None) => one,
            (None, None) => (0..self.pairs.len()).collect(),
        };
        (near.into_iter())
            .filter(|at| !self.hidden.contains(at))
            .filter(|at| {
                let other = &self.pairs[*at];
                (other.made.is_none() || other.made == pairs.made)
                    && (other.except.is_none() || other.except == pairs.except)
                    && !sets.are_plainly_disjoint(pairs.from, other.from)
                    && !sets.are_plainly_disjoint(pairs.to, other.to)
            })
            .collect()
    }
}

impl Lookup {
    fn new(sides: impl Iterator<Item = SetId>, sets: &mut Sets) -> Self {
        let mut lookup = Self::default();
        for (at, set) in sides.enumerate() {
            let listed = sets.listed(set);
            for user in listed.iter().flat_map(|users| users.iter()) {
                lookup.listed.entry(user.clone()).or_default().push(at);
            }
            let by_server = if listed.is_some() {
                &mut lookup.lists
            } else {
                &mut lookup.patterns
            };
            match sets.servers(set) {
                Some(servers) => {
                    for server in servers.iter() {
                        by_server.entry(server.clone()).or_default().push(at);
                    }
                }
                None => lookup.anywhere.push(at),
            }
        }
        lookup
    }

    /// The places of those that may have users in common with a set; `None` if these may be all.
    fn get(&self, set: SetId, sets: &mut Sets) -> Option<Vec<usize>> {
        let servers = sets.servers(set)?;
        let mut found = self.anywhere.clone();
        for server in servers.iter() {
            found.extend(self.patterns.get(server).into_iter().flatten());
        }
        match sets.listed(set) {
            Some(users) => {
                for user in &*users {
                    found.extend(self.listed.get(user).into_iter().flatten());
                }
            }
            None => {
                for server in servers.iter() {
                    found.extend(self.lists.get(server).into_iter().flatten());
                }
            }
        }
        found.sort_unstable();
        found.dedup();
        Some(found)
    }
}
