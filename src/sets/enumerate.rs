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

use super::graph::{Node, Nodes, SetId};
use super::listed::Listed;
use super::lists::{Enumerated, ListId, Listing, Lists, Purpose};
use super::named::{Exact, Naming};
use super::walk::{Graph, Membership};
use super::{TooLarge, UserIndex};

/// What is to be listed.
#[derive(Default)]
pub(crate) struct Wanted {
    /// Those that are enumerated as recipients, and those as users who are seen.
    listings: [Numbers; 2],
    held: Numbers,
    parts: HashMap<(SetId, Purpose), Listing, RandomState>,
}

/// Sets that are numbered as they come.
#[derive(Default)]
struct Numbers {
    /// The number of each set, plus 1.
    of: Vec<u32>,
    sets: Vec<SetId>,
}

impl Wanted {
    /// A set that is to be enumerated.
    pub fn listing(&mut self, set: SetId, purpose: Purpose) -> Listing {
        let number = self.listings[purpose as usize].number(set);
        Listing { purpose, number }
    }

    /// The same, for a part of a set with templates.
    pub(super) fn part(&mut self, set: SetId, purpose: Purpose) {
        let listing = self.listing(set, purpose);
        self.parts.insert((set, purpose), listing);
    }

    /// The list of all users in a set who have a number.
    pub fn held(&mut self, set: SetId) -> ListId {
        ListId(self.held.number(set))
    }

    /// Makes the lists, and the graph, to which known parts are added.
    pub(super) fn enumerate(
        self,
        nodes: &mut Nodes,
        matcher: &Matcher,
        users: &UserIds,
        (exact, listed): (&Exact, &Listed),
    ) -> Result<(Graph, Lists), TooLarge> {
        let listings = self.listings.iter().flat_map(|of| of.sets.iter().copied());
        let is_taken_in = nodes.below(listings, |node| node.taken_in().iter().copied());
        let taken_in = (exact.len()..nodes.count()).filter(|number| is_taken_in[*number]);
        let taken_in: Vec<_> = taken_in.map(|number| SetId(number as u32)).collect();
        let known_parts = KnownParts::new(&taken_in, nodes, exact);
        if nodes.count() >= MAX_USERS {
            return Err(TooLarge);
        }
        let graph = Graph::new(nodes);
        let mut asked: HashMap<_, Vec<_>, RandomState> = (self.held.sets.iter())
            .map(|set| (*set, Vec::new()))
            .collect();
        // Which of the users whom one part names another has.
        let names = |set: &SetId| known_parts.of(*set) != Some(*set);
        for set in &taken_in {
            match nodes.get(*set) {
                Some(Node::Difference { include, exclude }) if names(include) => {
                    asked.entry(*exclude).or_default();
                }
                Some(Node::Intersection([one, other])) => {
                    for (named, beside) in [(one, other), (other, one)] {
                        if names(named) {
                            asked.entry(*beside).or_default();
                        }
                    }
                }
                _ => {}
            }
        }
        find_named(&mut asked, nodes, &graph, (matcher, listed), users);

        let mut naming = Naming::new(&taken_in, nodes, &asked, (exact, listed))?;
        let mut first = self.held.sets.len() as u32;
        let mut known_sets = [Vec::new(), Vec::new()];
        let mut enumerated = [Vec::new(), Vec::new()];
        for ((listings, sets), enumerated) in
            (self.listings.iter().zip(&mut known_sets)).zip(&mut enumerated)
        {
            let mut known = Numbers::default();
            enumerated.extend(listings.sets.iter().map(|set| Enumerated {
                named: naming.of(*set),
                known: (known_parts.of(*set)).map(|set| ListId(first + known.number(set))),
            }));
            first += known.sets.len() as u32;
            *sets = known.sets;
        }
        let held = self.held.sets.into_iter();
        let held = held.map(|set| (set, asked.remove(&set).unwrap_or_default()));
        let enumerated = (enumerated, naming.named);
        let lists = Lists::new(enumerated, self.parts, held.collect(), known_sets);
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

/// Notes which users whom rules name are in the sets of `asked`, by rising number.
fn find_named(
    asked: &mut HashMap<SetId, Vec<UserIndex>, RandomState>,
    nodes: &Nodes,
    graph: &Graph,
    (matcher, listed): (&Matcher, &Listed),
    users: &UserIds,
) {
    if asked.is_empty() {
        return;
    }
    let is_below = nodes.below(asked.keys().copied(), Node::parts);
    let ways = nodes.ways(|set| is_below[set.0 as usize]);
    let mut membership = Membership::default();
    for (index, user) in (0..).map(UserIndex).zip(users.iter()) {
        let user = UserId::parse(user).expect("rules hold valid user IDs");
        membership.look_up(matcher, user);
        listed.add(index, &mut membership);
        graph.walk(&ways, &mut membership, |set| {
            if let Some(users) = asked.get_mut(&set) {
                users.push(index);
            }
        });
    }
}

/// What sets are without the exact IDs that they take in.
struct KnownParts<'a> {
    exact: &'a Exact,
    /// By number above the patterns. A set that names nobody is its own known part, and one that only names has none.
    above: Vec<Option<SetId>>,
}

impl<'a> KnownParts<'a> {
    fn new(taken_in: &[SetId], nodes: &mut Nodes, exact: &'a Exact) -> Self {
        let mut parts = Self {
            exact,
            above: vec![None; nodes.count() - exact.len()],
        };
        for set in taken_in {
            let known = match nodes.get(*set) {
                Some(Node::Union(members)) => {
                    let known = members.iter().filter_map(|member| parts.of(*member));
                    let known: Vec<_> = known.collect();
                    (!known.is_empty()).then(|| nodes.union(&known))
                }
                // Who is in both, and named by neither.
                Some(&Node::Intersection([one, other])) => {
                    let both = parts.of(one).zip(parts.of(other));
                    both.map(|(one, other)| nodes.intersection(&[one, other]))
                }
                Some(&Node::Difference { include, exclude }) => {
                    let known = parts.of(include);
                    known.map(|include| nodes.difference(include, exclude))
                }
                // All of them are named.
                Some(Node::Listed(_)) => None,
                Some(Node::Template(_)) | None => unreachable!("these sets are not enumerated"),
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
