//! User sets as written, and their items.

use super::at::At;
use super::user_file::{Column, UserFile};
use crate::pattern::{Pattern, Template};

/// A set of users.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum UserSet {
    /// One item.
    Item(Item, At),
    /// A list: the union of its members.
    Union(Vec<UserSet>, At),
    /// `{all_of: […]}`: who is in each of its members.
    Intersection(Vec<UserSet>, At),
    /// `{include: …, exclude: …}`: the one without the other.
    Difference {
        /// The users to take; everyone if left out.
        include: Option<Box<UserSet>>,
        /// The users to leave out; nobody if left out.
        exclude: Option<Box<UserSet>>,
        /// Where it is written.
        at: At,
    },
}

/// The smallest part of a user set.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Item {
    /// Whom a pattern matches.
    Pattern(Pattern),
    /// The members of a group.
    Group(Box<str>),
    /// The users whom a file names.
    File(UserFile),
    /// The word `local`: every user of the homeserver that the rules run on. It has the pattern once that is known.
    Local(Option<Pattern>),
    /// The one user that a template makes from the ID on the rule's other side.
    Template(Template),
}

impl Item {
    /// The pattern that says whom it matches, if it is one.
    pub fn pattern(&self) -> Option<&Pattern> {
        match self {
            Self::Pattern(pattern) => Some(pattern),
            Self::Local(pattern) => pattern.as_ref(),
            Self::Group(_) | Self::File(_) | Self::Template(_) => None,
        }
    }
}

impl UserSet {
    /// Stands where users could not be read, so that the rest of their rule can be.
    pub(crate) fn unreadable() -> Self {
        Self::Union(Vec::new(), At::default())
    }

    /// Where it is written.
    pub(crate) fn at(&self) -> At {
        match self {
            Self::Item(_, at)
            | Self::Union(_, at)
            | Self::Intersection(_, at)
            | Self::Difference { at, .. } => *at,
        }
    }

    /// Whether it is an `exclude` without an `include`: everybody but those.
    pub(crate) fn is_exclude_only(&self) -> bool {
        matches!(self, Self::Difference { include: None, .. })
    }

    /// Every item of the set, included or excluded, to change it.
    pub(crate) fn items_mut(&mut self, visit: &mut dyn FnMut(&mut Item, At)) {
        match self {
            Self::Item(item, at) => visit(item, *at),
            Self::Union(members, _) | Self::Intersection(members, _) => {
                for member in members {
                    member.items_mut(visit);
                }
            }
            Self::Difference {
                include, exclude, ..
            } => {
                for part in [include, exclude].into_iter().flatten() {
                    part.items_mut(visit);
                }
            }
        }
    }

    /// Tells the files of the set in which column their users are.
    pub(crate) fn read_column(&mut self, column: &Column) {
        self.items_mut(&mut |item, _| {
            if let Item::File(file) = item {
                file.column = Some(column.clone());
            }
        });
    }

    /// Tells each `local` in the set which server it means, and says where the first stands.
    pub(crate) fn settle_local(&mut self, server_name: Option<&str>) -> Option<At> {
        let mut first = None;
        self.items_mut(&mut |item, at| {
            if let Item::Local(pattern) = item {
                *pattern = server_name.map(|name| Pattern::Server(name.into()));
                first.get_or_insert(at);
            }
        });
        first
    }

    /// Every item of the set, included or excluded.
    pub fn items<'a>(&'a self, visit: &mut dyn FnMut(&'a Item)) {
        self.walk(&mut |item| visit(item.item));
    }

    /// The same, each item with what is around it.
    pub fn walk<'a>(&'a self, visit: &mut dyn FnMut(Placed<'a>)) {
        self.walk_within(0, visit);
    }

    /// What it is made of, in the order in which it stands there: members, or `include` and `exclude`.
    pub(crate) fn parts(&self) -> impl Iterator<Item = &UserSet> {
        let (members, pair) = match self {
            Self::Item(..) => (&[][..], [None, None]),
            Self::Union(members, _) | Self::Intersection(members, _) => (&**members, [None, None]),
            Self::Difference {
                include, exclude, ..
            } => (&[][..], [include.as_deref(), exclude.as_deref()]),
        };
        members.iter().chain(pair.into_iter().flatten())
    }

    fn walk_within<'a>(&'a self, excludes: usize, visit: &mut dyn FnMut(Placed<'a>)) {
        match self {
            Self::Item(item, at) => visit(Placed {
                item,
                at: *at,
                excludes,
            }),
            Self::Union(members, _) | Self::Intersection(members, _) => {
                for member in members {
                    member.walk_within(excludes, visit);
                }
            }
            Self::Difference {
                include, exclude, ..
            } => {
                for (part, excludes) in [(include, excludes), (exclude, excludes + 1)] {
                    if let Some(part) = part {
                        part.walk_within(excludes, visit);
                    }
                }
            }
        }
    }
}

/// An item of a user set.
#[derive(Clone, Copy, Debug)]
pub struct Placed<'a> {
    /// The item.
    pub item: &'a Item,
    /// Where it is written.
    pub at: At,
    /// How many `exclude`s it stands in.
    pub(crate) excludes: usize,
}
