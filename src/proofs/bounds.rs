//! What all users of a set have in common, as far as that is plain to see from what the set is made of.

use std::collections::BTreeSet;
use std::rc::Rc;

use crate::user_id::UserId;

use super::sets::{Set, SetId, Sets};

/// What the users of a set have in common, as far as that is plain to see. A set without users may claim anything.
#[derive(Clone, Debug)]
pub(super) struct Bounds {
    /// The servers that they are of; `None` if these cannot be listed.
    pub servers: Option<Rc<BTreeSet<Rc<str>>>>,
    /// What their IDs end in.
    pub suffix: Rc<str>,
}

impl Sets {
    /// What the users of a set have in common.
    pub(super) fn bounds(&mut self, set: SetId) -> Bounds {
        if let Some(bounds) = self.bounds.get(&set) {
            return bounds.clone();
        }
        let anywhere = Bounds {
            servers: None,
            suffix: "".into(),
        };
        let bounds = match self.get(set).clone() {
            Set::Nobody => Bounds {
                servers: Some(Rc::default()),
                ..anywhere
            },
            Set::Everyone => anywhere,
            Set::Pattern(automaton) => {
                let (server, suffix) = self.traits_of(automaton);
                Bounds {
                    servers: server.map(|server| Rc::new(BTreeSet::from([server]))),
                    suffix,
                }
            }
            Set::Users(users) => {
                let mut servers: BTreeSet<Rc<str>> = BTreeSet::new();
                for server in users.iter().filter_map(|user| UserId::parse(user).ok()) {
                    if !servers.contains(server.server_name()) {
                        servers.insert(server.server_name().into());
                    }
                }
                let mut bounds = Bounds {
                    servers: Some(Rc::new(servers)),
                    ..anywhere
                };
                if let [user] = &*users {
                    bounds.suffix = user.clone();
                }
                bounds
            }
            Set::Union(parts) => {
                let parts = parts.iter().map(|part| self.bounds(*part));
                parts.reduce(Bounds::or).unwrap_or(anywhere)
            }
            Set::Intersection(one, other) => self.bounds(one).and(self.bounds(other)),
            Set::Difference(include, _) => self.bounds(include),
        };
        self.bounds.insert(set, bounds.clone());
        bounds
    }

    /// Whether two sets have nobody in common, as far as that is plain to see.
    pub(super) fn are_plainly_disjoint(&mut self, one: SetId, other: SetId) -> bool {
        let (one, other) = (self.bounds(one), self.bounds(other));
        if let (Some(one), Some(other)) = (&one.servers, &other.servers) {
            let (few, many) = if one.len() <= other.len() {
                (one, other)
            } else {
                (other, one)
            };
            if !few.iter().any(|server| many.contains(server)) {
                return true;
            }
        }
        !fit(&one.suffix, &other.suffix)
    }
}

impl Bounds {
    fn or(self, other: Self) -> Self {
        let servers = match (self.servers, other.servers) {
            (Some(one), Some(other)) if other.is_subset(&one) => Some(one),
            (Some(one), Some(other)) => {
                let mut servers = Rc::unwrap_or_clone(one);
                servers.extend(other.iter().cloned());
                Some(Rc::new(servers))
            }
            _ => None,
        };
        let suffix = common_suffix(&self.suffix, &other.suffix).into();
        Self { servers, suffix }
    }

    fn and(self, other: Self) -> Self {
        let servers = match (self.servers, other.servers) {
            (Some(one), Some(other)) => Some(Rc::new(one.intersection(&other).cloned().collect())),
            (one, other) => one.or(other),
        };
        let suffix = if self.suffix.len() >= other.suffix.len() {
            self.suffix
        } else {
            other.suffix
        };
        Self { servers, suffix }
    }
}

/// Whether a text can end in both.
pub(super) fn fit(one: &str, other: &str) -> bool {
    one.ends_with(other) || other.ends_with(one)
}

fn common_suffix<'a>(one: &'a str, other: &str) -> &'a str {
    let same = (one.bytes().rev().zip(other.bytes().rev())).take_while(|(one, other)| one == other);
    let mut at = one.len() - same.count();
    while !one.is_char_boundary(at) {
        at += 1;
    }
    &one[at..]
}
