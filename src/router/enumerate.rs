//! From lowered sets to lists: which lists there have to be, and which of them make up an enumerated set.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use foldhash::fast::RandomState;
use indexmap::IndexMap;

use crate::matcher::{Matcher, PatternId};
use crate::user_id::UserId;
use crate::user_ids::UserIds;

use super::UserIndex;
use super::lists::{ListId, Listing, Lists, Part, Wanted};
use super::lower::{DynamicSet, Members, StaticSet};
use super::sets::{Membership, SetId, Sets};

/// The sets of which has to be known whom they hold of the users that rules name.
#[derive(Default)]
pub(super) struct Asked {
    sets: HashSet<SetId, RandomState>,
    groups: HashSet<usize, RandomState>,
}

impl Asked {
    /// Notes what it takes to enumerate a set.
    pub fn enumeration(&mut self, members: &Members, groups: &[Option<StaticSet>]) {
        match members {
            Members::User(_) | Members::Pattern(_) => {}
            Members::Group(group) => {
                if self.groups.insert(*group)
                    && let Some(lowered) = &groups[*group]
                {
                    self.enumeration(&lowered.members, groups);
                }
            }
            Members::Union(parts) => {
                for part in parts {
                    self.enumeration(part, groups);
                }
            }
            Members::Difference { include, exclude } => {
                self.enumeration(include, groups);
                self.set(*exclude);
            }
        }
    }

    /// Notes what it takes to enumerate the parts of a set with templates, and to tell who is in them.
    pub fn dynamic(&mut self, set: &DynamicSet, groups: &[Option<StaticSet>]) {
        match set {
            DynamicSet::Static(part) => {
                self.enumeration(&part.members, groups);
                self.set(part.set);
            }
            DynamicSet::Template(_) => {}
            DynamicSet::Union(parts) => {
                for part in parts {
                    self.dynamic(part, groups);
                }
            }
            DynamicSet::Difference { include, exclude } => {
                self.dynamic(include, groups);
                if let Some(exclude) = exclude {
                    self.dynamic(exclude, groups);
                }
            }
        }
    }

    /// Notes a set whose users are asked for one by one.
    pub fn set(&mut self, set: SetId) {
        self.sets.insert(set);
    }
}

/// Lists on their way.
pub(super) struct Enumeration<'a> {
    /// Who is in the sets that are asked for, of the users that rules name, by rising index.
    named: HashMap<SetId, Vec<UserIndex>, RandomState>,
    /// The users whom exact patterns name.
    exact: &'a HashMap<PatternId, UserIndex, RandomState>,
    groups: &'a [Option<StaticSet>],
    listed_groups: HashMap<usize, Listing, RandomState>,
    /// The lists, each with those users that it has from the beginning.
    lists: IndexMap<Wanted, Vec<UserIndex>, RandomState>,
    /// For each named user the last union that it was put into, so that each union has it once.
    last_union: Vec<u32>,
    unions: u32,
}

impl<'a> Enumeration<'a> {
    /// Goes over the users that the rules name once.
    pub fn new(
        asked: &Asked,
        users: &UserIds,
        (matcher, sets): (&Matcher, &Sets),
        groups: &'a [Option<StaticSet>],
        exact: &'a HashMap<PatternId, UserIndex, RandomState>,
    ) -> Self {
        let mut named: HashMap<_, Vec<_>, _> = (asked.sets.iter())
            .map(|set| (*set, Vec::new()))
            .collect::<HashMap<_, _, RandomState>>();
        let mut membership = Membership::default();
        if !named.is_empty() {
            for (index, user) in (0..).map(UserIndex).zip(users.iter()) {
                let user = UserId::parse(user).expect("rules hold valid user IDs");
                sets.walk(matcher, user, &mut membership, |set| {
                    if let Some(users) = named.get_mut(&set) {
                        users.push(index);
                    }
                });
            }
        }
        Self {
            named,
            exact,
            groups,
            listed_groups: HashMap::default(),
            lists: IndexMap::default(),
            last_union: vec![0; users.len()],
            unions: 0,
        }
    }

