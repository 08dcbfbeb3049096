//! Who gets the same: updates as groups, recipients as parcels.

use std::ops::Range;

use presence_router::router::UserIndex;

/// Who gets which updates.
///
/// Updates that reach the same users are a *group*. What a recipient gets is a *parcel*: some groups.
pub struct Deliveries<R> {
    /// The updates of the groups, by their numbers.
    updates: Vec<u32>,
    /// The parcels that the groups are in.
    parcels: Vec<u32>,
    groups: Vec<Group>,
    /// How many parcels there are. Their numbers are below.
    pub parcel_count: usize,
    /// The recipients in the order in which they are reached, each with its parcel.
    pub recipients: Vec<(R, u32)>,
}

/// Where a group stands in the lists of the deliveries.
struct Group {
    updates: Range<usize>,
    parcels: Range<usize>,
}

impl<R> Deliveries<R> {
    /// The groups, each as its updates and the parcels that they are in.
    pub fn groups(&self) -> impl Iterator<Item = (&[u32], &[u32])> {
        self.groups.iter().map(|group| {
            let updates = &self.updates[group.updates.clone()];
            (updates, &self.parcels[group.parcels.clone()])
        })
    }
}

/// Finds out which recipients get the same. It is used again and again, and its lists are as long as there are users.
#[derive(Default)]
pub struct Parcels {
    /// What each user has got up to now, by its index; nothing for all in between.
    of_user: Vec<u32>,
    /// The users who have got something, in the order in which they are reached.
    reached: Vec<UserIndex>,
    /// For each parcel, what it is with one group more. The first parcel is the empty one.
    next: Vec<Next>,
    /// The group of each update.
    group_of: Vec<u32>,
}

#[derive(Clone, Copy)]
struct Next {
    /// The last group that was added.
    group: u32,
    parcel: u32,
}

const EMPTY: u32 = 0;
const NO_GROUP: u32 = u32::MAX;

impl Parcels {
    /// Starts with nothing.
    pub fn start(&mut self) {
        for user in self.reached.drain(..) {
            self.of_user[user.0 as usize] = EMPTY;
        }
        self.group_of.clear();
        self.next.clear();
        self.next.push(Next::NONE);
    }

    /// The next update is one of this group, or, without a group, one that nobody gets.
    pub fn put(&mut self, group: Option<u32>) {
        self.group_of.push(group.unwrap_or(NO_GROUP));
    }

    /// Gives a group to users. Those who had the same before have the same then.
    pub fn give(&mut self, group: u32, users: &[UserIndex]) {
        for &user in users {
            let index = user.0 as usize;
            if index >= self.of_user.len() {
                self.of_user.resize(index + 1, EMPTY);
            }
            let parcel = self.of_user[index];
            if parcel == EMPTY {
                self.reached.push(user);
            }
            let mut next = self.next[parcel as usize];
            if next.group != group {
                let parcel_then = self.next.len() as u32;
                self.next.push(Next::NONE);
                next = Next {
                    group,
                    parcel: parcel_then,
                };
                self.next[parcel as usize] = next;
            }
            self.of_user[index] = next.parcel;
        }
    }

    /// What came of it. `users` says again who got each of the groups, and `name` makes what stands for a recipient.
    pub fn deliveries<'u, R>(
        &mut self,
        users: impl ExactSizeIterator<Item = &'u [UserIndex]>,
        name: impl Fn(UserIndex) -> R,
    ) -> Deliveries<R> {
        let mut groups = self.groups(users.len());
        let updates = self.sorted(&mut groups);
        // Only the last parcel of each user counts. These get numbers without gaps.
        let mut recipients = Vec::with_capacity(self.reached.len());
        let mut parcel_count = 0;
        for user in &self.reached {
            let parcel = &mut self.of_user[user.0 as usize];
            let next = &mut self.next[*parcel as usize];
            if next.group != NUMBERED {
                *next = Next {
                    group: NUMBERED,
                    parcel: parcel_count,
                };
                parcel_count += 1;
            }
            *parcel = next.parcel;
            recipients.push((name(*user), *parcel));
        }
        let mut last_group = vec![NO_GROUP; parcel_count as usize];
        let mut parcels = Vec::new();
        for ((number, group), users) in (0..).zip(&mut groups).zip(users) {
            let start = parcels.len();
            for user in users {
                let parcel = self.of_user[user.0 as usize];
                let last = &mut last_group[parcel as usize];
                if *last != number {
                    *last = number;
                    parcels.push(parcel);
                }
            }
            group.parcels = start..parcels.len();
        }
        Deliveries {
            updates,
            parcels,
            groups,
            parcel_count: parcel_count as usize,
            recipients,
        }
    }

    /// The groups, with room for their updates.
    fn groups(&self, count: usize) -> Vec<Group> {
        let mut sizes = vec![0; count];
        let grouped = self.group_of.iter().filter(|group| **group != NO_GROUP);
        grouped.for_each(|group| sizes[*group as usize] += 1);
        let mut start = 0;
        let groups = sizes.into_iter().map(|size: usize| {
            let updates = start..start;
            start += size;
            Group {
                updates,
                parcels: 0..0,
            }
        });
        groups.collect()
    }

    /// The updates by their groups, in their order.
    fn sorted(&self, groups: &mut [Group]) -> Vec<u32> {
        let mut updates = vec![0; self.group_of.len()];
        for (update, group) in (0..).zip(&self.group_of) {
            if *group != NO_GROUP {
                let end = &mut groups[*group as usize].updates.end;
                updates[*end] = update;
                *end += 1;
            }
        }
        updates
    }
}

/// Instead of a group: the parcel has its last number.
const NUMBERED: u32 = NO_GROUP - 1;

impl Next {
    const NONE: Self = Self {
        group: NO_GROUP,
        parcel: EMPTY,
    };
}
