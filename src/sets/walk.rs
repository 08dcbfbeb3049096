//! Which sets hold a user: from the patterns that match it, one walk upwards finds them all.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use crate::matcher::{Matcher, PatternId};
use crate::user_id::UserId;

use super::graph::{Node, Nodes, SetId, Ways};
use super::marks::Marks;

/// What a walk asks of a set above the patterns.
#[derive(Clone, Copy, Debug)]
enum Kind {
    Union,
    /// Walks start here, as they do from patterns.
    Listed,
    Intersection([SetId; 2]),
    Difference {
        include: SetId,
        exclude: SetId,
    },
    /// Walks do not come here.
    Dependent(u32),
}

/// The finished graph.
#[derive(Debug)]
pub(crate) struct Graph {
    patterns: u32,
    kinds: Vec<Kind>,
    dependent: Vec<Node>,
    ways: Ways,
}

/// Whether a set holds a user.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Holds {
    No,
    /// The user on the other side decides, or a pattern that was not looked into.
    Maybe,
    Yes,
}

impl Holds {
    fn of(holds: bool) -> Self {
        if holds { Self::Yes } else { Self::No }
    }
}

/// Scratch space of a walk, and afterwards its outcome: which sets hold the user.
#[derive(Debug, Default)]
pub(crate) struct Membership {
    matched: Vec<PatternId>,
    /// The lists that have the user.
    pub listed: Vec<SetId>,
    /// Patterns that may match.
    pub unsure: Vec<PatternId>,
    queue: BinaryHeap<Reverse<u32>>,
    /// The sets that hold the user.
    sets: Marks,
    /// Those that may, where there are unsure patterns.
    maybe: Marks,
    /// The sets that have a part that surely holds the user.
    sure: Marks,
}

impl Membership {
    /// Finds the patterns that match a user, to walk from. Who is in lists is for the caller to say.
    pub fn look_up(&mut self, matcher: &Matcher, user: UserId<'_>) {
        self.matched.clear();
        self.listed.clear();
        self.unsure.clear();
        matcher.matches(user, &mut self.matched);
    }

    /// Whether a set holds the user of the last walk.
    pub fn holds(&self, set: SetId) -> bool {
        self.sets.has(set.0)
    }
}

/// The sets that hold a user, or may, as a walk found them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Held {
    /// By rising number.
    sets: Vec<(SetId, Holds)>,
}

impl Held {
    /// All of them, by rising number.
    pub fn sets(&self) -> impl Iterator<Item = SetId> {
        self.sets.iter().map(|(set, _)| *set)
    }
}

/// What a walk found.
pub(crate) trait Found {
    /// Whether a set holds the user, if that does not depend on the other side.
    fn says(&self, set: SetId) -> Holds;
}

impl Found for Membership {
    fn says(&self, set: SetId) -> Holds {
        Holds::of(self.holds(set))
    }
}

impl Found for Held {
    fn says(&self, set: SetId) -> Holds {
        let found = self.sets.binary_search_by_key(&set, |(set, _)| *set);
        found.map_or(Holds::No, |at| self.sets[at].1)
    }
}

impl Graph {
    /// The graph of these sets, for walks.
    pub fn new(nodes: &Nodes) -> Self {
        let mut dependent = Vec::new();
        let kinds = nodes.above().map(|(set, node)| match node {
            _ if nodes.depends(set) => {
                dependent.push(node.clone());
                Kind::Dependent(dependent.len() as u32 - 1)
            }
            Node::Difference { include, exclude } => Kind::Difference {
                include: *include,
                exclude: *exclude,
            },
            Node::Intersection(both) => Kind::Intersection(*both),
            Node::Listed(_) => Kind::Listed,
            Node::Union(_) | Node::Template(_) => Kind::Union,
        });
        Self {
            patterns: nodes.patterns(),
            kinds: kinds.collect(),
            dependent,
            ways: nodes.ways(|_| true),
        }
    }

    /// What a set is made of that depends on the user on the other side.
    pub fn dependent(&self, set: SetId) -> Option<&Node> {
        let above = set.0.checked_sub(self.patterns)?;
        match self.kinds[above as usize] {
            Kind::Dependent(index) => Some(&self.dependent[index as usize]),
            _ => None,
        }
    }

    /// All ways upwards.
    pub fn ways(&self) -> &Ways {
        &self.ways
    }