    /// The list of all users in a set, those included whom only rules name.
    pub fn users_in(&mut self, set: SetId) -> ListId {
        let wanted = Wanted {
            set,
            excludes: Box::new([]),
            known_only: false,
        };
        let users = self.named[&set].clone();
        self.list(wanted, users)
    }

    /// Enumerates a set: each user once, in the order of the list, and then of the directory.
    pub fn enumerate(&mut self, members: &Members) -> Listing {
        match members {
            Members::User(pattern) => {
                Listing::new(vec![Part::Named(Arc::new([self.exact[pattern]]))])
            }
            Members::Pattern(pattern) => {
                let list = self.known_users((*pattern).into(), &[], None);
                Listing::new(vec![Part::Known(list)])
            }
            Members::Group(group) => {
                if let Some(listed) = self.listed_groups.get(group) {
                    return listed.clone();
                }
                let groups = self.groups;
                let listed = match &groups[*group] {
                    Some(lowered) => self.enumerate(&lowered.members),
                    None => Listing::new(Vec::new()),
                };
                self.listed_groups.insert(*group, listed.clone());
                listed
            }
            Members::Union(parts) => match parts.as_slice() {
                [part] => self.enumerate(part),
                parts => {
                    let parts: Vec<_> = parts.iter().map(|part| self.enumerate(part)).collect();
                    self.union(&parts)
                }
            },
            Members::Difference { include, exclude } => {
                let include = self.enumerate(include);
                self.difference(&include, *exclude)
            }
        }
    }

    pub fn finish(self, sets: &Sets) -> Lists {
        let (wanted, users) = self.lists.into_iter().unzip();
        Lists::new(sets.count(), wanted, users)
    }

    fn known_users(&mut self, set: SetId, excludes: &[SetId], and: Option<SetId>) -> ListId {
        let mut excludes: Vec<_> = excludes.iter().copied().chain(and).collect();
        excludes.sort_unstable();
        excludes.dedup();
        let wanted = Wanted {
            set,
            excludes: excludes.into(),
            known_only: true,
        };
        self.list(wanted, Vec::new())
    }

    fn list(&mut self, wanted: Wanted, users: Vec<UserIndex>) -> ListId {
        let entry = self.lists.entry(wanted);
        let id = ListId(entry.index() as u32);
        entry.or_insert(users);
        id
    }

    /// Named users that follow each other are one part, and each stands there once.
    fn union(&mut self, listings: &[Listing]) -> Listing {
        self.unions += 1;
        let mut parts = Vec::new();
        let mut lists = HashSet::with_hasher(RandomState::default());
        let mut named = Vec::new();
        for part in listings.iter().flat_map(Listing::parts) {
            match part {
                Part::Named(users) => {
                    for user in users.iter() {
                        let last = &mut self.last_union[user.0 as usize];
                        if *last != self.unions {
                            *last = self.unions;
                            named.push(*user);
                        }
                    }
                }
                Part::Known(list) if lists.insert(*list) => {
                    if !named.is_empty() {
                        parts.push(Part::Named(std::mem::take(&mut named).into()));
                    }
                    parts.push(Part::Known(*list));
                }
                Part::Known(_) => {}
            }
        }
        if !named.is_empty() {
            parts.push(Part::Named(named.into()));
        }
        Listing::new(parts)
    }

    fn difference(&mut self, include: &Listing, exclude: SetId) -> Listing {
        let mut parts = Vec::new();
        for part in include.parts() {
            match part {
                Part::Named(users) => {
                    let excluded = &self.named[&exclude];
                    let stays = |user: &&UserIndex| excluded.binary_search(user).is_err();
                    let users: Arc<[_]> = users.iter().filter(stays).copied().collect();
                    if !users.is_empty() {
                        parts.push(Part::Named(users));
                    }
                }
                Part::Known(list) => {
                    let (wanted, _) = (self.lists.get_index(list.0 as usize))
                        .expect("listings name lists that were made");
                    let (set, excludes) = (wanted.set, wanted.excludes.clone());
                    let list = self.known_users(set, &excludes, Some(exclude));
                    parts.push(Part::Known(list));
                }
            }
        }
        Listing::new(parts)
    }
}
