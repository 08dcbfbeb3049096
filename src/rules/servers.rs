//! Which server the users of a set have, as far as the rules as written tell.

use std::collections::HashMap;

use super::groups::Groups;
use super::model::{Item, UserSet};

/// Looks up the one server name that all users of a set have.
pub struct Servers<'a> {
    groups: &'a Groups<'a>,
    known: HashMap<usize, Option<Box<str>>>,
}

impl<'a> Servers<'a> {
    /// For sets that name these groups, none of which contains itself.
    pub fn new(groups: &'a Groups<'a>) -> Self {
        Self {
            groups,
            known: HashMap::new(),
        }
    }

    /// The server name, if all items of the set tell the same one. What is excluded plays no part.
    pub fn of(&mut self, users: &UserSet) -> Option<Box<str>> {
        match users {
            UserSet::Item(Item::Pattern(pattern), _) => pattern.server_name(),
            UserSet::Item(Item::Template(_), _) => None,
            UserSet::Item(Item::Group(name), _) => {
                let index = self.groups.index_of(name)?;
                if let Some(known) = self.known.get(&index) {
                    return known.clone();
                }
                let server = self.of(self.groups.all[index].users);
                self.known.insert(index, server.clone());
                server
            }
            UserSet::Union(members, _) => {
                let (first, others) = members.split_first()?;
                let server = self.of(first)?;
                let is_same = (others.iter()).all(|other| self.of(other).as_ref() == Some(&server));
                is_same.then_some(server)
            }
            UserSet::Difference { include, .. } => self.of(include.as_deref()?),
        }
    }
}
