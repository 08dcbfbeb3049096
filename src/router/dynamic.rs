//! User sets with templates: who is in them depends on the user on the rule's other side, `from`.

use crate::pattern::Template;
use crate::user_id::UserId;

use super::lists::{ListId, Listing};
use super::scratch::Scratch;
use super::sets::{Membership, SetId};
use super::{Router, UserIndex};

/// A set with templates in it.
#[derive(Debug)]
pub(super) struct Dynamic {
    pub tree: Tree,
    /// All that the set takes in by parts without templates, as one set: the known users of the set are among it.
    pub known: Option<Listing>,
}

/// What it is made of.
#[derive(Debug)]
pub(super) enum Tree {
    Static(Part),
    Template(Template),
    Union(Vec<Tree>),
    Difference {
        include: Box<Tree>,
        exclude: Box<Tree>,
    },
}

/// A part without templates.
#[derive(Debug)]
pub(super) struct Part {
    pub set: SetId,
    /// Its users, enumerated; `None` if they are only taken away.
    pub listed: Option<Listing>,
    /// Its users who have a number.
    pub held: ListId,
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
    /// The users of the set as it is for `from`, in order; one may come several times.
    pub fn enumerate(
        &self,
        router: &Router,
        from: UserId<'_>,
        scratch: &mut Scratch,
    ) -> Vec<UserIndex> {
        let mut users = Vec::new();
        self.tree.name(router, from, scratch, &mut users);
        let Some(listing) = self.known else {
            return users;
        };
        let known = router.lists.known(listing);
        if self.tree.excludes() {
            let list = router.lists.known_list(listing);
            let mut is_in =
                |user: &UserIndex| self.tree.contains(router, (*user, list), from, scratch);
            users.extend(known.iter().copied().filter(&mut is_in));
        } else {
            users.extend_from_slice(known);
        }
        users
    }
}

impl Tree {
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
            Self::Difference { include, .. } => {
                include.needs_senders(is_all, server_is_known, true)
            }
        }
    }

    /// Goes through the parts that the set takes users from.
    pub fn taken_in(&mut self, each: &mut impl FnMut(&mut Part)) {
        match self {
            Self::Static(part) => each(part),
            Self::Template(_) => {}
            Self::Union(parts) => parts.iter_mut().for_each(|part| part.taken_in(each)),
            Self::Difference { include, .. } => include.taken_in(each),
        }
    }

    /// Whether something is taken away from a part with a template, or by one.
    fn excludes(&self) -> bool {
        match self {
            Self::Static(_) | Self::Template(_) => false,
            Self::Union(parts) => parts.iter().any(Self::excludes),
            Self::Difference { .. } => true,
        }
    }

    /// Adds the users whom the set, as it is for `from`, names by exact IDs and by templates.
    fn name(
        &self,
        router: &Router,
        from: UserId<'_>,
        scratch: &mut Scratch,
        users: &mut Vec<UserIndex>,
    ) {
        match self {
            Self::Static(part) => {
                let listed = part.listed.map(|listing| router.lists.named(listing));
                users.extend_from_slice(listed.unwrap_or_default());
            }
            Self::Template(template) => {
                let made = template.make(from);
                users.extend(made.map(|made| scratch.index_of(router, &made)));
            }
            Self::Union(parts) => {
                for part in parts {
                    part.name(router, from, scratch, users);
                }
            }
            Self::Difference { include, exclude } => {
                let mut included = Vec::new();
                include.name(router, from, scratch, &mut included);
                included.retain(|user| !exclude.contains(router, (*user, None), from, scratch));
                users.append(&mut included);
            }
        }
    }

    /// Whether the set, as it is for `from`, matches a user, who may have been found in a list of known users.
    fn contains(
        &self,
        router: &Router,
        (user, list): (UserIndex, Option<ListId>),
        from: UserId<'_>,
        scratch: &mut Scratch,
    ) -> bool {
        match self {
            Self::Static(part) if (user.0 as usize) < router.users.len() => {
                let listed = part
                    .listed
                    .and_then(|listing| router.lists.known_list(listing));
                listed.is_some() && listed == list || router.lists.holds(part.held, user)
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
                (parts.iter()).any(|part| part.contains(router, (user, list), from, scratch))
            }
            Self::Difference { include, exclude } => {
                include.contains(router, (user, list), from, scratch)
                    && !exclude.contains(router, (user, list), from, scratch)
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
                let included = include.holds(user, membership);
                match (included, exclude.holds(user, membership)) {
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
                    && !exclude.holds_for(user, membership, from)
            }
        }
    }
}
