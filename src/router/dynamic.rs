//! User sets with templates: who is in them depends on the user on the rule's other side, `from`.

use crate::pattern::Template;
use crate::user_id::UserId;

use super::enumerate::Enumeration;
use super::lists::{ListId, Listing};
use super::lower::{DynamicSet, StaticSet};
use super::scratch::Scratch;
use super::sets::{Membership, SetId};
use super::{Router, UserIndex};

/// A set with templates in it.
#[derive(Debug)]
pub(super) enum Dynamic {
    Static(Part),
    Template(Template),
    Union(Vec<Dynamic>),
    Difference {
        include: Box<Dynamic>,
        exclude: Option<Box<Dynamic>>,
    },
}

/// A part without templates.
#[derive(Debug)]
pub(super) struct Part {
    pub set: SetId,
    /// Its users, enumerated.
    pub listed: Listing,
    /// Those users whom it matches who have an index.
    known: ListId,
}

/// Whether a set holds a user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Holds {
    Yes,
    No,
    /// That depends on the user on the other side.
    Depends,
}

impl Dynamic {
    /// Whether the interest that derives from a route with these recipients may have to look for senders among known
    /// users. `is_all` says whether the senders are everyone, who need not be listed unless somebody is excluded by a
    /// template.
    pub fn needs_senders(&self, is_all: bool, server_is_known: bool, excluded: bool) -> bool {
        match self {
            Self::Static(_) => excluded || !is_all,
            Self::Template(template) => !template.is_invertible(server_is_known),
            Self::Union(parts) => {
                (parts.iter()).any(|part| part.needs_senders(is_all, server_is_known, excluded))
            }
            Self::Difference { include, exclude } => {
                include.needs_senders(is_all, server_is_known, excluded || exclude.is_some())
            }
        }
    }

    pub fn new(set: &DynamicSet, lists: &mut Enumeration<'_>) -> Self {
        match set {
            DynamicSet::Static(StaticSet { set, members, .. }) => Self::Static(Part {
                set: *set,
                listed: lists.enumerate(members),
                known: lists.users_in(*set),
            }),
            DynamicSet::Template(template) => Self::Template(template.clone()),
            DynamicSet::Union(parts) => {
                Self::Union(parts.iter().map(|part| Self::new(part, lists)).collect())
            }
            DynamicSet::Difference { include, exclude } => Self::Difference {
                include: Box::new(Self::new(include, lists)),
                exclude: (exclude.as_ref()).map(|exclude| Box::new(Self::new(exclude, lists))),
            },
        }
    }

    /// Adds the users of the set as it is for `from`, in order; one may come several times.
    pub fn enumerate(
        &self,
        router: &Router,
        from: UserId<'_>,
        scratch: &mut Scratch,
        users: &mut Vec<UserIndex>,
    ) {
        match self {
            Self::Static(part) => users.extend(part.listed.users(&router.lists)),
            Self::Template(template) => {
                let made = template.make(from);
                users.extend(made.map(|made| scratch.index_of(router, &made)));
            }
            Self::Union(parts) => {
                for part in parts {
                    part.enumerate(router, from, scratch, users);
                }
            }
            Self::Difference { include, exclude } => {
                let mut included = Vec::new();
                include.enumerate(router, from, scratch, &mut included);
                if let Some(exclude) = exclude {
                    included.retain(|user| !exclude.contains(router, *user, from, scratch));
                }
                users.append(&mut included);
            }
        }
    }

    /// Whether the set, as it is for `from`, matches a user.
    fn contains(
        &self,
        router: &Router,
        user: UserIndex,
        from: UserId<'_>,
        scratch: &mut Scratch,
    ) -> bool {
        match self {
            Self::Static(part) if (user.0 as usize) < router.users.len() => {
                router.lists.holds(part.known, user)
            }
            Self::Static(part) => {
                let mut membership = std::mem::take(&mut scratch.other);
                let id = UserId::parse(router.user(user, scratch));
                let holds = id.is_ok_and(|id| router.holds(part.set, id, &mut membership));
                scratch.other = membership;
                holds
            }
            Self::Template(template) => {
                template.make(from).as_deref() == Some(router.user(user, scratch))
            }
            Self::Union(parts) => {
                (parts.iter()).any(|part| part.contains(router, user, from, scratch))
            }
            Self::Difference { include, exclude } => {
                include.contains(router, user, from, scratch)
                    && !(exclude.as_ref())
                        .is_some_and(|exclude| exclude.contains(router, user, from, scratch))
            }
        }
    }

    /// Whether the set matches `user`, who is the user of `membership`, whoever is on the other side.
    pub fn holds(&self, user: UserId<'_>, membership: &Membership) -> Holds {
        match self {
            Self::Static(part) if membership.holds(part.set) => Holds::Yes,
            Self::Static(_) => Holds::No,
            Self::Template(template) => match template.makes(user) {
                Some(true) => Holds::Yes,
                Some(false) => Holds::No,
                None => Holds::Depends,
            },
            Self::Union(parts) => {
                let mut all = Holds::No;
                for part in parts {
                    match part.holds(user, membership) {
                        Holds::Yes => return Holds::Yes,
                        Holds::Depends => all = Holds::Depends,
                        Holds::No => {}
                    }
                }
                all
            }
            Self::Difference { include, exclude } => {
                let excluded = exclude
                    .as_ref()
                    .map_or(Holds::No, |set| set.holds(user, membership));
                match (include.holds(user, membership), excluded) {
                    (Holds::No, _) | (_, Holds::Yes) => Holds::No,
                    (Holds::Yes, Holds::No) => Holds::Yes,
                    _ => Holds::Depends,
                }
            }
        }
    }

    /// Whether the set, as it is for `from`, matches `user`, who is the user of `membership`.
    pub fn holds_for(&self, user: UserId<'_>, membership: &Membership, from: UserId<'_>) -> bool {
        match self {
            Self::Static(part) => membership.holds(part.set),
            Self::Template(template) => template.make(from).as_deref() == Some(user.as_str()),
            Self::Union(parts) => (parts.iter()).any(|part| part.holds_for(user, membership, from)),
            Self::Difference { include, exclude } => {
                include.holds_for(user, membership, from)
                    && !(exclude.as_ref())
                        .is_some_and(|exclude| exclude.holds_for(user, membership, from))
            }
        }
    }
}
