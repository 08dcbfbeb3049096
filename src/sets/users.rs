//! The sets of rules, and the users who are in them. Known users come one by one, also while the sets are in use.

use foldhash::fast::RandomState;
use indexmap::IndexSet;

use crate::known_users::KnownUsers;
use crate::matcher::{Matcher, MatcherBuilder};
use crate::pattern::Pattern;
use crate::user_id::UserId;
use crate::user_ids::UserIds;

use super::enumerate::Wanted;
use super::graph::{Node, Nodes, SetId, Ways};
use super::lists::{ListId, Lists};
use super::walk::{Graph, Held, Membership};
use super::{GrowError, TooLarge, UserIndex};

/// User sets, and who is in them.
#[derive(Debug)]
pub(crate) struct Sets {
    pub matcher: Matcher,
    pub graph: Graph,
    pub lists: Lists,
    /// The ways to the sets that have lists.
    to_lists: Ways,
    /// The users whom the rules name, and then the other known users, in their order.
    users: UserIds,
    /// Of each user whom the rules name, whether it is known, too. All others are, since nothing else names them. `None`
    /// without known users.
    known: Option<Vec<bool>>,
}

/// Users who have no number of their own, and what it takes to look one up.
#[derive(Debug, Default)]
pub(crate) struct Others {
    /// The users whom templates made.
    made: IndexSet<Box<str>, RandomState>,
    /// Which sets hold the last one that was looked up.
    pub membership: Membership,
}

impl Others {
    /// Forgets the users whom templates made.
    pub fn forget(&mut self) {
        self.made.clear();
    }
}

impl Sets {
    /// The sets of a graph with what is wanted of them. Without known users, none can be added.
    pub fn new(
        patterns: MatcherBuilder,
        mut nodes: Nodes,
        wanted: Wanted,
        known_users: Option<&KnownUsers>,
    ) -> Result<Self, TooLarge> {
        let (users, exact) = named(&patterns).ok_or(TooLarge)?;
        let matcher = patterns.build();
        let (graph, lists) = wanted.enumerate(&mut nodes, &matcher, &users, &exact)?;
        let leads = nodes.below(lists.sets(), Node::parts);
        let mut sets = Self {
            matcher,
            graph,
            lists,
            to_lists: nodes.ways(|set| leads[set.0 as usize]),
            known: known_users.map(|_| vec![false; users.len()]),
            users,
        };
        let (mut membership, mut touched) = (Membership::default(), Vec::new());
        for user in known_users.into_iter().flat_map(KnownUsers::iter) {
            let user = UserId::parse(user).expect("known users are valid user IDs");
            (sets.add_known(user, &mut membership, &mut touched)).map_err(|_| TooLarge)?;
        }
        Ok(sets)
    }

    /// Adds a user to the known ones, at the end of the lists of the sets that hold it, and says whether it was not known
    /// before. This is the one place in which lists get known users.
    pub fn add_known(
        &mut self,
        user: UserId<'_>,
        membership: &mut Membership,
        touched: &mut Vec<ListId>,
    ) -> Result<bool, GrowError> {
        let known = self.known.as_mut().ok_or(GrowError::NoKnownUsers)?;
        let (number, is_new) = self.users.insert(user).ok_or(GrowError::TooMany)?;
        if !is_new {
            // A user whom no rule names is among the users only if it is known.
            match known.get_mut(number as usize) {
                Some(known) if !*known => *known = true,
                _ => return Ok(false),
            }
        }
        touched.clear();
        membership.look_up(&self.matcher, user);
        let lists = &self.lists;
        (self.graph).walk(&self.to_lists, membership, |set| {
            touched.extend(lists.of(set));
        });
        self.lists.add(UserIndex(number), is_new, touched);
        Ok(true)
    }

    /// Finds every set that holds a user, and tells each to `visit`, parts before wholes.
    pub fn walk(&self, user: UserId<'_>, membership: &mut Membership, visit: impl FnMut(SetId)) {
        membership.look_up(&self.matcher, user);
        self.graph.walk(self.graph.ways(), membership, visit);
    }

    /// Every set that holds a user.
    pub fn held(&self, user: UserId<'_>, membership: &mut Membership) -> Held {
        membership.look_up(&self.matcher, user);
        self.graph.held(membership)
    }

    /// Whether a set holds a user. For one who has a number, [`Self::holds_number`] is quicker.
    pub fn holds(&self, set: SetId, user: UserId<'_>, membership: &mut Membership) -> bool {
        self.walk(user, membership, |_| {});
        membership.holds(set)
    }

    /// Whether a set, whose users with a number are in a list, holds a user of this number.
    pub fn holds_number(
        &self,
        (set, list): (SetId, ListId),
        user: UserIndex,
        others: &mut Others,
    ) -> bool {
        if (user.0 as usize) < self.users.len() {
            return self.lists.holds(list, user);
        }
        let Others { made, membership } = others;
        let user = &made[user.0 as usize - self.users.len()];
        // Templates make valid IDs only.
        UserId::parse(user).is_ok_and(|user| self.holds(set, user, membership))
    }

    /// The users whom the rules name, and then the other known users.
    pub fn users(&self) -> &UserIds {
        &self.users
    }

    /// The user of this number.
    pub fn user<'a>(&'a self, user: UserIndex, others: &'a Others) -> &'a str {
        match self.users.get(user.0) {
            Some(user) => user,
            None => &others.made[user.0 as usize - self.users.len()],
        }
    }

    /// The number of a user whom the rules name, or who is known.
    pub fn index_of(&self, user: &str) -> Option<UserIndex> {
        self.users.number_of(user).map(UserIndex)
    }

    /// The number of any user.
    pub fn number(&self, user: &str, others: &mut Others) -> UserIndex {
        self.index_of(user).unwrap_or_else(|| {
            let made = &mut others.made;
            let index = match made.get_index_of(user) {
                Some(index) => index,
                None => made.insert_full(user.into()).0,
            };
            UserIndex((self.users.len() + index) as u32)
        })
    }

    /// Whether there may be known users.
    pub fn has_known_users(&self) -> bool {
        self.known.is_some()
    }

    /// Whether the user of a number below those of made users is known.
    pub fn is_known(&self, user: UserIndex) -> bool {
        let known = self.known.as_ref();
        known.is_some_and(|known| known.get(user.0 as usize).copied().unwrap_or(true))
    }
}

/// The users whom patterns name, and for each pattern the one that it names. `None` if these are too many.
fn named(patterns: &MatcherBuilder) -> Option<(UserIds, Vec<Option<UserIndex>>)> {
    let mut users = UserIds::default();
    let mut exact = vec![None; patterns.len()];
    for ((_, pattern), exact) in patterns.patterns().zip(&mut exact) {
        if let Pattern::User(user) = pattern {
            let user = UserId::parse(user).expect("rules hold valid user IDs");
            let (number, _) = users.insert(user)?;
            *exact = Some(UserIndex(number));
        }
    }
    users.shrink();
    Some((users, exact))
}
