//! Sets of user IDs by what they are made of. Equal ones have one name, so that much needs no proof.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::rc::Rc;

use foldhash::fast::RandomState;
use indexmap::IndexSet;

use crate::automata::{Automata, AutomatonId, Users};
use crate::pattern::{GLOB_CHARACTERS, Pattern, server_of_suffix};
use crate::user_id::UserId;

use super::bounds::{Bounds, Servers};

/// Names a set among [`Sets`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SetId(pub(super) u32);

/// What a set is made of.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Set {
    Nobody,
    Everyone,
    Pattern(AutomatonId),
    Users(Users),
    /// At least two, sorted, each once.
    Union(Rc<[SetId]>),
    Intersection(SetId, SetId),
    Difference(SetId, SetId),
}

/// Unions of up to so many parts, and lists of so many users, are made part of others that they are in.
const FEW: usize = 64;

/// All sets.
pub struct Sets {
    pub(super) automata: Automata,
    all: IndexSet<Set, RandomState>,
    /// Those of each set, where they were asked for.
    bounds: Vec<Option<Bounds>>,
    /// Each server by itself.
    servers: HashMap<Box<str>, Servers, RandomState>,
}

/// Two unions are compared part by part if it takes no more comparisons than these.
const MOST_PARTS: usize = 256;

impl Default for Sets {
    fn default() -> Self {
        Self {
            automata: Automata::default(),
            all: [Set::Nobody, Set::Everyone].into_iter().collect(),
            bounds: Vec::new(),
            servers: HashMap::default(),
        }
    }
}

impl Sets {
    /// The set of nobody.
    pub(crate) const NOBODY: SetId = SetId(0);
    /// The set of everyone.
    pub const EVERYONE: SetId = SetId(1);

    pub(super) fn get(&self, set: SetId) -> &Set {
        &self.all[set.0 as usize]
    }

    fn add(&mut self, set: Set) -> SetId {
        let index = match self.all.get_index_of(&set) {
            Some(index) => index,
            None => self.all.insert_full(set).0,
        };
        SetId(index as u32)
    }

    /// Those whom a pattern matches.
    pub fn pattern(&mut self, pattern: &Pattern) -> SetId {
        match pattern {
            Pattern::Everyone => Self::EVERYONE,
            Pattern::User(user) => self.users([Rc::from(&**user)]),
            Pattern::Glob(text) => match plain_server(text) {
                Some(server) => self.automaton(&Pattern::Server(server.into())),
                None => self.automaton(pattern),
            },
            Pattern::Server(_) | Pattern::ServerGlob(_) | Pattern::Regex(_) => {
                self.automaton(pattern)
            }
        }
    }

    fn automaton(&mut self, pattern: &Pattern) -> SetId {
        let automaton = self.automata.add(pattern);
        self.add(Set::Pattern(automaton))
    }

    /// These users.
    pub fn users(&mut self, users: impl IntoIterator<Item = Rc<str>>) -> SetId {
        let mut users: Vec<Rc<str>> = users.into_iter().collect();
        users.sort_unstable();
        users.dedup();
        if users.is_empty() {
            return Self::NOBODY;
        }
        self.add(Set::Users(users.into()))
    }

    /// One user.
    pub fn user(&mut self, user: &str) -> SetId {
        self.users([Rc::from(user)])
    }

    /// Those in any of these.
    pub fn union(&mut self, parts: impl IntoIterator<Item = SetId>) -> SetId {
        let mut flat = BTreeSet::new();
        let mut few: BTreeSet<Rc<str>> = BTreeSet::new();
        for part in parts {
            match self.get(part) {
                Set::Everyone => return Self::EVERYONE,
                Set::Nobody => {}
                Set::Union(inner) if inner.len() <= FEW => flat.extend(inner.iter().copied()),
                _ => {
                    flat.insert(part);
                }
            }
        }
        // Lists become one list, since in one list users are looked up faster than in many.
        flat.retain(|part| match self.get(*part) {
            Set::Users(users) if users.len() <= FEW => {
                few.extend(users.iter().cloned());
                false
            }
            _ => true,
        });
        if !few.is_empty() {
            flat.insert(self.users(few));
        }
        let mut parts = flat.into_iter();
        match (parts.next(), parts.len()) {
            (None, _) => Self::NOBODY,
            (Some(one), 0) => one,
            (Some(first), _) => {
                let parts = std::iter::once(first).chain(parts).collect();
                self.add(Set::Union(parts))
            }
        }
    }

