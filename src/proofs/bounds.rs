//! What all users of a set have in common, as far as that is plain to see from what the set is made of.

use std::collections::BTreeSet;
use std::rc::Rc;

use crate::user_id::UserId;

/// Names of servers.
pub(super) type Servers = Rc<BTreeSet<Rc<str>>>;

/// What the users of a set have in common, as far as that is plain to see. A set without users may claim anything.
///
/// Of `@dept1-*:corp.example`: the server `corp.example`, the prefix `@dept1-` and the suffix `:corp.example`. So it is
/// plain to see that none of its users matches `@dept12-*:corp.example`: no text starts with both prefixes.
#[derive(Clone, Debug)]
pub(super) struct Bounds {
    /// The servers that they are of; `None` if these cannot be listed.
    pub(crate) servers: Option<Servers>,
    /// What their IDs start with.
    pub prefix: Rc<str>,
    /// What their IDs end in.
    pub suffix: Rc<str>,
    /// How many bytes of prefix and suffix each pattern and each list in it has at least: how much these tell.
    pub(crate) told: usize,
}

impl Bounds {
    /// Those of a set of which nothing is known.
    pub fn unknown() -> Self {
        Self {
            servers: None,
            prefix: "".into(),
            suffix: "".into(),
            told: 0,
        }
    }

    /// Those of a set of users of these servers, whose IDs start and end in these texts.
    pub fn new(servers: Option<Servers>, prefix: Rc<str>, suffix: Rc<str>) -> Self {
        Self {
            servers,
            told: prefix.len() + suffix.len(),
            prefix,
            suffix,
        }
    }

    /// Those of these users.
    pub fn of_users(users: &[Rc<str>]) -> Self {
        let mut servers: BTreeSet<Rc<str>> = BTreeSet::new();
        for server in users.iter().filter_map(|user| UserId::parse(user).ok()) {
            if !servers.contains(server.server_name()) {
                servers.insert(server.server_name().into());
            }
        }
        let ends = (users.iter()).map(|user| Self::new(None, user.clone(), user.clone()));
        Self {
            servers: Some(Rc::new(servers)),
            ..ends.reduce(Self::or).unwrap_or_else(Self::unknown)
        }
    }

    /// What holds of the users of both sets.
    pub fn or(self, other: Self) -> Self {
        let servers = match (self.servers, other.servers) {
            (Some(one), Some(other)) if other.is_subset(&one) => Some(one),
            (Some(one), Some(other)) => {
                let mut servers = Rc::unwrap_or_clone(one);
                servers.extend(other.iter().cloned());
                Some(Rc::new(servers))
            }
            _ => None,
        };
        Self {
            servers,
            prefix: shared_start(&self.prefix, &other.prefix),
            suffix: shared_end(&self.suffix, &other.suffix),
            told: self.told.min(other.told),
        }
    }

    /// What holds of the users whom the sets share.
    pub fn and(self, other: Self) -> Self {
        let servers = match (self.servers, other.servers) {
            (Some(one), Some(other)) => Some(Rc::new(one.intersection(&other).cloned().collect())),
            (one, other) => one.or(other),
        };
        let longer =
            |one: Rc<str>, other: Rc<str>| if one.len() >= other.len() { one } else { other };
        Self {
            servers,
            prefix: longer(self.prefix, other.prefix),
            suffix: longer(self.suffix, other.suffix),
            told: self.told.max(other.told),
        }
    }

    /// Whether no user has both.
    pub fn are_disjoint(&self, other: &Self) -> bool {
        !can_start_with(&self.prefix, &other.prefix)
            || !can_end_in(&self.suffix, &other.suffix)
            || match (&self.servers, &other.servers) {
                (Some(one), Some(other)) => are_disjoint(one, other),
                _ => false,
            }
    }
}

fn are_disjoint(one: &Servers, other: &Servers) -> bool {
    let (few, many) = if one.len() <= other.len() {
        (one, other)
    } else {
        (other, one)
    };
    !Rc::ptr_eq(few, many) && !few.iter().any(|server| many.contains(server))
}

/// Whether a text can start with both.
pub(super) fn can_start_with(one: &str, other: &str) -> bool {
    one.starts_with(other) || other.starts_with(one)
}

/// Whether a text can end in both.
pub(super) fn can_end_in(one: &str, other: &str) -> bool {
    one.ends_with(other) || other.ends_with(one)
}

fn shared_start(one: &Rc<str>, other: &Rc<str>) -> Rc<str> {
    let same = (one.bytes().zip(other.bytes())).take_while(|(one, other)| one == other);
    match one.floor_char_boundary(same.count()) {
        all if all == one.len() => one.clone(),
        same => one[..same].into(),
    }
}

fn shared_end(one: &Rc<str>, other: &Rc<str>) -> Rc<str> {
    let same = (one.bytes().rev().zip(other.bytes().rev())).take_while(|(one, other)| one == other);
    match one.ceil_char_boundary(one.len() - same.count()) {
        0 => one.clone(),
        start => one[start..].into(),
    }
}
