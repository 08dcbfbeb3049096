//! From sets of the graph to lists: which there have to be, and which users, named by rules, are in them from the start.
//!
//! A set is enumerated as the exact IDs that it takes in, as written, and then as the known users whom its patterns take
//! in. The second are the known users of another set, its *known part*: what it is without the exact IDs that it takes
//! in. Sets that differ in these alone share one list. There is a list for each distinct set at most, and each is found
//! once, however many sets it is a part of.

use std::collections::HashMap;

use foldhash::fast::RandomState;

use crate::matcher::Matcher;
use crate::user_id::UserId;
use crate::user_ids::{MAX_USERS, UserIds};

use super::UserIndex;
use super::compile::CompileError;
use super::lists::{Enumerated, ListId, Listing, Lists, Range};
use super::marks::Marks;
use super::sets::{Membership, Node, SetId, Sets, SetsBuilder};

/// What rules want to be listed.
#[derive(Default)]
pub(super) struct Wanted {
    listings: Numbers,
    held: Numbers,
}

/// Sets that are numbered as they come.
#[derive(Default)]
struct Numbers {
    /// The number of each set, plus 1.
    of: Vec<u32>,
    sets: Vec<SetId>,
}

/// The users whom exact patterns name, by the number of the pattern.
pub(super) type Named = [Option<UserIndex>];

impl Wanted {
    /// A set that is to be enumerated.
    pub fn listing(&mut self, set: SetId) -> Listing {
        Listing(self.listings.number(set))
    }

    /// The list of all users in a set who have a number.
    pub fn held(&mut self, set: SetId) -> ListId {
        ListId(self.held.number(set))
    }

    /// Makes the lists, and the graph, to which known parts are added.
    pub fn enumerate(
        self,
        mut sets: SetsBuilder,
        matcher: &Matcher,
        users: &UserIds,
        exact: &Named,
    ) -> Result<(Sets, Lists), CompileError> {
        let taken_in = taken_in(&self.listings.sets, &sets);
        let known_parts = KnownParts::new(&taken_in, &mut sets, exact);
        if sets.count() >= MAX_USERS {
            return Err(CompileError::TooLarge);
        }
        let graph = sets.build();
        let mut asked: HashMap<_, Vec<_>, RandomState> = (self.held.sets.iter())
            .map(|set| (*set, Vec::new()))
            .collect();
        for set in &taken_in {
            if let Some(Node::Difference { include, exclude }) = sets.node(*set)
                && known_parts.of(*include) != Some(*include)
            {
                asked.entry(*exclude).or_default();
            }
        }
        find_named(&mut asked, users, matcher, &graph);

        let mut named = NamedUsers::new(&taken_in, &sets, &asked, exact)?;
        let mut known = Numbers::default();
        let first_known = self.held.sets.len() as u32;
        let enumerated = self.listings.sets.iter().map(|set| Enumerated {
            named: named.of(*set),
            known: (known_parts.of(*set)).map(|set| ListId(first_known + known.number(set))),
        });
        let enumerated = enumerated.collect();
        if u32::try_from(named.users.len()).is_err() {
            return Err(CompileError::TooLarge);
        }
        let named = named.users;
        let held = self.held.sets.into_iter();
        let held = held.map(|set| (set, asked.remove(&set).unwrap_or_default()));
        let lists = Lists::new(enumerated, named, held.collect(), known.sets);
        Ok((graph, lists))
    }
}

impl Numbers {
    fn number(&mut self, set: SetId) -> u32 {
        let at = set.0 as usize;
        if at >= self.of.len() {
            self.of.resize(at + 1, 0);
        }
        if self.of[at] == 0 {
            self.sets.push(set);
            self.of[at] = self.sets.len() as u32;
        }
        self.of[at] - 1
    }
}

/// The sets above the patterns that these take users from, themselves included, parts before wholes.
fn taken_in(roots: &[SetId], sets: &SetsBuilder) -> Vec<SetId> {
    let mut is_taken_in = vec![false; sets.count()];
    for root in roots {
        is_taken_in[root.0 as usize] = true;
    }
    let mut taken_in = Vec::new();
    // From wholes down to their parts, which have smaller numbers.
    for number in (0..sets.count()).rev() {
        let set = SetId(number as u32);
        let Some(node) = sets.node(set) else { break };
        if !is_taken_in[number] {
            continue;
        }
        taken_in.push(set);
        match node {
            Node::Union(members) => {
                for member in members {
                    is_taken_in[member.0 as usize] = true;
                }
            }
            Node::Difference { include, .. } => is_taken_in[include.0 as usize] = true,
        }
    }
    taken_in.reverse();
    taken_in
}