    /// Finds every set that holds the user whom the patterns of `membership` match, along these ways, and tells each to
    /// `visit`, parts before wholes.
    pub fn walk(&self, ways: &Ways, membership: &mut Membership, visit: impl FnMut(SetId)) {
        self.walk_as::<false>(ways, membership, visit);
    }

    /// The same along all ways, for who keeps what is found. Patterns may be unsure.
    pub fn held(&self, membership: &mut Membership) -> Held {
        let mut sets = Vec::new();
        self.walk_as::<true>(&self.ways, membership, |set| sets.push(set));
        let holds = |set| {
            if membership.holds(set) {
                Holds::Yes
            } else {
                Holds::Maybe
            }
        };
        let sets = sets.into_iter().map(|set| (set, holds(set)));
        Held {
            sets: sets.collect(),
        }
    }

    fn walk_as<const UNSURE: bool>(
        &self,
        ways: &Ways,
        membership: &mut Membership,
        mut visit: impl FnMut(SetId),
    ) {
        membership.queue.clear();
        membership.sets.start();
        let matched = membership.matched.iter().map(|pattern| Reverse(pattern.0));
        membership.queue.extend(matched);
        let listed = membership.listed.iter().map(|list| Reverse(list.0));
        membership.queue.extend(listed);
        if UNSURE {
            membership.maybe.start();
            membership.sure.start();
            for pattern in &membership.matched {
                membership.sure.mark(pattern.0);
            }
            for list in &membership.listed {
                membership.sure.mark(list.0);
            }
            let unsure = membership.unsure.iter().map(|pattern| Reverse(pattern.0));
            membership.queue.extend(unsure);
        }
        let mut last = None;
        while let Some(Reverse(number)) = membership.queue.pop() {
            if last.replace(number) == Some(number) {
                continue;
            }
            let kind = number
                .checked_sub(self.patterns)
                .map(|above| self.kinds[above as usize]);
            let mut is_sure = !UNSURE || membership.sure.has(number);
            // All parts of the set have smaller numbers, so whether they hold the user is known by now.
            let may = |set: SetId| UNSURE && membership.maybe.has(set.0);
            match kind {
                Some(Kind::Difference { include, exclude }) => {
                    if !membership.holds(include) && !may(include) || membership.holds(exclude) {
                        continue;
                    }
                    is_sure = membership.holds(include) && !may(exclude);
                }
                Some(Kind::Intersection(both)) => {
                    if !(both.iter()).all(|set| membership.holds(*set) || may(*set)) {
                        continue;
                    }
                    is_sure = both.iter().all(|set| membership.holds(*set));
                }
                Some(Kind::Union | Kind::Listed | Kind::Dependent(_)) | None => {}
            }
            if is_sure {
                membership.sets.mark(number);
            } else {
                membership.maybe.mark(number);
            }
            visit(SetId(number));
            let parents = ways.0.get(number);
            if UNSURE && is_sure {
                for parent in parents {
                    membership.sure.mark(parent.0);
                }
            }
            let parents = parents.iter();
            membership
                .queue
                .extend(parents.map(|parent| Reverse(parent.0)));
        }
    }

    /// Whether a set holds a user, of whom a walk found this: as it is for `other`, or whoever is on the other
    /// side.
    pub fn holds(
        &self,
        set: SetId,
        (user, found): (UserId<'_>, &impl Found),
        other: Option<UserId<'_>>,
    ) -> Holds {
        let holds = |set| self.holds(set, (user, found), other);
        match self.dependent(set) {
            None | Some(Node::Listed(_)) => found.says(set),
            Some(Node::Template(template)) => match other {
                Some(other) => Holds::of(template.make(other).as_deref() == Some(user.as_str())),
                None => template.makes(user).map_or(Holds::Maybe, Holds::of),
            },
            Some(Node::Union(members)) => {
                let mut most = Holds::No;
                for member in members {
                    most = most.max(holds(*member));
                    if most == Holds::Yes {
                        break;
                    }
                }
                most
            }
            Some(Node::Intersection([one, other])) => match holds(*one) {
                Holds::No => Holds::No,
                first => first.min(holds(*other)),
            },
            Some(Node::Difference { include, exclude }) => match (holds(*include), holds(*exclude))
            {
                (Holds::No, _) | (_, Holds::Yes) => Holds::No,
                (Holds::Yes, Holds::No) => Holds::Yes,
                _ => Holds::Maybe,
            },
        }
    }
}
