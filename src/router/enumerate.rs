//! From lowered sets to lists: which lists there have to be, and which of them make up an enumerated set.

use std::collections::{HashMap, HashSet};

use foldhash::fast::RandomState;
use indexmap::IndexMap;

use crate::matcher::{Matcher, PatternId};
use crate::user_id::UserId;
use crate::user_ids::UserIds;

use super::UserIndex;
use super::compile::CompileError;
use super::lists::{ListId, Listing, Listings, Lists, Piece, Wanted};
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

/// The users whom exact patterns name, by the number of the pattern.
pub(super) type Named = [Option<UserIndex>];

/// Lists on their way.
pub(super) struct Enumeration<'a> {
    /// Who is in the sets that are asked for, of the users that rules name, by rising index.
    named: HashMap<SetId, Vec<UserIndex>, RandomState>,
    exact: &'a Named,
    groups: &'a [Option<StaticSet>],
    listings: Listings,
    listed_groups: HashMap<usize, Listing, RandomState>,
    /// Where a pattern stands alone, as in most rules, all who name it share the listing.
    listed_patterns: Vec<Option<Listing>>,
    /// The lists, each with those users that it has from the beginning.
    lists: IndexMap<Wanted, Vec<UserIndex>, RandomState>,
    /// For each named user the last union that it was put into, so that each union has it once.
    last_union: Vec<u32>,
    unions: u32,
    is_too_large: bool,
}

impl<'a> Enumeration<'a> {
    /// Goes over the users that the rules name once.
    pub fn new(
        asked: &Asked,
        users: &UserIds,
        (matcher, sets): (&Matcher, &Sets),
        groups: &'a [Option<StaticSet>],
        exact: &'a Named,
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
            listings: Listings::default(),
            listed_groups: HashMap::default(),
            listed_patterns: vec![None; exact.len()],
            lists: IndexMap::default(),
            last_union: vec![0; users.len()],
            unions: 0,
            is_too_large: false,
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

    /// Enumerates a set: each user once, in the order of the list, and then of the known users.
    pub fn enumerate(&mut self, members: &Members) -> Listing {
        let known = match members {
            Members::User(pattern) | Members::Pattern(pattern) => {
                self.listed_patterns[pattern.0 as usize]
            }
            Members::Group(group) => self.listed_groups.get(group).copied(),
            Members::Union(_) | Members::Difference { .. } => None,
        };
        if let Some(listing) = known {
            return listing;
        }
        match members {
            Members::User(pattern) | Members::Pattern(pattern) => {
                let piece = self.piece(*pattern);
                let listing = self.listing(&[piece]);
                self.listed_patterns[pattern.0 as usize] = Some(listing);
                listing
            }
            Members::Group(group) => {
                let groups = self.groups;
                let mut pieces = Vec::new();
                if let Some(lowered) = &groups[*group] {
                    self.pieces(&lowered.members, &mut pieces);
                }
                let listing = self.listing(&pieces);
                self.listed_groups.insert(*group, listing);
                listing
            }
            Members::Union(_) | Members::Difference { .. } => {
                let mut pieces = Vec::new();
                self.pieces(members, &mut pieces);
                self.listing(&pieces)
            }
        }
    }

    fn listing(&mut self, pieces: &[Piece]) -> Listing {
        self.listings.add(pieces).unwrap_or_else(|| {
            self.is_too_large = true;
            Listing::EMPTY
        })
    }

    /// The lists, unless they are too long to be numbered.
    pub fn finish(self) -> Result<Lists, CompileError> {
        if self.is_too_large {
            return Err(CompileError::TooLarge);
        }
        let (wanted, users) = self.lists.into_iter().unzip();
        Ok(Lists::new(wanted, users, self.listings))
    }

    /// Adds what a set is made of, each user who is named and each list once.
    fn pieces(&mut self, members: &Members, pieces: &mut Vec<Piece>) {
        match members {
            Members::User(pattern) | Members::Pattern(pattern) => {
                pieces.push(self.piece(*pattern));
            }
            Members::Group(_) => {
                let listing = self.enumerate(members);
                pieces.extend(self.listings.pieces(listing));
            }
            Members::Union(parts) => {
                let mut all = Vec::new();
                for part in parts {
                    self.pieces(part, &mut all);
                }
                if parts.len() > 1 {
                    self.keep_first(&mut all);
                }
                pieces.append(&mut all);
            }
            Members::Difference { include, exclude } => {
                let mut included = Vec::new();
                self.pieces(include, &mut included);
                let included = included.into_iter();
                pieces.extend(included.filter_map(|piece| self.without(piece, *exclude)));
            }
        }
    }

    fn piece(&mut self, pattern: PatternId) -> Piece {
        match self.exact[pattern.0 as usize] {
            Some(user) => Piece::User(user),
            None => Piece::Known(self.known_users(pattern.into(), &[], None)),
        }
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

    /// Keeps each piece where it comes first.
    fn keep_first(&mut self, pieces: &mut Vec<Piece>) {
        self.unions += 1;
        let mut lists = HashSet::with_hasher(RandomState::default());
        pieces.retain(|piece| match piece {
            Piece::User(user) => {
                let last = &mut self.last_union[user.0 as usize];
                std::mem::replace(last, self.unions) != self.unions
            }
            Piece::Known(list) => lists.insert(*list),
        });
    }

    fn without(&mut self, piece: Piece, exclude: SetId) -> Option<Piece> {
        match piece {
            Piece::User(user) => {
                let is_excluded = self.named[&exclude].binary_search(&user).is_ok();
                (!is_excluded).then_some(piece)
            }
            Piece::Known(list) => {
                let (wanted, _) = (self.lists.get_index(list.0 as usize))
                    .expect("listings name lists that were made");
                let (set, excludes) = (wanted.set, wanted.excludes.clone());
                Some(Piece::Known(self.known_users(
                    set,
                    &excludes,
                    Some(exclude),
                )))
            }
        }
    }
}
