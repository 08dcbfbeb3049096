//! The sets of rules, and the users who are in them. Known users come one by one, also while the sets are in use.

use foldhash::fast::RandomState;
use indexmap::IndexSet;

use crate::known_users::{KnownUsers, Role};
use crate::matcher::{Matcher, MatcherBuilder};
use crate::pattern::Pattern;
use crate::user_id::UserId;
use crate::user_ids::UserIds;

use super::enumerate::Wanted;
use super::graph::{Node, Nodes, SetId, Ways};
use super::listed::Listed;
use super::lists::{Change, ListId, Lists, Purpose};
use super::walk::{Graph, Held, Membership};
use super::{GrowError, TooLarge, UserIndex};

/// User sets, and who is in them.
#[derive(Debug)]
pub struct Sets {
    pub matcher: Matcher,
    pub graph: Graph,
    pub lists: Lists,
    listed: Listed,
    /// The ways to the sets that have lists.
    to_lists: Ways,
    /// The users whom the rules name, and then the other known users, in their order.
    users: UserIds,
    /// Who of them is known; `None` without known users.
    known: Option<Known>,
}

/// Which users are known, and in which roles.
#[derive(Debug, Default)]
struct Known {
    /// By the numbers of the users. Whom only rules name is not known.
    roles: Vec<Option<Role>>,
    /// The same when the sets were made: what files say holds whatever comes later.
    from_files: Vec<Option<Role>>,
    /// How often the recipients have changed.
    recipients: u64,
    /// How often somebody was not known any more.
    losses: u64,
}

impl Known {
    fn role(&self, user: UserIndex) -> Option<Role> {
        self.roles.get(user.0 as usize).copied().flatten()
    }

    /// The role of a user of whom files say something, and a homeserver says this.
    fn merged(&self, user: UserIndex, role: Option<Role>) -> Option<Role> {
        let by_files = self.from_files.get(user.0 as usize).copied().flatten();
        match (by_files, role) {
            (Some(by_files), Some(role)) => Some(by_files.or(role)),
            (by_files, role) => by_files.or(role),
        }
    }
}

/// What is said of a known user.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Said {
    /// It has this role, beside what was said before.
    Also(Role),
    /// A homeserver says this from now on; without a role, that it is not known there any more.
    FromNowOn(Option<Role>),
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
        let (mut users, exact) = named(&patterns).ok_or(TooLarge)?;
        let mut listed = Listed::new(&nodes, &mut users).ok_or(TooLarge)?;
        users.shrink();
        let matcher = patterns.build();
        let (graph, lists) = wanted.enumerate(&mut nodes, &matcher, &users, (&exact, &listed))?;
        listed.forget_order();
        let leads = nodes.below(lists.sets(), Node::parts);
        let mut sets = Self {
            matcher,
            graph,
            lists,
            listed,
            to_lists: nodes.ways(|set| leads[set.0 as usize]),
            known: known_users.map(|_| Known::default()),
            users,
        };
        let (mut membership, mut touched) = (Membership::default(), Vec::new());
        for (user, role) in known_users.into_iter().flat_map(KnownUsers::with_roles) {
            let user = UserId::parse(user).expect("known users are valid user IDs");
            let said = Said::Also(role);
            (sets.change_known(user, said, &mut membership, &mut touched)).map_err(|_| TooLarge)?;
        }
        if let Some(known) = &mut sets.known {
            known.from_files = known.roles.clone();
        }
        Ok(sets)
    }

    /// Takes what is said of a user, and says whether that changes who it is. Whoever comes to a list comes to its end. This
    /// is the one place in which lists get known users, and lose them.
    pub fn change_known(
        &mut self,
        user: UserId<'_>,
        said: Said,
        membership: &mut Membership,
        touched: &mut Vec<ListId>,
    ) -> Result<bool, GrowError> {
        let known = self.known.as_mut().ok_or(GrowError::NoKnownUsers)?;
        let (number, is_new) = self.users.insert(user).ok_or(GrowError::TooMany)?;
        let index = UserIndex(number);
        let was = known.role(index);
        let is = match said {
            Said::Also(role) => Some(was.map_or(role, |was| was.or(role))),
            Said::FromNowOn(role) => known.merged(index, role),
        };
        let at = number as usize;
        known.roles.resize((at + 1).max(known.roles.len()), None);
        known.roles[at] = is;
        if was == is && !is_new {
            return Ok(false);
        }
        let change = Change { was, is };
        let (received, receives) = change.of(Purpose::Recipients);
        known.recipients += u64::from(received != receives);
        known.losses += u64::from(was.is_some() && is.is_none());
        touched.clear();
        membership.look_up(&self.matcher, user);
        self.listed.add(index, membership);
        let lists = &self.lists;
        (self.graph).walk(&self.to_lists, membership, |set| {
            touched.extend(lists.of(set));
        });
        self.lists.change(index, is_new, change, touched);
        Ok(was != is)
    }

    /// Finds every set that holds a user, and tells each to `visit`, parts before wholes.
    pub fn walk(&self, user: UserId<'_>, membership: &mut Membership, visit: impl FnMut(SetId)) {
        self.look_up(user, membership);
        self.graph.walk(self.graph.ways(), membership, visit);
    }

    /// Every set that holds a user.
    pub fn held(&self, user: UserId<'_>, membership: &mut Membership) -> Held {
        self.look_up(user, membership);
        self.graph.held(membership)
    }

    /// Finds the patterns that match a user, and the lists that have it.
    fn look_up(&self, user: UserId<'_>, membership: &mut Membership) {
        membership.look_up(&self.matcher, user);
        if !self.listed.is_empty()
            && let Some(index) = self.index_of(user.as_str())
        {
            self.listed.add(index, membership);
        }
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

    /// The role of a user, if it is known.
    pub fn role(&self, user: UserIndex) -> Option<Role> {
        self.known.as_ref().and_then(|known| known.role(user))
    }

    /// How often the recipients have changed since the sets were made.
    pub fn changes_of_recipients(&self) -> u64 {
        self.known.as_ref().map_or(0, |known| known.recipients)
    }

    /// How often somebody was not known any more.
    pub fn losses(&self) -> u64 {
        self.known.as_ref().map_or(0, |known| known.losses)
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
    Some((users, exact))
}
