//! The users whom a set names.

use std::collections::HashSet;

use super::{Holds, Node, Sets};
use crate::pattern::Pattern;
use crate::rules::groups::Groups;
use crate::rules::{Item, UserSet};

/// Users whom a set names.
pub(in crate::check) struct Exact<'a> {
    /// The first of them, each once, without those who are excluded.
    pub users: Vec<&'a str>,
    /// Whether these are all whom the set names.
    pub is_all: bool,
}

/// More than this are not asked for: whoever mends the first sees the others then.
const MOST: usize = 32;

impl<'a> Sets<'a> {
    /// The first users whom a set names by their exact IDs, and surely holds.
    pub fn exact(&self, users: &'a UserSet, node: Node) -> Exact<'a> {
        let mut named = Vec::new();
        let mut seen = HashSet::new();
        let mut is_all = true;
        included(users, self.groups, &mut |item| {
            if let Item::Pattern(Pattern::User(id)) = item
                && !seen.contains(&**id)
            {
                if seen.len() == MOST {
                    is_all = false;
                    return false;
                }
                seen.insert(&**id);
                if self.holds(node, id) == Holds::Yes {
                    named.push(&**id);
                }
            }
            true
        });
        Exact {
            users: named,
            is_all,
        }
    }
}

/// Every item that is included in a set, with those of the groups in it, as long as `visit` says so.
pub(super) fn included<'a>(
    users: &'a UserSet,
    groups: &Groups<'a>,
    visit: &mut dyn FnMut(&'a Item) -> bool,
) {
    let mut open = vec![users];
    // Groups may be in each other many times over, and in a faulty rule set even without end.
    let mut entered = HashSet::new();
    while let Some(users) = open.pop() {
        match users {
            UserSet::Item(item, _) => {
                if !visit(item) {
                    return;
                }
                if let Item::Group(name) = item
                    && let Some(group) = groups.index_of(name)
                    && entered.insert(group)
                {
                    open.push(groups.all[group].users);
                }
            }
            UserSet::Union(members, _) => open.extend(members.iter().rev()),
            UserSet::Difference { include, .. } => open.extend(include.as_deref()),
        }
    }
}
