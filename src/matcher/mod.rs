//! Many patterns as one index: which of them match this user ID?
//!
//! Each pattern is given the cheapest strategy that can decide it ([`Strategy`]), once, when the index is built. What a
//! look-up costs then depends on the patterns that may match, and not on how many there are: one probe of the exact
//! IDs, one of the server names, the patterns of that server, and last the general ones that no server name limits.

mod general;
mod strategy;

use std::collections::HashMap;

use foldhash::fast::RandomState;
use indexmap::IndexSet;

use crate::pattern::Pattern;
use crate::user_id::UserId;

use general::Generals;
pub use strategy::Strategy;

/// Names a pattern of a [`Matcher`], counted from 0 in the order in which they were added.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PatternId(pub u32);

/// Patterns on their way to an index; equal ones are one.
#[derive(Default)]
pub struct MatcherBuilder {
    patterns: IndexSet<Pattern, RandomState>,
}

/// An index of patterns.
///
/// ```
/// use presence_router::matcher::MatcherBuilder;
/// use presence_router::pattern::Pattern;
/// use presence_router::user_id::UserId;
///
/// let mut patterns = MatcherBuilder::default();
/// let bots = patterns.add(&Pattern::glob("@bot-*:example.org").unwrap());
/// let ours = patterns.add(&Pattern::server("example.org").unwrap());
/// let matcher = patterns.build();
///
/// let mut matched = Vec::new();
/// matcher.matches(UserId::parse("@bot-7:example.org")?, &mut matched);
/// matched.sort();
/// assert_eq!(matched, [bots, ours]);
/// # Ok::<(), presence_router::user_id::UserIdError>(())
/// ```
#[derive(Debug)]
pub struct Matcher {
    everyone: Option<PatternId>,
    users: HashMap<Box<str>, PatternId, RandomState>,
    servers: HashMap<Box<str>, Server, RandomState>,
    anywhere: Generals,
}

/// The patterns that only users of one server can match.
#[derive(Debug, Default)]
struct Server {
    all: Vec<PatternId>,
    prefixes: Vec<(Box<str>, PatternId)>,
    general: Generals,
}

impl MatcherBuilder {
    /// Adds a pattern, or finds it among those that were added before.
    pub fn add(&mut self, pattern: &Pattern) -> PatternId {
        let known = self.patterns.get_index_of(pattern);
        let index = known.unwrap_or_else(|| self.patterns.insert_full(pattern.clone()).0);
        PatternId(index as u32)
    }

    /// The ID of a pattern that was added.
    pub(crate) fn id(&self, pattern: &Pattern) -> PatternId {
        let index = self.patterns.get_index_of(pattern);
        PatternId(index.expect("the pattern was added before") as u32)
    }

    /// How many different patterns there are.
    pub fn len(&self) -> usize {
        self.patterns.len()
    }

    /// Whether there is no pattern at all.
    pub fn is_empty(&self) -> bool {
        self.patterns.is_empty()
    }

    /// The patterns in the order of their IDs.
    pub fn patterns(&self) -> impl Iterator<Item = (PatternId, &Pattern)> {
        (0..).map(PatternId).zip(&self.patterns)
    }

    /// Builds the index.
    pub fn build(self) -> Matcher {
        let mut matcher = Matcher {
            everyone: None,
            users: HashMap::default(),
            servers: HashMap::default(),
            anywhere: Generals::default(),
        };
        for (id, pattern) in (0..).map(PatternId).zip(self.patterns) {
            match Strategy::of(&pattern) {
                Strategy::Everyone => matcher.everyone = Some(id),
                Strategy::User(user) => {
                    matcher.users.insert(user, id);
                }
                Strategy::Server(server) => matcher.server(server).all.push(id),
                Strategy::LocalpartPrefix { server, prefix } => {
                    matcher.server(server).prefixes.push((prefix, id));
                }
                Strategy::General { server } => {
                    let generals = match server {
                        Some(server) => &mut matcher.server(server).general,
                        None => &mut matcher.anywhere,
                    };
                    generals.push(id, pattern);
                }
            }
        }
        matcher
    }
}

impl Matcher {
    /// Adds the patterns that match this user to `matched`, in no particular order and each once.
    pub fn matches(&self, user: UserId<'_>, matched: &mut Vec<PatternId>) {
        matched.extend(self.everyone);
        matched.extend(self.users.get(user.as_str()));
        if let Some(server) = self.servers.get(user.server_name()) {
            matched.extend(&server.all);
            let localpart = user.localpart();
            let prefixes =
                (server.prefixes.iter()).filter(|(prefix, _)| localpart.starts_with(&**prefix));
            matched.extend(prefixes.map(|(_, id)| id));
            server.general.matches(user, matched);
        }
        self.anywhere.matches(user, matched);
    }

    /// Builds the automata that would be built when they are first needed, so that no later look-up has to wait.
    pub fn prepare(&self) {
        for server in self.servers.values() {
            server.general.prepare();
        }
        self.anywhere.prepare();
    }

    fn server(&mut self, name: Box<str>) -> &mut Server {
        self.servers.entry(name).or_default()
    }
}
