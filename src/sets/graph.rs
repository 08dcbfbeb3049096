//! User sets as a graph: items at the bottom, unions, intersections and differences above, each set once, however many
//! rules write it.

use std::sync::Arc;

use foldhash::fast::RandomState;
use indexmap::IndexSet;

use crate::matcher::PatternId;
use crate::pattern::{Pattern, Template};
use crate::rules::UserList;

use super::table::Table;

/// A set of the graph. A pattern's set has the pattern's number; a set's number is greater than those of its parts, so
/// that going through them in order meets the parts first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SetId(pub u32);

impl From<PatternId> for SetId {
    fn from(pattern: PatternId) -> Self {
        Self(pattern.0)
    }
}

/// What a set is made of, above the patterns.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Node {
    /// Whoever is in one of these; nobody if there are none.
    Union(Box<[SetId]>),
    /// Whoever is in both.
    Intersection([SetId; 2]),
    /// Whoever is in the one and not in the other.
    Difference { include: SetId, exclude: SetId },
    /// The user whom a template makes of the one on the rule's other side.
    Template(Template),
    /// The users of a list.
    Listed(Arc<UserList>),
}

impl Node {
    /// The sets that it is made of.
    pub fn parts(&self) -> impl Iterator<Item = SetId> {
        let (list, pair) = match self {
            Self::Union(members) => (&**members, None),
            Self::Intersection(both) => (&both[..], None),
            Self::Difference { include, exclude } => (&[][..], Some([*include, *exclude])),
            Self::Template(_) | Self::Listed(_) => (&[][..], None),
        };
        list.iter().copied().chain(pair.into_iter().flatten())
    }

    /// Those of them that it takes users from.
    pub fn taken_in(&self) -> &[SetId] {
        match self {
            Self::Union(members) => members,
            Self::Intersection(both) => both,
            Self::Difference { include, .. } => std::slice::from_ref(include),
            Self::Template(_) | Self::Listed(_) => &[],
        }
    }
}

/// What a set is made of, for who [folds](Nodes::fold) the graph.
#[derive(Clone, Copy)]
pub(crate) enum Part<'a> {
    Pattern(&'a Pattern),
    Template(&'a Template),
    Listed(&'a UserList),
    /// One that is made of others.
    Node(&'a Node),
}

impl<'a> From<&'a Node> for Part<'a> {
    fn from(node: &'a Node) -> Self {
        match node {
            Node::Template(template) => Self::Template(template),
            Node::Listed(users) => Self::Listed(users),
            Node::Union(_) | Node::Intersection(_) | Node::Difference { .. } => Self::Node(node),
        }
    }
}

/// The sets above the patterns. Those that are made of the same parts in the same order are one set.
#[derive(Debug)]
pub(crate) struct Nodes {
    patterns: u32,
    above: IndexSet<Node, RandomState>,
    /// Whether it depends on the user on a rule's other side who is in a set, for each of these.
    depends: Vec<bool>,
}

impl Nodes {
    pub fn new(patterns: usize) -> Self {
        Self {
            patterns: patterns as u32,
            above: IndexSet::default(),
            depends: Vec::new(),
        }
    }

    pub fn union(&mut self, members: &[SetId]) -> SetId {
        if let [member] = members {
            return *member;
        }
        self.add(Node::Union(members.into()))
    }

    /// Two by two, so that a walk that comes to such a set looks at two parts.
    pub fn intersection(&mut self, members: &[SetId]) -> SetId {
        let both = |one, other| self.add(Node::Intersection([one, other]));
        (members.iter().copied().reduce(both)).unwrap_or_else(|| self.union(&[]))
    }

    pub fn difference(&mut self, include: SetId, exclude: SetId) -> SetId {
        self.add(Node::Difference { include, exclude })
    }

    pub fn template(&mut self, template: &Template) -> SetId {
        self.add(Node::Template(template.clone()))
    }

    pub fn listed(&mut self, users: &Arc<UserList>) -> SetId {
        self.add(Node::Listed(Arc::clone(users)))
    }

    /// The sets above the patterns, by rising number.
    pub fn above(&self) -> impl Iterator<Item = (SetId, &Node)> {
        (self.patterns..).map(SetId).zip(&self.above)
    }

    /// The lists, with their users.
    pub fn lists(&self) -> impl Iterator<Item = (SetId, &UserList)> {
        self.above().filter_map(|(set, node)| match node {
            Node::Listed(users) => Some((set, &**users)),
            _ => None,
        })
    }

    fn add(&mut self, node: Node) -> SetId {
        let (at, is_new) = self.above.insert_full(node);
        if is_new {
            let node = &self.above[at];
            let depends =
                matches!(node, Node::Template(_)) || node.parts().any(|part| self.depends(part));
            self.depends.push(depends);
        }
        SetId(self.patterns + at as u32)
    }

    /// How many of the sets are patterns.
    pub fn patterns(&self) -> u32 {
        self.patterns
    }

    /// How many sets there are, patterns included. All numbers are below.
    pub fn count(&self) -> usize {
        self.patterns as usize + self.above.len()
    }

    /// What a set is made of; `None` for a pattern.
    pub fn get(&self, set: SetId) -> Option<&Node> {
        let above = set.0.checked_sub(self.patterns)?;
        self.above.get_index(above as usize)
    }

    /// Whether it depends on the user on a rule's other side who is in a set.
    pub fn depends(&self, set: SetId) -> bool {
        let above = set.0.checked_sub(self.patterns);
        above.is_some_and(|above| self.depends[above as usize])
    }

    /// Whether any set does.
    pub fn any_depends(&self) -> bool {
        self.depends.contains(&true)
    }

    /// A value for each set, made of those of its parts.
    pub fn fold<'a, T>(
        &'a self,
        patterns: impl Iterator<Item = &'a Pattern>,
        mut of: impl FnMut(Part<'a>, &[T]) -> T,
    ) -> Vec<T> {
        let mut values = Vec::with_capacity(self.count());
        let nodes = self.above.iter().map(Part::from);
        for part in patterns.map(Part::Pattern).chain(nodes) {
            let value = of(part, &values);
            values.push(value);
        }
        values
    }

    /// The sets that others lead to, downwards: these, and the parts that `parts` gives of each that is among them.
    pub fn below<'a, P: IntoIterator<Item = SetId>>(
        &'a self,
        sets: impl Iterator<Item = SetId>,
        parts: impl Fn(&'a Node) -> P,
    ) -> Vec<bool> {
        let mut is_below = vec![false; self.count()];
        for set in sets {
            is_below[set.0 as usize] = true;
        }
        // From wholes down to their parts, which have smaller numbers.
        for (above, node) in self.above.iter().enumerate().rev() {
            if is_below[self.patterns as usize + above] {
                for part in parts(node) {
                    is_below[part.0 as usize] = true;
                }
            }
        }
        is_below
    }

    /// The ways up from each set to those that it is a part of, as far as `is_wanted` wants these. Where it depends on
    /// the rule's other side who is in a set, no way leads to it.
    pub fn ways(&self, is_wanted: impl Fn(SetId) -> bool) -> Ways {
        let mut parents = Vec::new();
        for (set, node) in self.above() {
            if !self.depends(set) && is_wanted(set) {
                parents.extend(node.parts().map(|part| (part.0, set)));
            }
        }
        Ways(Table::new(&parents))
    }
}

/// Ways upwards: see [`Nodes::ways`].
#[derive(Debug)]
pub(crate) struct Ways(pub Table<SetId>);
