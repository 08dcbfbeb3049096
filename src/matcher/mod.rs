//! Many patterns as one index: which of them match this user ID?
//!
//! Each pattern is given the cheapest strategy that can decide it ([`Strategy`]), once, when the index is built. What a
//! look-up costs then depends on the patterns that may match, and not on how many there are: one probe of the exact
//! IDs, one of the server names, the patterns of that server, and last the general ones that no server name limits.

mod general;
mod strategy;

use std::collections::HashMap;

use foldhash::fast::RandomState;
use indexmap::{IndexMap, IndexSet};

use crate::pattern::Pattern;
use crate::user_id::UserId;

use general::General;

pub use strategy::{Among, Strategy};

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
    /// By what server names end in, from a `.` on.
    suffixes: HashMap<Box<str>, Suffix, RandomState>,
    anywhere: General,
}

/// The patterns that only users of one server can match.
#[derive(Debug, Default)]
struct Server {
    all: Vec<PatternId>,
    prefixes: Prefixes,
    general: General,
}

/// The patterns that only users can match whose server names end alike.
#[derive(Debug, Default)]
struct Suffix {
    all: Vec<PatternId>,
    general: General,
}

/// Patterns by what localparts start with.
#[derive(Debug, Default)]
struct Prefixes {
    patterns: HashMap<Box<str>, PatternId, RandomState>,
    /// The lengths that there are, in bytes.
    lengths: Vec<usize>,
}

impl MatcherBuilder {
    /// Adds a pattern, or finds it among those that were added before.
    pub fn add(&mut self, pattern: &Pattern) -> PatternId {
        let known = self.patterns.get_index_of(pattern);
        let index = known.unwrap_or_else(|| self.patterns.insert_full(pattern.clone()).0);
        PatternId(index as u32)
    }

    /// The ID of a pattern that was added.
    pub fn id(&self, pattern: &Pattern) -> PatternId {
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
            suffixes: HashMap::default(),
            anywhere: General::default(),
        };
        let mut general: IndexMap<Among, Vec<_>, RandomState> = IndexMap::default();
        for (id, pattern) in (0..).map(PatternId).zip(self.patterns) {
            match Strategy::of(&pattern) {
                Strategy::Everyone => matcher.everyone = Some(id),
                Strategy::User(user) => {
                    matcher.users.insert(user, id);
                }
                Strategy::Server(server) => matcher.server(server).all.push(id),
                Strategy::LocalpartPrefix { server, prefix } => {
                    matcher.server(server).prefixes.add(prefix, id);
                }
                Strategy::ServerSuffix(suffix) => matcher.suffix(suffix).all.push(id),
                Strategy::General(among) => general.entry(among).or_default().push((id, pattern)),
            }
        }
        for (among, patterns) in general {
            let general = General::new(patterns);
            match among {
                Among::Server(server) => matcher.server(server).general = general,
                Among::ServerSuffix(suffix) => matcher.suffix(suffix).general = general,
                Among::All => matcher.anywhere = general,
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
        let server_name = user.server_name();
        if let Some(server) = self.servers.get(server_name) {
            matched.extend(&server.all);
            server.prefixes.matches(user.localpart(), matched);
            server.general.matches(user, matched);
        }
        if !self.suffixes.is_empty() {
            for dot in memchr::memchr_iter(b'.', server_name.as_bytes()) {
                if let Some(suffix) = self.suffixes.get(&server_name[dot..]) {
                    matched.extend(&suffix.all);
                    suffix.general.matches(user, matched);
                }
            }
        }
        self.anywhere.matches(user, matched);
    }

    /// Builds what would be built when it is first needed.
    pub fn prepare(&self) {
        self.servers
            .values()
            .for_each(|server| server.general.prepare());
        self.suffixes
            .values()
            .for_each(|suffix| suffix.general.prepare());
        self.anywhere.prepare();
    }

    fn server(&mut self, name: Box<str>) -> &mut Server {
        self.servers.entry(name).or_default()
    }

    fn suffix(&mut self, suffix: Box<str>) -> &mut Suffix {
        self.suffixes.entry(suffix).or_default()
    }
}

impl Prefixes {
    fn add(&mut self, prefix: Box<str>, id: PatternId) {
        if let Err(at) = self.lengths.binary_search(&prefix.len()) {
            self.lengths.insert(at, prefix.len());
        }
        self.patterns.insert(prefix, id);
    }

    fn matches(&self, localpart: &str, matched: &mut Vec<PatternId>) {
        for length in &self.lengths {
            let Some(start) = localpart.get(..*length) else {
                if *length > localpart.len() {
                    return;
                }
                // A character goes on here.
                continue;
            };
            matched.extend(self.patterns.get(start));
        }
    }
}
