//! Sets of user IDs by what they are made of. Equal ones have one name, so that much needs no proof.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::rc::Rc;

use foldhash::fast::RandomState;
use indexmap::IndexSet;

use crate::automata::{Automata, AutomatonId, Users};
use crate::pattern::{GLOB_CHARACTERS, Pattern};
use crate::user_id::{UserId, validate_server_name};

use super::bounds::Bounds;

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
    Union(Box<[SetId]>),
    Intersection(SetId, SetId),
    Difference(SetId, SetId),
}

/// What is known of a pattern.
struct Traits {
    /// The one server of all its users.
    server: Option<Rc<str>>,
    suffix: Rc<str>,
}

/// Unions of up to so many parts, and lists of so many users, are made part of others that they are in.
const FEW: usize = 64;

/// All sets.
pub struct Sets {
    pub(super) automata: Automata,
    all: IndexSet<Set, RandomState>,
    pub(super) bounds: HashMap<SetId, Bounds, RandomState>,
    traits: HashMap<AutomatonId, Traits, RandomState>,
}

impl Default for Sets {
    fn default() -> Self {
        Self {
            automata: Automata::default(),
            all: [Set::Nobody, Set::Everyone].into_iter().collect(),
            bounds: HashMap::default(),
            traits: HashMap::default(),
        }
    }
}

impl Sets {
    /// The set of nobody.
    pub const NOBODY: SetId = SetId(0);
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
        self.traits.entry(automaton).or_insert_with(|| Traits {
            server: pattern.server_name().map(Into::into),
            suffix: pattern.literal_suffix().into(),
        });
        self.add(Set::Pattern(automaton))
    }

    /// These users.
    pub fn users(&mut self, users: impl IntoIterator<Item = Rc<str>>) -> SetId {
        let users: BTreeSet<Rc<str>> = users.into_iter().collect();
        if users.is_empty() {
            return Self::NOBODY;
        }
        self.add(Set::Users(users.into_iter().collect()))
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
        let kept: Vec<_> = (users.iter())
            .filter(|user| self.holds(set, user) == wanted)
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
                let traits = &self.traits[&automaton];
                return traits.server.as_deref().is_none_or(|fixed| fixed == server)
                    && user.ends_with(&*traits.suffix)
                    && (matches!(self.automata.pattern(automaton), Pattern::Server(_))
                        || self.automata.matches(automaton, user));
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
    pub fn listed(&self, set: SetId) -> Option<Users> {
        match self.get(set) {
            Set::Users(users) => Some(users.clone()),
            Set::Nobody => Some(Rc::new([])),
            _ => None,
        }
    }

    /// The servers of the users of a set, where these can be listed.
    pub fn servers(&mut self, set: SetId) -> Option<Rc<BTreeSet<Rc<str>>>> {
        self.bounds(set).servers
    }

    /// The server of all users of a pattern, and what their IDs end in.
    pub(super) fn traits_of(&self, automaton: AutomatonId) -> (Option<Rc<str>>, Rc<str>) {
        let traits = &self.traits[&automaton];
        (traits.server.clone(), traits.suffix.clone())
    }
}

/// The server of a glob such as `@*:example.org`, which says no more than that.
fn plain_server(glob: &str) -> Option<&str> {
    let server = glob.strip_prefix("@*:")?;
    let is_plain = !server.contains(GLOB_CHARACTERS) && !server.contains('\\');
    (is_plain && validate_server_name(server).is_ok()).then_some(server)
}
