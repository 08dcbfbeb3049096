//! The users whom sets name one by one, in the order in which they stand there.
//!
//! Most sets have one run of users. Where many sets take in the same many users, copies would need memory by their
//! product. Then a set is made of a few runs, which are those of its parts.

use std::collections::HashMap;

use foldhash::fast::RandomState;

use super::graph::{Node, Nodes, SetId};
use super::listed::Listed;
use super::marks::Marks;
use super::{TooLarge, UserIndex};

/// So many users are copied at most, over all sets, where runs could be shared: 4 MB.
const MOST_COPIES: usize = 1 << 20;

/// A set of more runs is copied in any case.
const MOST_RUNS: usize = 16;

/// From one place to before another.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
struct Range {
    from: u32,
    to: u32,
}

impl Range {
    fn len(self) -> usize {
        (self.to - self.from) as usize
    }

    fn of<T>(self, values: &[T]) -> &[T] {
        &values[self.from as usize..self.to as usize]
    }
}

/// The users whom a set names: one run, or more in which a user may come several times.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Names {
    first: Range,
    more: Range,
}

impl Names {
    pub fn is_empty(self) -> bool {
        self.first.len() == 0
    }

    /// Whether a user may come several times.
    pub fn repeat(self) -> bool {
        self.more.len() > 0
    }
}

/// The users whom exact patterns name, by the number of the pattern.
pub(crate) type Exact = [Option<UserIndex>];

/// The users of all sets.
#[derive(Debug, Default)]
pub(crate) struct Named {
    users: Vec<UserIndex>,
    runs: Vec<Range>,
    /// The users of long runs by rising number, but for those that are in this order.
    sorted: HashMap<Range, Box<[UserIndex]>, RandomState>,
}

/// In a run of more users, one is looked up by its number.
const LONG: usize = 64;

impl Named {
    /// The users of a set.
    pub fn users(&self, names: Names) -> impl Iterator<Item = &UserIndex> {
        let more = names.more.of(&self.runs).iter();
        let first = names.first.of(&self.users).iter();
        first.chain(more.flat_map(|run| run.of(&self.users)))
    }

    /// Whether a user is one of a set.
    pub fn has(&self, names: Names, user: UserIndex) -> bool {
        self.runs(names).any(|run| {
            let users = run.of(&self.users);
            if run.len() <= LONG {
                return users.contains(&user);
            }
            let sorted = self.sorted.get(&run).map_or(users, |sorted| sorted);
            sorted.binary_search(&user).is_ok()
        })
    }

    /// Makes the users of these sets ready to be looked up.
    pub fn sort<'n>(&mut self, sets: impl Iterator<Item = &'n Names>) {
        for names in sets {
            let runs: Vec<_> = self.runs(*names).filter(|run| run.len() > LONG).collect();
            for run in runs {
                let users = run.of(&self.users);
                if !users.is_sorted() && !self.sorted.contains_key(&run) {
                    let mut sorted = users.to_vec();
                    sorted.sort_unstable();
                    self.sorted.insert(run, sorted.into());
                }
            }
        }
    }

    /// How many come, repeated ones included.
    pub fn count(&self, names: Names) -> usize {
        self.runs(names).map(Range::len).sum()
    }

    fn runs(&self, names: Names) -> impl Iterator<Item = Range> {
        let runs = [names.first].into_iter();
        runs.chain(names.more.of(&self.runs).iter().copied())
    }

    pub fn shrink(&mut self) {
        self.users.shrink_to_fit();
        self.runs.shrink_to_fit();
    }
}

/// Finds the users of one set after another, parts before wholes.
pub(super) struct Naming<'a> {
    exact: &'a Exact,
    listed: &'a Listed,
    pub named: Named,
    /// The users of each set, by number above the patterns.
    above: Vec<Names>,
    met: Marks,
    copies: usize,
}

