//! The users whom sets name one by one, in the order in which they stand there.
//!
//! Most sets have a run of their own. Where many sets take in the same many users, copies would need memory by their
//! product. Then a set is made of pieces, which are those of its parts.

use std::collections::{HashMap, HashSet};

use foldhash::fast::RandomState;

use super::graph::{Node, Nodes, SetId};
use super::marks::Marks;
use super::{TooLarge, UserIndex};

/// So many users are copied at most, over all sets: 4 MB.
const MOST_COPIES: usize = 1 << 20;

/// From one place to before another.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Range {
    from: u32,
    to: u32,
}

/// The users whom a set names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Names {
    /// Each once.
    Run(Range),
    /// Pieces, of which several may have the same users.
    Pieces(Range),
}

/// The users whom exact patterns name, by the number of the pattern.
pub(crate) type Exact = [Option<UserIndex>];

/// The users of all sets.
#[derive(Debug, Default)]
pub(crate) struct Named {
    users: Vec<UserIndex>,
    pieces: Vec<Names>,
}

/// What goes through the pieces of a set.
struct Runs<'a> {
    named: &'a Named,
    open: Vec<Names>,
    /// Pieces that were met before have nobody new.
    met: HashSet<Names, RandomState>,
}

impl Range {
    fn len(self) -> usize {
        (self.to - self.from) as usize
    }

    fn of<T>(self, values: &[T]) -> &[T] {
        &values[self.from as usize..self.to as usize]
    }
}

impl Names {
    pub const NOBODY: Self = Self::Run(Range { from: 0, to: 0 });

    pub fn is_empty(self) -> bool {
        matches!(self, Self::Run(range) if range.len() == 0)
    }

    /// Whether a user may come several times.
    pub fn repeat(self) -> bool {
        matches!(self, Self::Pieces(_))
    }
}

impl Named {
    /// The users of a set.
    pub fn users(&self, names: Names) -> impl Iterator<Item = &UserIndex> {
        let (run, pieces) = match names {
            Names::Run(run) => (run.of(&self.users), None),
            Names::Pieces(_) => (&[][..], Some(self.runs(names))),
        };
        let pieces = pieces.into_iter().flatten();
        run.iter().chain(pieces.flat_map(|run| run.of(&self.users)))
    }

    fn runs(&self, names: Names) -> Runs<'_> {
        Runs {
            named: self,
            open: vec![names],
            met: HashSet::default(),
        }
    }

    pub fn shrink(&mut self) {
        self.users.shrink_to_fit();
        self.pieces.shrink_to_fit();
    }
}

impl Iterator for Runs<'_> {
    type Item = Range;

    fn next(&mut self) -> Option<Range> {
        loop {
            let names = self.open.pop()?;
            if self.met.insert(names) {
                match names {
                    Names::Run(run) => return Some(run),
                    Names::Pieces(pieces) => {
                        (self.open).extend(pieces.of(&self.named.pieces).iter().rev());
                    }
                }
            }
        }
    }
}

/// Finds the users of one set after another, parts before wholes.
pub(super) struct Naming<'a> {
    exact: &'a Exact,
    pub named: Named,
    /// The users of each set, by number above the patterns.
    above: Vec<Names>,
    met: Marks,
    copies: usize,
}

impl<'a> Naming<'a> {
    /// Names the users of the sets of `taken_in`. `held` are the users who are in the sets that are taken away.
    pub fn new(
        taken_in: &[SetId],
        nodes: &Nodes,
        held: &HashMap<SetId, Vec<UserIndex>, RandomState>,
        exact: &'a Exact,
    ) -> Result<Self, TooLarge> {
        let mut naming = Self {
            exact,
            named: Named::default(),
            above: vec![Names::NOBODY; nodes.count() - exact.len()],
            met: Marks::default(),
            copies: 0,
        };
        for set in taken_in {
            let names = match nodes.get(*set) {
                Some(Node::Union(members)) => naming.union(members),
                Some(Node::Difference { include, exclude }) => {
                    let excluded = held.get(exclude).map_or(&[][..], Vec::as_slice);
                    let include = naming.of(*include);
                    naming.without(include, excluded)
                }
                Some(Node::Template(_)) | None => unreachable!("these sets are not enumerated"),
            };
            naming.above[set.0 as usize - exact.len()] = names;
            let Named { users, pieces } = &naming.named;
            if u32::try_from(users.len().max(pieces.len())).is_err() {
                return Err(TooLarge);
            }
        }
        Ok(naming)
    }

