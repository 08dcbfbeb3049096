//! Users as numbers: who is enumerated for a set, and who of those who have a number is in it. Known users are added one
//! by one. Of those who are only seen, the lists of recipients have nobody.

use std::collections::HashMap;

use foldhash::fast::RandomState;

use crate::known_users::Role;

use super::UserIndex;
use super::graph::SetId;
use super::named::{Named, Names};
use super::table::Table;
use super::walk::Membership;

/// Names a list of [`Lists`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct ListId(pub u32);

/// For what a set is enumerated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Purpose {
    /// As recipients: of the known users, those who receive.
    Recipients,
    /// As users who are seen: of the known users, everybody.
    Seen,
}

/// Names an enumerated set of [`Lists`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Listing {
    pub(super) purpose: Purpose,
    pub(super) number: u32,
}

/// What a user was, and what it is from now on. Without a role, it is not known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Change {
    pub was: Option<Role>,
    pub is: Option<Role>,
}

impl Change {
    /// Whether the user is a known one for this purpose: before, and from now on.
    pub fn of(self, purpose: Purpose) -> (bool, bool) {
        let counts = |role: Option<Role>| {
            role.is_some_and(|role| purpose == Purpose::Seen || role.receives())
        };
        (counts(self.was), counts(self.is))
    }
}

/// A set, enumerated: first the users whom it names one by one, known or not, and then the known users of a list. One
/// of the first may also be among the others.
#[derive(Clone, Copy, Debug)]
pub(super) struct Enumerated {
    pub named: Names,
    /// Whoever else is known and in the set; `None` if no pattern stands in it.
    pub known: Option<ListId>,
}

/// The enumerated sets, which share lists, and where a new user has to be added.
#[derive(Debug)]
pub(crate) struct Lists {
    /// Those of recipients, and those of users who are seen.
    enumerated: [Vec<Enumerated>; 2],
    named: Named,
    /// First lists of all users of a set who have a number, by rising number; then lists of those known users who receive,
    /// in the order in which they came to; then lists of all known users, in their order.
    users: Vec<Vec<UserIndex>>,
    /// The sets of these.
    sets: Vec<SetId>,
    /// How many are of the first kind.
    held: usize,
    /// The number of the first one of the third kind.
    first_seen: usize,
    by_set: Table<ListId>,
    /// The parts of sets with templates that are enumerated.
    parts: HashMap<(SetId, Purpose), Listing, RandomState>,
}

impl Lists {
    /// `held` are sets with those of their users whom rules name, by rising number; `receiving` and `known` are sets whose
    /// known users are to be listed, those who receive and all. The lists have their numbers in this order.
    pub(super) fn new(
        (mut enumerated, mut named): ([Vec<Enumerated>; 2], Named),
        parts: HashMap<(SetId, Purpose), Listing, RandomState>,
        held: Vec<(SetId, Vec<UserIndex>)>,
        [receiving, known]: [Vec<SetId>; 2],
    ) -> Self {
        enumerated.iter_mut().for_each(Vec::shrink_to_fit);
        named.shrink();
        named.sort((enumerated.iter().flatten()).map(|set| &set.named));
        let held_count = held.len();
        let first_seen = held_count + receiving.len();
        let (mut sets, mut users): (Vec<_>, Vec<_>) = held.into_iter().unzip();
        sets.extend(receiving);
        sets.extend(known);
        users.resize(sets.len(), Vec::new());
        let pairs = (0..).map(ListId).zip(&sets);
        Self {
            enumerated,
            named,
            users,
            by_set: Table::of(pairs.map(|(list, set)| (set.0, list))),
            sets,
            held: held_count,
            first_seen,
            parts,
        }
    }

    /// The users of an enumerated set. Where [`Self::repeats`] says so, one may come twice.
    pub fn users(&self, listing: Listing) -> impl Iterator<Item = UserIndex> {
        let known = self.known(listing);
        self.named(listing).chain(known).copied()
    }