impl<'a> Naming<'a> {
    /// Names the users of the sets of `taken_in`. `held` are the users who are in the sets that these are
    /// compared with.
    pub fn new(
        taken_in: &[SetId],
        nodes: &Nodes,
        held: &HashMap<SetId, Vec<UserIndex>, RandomState>,
        (exact, listed): (&'a Exact, &'a Listed),
    ) -> Result<Self, TooLarge> {
        let mut naming = Self {
            exact,
            listed,
            named: Named::default(),
            above: vec![Names::default(); nodes.count() - exact.len()],
            met: Marks::default(),
            copies: 0,
        };
        let users_of = |set: &SetId| held.get(set).map_or(&[][..], Vec::as_slice);
        for set in taken_in {
            let names = match nodes.get(*set) {
                Some(Node::Union(members)) => naming.union(members),
                Some(Node::Intersection([one, other])) => {
                    let kept = [(one, other), (other, one)].map(|(named, beside)| {
                        let named = naming.of(*named);
                        naming.kept(named, users_of(beside), true)
                    });
                    naming.of_runs(kept.concat())
                }
                Some(Node::Difference { include, exclude }) => {
                    let named = naming.of(*include);
                    let kept = naming.kept(named, users_of(exclude), false);
                    naming.of_runs(kept)
                }
                Some(Node::Listed(_)) => {
                    let run = naming.add(naming.listed.users_of(*set).iter().copied());
                    naming.names(&[run])
                }
                Some(Node::Template(_)) | None => unreachable!("these sets are not enumerated"),
            };
            naming.above[set.0 as usize - exact.len()] = names;
            let Named { users, runs, .. } = &naming.named;
            if u32::try_from(users.len().max(runs.len())).is_err() {
                return Err(TooLarge);
            }
        }
        Ok(naming)
    }

    /// The users of a set that is to be enumerated.
    pub fn of(&mut self, set: SetId) -> Names {
        let number = set.0 as usize;
        if let Some(above) = number.checked_sub(self.exact.len()) {
            return self.above[above];
        }
        let first = self.add(self.exact[number]);
        self.names(&[first])
    }

    fn union(&mut self, members: &[SetId]) -> Names {
        let exact = self.exact;
        let above = |member: &SetId| (member.0 as usize).checked_sub(exact.len());
        // The runs of the parts, and between them those whom the set names itself.
        let mut runs = Vec::new();
        let mut shared = 0;
        self.met.start();
        for members in members.chunk_by(|one, other| above(one).is_none() && above(other).is_none())
        {
            if let Some(above) = above(&members[0]) {
                let names = self.above[above];
                shared += self.named.runs(names).map(Range::len).sum::<usize>();
                runs.extend(self.named.runs(names));
            } else {
                let own = members
                    .iter()
                    .filter_map(|pattern| exact[pattern.0 as usize]);
                let own: Vec<_> = own.filter(|user| self.met.mark(user.0)).collect();
                runs.push(self.add(own));
            }
        }
        runs.retain(|run| run.len() > 0);
        self.one_or_few(runs, shared)
    }

    /// Of the users of some names, the runs of those who are among others, or who are not.
    fn kept(&self, names: Names, others: &[UserIndex], wanted: bool) -> Vec<Range> {
        let is_kept = |user: &UserIndex| others.binary_search(user).is_ok() == wanted;
        let mut kept = Vec::new();
        for run in self.named.runs(names) {
            let mut from = run.from;
            let users = run.of(&self.named.users);
            for users in users.chunk_by(|one, other| is_kept(one) == is_kept(other)) {
                let to = from + users.len() as u32;
                if is_kept(&users[0]) {
                    kept.push(Range { from, to });
                }
                from = to;
            }
        }
        kept
    }

    /// The users of these runs of other sets.
    fn of_runs(&mut self, runs: Vec<Range>) -> Names {
        let shared = runs.iter().map(|run| run.len()).sum();
        self.one_or_few(runs, shared)
    }

    /// The users of these runs, so many of whom are those of other sets.
    fn one_or_few(&mut self, mut runs: Vec<Range>, shared: usize) -> Names {
        runs.dedup();
        if runs.len() > 1 && (self.copies + shared <= MOST_COPIES || runs.len() > MOST_RUNS) {
            self.met.start();
            let from = self.named.users.len();
            for run in &runs {
                for at in run.from..run.to {
                    let user = self.named.users[at as usize];
                    self.named
                        .users
                        .extend(self.met.mark(user.0).then_some(user));
                }
            }
            // If the others have nobody who is not in the first, that one is shared.
            let added = self.named.users.len() - from;
            if added == runs[0].len() {
                self.named.users.truncate(from);
                runs.truncate(1);
            } else {
                self.copies += shared;
                let (from, to) = (from as u32, self.named.users.len() as u32);
                runs = vec![Range { from, to }];
            }
        }
        self.names(&runs)
    }

    fn names(&mut self, runs: &[Range]) -> Names {
        let Some((first, more)) = runs.split_first() else {
            return Names::default();
        };
        let from = self.named.runs.len() as u32;
        self.named.runs.extend(more);
        let to = self.named.runs.len() as u32;
        Names {
            first: *first,
            more: Range { from, to },
        }
    }

    fn add(&mut self, users: impl IntoIterator<Item = UserIndex>) -> Range {
        let from = self.named.users.len() as u32;
        self.named.users.extend(users);
        let to = self.named.users.len() as u32;
        Range { from, to }
    }
}