    /// The users of a set that is to be enumerated.
    pub fn of(&mut self, set: SetId) -> Names {
        let number = set.0 as usize;
        match number.checked_sub(self.exact.len()) {
            Some(above) => self.above[above],
            None => self.exact[number].map_or(Names::NOBODY, |user| self.add([user])),
        }
    }

    /// The names of a set above the patterns, if it has any.
    fn above(&self, set: SetId) -> Option<Names> {
        let above = (set.0 as usize).checked_sub(self.exact.len())?;
        Some(self.above[above]).filter(|names| !names.is_empty())
    }

    fn add(&mut self, users: impl IntoIterator<Item = UserIndex>) -> Names {
        let from = self.named.users.len() as u32;
        self.named.users.extend(users);
        let to = self.named.users.len() as u32;
        Names::Run(Range { from, to })
    }

    fn add_pieces(&mut self, pieces: &[Names]) -> Names {
        let from = self.named.pieces.len() as u32;
        self.named.pieces.extend(pieces);
        let to = self.named.pieces.len() as u32;
        Names::Pieces(Range { from, to })
    }

    fn union(&mut self, members: &[SetId]) -> Names {
        let parts: Option<usize> = (members.iter())
            .filter_map(|member| self.above(*member))
            .map(|names| match names {
                Names::Run(run) => Some(run.len()),
                Names::Pieces(_) => None,
            })
            .sum();
        match parts {
            Some(copies) if self.copies + copies <= MOST_COPIES => self.copied(members, copies),
            _ => self.pieced(members),
        }
    }

    /// The users of all members in one run, of which so many are in other runs.
    fn copied(&mut self, members: &[SetId], copies: usize) -> Names {
        self.met.start();
        let from = self.named.users.len();
        // Those of the first set that names anybody. If there are no fewer and no more, they are shared.
        let mut first = None;
        for member in members {
            let names = self.above(*member);
            let exact = self.exact.get(member.0 as usize).copied().flatten();
            if names.is_some() || exact.is_some() {
                first.get_or_insert(names);
            }
            if let Some(Names::Run(run)) = names {
                for at in run.from..run.to {
                    let user = self.named.users[at as usize];
                    self.named
                        .users
                        .extend(self.met.mark(user.0).then_some(user));
                }
            }
            if let Some(user) = exact {
                self.named
                    .users
                    .extend(self.met.mark(user.0).then_some(user));
            }
        }
        let added = self.named.users.len() - from;
        if let Some(Some(Names::Run(first))) = first
            && first.len() == added
        {
            self.named.users.truncate(from);
            return Names::Run(first);
        }
        self.copies += copies;
        let (from, to) = (from as u32, self.named.users.len() as u32);
        Names::Run(Range { from, to })
    }

    /// What the members have, and a run of those whom the set names itself between two of them.
    fn pieced(&mut self, members: &[SetId]) -> Names {
        let mut pieces = Vec::new();
        let exact = self.exact;
        let own = |member: &SetId| exact.get(member.0 as usize).copied().flatten();
        for members in members.chunk_by(|one, other| own(one).is_some() == own(other).is_some()) {
            self.met.start();
            let own: Vec<_> = (members.iter().filter_map(own))
                .filter(|user| self.met.mark(user.0))
                .collect();
            if !own.is_empty() {
                pieces.push(self.add(own));
            }
            pieces.extend(members.iter().filter_map(|member| self.above(*member)));
        }
        match pieces[..] {
            [names] => names,
            _ => self.add_pieces(&pieces),
        }
    }

    fn without(&mut self, include: Names, excluded: &[UserIndex]) -> Names {
        // What is left of each run: the pieces between those who are excluded.
        let runs: Vec<_> = self.named.runs(include).collect();
        let (mut left, mut count, mut is_all) = (Vec::new(), 0, true);
        for run in runs {
            let users = run.of(&self.named.users);
            let is_in = |user: &UserIndex| excluded.binary_search(user).is_err();
            let mut from = run.from;
            for piece in users.chunk_by(|one, other| is_in(one) == is_in(other)) {
                let to = from + piece.len() as u32;
                if piece.first().is_some_and(is_in) {
                    left.push(Names::Run(Range { from, to }));
                    count += piece.len();
                } else {
                    is_all = false;
                }
                from = to;
            }
        }
        match left[..] {
            _ if is_all => include,
            [] => Names::NOBODY,
            [names] => names,
            _ if include.repeat() || self.copies + count > MOST_COPIES => self.add_pieces(&left),
            _ => {
                self.copies += count;
                let users = left.iter().flat_map(|piece| self.named.users(*piece));
                let users: Vec<_> = users.copied().collect();
                self.add(users)
            }
        }
    }
}