    /// Those in both.
    pub fn intersection(&mut self, one: SetId, other: SetId) -> SetId {
        let (one, other) = (one.min(other), one.max(other));
        match (self.get(one), self.get(other)) {
            _ if one == other => one,
            (Set::Nobody, _) | (_, Set::Nobody) => Self::NOBODY,
            (Set::Everyone, _) => other,
            (_, Set::Everyone) => one,
            (Set::Users(users), _) => {
                let users = users.clone();
                self.filtered(&users, other, true)
            }
            (_, Set::Users(users)) => {
                let users = users.clone();
                self.filtered(&users, one, true)
            }
            _ => {
                if self.are_plainly_disjoint(one, other) {
                    return Self::NOBODY;
                }
                self.add(Set::Intersection(one, other))
            }
        }
    }

    /// Those of the first who are not in the second.
    pub fn difference(&mut self, include: SetId, exclude: SetId) -> SetId {
        match (self.get(include), self.get(exclude)) {
            _ if include == exclude => Self::NOBODY,
            (Set::Nobody, _) | (_, Set::Everyone) => Self::NOBODY,
            (_, Set::Nobody) => include,
            (Set::Users(users), _) => {
                let users = users.clone();
                self.filtered(&users, exclude, false)
            }
            (&Set::Difference(include, inner), _) => {
                let exclude = self.union([inner, exclude]);
                self.difference(include, exclude)
            }
            (Set::Union(parts), _) if parts.contains(&exclude) && parts.len() <= FEW => {
                let rest: Vec<_> = parts
                    .iter()
                    .copied()
                    .filter(|part| *part != exclude)
                    .collect();
                let rest = self.union(rest);
                self.difference(rest, exclude)
            }
            _ => {
                if self.are_plainly_disjoint(include, exclude) {
                    return include;
                }
                self.add(Set::Difference(include, exclude))
            }
        }
    }

    /// Of these users, those who are in a set, or those who are not.
    fn filtered(&mut self, users: &Users, set: SetId, wanted: bool) -> SetId {
        // Two lists of a million users are gone through side by side.
        let listed = self
            .listed(set)
            .filter(|others| others.len() / 16 < users.len());
        let mut others = listed.as_deref().unwrap_or_default().iter().peekable();
        let is_listed = listed.is_some();
        let mut holds = |user: &Rc<str>| {
            if !is_listed {
                return self.holds(set, user);
            }
            while others.next_if(|other| *other < user).is_some() {}
            others.peek() == Some(&user)
        };
        let kept: Vec<_> = (users.iter())
            .filter(|user| holds(user) == wanted)
            .cloned()
            .collect();
        self.users(kept)
    }

    /// Whether a set holds a valid user ID.
    pub fn holds(&mut self, set: SetId, user: &str) -> bool {
        let server = UserId::parse(user).map_or("", UserId::server_name);
        self.holds_known(set, user, server, &mut BTreeMap::new())
    }

    fn holds_known(
        &mut self,
        set: SetId,
        user: &str,
        server: &str,
        known: &mut BTreeMap<SetId, bool>,
    ) -> bool {
        if let Some(holds) = known.get(&set) {
            return *holds;
        }
        let holds = match self.get(set).clone() {
            Set::Nobody => return false,
            Set::Everyone => return true,
            Set::Users(users) => {
                return users.binary_search_by(|known| (**known).cmp(user)).is_ok();
            }
            Set::Pattern(automaton) => {
                let bounds = self.bounds(set);
                let is_near = (bounds.servers.as_ref()).is_none_or(|fixed| fixed.contains(server))
                    && user.starts_with(&*bounds.prefix)
                    && user.ends_with(&*bounds.suffix);
                let pattern = self.automata.pattern(automaton);
                return is_near
                    && match pattern {
                        Pattern::Server(_) => true,
                        Pattern::Glob(text) if pattern.is_stars() => has_pieces(text, user),
                        _ => self.automata.matches(automaton, user),
                    };
            }
            Set::Union(parts) => {
                (parts.iter()).any(|part| self.holds_known(*part, user, server, known))
            }
            Set::Intersection(one, other) => {
                self.holds_known(one, user, server, known)
                    && self.holds_known(other, user, server, known)
            }
            Set::Difference(include, exclude) => {
                self.holds_known(include, user, server, known)
                    && !self.holds_known(exclude, user, server, known)
            }
        };
        known.insert(set, holds);
        holds
    }

