//! User sets as a graph: patterns at the bottom, unions and differences above, shared where they are shared in the
//! rules. From the patterns that match a user, one walk upwards finds every set that holds it.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use foldhash::fast::RandomState;
use indexmap::IndexSet;

use crate::matcher::{Matcher, PatternId};
use crate::user_id::UserId;

use super::marks::Marks;

/// A set of the graph. A pattern's set has the pattern's number; a set's number is greater than those of its parts, so
/// that going through them in order meets the parts first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct SetId(pub u32);

impl From<PatternId> for SetId {
    fn from(pattern: PatternId) -> Self {
        Self(pattern.0)
    }
}

/// Values by number, packed: what belongs to each of many small keys, in the order in which it came.
#[derive(Debug)]
pub(super) struct Table<T> {
    /// Where the values of each key start, and after them, where those of the last one end.
    starts: Vec<u32>,
    values: Vec<T>,
}

impl<T: Copy> Table<T> {
    pub fn new(pairs: Vec<(u32, T)>) -> Self {
        // Nothing belongs to the keys after the last.
        let keys = pairs.iter().map(|(key, _)| *key as usize + 1).max();
        let mut starts = vec![0; keys.map_or(0, |keys| keys + 1)];
        for (key, _) in &pairs {
            starts[*key as usize + 1] += 1;
        }
        for key in 1..starts.len() {
            starts[key] += starts[key - 1];
        }
        let mut values: Vec<T> = pairs.iter().map(|(_, value)| *value).collect();
        let mut next = starts.clone();
        for (key, value) in pairs {
            let next = &mut next[key as usize];
            values[*next as usize] = value;
            *next += 1;
        }
        Self { starts, values }
    }

    pub fn get(&self, key: u32) -> &[T] {
        let key = key as usize;
        match self.starts.get(key..key + 2) {
            Some([from, to]) => &self.values[*from as usize..*to as usize],
            _ => &[],
        }
    }
}

/// What a set is made of, above the patterns.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) enum Node {
    Union(Box<[SetId]>),
    Difference { include: SetId, exclude: SetId },
}

/// The graph on its way. Sets that are made of the same parts in the same order are one set.
#[derive(Debug)]
pub(super) struct SetsBuilder {
    patterns: u32,
    nodes: IndexSet<Node, RandomState>,
}

impl SetsBuilder {
    pub fn new(patterns: usize) -> Self {
        Self {
            patterns: patterns as u32,
            nodes: IndexSet::default(),
        }
    }

    pub fn union(&mut self, members: &[SetId]) -> SetId {
        if let [member] = members {
            return *member;
        }
        self.add(Node::Union(members.into()))
    }

    pub fn difference(&mut self, include: SetId, exclude: SetId) -> SetId {
        self.add(Node::Difference { include, exclude })
    }

    fn add(&mut self, node: Node) -> SetId {
        let (at, _) = self.nodes.insert_full(node);
        SetId(self.patterns + at as u32)
    }

    /// How many sets there are, patterns included. All numbers are below.
    pub fn count(&self) -> usize {
        self.patterns as usize + self.nodes.len()
    }

    /// What a set is made of; `None` for a pattern.
    pub fn node(&self, set: SetId) -> Option<&Node> {
        let above = set.0.checked_sub(self.patterns)?;
        self.nodes.get_index(above as usize)
    }

    pub fn build(&self) -> Sets {
        let mut parents = Vec::new();
        let kinds = (self.patterns..).map(SetId).zip(&self.nodes);
        let kinds = kinds.map(|(id, node)| match node {
            Node::Union(members) => {
                parents.extend(members.iter().map(|part| (part.0, id)));
                Kind::Union
            }
            Node::Difference { include, exclude } => {
                parents.extend([(include.0, id), (exclude.0, id)]);
                Kind::Difference {
                    include: *include,
                    exclude: *exclude,
                }
            }
        });
        Sets {
            patterns: self.patterns,
            kinds: kinds.collect(),
            parents: Table::new(parents),
        }
    }
}

/// What a walk asks of a set above the patterns.
#[derive(Clone, Copy, Debug)]
enum Kind {
    Union,
    Difference { include: SetId, exclude: SetId },
}

/// The finished graph.
#[derive(Debug)]
pub(super) struct Sets {
    patterns: u32,
    kinds: Vec<Kind>,
    parents: Table<SetId>,
}

/// Scratch space of a walk, and afterwards its outcome: which sets hold the user.
#[derive(Debug, Default)]
pub(super) struct Membership {
    matched: Vec<PatternId>,
    queue: BinaryHeap<Reverse<u32>>,
    /// The sets that hold the user.
    sets: Marks,
}

impl Membership {
    /// Whether a set holds the user of the last walk.
    pub fn holds(&self, set: SetId) -> bool {
        self.sets.has(set.0)
    }

    /// The patterns that match the user of the last walk, in no particular order.
    pub fn matched(&self) -> &[PatternId] {
        &self.matched
    }

    fn start(&mut self) {
        self.matched.clear();
        self.queue.clear();
        self.sets.start();
    }
}

impl Sets {
    /// Finds every set that holds a user, and tells each to `visit`, parts before wholes.
    pub fn walk(
        &self,
        matcher: &Matcher,
        user: UserId<'_>,
        membership: &mut Membership,
        mut visit: impl FnMut(SetId),
    ) {
        membership.start();
        matcher.matches(user, &mut membership.matched);
        let matched = membership.matched.iter().map(|pattern| Reverse(pattern.0));
        membership.queue.extend(matched);
        let mut last = None;
        while let Some(Reverse(number)) = membership.queue.pop() {
            if last.replace(number) == Some(number) {
                continue;
            }
            let kind = number
                .checked_sub(self.patterns)
                .map(|above| self.kinds[above as usize]);
            // All parts of the set have smaller numbers, so whether they hold the user is known by now.
            if let Some(Kind::Difference { include, exclude }) = kind
                && (!membership.holds(include) || membership.holds(exclude))
            {
                continue;
            }
            membership.sets.mark(number);
            visit(SetId(number));
            let parents = self.parents.get(number).iter();
            membership
                .queue
                .extend(parents.map(|parent| Reverse(parent.0)));
        }
    }
}
