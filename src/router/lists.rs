//! Who is in the sets that are listed: lists of numbers, to which known users are added one by one.

use std::sync::Arc;

use super::UserIndex;
use super::sets::{Membership, SetId, Table};

/// Names a list of [`Lists`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct ListId(pub u32);

/// What a list is to hold.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Wanted {
    /// The users of this set
    pub set: SetId,
    /// whom none of these holds.
    pub excludes: Box<[SetId]>,
    /// Whether it lists known users only, and not those who are only named by rules.
    pub known_only: bool,
}

/// The lists, and where a new user has to be added.
#[derive(Debug)]
pub(super) struct Lists {
    wanted: Vec<Wanted>,
    users: Vec<Vec<UserIndex>>,
    by_set: Table<ListId>,
}

/// A user set, enumerated: each part in its order, and each user where it comes first.
#[derive(Clone, Debug)]
pub(super) struct Listing {
    parts: Arc<[Part]>,
}

#[derive(Clone, Debug)]
pub(super) enum Part {
    /// Users named one by one: they are what they are, known or not.
    Named(Arc<[UserIndex]>),
    /// The known users of a list, in the order of the directory.
    Known(ListId),
}

impl Lists {
    /// `named` are the users of each list whom the rules name, by rising index.
    pub fn new(sets: usize, wanted: Vec<Wanted>, named: Vec<Vec<UserIndex>>) -> Self {
        let pairs = (0..).map(ListId).zip(&wanted);
        let pairs = pairs.map(|(id, wanted)| (wanted.set.0, id)).collect();
        Self {
            by_set: Table::new(sets, pairs),
            wanted,
            users: named,
        }
    }

    /// The users of a list.
    pub fn users(&self, list: ListId) -> &[UserIndex] {
        &self.users[list.0 as usize]
    }

    /// Whether a list that is not limited to known users has this user.
    pub fn holds(&self, list: ListId, user: UserIndex) -> bool {
        debug_assert!(!self.wanted[list.0 as usize].known_only);
        self.users(list).binary_search(&user).is_ok()
    }

    /// The lists of a set.
    pub fn of(&self, set: SetId) -> &[ListId] {
        self.by_set.get(set.0)
    }

    /// Adds a user who became known to those of `lists` that are to hold it. `is_new` says whether no rule names it.
    pub fn add(
        &mut self,
        user: UserIndex,
        is_new: bool,
        lists: &[ListId],
        membership: &Membership,
    ) {
        for list in lists {
            let index = list.0 as usize;
            let wanted = &self.wanted[index];
            let excluded = || wanted.excludes.iter().any(|set| membership.holds(*set));
            if (is_new || wanted.known_only) && !excluded() {
                self.users[index].push(user);
            }
        }
    }
}

impl Listing {
    pub fn new(parts: Vec<Part>) -> Self {
        Self {
            parts: parts.into(),
        }
    }

    pub fn parts(&self) -> &[Part] {
        &self.parts
    }

    /// Whether a user may come more than once.
    pub fn repeats(&self) -> bool {
        self.parts.len() > 1
    }

    /// The users, part by part.
    pub fn users<'a>(&'a self, lists: &'a Lists) -> impl Iterator<Item = UserIndex> {
        let slices = self.parts.iter().map(|part| match part {
            Part::Named(users) => &**users,
            Part::Known(list) => lists.users(*list),
        });
        slices.flatten().copied()
    }

    /// Whether a user is named one by one.
    pub fn names(&self, user: UserIndex) -> bool {
        (self.parts.iter()).any(|part| matches!(part, Part::Named(users) if users.contains(&user)))
    }
}
