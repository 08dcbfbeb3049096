//! The second question: whose presence may this user see?

use presence_router::known_users::Role;
use presence_router::pattern::{Inverse, Pattern, Template};
use presence_router::rules::{Item, Route, UserSet};

use super::{Plain, add, listed, made, user_id};

/// Whose presence a user may see.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Interested {
    All,
    These(Vec<String>),
    /// A rule that is about the user needs known users, and there are none.
    NeedsKnownUsers,
}

/// What the rules give.
#[derive(Default)]
struct Seen {
    users: Vec<String>,
    /// Those among the listed senders of one route for whom it reaches the user.
    found: Vec<String>,
    all: bool,
    needs_known_users: bool,
}

impl Plain<'_> {
    /// The union of what the interests of `user` list and of the senders of the routes that reach it, less the users
    /// that a block keeps from it.
    pub fn interested(&self, user: &str) -> Interested {
        let mut seen = Seen::default();
        self.interests(user, &mut seen);
        self.derived(user, &mut seen);
        if seen.needs_known_users {
            return Interested::NeedsKnownUsers;
        }
        if seen.all {
            return Interested::All;
        }
        (seen.users).retain(|sender| !self.blocked(sender, user));
        Interested::These(seen.users)
    }

    fn interests(&self, user: &str, seen: &mut Seen) {
        for interest in self.rules.files.iter().flat_map(|rules| &rules.interests) {
            if !self.holds(&interest.users, user, None) {
                continue;
            }
            if self.holds_everyone(&interest.sees) {
                seen.all = true;
            } else if self.lacks_known_users(&interest.sees) {
                seen.needs_known_users = true;
            } else {
                for other in self.enumerate(&interest.sees, Some(user_id(user))) {
                    add(&mut seen.users, other);
                }
            }
        }
    }

    fn derived(&self, user: &str, seen: &mut Seen) {
        for rules in self
            .rules
            .files
            .iter()
            .filter(|rules| rules.derive_interests)
        {
            for route in &rules.routes {
                self.senders_by(&route.recipients, user, route, &mut Vec::new(), seen);
                // First came those whom templates tell.
                let found = std::mem::take(&mut seen.found);
                if !found.is_empty() {
                    let senders = self.enumerate(&route.senders, None).into_iter();
                    let found = senders.filter(|sender| found.contains(sender));
                    found.for_each(|sender| add(&mut seen.users, sender));
                }
            }
        }
    }

    /// The senders whose updates `user` gets by the items of `set`, which is a part of the route's recipients, and
    /// `around` are the sets that are taken away from this part, and those that it is in with: whether they hold has to be as
    /// it says.
    fn senders_by<'s>(
        &'s self,
        set: &'s UserSet,
        user: &str,
        route: &Route,
        around: &mut Vec<(&'s UserSet, bool)>,
        seen: &mut Seen,
    ) {
        if !has_template(set) {
            if self.holds(set, user, None) {
                self.all_senders(self.is_enumerated(set, user), user, route, around, seen);
            }
            return;
        }
        match set {
            UserSet::Item(Item::Template(template), _) => {
                self.senders_by_template(template, user, route, around, seen);
            }
            UserSet::Item(..) => unreachable!("groups have no templates"),
            UserSet::Union(members, _) => {
                for member in members {
                    self.senders_by(member, user, route, around, seen);
                }
            }
            // Those whom one of them lists, where the others hold them. Where one names all its users, it lists them all.
            UserSet::Intersection(members, _) => {
                let names_all = members.iter().position(|set| !self.needs_known_users(set));
                for (index, member) in members.iter().enumerate() {
                    if names_all.is_some_and(|only| only != index) {
                        continue;
                    }
                    let depth = around.len();
                    let others = members
                        .iter()
                        .enumerate()
                        .filter(|(other, _)| *other != index);
                    around.extend(others.map(|(_, set)| (set, true)));
                    self.senders_by(member, user, route, around, seen);
                    around.truncate(depth);
                }
            }
            UserSet::Difference {
                include, exclude, ..
            } => {
                let depth = around.len();
                around.extend(exclude.as_deref().map(|set| (set, false)));
                if let Some(include) = include {
                    self.senders_by(include, user, route, around, seen);
                } else {
                    self.all_senders(self.receives(user), user, route, around, seen);
                }
                around.truncate(depth);
            }
        }
    }

    /// Whether a user whom a set without templates holds is among its recipients: named, or one who receives. `None` if
    /// it would have to be known, and there are no known users.
    fn is_enumerated(&self, set: &UserSet, user: &str) -> Option<bool> {
        if self.names(set, user) {
            return Some(true);
        }
        self.receives(user)
    }

    fn receives(&self, user: &str) -> Option<bool> {
        (self.known_users).map(|_| {
            self.known()
                .any(|known| known == (user.into(), Role::Receives))
        })
    }

    fn names(&self, set: &UserSet, user: &str) -> bool {
        match set {
            UserSet::Item(Item::Pattern(Pattern::User(named)), _) => **named == *user,
            UserSet::Item(Item::File(file), _) => listed(file).any(|listed| listed == user),
            UserSet::Item(Item::Group(name), _) => self.names(self.group(name), user),
            UserSet::Item(..) => false,
            UserSet::Union(members, _) => members.iter().any(|member| self.names(member, user)),
            UserSet::Intersection(members, _) => {
                members.iter().any(|member| self.names(member, user))
                    && members.iter().all(|member| self.holds(member, user, None))
            }
            UserSet::Difference {
                include, exclude, ..
            } => {
                (include.as_deref()).is_some_and(|include| self.names(include, user))
                    && !(exclude.as_deref()).is_some_and(|exclude| self.holds(exclude, user, None))
            }
        }
    }

    /// The senders of a route, one part of whose recipients holds the user. `is_enumerated` says whether that part is
    /// listed with this user in it.
    fn all_senders(
        &self,
        is_enumerated: Option<bool>,
        user: &str,
        route: &Route,
        around: &[(&UserSet, bool)],
        seen: &mut Seen,
    ) {
        let as_it_should: Vec<_> = (around.iter())
            .map(|(set, wanted)| self.holds_for_any(set, user).map(|holds| holds == *wanted))
            .collect();
        if as_it_should.contains(&Some(false)) || is_enumerated == Some(false) {
            return;
        }
        let for_every_sender = !as_it_should.contains(&None);
        if is_enumerated.is_none() {
            seen.needs_known_users = true;
        } else if for_every_sender && self.holds_everyone(&route.senders) {
            seen.all = true;
        } else if self.lacks_known_users(&route.senders) {
            seen.needs_known_users = true;
        } else {
            for sender in self.enumerate(&route.senders, None) {
                if self.are_met(around, user, &sender) {
                    seen.found.push(sender);
                }
            }
        }
    }

    fn senders_by_template(
        &self,
        template: &Template,
        user: &str,
        route: &Route,
        around: &[(&UserSet, bool)],
        seen: &mut Seen,
    ) {
        let fails =
            |(set, wanted): &(&UserSet, bool)| self.holds_for_any(set, user) == Some(!wanted);
        if around.iter().any(fails) {
            return;
        }
        let has = |variable| template.as_str().contains(variable);
        let server_name = self.server_name_of(&route.senders);
        let inverse = template.invert(user_id(user), server_name.as_deref());
        let is_computed = has("{localpart}") && (has("{server}") || server_name.is_some());
        let (senders, is_told) = match inverse {
            Inverse::These(senders) if is_computed => {
                let senders = senders.into_iter();
                let senders = senders.filter(|id| self.holds(&route.senders, id, None));
                (senders.collect(), true)
            }
            Inverse::These(senders) if senders.is_empty() => return,
            _ if self.lacks_known_users(&route.senders) => {
                seen.needs_known_users = true;
                return;
            }
            _ => (self.enumerate(&route.senders, None), false),
        };
        for sender in senders {
            let makes_user = made(template, Some(user_id(&sender))).as_deref() == Some(user);
            if makes_user && self.are_met(around, user, &sender) {
                if is_told {
                    add(&mut seen.users, sender);
                } else {
                    seen.found.push(sender);
                }
            }
        }
    }

    fn are_met(&self, around: &[(&UserSet, bool)], user: &str, sender: &str) -> bool {
        (around.iter()).all(|(set, wanted)| self.holds(set, user, Some(user_id(sender))) == *wanted)
    }

    /// Whether a set of recipients holds a user whoever sends; `None` if that depends on the sender.
    fn holds_for_any(&self, set: &UserSet, user: &str) -> Option<bool> {
        match set {
            UserSet::Item(Item::Pattern(pattern), _) => Some(self.matcher.matches(pattern, user)),
            UserSet::Item(Item::Local(_), _) => Some(self.is_local(user)),
            UserSet::Item(Item::File(file), _) => Some(listed(file).any(|listed| listed == user)),
            UserSet::Item(Item::Group(name), _) => self.holds_for_any(self.group(name), user),
            UserSet::Item(Item::Template(template), _) if !template.as_str().contains('{') => {
                Some(template.as_str() == user)
            }
            UserSet::Item(Item::Template(template), _) => {
                match template.invert(user_id(user), None) {
                    Inverse::These(senders) if senders.is_empty() => Some(false),
                    _ => None,
                }
            }
            UserSet::Union(members, _) => any(members
                .iter()
                .map(|member| self.holds_for_any(member, user))),
            UserSet::Intersection(members, _) => {
                let lacks = |member| self.holds_for_any(member, user).map(|holds| !holds);
                any(members.iter().map(lacks)).map(|lacks| !lacks)
            }
            UserSet::Difference {
                include, exclude, ..
            } => {
                let part = |part: &UserSet| self.holds_for_any(part, user);
                let included = include.as_deref().map_or(Some(true), part);
                let excluded = exclude.as_deref().map_or(Some(false), part);
                // Held unless it is left out or not there in the first place.
                any([included.map(|held| !held), excluded].into_iter()).map(|not| !not)
            }
        }
    }

    /// The word `all`, alone, in a list, or through a group, without exclusion.
    fn holds_everyone(&self, set: &UserSet) -> bool {
        match set {
            UserSet::Item(Item::Pattern(pattern), _) => *pattern == Pattern::Everyone,
            UserSet::Item(Item::Group(name), _) => self.holds_everyone(self.group(name)),
            UserSet::Item(Item::Local(_) | Item::Template(_) | Item::File(_), _) => false,
            UserSet::Union(members, _) => members.iter().any(|set| self.holds_everyone(set)),
            UserSet::Intersection(members, _) => members.iter().all(|set| self.holds_everyone(set)),
            UserSet::Difference {
                include, exclude, ..
            } => {
                exclude.is_none()
                    && (include.as_deref()).is_none_or(|include| self.holds_everyone(include))
            }
        }
    }

    /// The one server of all the users that a set takes in, if its items fix it.
    fn server_name_of(&self, set: &UserSet) -> Option<Box<str>> {
        match set {
            UserSet::Item(Item::Pattern(pattern), _) => pattern.server_name(),
            UserSet::Item(Item::Group(name), _) => self.server_name_of(self.group(name)),
            UserSet::Item(Item::Local(_), _) => self.rules.server_name.as_deref().map(Box::from),
            UserSet::Item(Item::Template(_) | Item::File(_), _) => None,
            UserSet::Intersection(members, _) => members
                .iter()
                .find_map(|member| self.server_name_of(member)),
            UserSet::Union(members, _) => {
                let mut names = members.iter().map(|member| self.server_name_of(member));
                let first = names.next()??;
                names
                    .all(|name| name.as_ref() == Some(&first))
                    .then_some(first)
            }
            UserSet::Difference { include, .. } => self.server_name_of(include.as_deref()?),
        }
    }
}

fn has_template(set: &UserSet) -> bool {
    let mut found = false;
    set.items(&mut |item| found |= matches!(item, Item::Template(_)));
    found
}

/// Whether one of these is so; `None` if that depends on what is not known.
fn any(of: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    let of: Vec<_> = of.collect();
    if of.contains(&Some(true)) {
        Some(true)
    } else if of.contains(&None) {
        None
    } else {
        Some(false)
    }
}
