//! Who is in the sets that are listed: lists of numbers, to which known users are added one by one.

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
    listings: Listings,
}

/// The parts of all [`Listing`]s, one after another.
#[derive(Debug, Default)]
pub(super) struct Listings {
    parts: Vec<Part>,
    /// The users of all parts that name users.
    named: Vec<UserIndex>,
}

/// A user set, enumerated: each part in its order, and each user where it comes first. It is a range of [`Listings`].
#[derive(Clone, Copy, Debug)]
pub(super) struct Listing {
    from: u32,
    to: u32,
}

#[derive(Clone, Copy, Debug)]
enum Part {
    /// Users named one by one: they are what they are, known or not.
    Named { from: u32, to: u32 },
    /// The known users of a list, in the order of the known users.
    Known(ListId),
}

/// A piece of a user set that is to become a [`Listing`].
#[derive(Clone, Copy, Debug)]
pub(super) enum Piece {
    /// A user who is named.
    User(UserIndex),
    /// The known users of a list.
    Known(ListId),
}

impl Listings {
    /// Puts pieces in their order. `None` if 32 bits cannot number them.
    pub fn add(&mut self, pieces: &[Piece]) -> Option<Listing> {
        let number = |length: usize| u32::try_from(length).ok();
        let first = number(self.parts.len())?;
        let mut from = number(self.named.len())?;
        number(self.parts.len() + pieces.len())?;
        number(self.named.len() + pieces.len())?;
        for (at, piece) in pieces.iter().enumerate() {
            let list = match piece {
                Piece::User(user) => {
                    self.named.push(*user);
                    None
                }
                Piece::Known(list) => Some(*list),
            };
            // Users who follow each other are one part.
            let to = self.named.len() as u32;
            if from < to && (list.is_some() || at + 1 == pieces.len()) {
                self.parts.push(Part::Named { from, to });
                from = to;
            }
            self.parts.extend(list.map(Part::Known));
        }
        let to = self.parts.len() as u32;
        Some(Listing { from: first, to })
    }

    /// What a listing was made of.
    pub fn pieces(&self, listing: Listing) -> impl Iterator<Item = Piece> {
        self.parts(listing).iter().flat_map(|part| {
            let (users, list) = match part {
                Part::Named { from, to } => (self.named(*from, *to), None),
                Part::Known(list) => (&[][..], Some(*list)),
            };
            let users = users.iter().copied().map(Piece::User);
            users.chain(list.map(Piece::Known))
        })
    }

    fn parts(&self, listing: Listing) -> &[Part] {
        &self.parts[listing.from as usize..listing.to as usize]
    }

    fn named(&self, from: u32, to: u32) -> &[UserIndex] {
        &self.named[from as usize..to as usize]
    }
}

impl Lists {
    /// `named` are the users of each list whom the rules name, by rising index.
    pub fn new(wanted: Vec<Wanted>, named: Vec<Vec<UserIndex>>, mut listings: Listings) -> Self {
        let pairs = (0..).map(ListId).zip(&wanted);
        let pairs = pairs.map(|(id, wanted)| (wanted.set.0, id)).collect();
        listings.parts.shrink_to_fit();
        listings.named.shrink_to_fit();
        Self {
            by_set: Table::new(pairs),
            wanted,
            users: named,
            listings,
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

    /// Whether a list has a user, by the sets that hold the user.
    fn has(&self, list: ListId, is_known: bool, membership: &Membership) -> bool {
        let wanted = &self.wanted[list.0 as usize];
        (is_known || !wanted.known_only)
            && membership.holds(wanted.set)
            && !(wanted.excludes.iter()).any(|set| membership.holds(*set))
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
    /// Nobody.
    pub const EMPTY: Self = Self { from: 0, to: 0 };

    /// Whether a user may come more than once.
    pub fn repeats(self) -> bool {
        self.to - self.from > 1
    }

    /// The users, part by part.
    pub fn users(self, lists: &Lists) -> impl Iterator<Item = UserIndex> {
        let parts = lists.listings.parts(self).iter();
        let slices = parts.map(|part| match part {
            Part::Named { from, to } => lists.listings.named(*from, *to),
            Part::Known(list) => lists.users(*list),
        });
        slices.flatten().copied()
    }

    /// Whether a user who has an index, and is in the sets of `membership`, is among the users.
    pub fn holds(
        self,
        user: UserIndex,
        is_known: bool,
        membership: &Membership,
        lists: &Lists,
    ) -> bool {
        let mut parts = lists.listings.parts(self).iter();
        parts.any(|part| match part {
            Part::Named { from, to } => lists.listings.named(*from, *to).contains(&user),
            Part::Known(list) => lists.has(*list, is_known, membership),
        })
    }

    /// Whether a user is named one by one.
    pub fn names(self, user: UserIndex, lists: &Lists) -> bool {
        lists.listings.parts(self).iter().any(|part| match part {
            Part::Named { from, to } => lists.listings.named(*from, *to).contains(&user),
            Part::Known(_) => false,
        })
    }
}
