//! Enumerating user sets: one pass over all known users, and then lists of numbers.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use foldhash::fast::RandomState;
use indexmap::IndexSet;

use crate::matcher::{Matcher, PatternId};
use crate::user_id::UserId;

use super::UserIndex;
use super::lower::{DynamicSet, Members, StaticSet};
use super::sets::{Membership, SetId, Sets};

/// The sets whose users have to be known.
#[derive(Default)]
pub(super) struct Wanted {
    sets: HashSet<SetId, RandomState>,
    groups: HashSet<usize, RandomState>,
}

impl Wanted {
    /// Notes what it takes to enumerate a set.
    pub fn enumeration(&mut self, members: &Members, groups: &[Option<StaticSet>]) {
        match members {
            Members::User(_) => {}
            Members::Pattern(pattern) => self.set((*pattern).into()),
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

/// Who is in the wanted sets.
pub(super) struct Lists<'a> {
    sets: HashMap<SetId, Arc<[UserIndex]>, RandomState>,
    groups: &'a [Option<StaticSet>],
    listed_groups: HashMap<usize, Arc<[UserIndex]>, RandomState>,
    /// The users whom exact patterns name.
    exact: &'a HashMap<PatternId, UserIndex, RandomState>,
    /// How many users the directory has.
    directory: u32,
    /// For each user the last union that it was put into, so that each union has it once.
    last_union: Vec<u32>,
    unions: u32,
}

impl<'a> Lists<'a> {
    /// Goes over all users once.
    pub fn new(
        wanted: &Wanted,
        users: &IndexSet<Box<str>, RandomState>,
        directory: Option<u32>,
        (matcher, sets): (&Matcher, &Sets),
        groups: &'a [Option<StaticSet>],
        exact: &'a HashMap<PatternId, UserIndex, RandomState>,
    ) -> Self {
        let mut slots = vec![None; sets.count()];
        let mut members: Vec<(SetId, Vec<UserIndex>)> = Vec::new();
        for set in &wanted.sets {
            slots[set.0 as usize] = Some(members.len());
            members.push((*set, Vec::new()));
        }
        let mut membership = Membership::default();
        if !members.is_empty() {
            for (index, user) in (0..).map(UserIndex).zip(users) {
                let user = UserId::parse(user).expect("directories and rules hold valid user IDs");
                sets.walk(matcher, user, &mut membership, |set| {
                    if let Some(slot) = slots[set.0 as usize] {
                        members[slot].1.push(index);
                    }
                });
            }
        }
        Self {
            sets: members
                .into_iter()
                .map(|(set, users)| (set, users.into()))
                .collect(),
            groups,
            listed_groups: HashMap::default(),
            exact,
            directory: directory.unwrap_or(0),
            last_union: vec![0; users.len()],
            unions: 0,
        }
    }

    /// All users in a wanted set, those outside of the directory included, by rising index.
    pub fn users_in(&self, set: SetId) -> Arc<[UserIndex]> {
        self.sets[&set].clone()
    }

    /// Enumerates a set: each user once, in the order of the list, and then of the directory.
    pub fn enumerate(&mut self, members: &Members) -> Arc<[UserIndex]> {
        match members {
            Members::User(pattern) => Arc::new([self.exact[pattern]]),
            Members::Pattern(pattern) => {
                let all = &self.sets[&(*pattern).into()];
                let known = all.partition_point(|user| user.0 < self.directory);
                if known == all.len() {
                    all.clone()
                } else {
                    all[..known].into()
                }
            }
            Members::Group(group) => {
                if let Some(listed) = self.listed_groups.get(group) {
                    return listed.clone();
                }
                let groups = self.groups;
                let listed = match &groups[*group] {
                    Some(lowered) => self.enumerate(&lowered.members),
                    None => Arc::new([]),
                };
                self.listed_groups.insert(*group, listed.clone());
                listed
            }
            Members::Union(parts) => match parts.as_slice() {
                [part] => self.enumerate(part),
                parts => {
                    let parts: Vec<_> = parts.iter().map(|part| self.enumerate(part)).collect();
                    self.unions += 1;
                    let mut users = Vec::new();
                    for user in parts.iter().flat_map(|part| part.iter()) {
                        let last = &mut self.last_union[user.0 as usize];
                        if *last != self.unions {
                            *last = self.unions;
                            users.push(*user);
                        }
                    }
                    users.into()
                }
            },
            Members::Difference { include, exclude } => {
                let include = self.enumerate(include);
                let exclude = &self.sets[exclude];
                let stays = |user: &&UserIndex| exclude.binary_search(user).is_err();
                include.iter().filter(stays).copied().collect()
            }
        }
    }
}
