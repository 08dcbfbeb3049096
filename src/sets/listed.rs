//! The users of lists, by their numbers.

use std::collections::HashMap;

use foldhash::fast::RandomState;

use crate::rules::UserList;
use crate::user_ids::UserIds;

use super::UserIndex;
use super::graph::{Nodes, SetId};
use super::table::Table;
use super::walk::Membership;

/// Which lists have a user, and the other way round.
#[derive(Debug)]
pub(super) struct Listed {
    /// By the number of a user.
    lists: Table<SetId>,
    /// The users of each list, in its order. Let go of once the users of sets are named.
    users: HashMap<SetId, Vec<UserIndex>, RandomState>,
}

impl Listed {
    /// The users of the lists of a graph, who get numbers. `None` if these are too many.
    pub fn new(nodes: &Nodes, users: &mut UserIds) -> Option<Self> {
        let mut of = HashMap::default();
        for (set, list) in nodes.lists() {
            of.insert(set, numbers(list, users)?);
        }
        let mut sets: Vec<_> = of.keys().copied().collect();
        sets.sort_unstable();
        let pairs = (sets.iter()).flat_map(|set| of[set].iter().map(|user| (user.0, *set)));
        let lists = Table::of(pairs);
        Some(Self { lists, users: of })
    }

    /// Tells a walk which lists have a user.
    pub fn add(&self, user: UserIndex, membership: &mut Membership) {
        membership.listed.extend_from_slice(self.lists.get(user.0));
    }

    /// The users of a list, in its order.
    pub fn users_of(&self, list: SetId) -> &[UserIndex] {
        self.users.get(&list).map_or(&[], Vec::as_slice)
    }

    /// Lets go of what only naming needs.
    pub fn forget_order(&mut self) {
        self.users = HashMap::default();
    }

    /// Whether there are no lists.
    pub fn is_empty(&self) -> bool {
        self.lists.is_empty()
    }
}

fn numbers(list: &UserList, users: &mut UserIds) -> Option<Vec<UserIndex>> {
    let mut numbers = Vec::with_capacity(list.len());
    for user in list.ids() {
        let (number, _) = users.insert(user)?;
        numbers.push(UserIndex(number));
    }
    Some(numbers)
}