    /// The users of a set that is no more than a list.
    pub(crate) fn listed(&self, set: SetId) -> Option<Users> {
        match self.get(set) {
            Set::Users(users) => Some(users.clone()),
            Set::Nobody => Some(Rc::new([])),
            _ => None,
        }
    }

    /// The servers of the users of a set, where these can be listed.
    pub(crate) fn servers(&mut self, set: SetId) -> Option<Rc<BTreeSet<Rc<str>>>> {
        self.bounds(set).servers
    }

    /// What the users of a set have in common.
    pub(super) fn bounds(&mut self, set: SetId) -> Bounds {
        let index = set.0 as usize;
        if let Some(Some(bounds)) = self.bounds.get(index) {
            return bounds.clone();
        }
        let bounds = match self.get(set).clone() {
            Set::Nobody => Bounds {
                servers: Some(Rc::default()),
                ..Bounds::unknown()
            },
            Set::Everyone => Bounds::unknown(),
            Set::Pattern(automaton) => self.bounds_of_pattern(automaton),
            Set::Users(users) => Bounds::of_users(&users),
            Set::Union(parts) => {
                let parts = parts.iter().map(|part| self.bounds(*part));
                parts.reduce(Bounds::or).unwrap_or_else(Bounds::unknown)
            }
            Set::Intersection(one, other) => self.bounds(one).and(self.bounds(other)),
            Set::Difference(include, _) => self.bounds(include),
        };
        if self.bounds.len() <= index {
            self.bounds.resize(self.all.len(), None);
        }
        self.bounds[index] = Some(bounds.clone());
        bounds
    }

    fn bounds_of_pattern(&mut self, automaton: AutomatonId) -> Bounds {
        let pattern = self.automata.pattern(automaton);
        let (server, prefix) = (pattern.server_name(), pattern.literal_prefix());
        let suffix: Rc<str> = match (pattern, &server) {
            (Pattern::Server(_), Some(server)) => format!(":{server}").into(),
            _ => pattern.literal_suffix().into(),
        };
        let servers = server.map(|server| {
            let name = Rc::from(&*server);
            let servers = self.servers.entry(server);
            servers
                .or_insert_with(|| BTreeSet::from([name]).into())
                .clone()
        });
        Bounds::new(servers, prefix.into(), suffix)
    }

    /// Whether two sets have nobody in common, as far as that is plain to see.
    pub(super) fn are_plainly_disjoint(&mut self, one: SetId, other: SetId) -> bool {
        self.are_disjoint(one, other, MOST_PARTS)
    }

    /// The same, where up to so many parts of unions may be compared.
    fn are_disjoint(&mut self, one: SetId, other: SetId, most: usize) -> bool {
        if self.bounds(one).are_disjoint(&self.bounds(other)) {
            return true;
        }
        // What the parts of a union have in common is less than what each of them tells.
        let (parts, whole) = match (self.parts(one), self.parts(other)) {
            (Some(parts), _) => (parts, other),
            (None, Some(parts)) => (parts, one),
            (None, None) => return false,
        };
        parts.len() <= most
            && (parts.iter()).all(|part| self.are_disjoint(*part, whole, most / parts.len()))
    }

    /// The parts of a union, some users of which may be left out.
    fn parts(&self, set: SetId) -> Option<Rc<[SetId]>> {
        match self.get(set) {
            Set::Union(parts) => Some(parts.clone()),
            Set::Difference(include, _) => self.parts(*include),
            _ => None,
        }
    }
}

/// Whether a user ID has what stands between the stars of a glob, in its order. That it starts and ends so is known.
fn has_pieces(glob: &str, user: &str) -> bool {
    let Some((first, rest)) = glob.split_once('*') else {
        return glob == user;
    };
    let (middle, last) = rest.rsplit_once('*').unwrap_or(("", rest));
    if user.len() < first.len() + last.len() {
        return false;
    }
    // Each piece is taken where it comes first: that leaves the most for those after it.
    let mut left = &user[first.len()..user.len() - last.len()];
    (middle.split('*')).all(|piece| match left.split_once(piece) {
        Some((_, after)) => {
            left = after;
            true
        }
        None => false,
    })
}

/// The server of a glob such as `@*:example.org`, which says no more than that.
fn plain_server(glob: &str) -> Option<&str> {
    let suffix = glob.strip_prefix("@*")?;
    let is_plain =
        suffix.starts_with(':') && !suffix.contains(GLOB_CHARACTERS) && !suffix.contains('\\');
    is_plain.then(|| server_of_suffix(suffix)).flatten()
}