/// Notes which users whom rules name are in the sets of `asked`, by rising number.
fn find_named(
    asked: &mut HashMap<SetId, Vec<UserIndex>, RandomState>,
    users: &UserIds,
    matcher: &Matcher,
    graph: &Sets,
) {
    if asked.is_empty() {
        return;
    }
    let mut membership = Membership::default();
    for (index, user) in (0..).map(UserIndex).zip(users.iter()) {
        let user = UserId::parse(user).expect("rules hold valid user IDs");
        graph.walk(matcher, user, &mut membership, |set| {
            if let Some(users) = asked.get_mut(&set) {
                users.push(index);
            }
        });
    }
}

/// What sets are without the exact IDs that they take in.
struct KnownParts<'a> {
    exact: &'a Named,
    /// By number above the patterns. A set that names nobody is its own known part, and one that only names has none.
    above: Vec<Option<SetId>>,
}

impl<'a> KnownParts<'a> {
    fn new(taken_in: &[SetId], sets: &mut SetsBuilder, exact: &'a Named) -> Self {
        let mut parts = Self {
            exact,
            above: vec![None; sets.count() - exact.len()],
        };
        for set in taken_in {
            let known = match sets.node(*set) {
                Some(Node::Union(members)) => {
                    let known = members.iter().filter_map(|member| parts.of(*member));
                    let known: Vec<_> = known.collect();
                    (!known.is_empty()).then(|| sets.union(&known))
                }
                Some(&Node::Difference { include, exclude }) => {
                    let known = parts.of(include);
                    known.map(|include| sets.difference(include, exclude))
                }
                None => unreachable!("patterns are not among these sets"),
            };
            parts.above[set.0 as usize - exact.len()] = known;
        }
        parts
    }

    fn of(&self, set: SetId) -> Option<SetId> {
        let number = set.0 as usize;
        match number.checked_sub(self.exact.len()) {
            Some(above) => self.above[above],
            None => self.exact[number].is_none().then_some(set),
        }
    }
}

/// The users whom sets name one by one, each where it first stands.
struct NamedUsers<'a> {
    exact: &'a Named,
    users: Vec<UserIndex>,
    /// Where those of each set stand, by number above the patterns. Sets that name the same users share them.
    above: Vec<Range>,
}

impl<'a> NamedUsers<'a> {
    /// `held` are the users who are in the sets that are taken away.
    fn new(
        taken_in: &[SetId],
        sets: &SetsBuilder,
        held: &HashMap<SetId, Vec<UserIndex>, RandomState>,
        exact: &'a Named,
    ) -> Result<Self, CompileError> {
        let mut named = Self {
            exact,
            users: Vec::new(),
            above: vec![Range::default(); sets.count() - exact.len()],
        };
        let mut met = Marks::default();
        for set in taken_in {
            let range = match sets.node(*set) {
                Some(Node::Union(members)) => {
                    met.start();
                    named.add(members, |user| met.mark(user.0))
                }
                Some(Node::Difference { include, exclude }) => {
                    let excluded = held.get(exclude).map_or(&[][..], Vec::as_slice);
                    named.add(&[*include], |user| excluded.binary_search(&user).is_err())
                }
                None => unreachable!("patterns are not among these sets"),
            };
            named.above[set.0 as usize - exact.len()] = range;
            if u32::try_from(named.users.len()).is_err() {
                return Err(CompileError::TooLarge);
            }
        }
        Ok(named)
    }

    /// Adds those users of some sets who are to stay, one set after another.
    fn add(&mut self, sets: &[SetId], mut stays: impl FnMut(UserIndex) -> bool) -> Range {
        let from = self.users.len();
        // Those of the first set that names anybody. If there are no fewer and no more, they are shared.
        let mut first = None;
        for set in sets {
            let number = set.0 as usize;
            let Some(above) = number.checked_sub(self.exact.len()) else {
                if let Some(user) = self.exact[number] {
                    first.get_or_insert(Range::default());
                    self.users.extend(stays(user).then_some(user));
                }
                continue;
            };
            let range = self.above[above];
            if !range.is_empty() {
                first.get_or_insert(range);
            }
            for at in range.from..range.to {
                let user = self.users[at as usize];
                self.users.extend(stays(user).then_some(user));
            }
        }
        let added = Range {
            from: from as u32,
            to: self.users.len() as u32,
        };
        match first {
            Some(first) if first.len() == added.len() => {
                self.users.truncate(from);
                first
            }
            _ => added,
        }
    }

    /// Those of a set that is to be enumerated.
    fn of(&mut self, set: SetId) -> Range {
        match (set.0 as usize).checked_sub(self.exact.len()) {
            Some(above) => self.above[above],
            None => self.add(&[set], |_| true),
        }
    }
}