    /// The same without the first ones.
    pub fn users_from(&self, listing: Listing, from: usize) -> impl Iterator<Item = UserIndex> {
        let (named, known) = (self.named_count(listing), self.known(listing));
        let known = known.get(from.saturating_sub(named)..).unwrap_or_default();
        self.named(listing)
            .skip(from.min(named))
            .chain(known)
            .copied()
    }

    /// How many users come.
    pub fn count(&self, listing: Listing) -> usize {
        self.named_count(listing) + self.known(listing).len()
    }

    fn named_count(&self, listing: Listing) -> usize {
        self.named.count(self.enumerated(listing).named)
    }

    /// Whether a user may come twice.
    pub fn repeats(&self, listing: Listing) -> bool {
        let Enumerated { named, known } = self.enumerated(listing);
        named.repeat() || !named.is_empty() && known.is_some()
    }

    /// The users whom a set names one by one.
    pub fn named(&self, listing: Listing) -> impl Iterator<Item = &UserIndex> {
        self.named.users(self.enumerated(listing).named)
    }

    /// Whether a set names this user.
    pub fn names(&self, listing: Listing, user: UserIndex) -> bool {
        self.named.has(self.enumerated(listing).named, user)
    }

    /// The known users whom a set takes in by patterns.
    pub fn known(&self, listing: Listing) -> &[UserIndex] {
        self.known_list(listing)
            .map_or(&[], |list| &self.users[list.0 as usize])
    }

    /// The list of these.
    pub fn known_list(&self, listing: Listing) -> Option<ListId> {
        self.enumerated(listing).known
    }

    fn enumerated(&self, listing: Listing) -> Enumerated {
        self.enumerated[listing.purpose as usize][listing.number as usize]
    }

    /// The enumerated set that is this part of a set with templates.
    pub fn part(&self, set: SetId, purpose: Purpose) -> Option<Listing> {
        self.parts.get(&(set, purpose)).copied()
    }

    /// Whether a user who has a number, and is in the sets of `membership`, is among the enumerated ones.
    pub fn enumerates(
        &self,
        listing: Listing,
        user: UserIndex,
        is_known: bool,
        membership: &Membership,
    ) -> bool {
        let is_listed = |list: ListId| membership.holds(self.sets[list.0 as usize]);
        is_known && self.known_list(listing).is_some_and(is_listed) || self.names(listing, user)
    }

    /// Whether a list of all users of a set has this one.
    pub fn holds(&self, list: ListId, user: UserIndex) -> bool {
        debug_assert!((list.0 as usize) < self.held);
        self.users[list.0 as usize].binary_search(&user).is_ok()
    }

    /// The list of all users of a set, if there is one.
    pub(super) fn held(&self, set: SetId) -> Option<ListId> {
        let mut lists = self.by_set.get(set.0).iter().copied();
        lists.find(|list| (list.0 as usize) < self.held)
    }

    /// The lists of a set.
    pub(super) fn of(&self, set: SetId) -> &[ListId] {
        self.by_set.get(set.0)
    }

    /// The sets that have lists.
    pub(super) fn sets(&self) -> impl Iterator<Item = SetId> {
        self.sets.iter().copied()
    }

    /// Changes what a user is to `lists`, whose sets hold it. `is_new` says whether it had no number before.
    pub(super) fn change(
        &mut self,
        user: UserIndex,
        is_new: bool,
        change: Change,
        lists: &[ListId],
    ) {
        for list in lists {
            let index = list.0 as usize;
            let (was, is) = if index < self.held {
                // Whom rules name was there from the beginning, and nobody loses the number.
                (!is_new, true)
            } else if index < self.first_seen {
                change.of(Purpose::Recipients)
            } else {
                change.of(Purpose::Seen)
            };
            match (was, is) {
                (false, true) => self.users[index].push(user),
                (true, false) => self.users[index].retain(|other| *other != user),
                _ => {}
            }
        }
    }
}
