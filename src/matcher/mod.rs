//! Many patterns as one index: which of them match this user ID?
//!
//! Each pattern is given the cheapest strategy that can decide it (`Strategy`), once, when the index is built. What a
//! look-up costs then depends on the patterns that may match, and not on how many there are: one probe of the exact
//! IDs, one of the server names, the patterns of that server, and last the general ones that no server name limits.

mod general;
mod prefixes;
mod strategy;
mod texts;

use foldhash::fast::RandomState;
use indexmap::{IndexMap, IndexSet};

use crate::pattern::Pattern;
use crate::user_id::UserId;

use general::General;
use prefixes::Prefixes;
use texts::Texts;

pub(crate) use strategy::{Among, Strategy};

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
#[derive(Debug, Default)]
pub struct Matcher {
    everyone: Option<PatternId>,
    /// The pattern of each exact ID.
    users: Texts,
    servers: Places,
    /// By what server names end in, from a `.` on.
    suffixes: Places,
    anywhere: General,
}

/// Patterns by the server name that all users have who can match them, or by what it ends in.
#[derive(Debug, Default)]
struct Places {
    numbers: Texts,
    places: Vec<Place>,
}

/// The patterns that only users of one place can match.
#[derive(Debug, Default)]
struct Place {
    /// A pattern that all users of the place match: for most, this is the only one.
    whole: Option<PatternId>,
    more: Option<Box<More>>,
}

#[derive(Debug, Default)]
struct More {
    /// Further patterns that all users of the place match.
    whole: Vec<PatternId>,
    prefixes: Prefixes,
    general: General,
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

    /// The pattern of an ID.
    ///
    /// # Panics
    ///
    /// If there is none.
    pub fn get(&self, id: PatternId) -> &Pattern {
        &self.patterns[id.0 as usize]
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
        self.build_of(|_, _| true)
    }

    /// Builds an index of some of the patterns.
    pub(crate) fn build_of(
        &self,
        mut is_wanted: impl FnMut(PatternId, &Pattern) -> bool,
    ) -> Matcher {
        let mut matcher = Matcher::default();
        let mut general: IndexMap<Among, Vec<_>, RandomState> = IndexMap::default();
        let mut prefixes: IndexMap<&str, Vec<_>, RandomState> = IndexMap::default();
        let patterns = self.patterns();
        for (id, pattern) in patterns.filter(|(id, pattern)| is_wanted(*id, pattern)) {
            match Strategy::of(pattern) {
                Strategy::Everyone => matcher.everyone = Some(id),
                Strategy::User(user) => {
                    matcher.users.number(user, id.0);
                }
                Strategy::Server(server) => matcher.servers.place(server).add(id),
                Strategy::LocalpartPrefix { server, prefix } => {
                    prefixes.entry(server).or_default().push((prefix, id));
                }
                Strategy::ServerSuffix(suffix) => matcher.suffixes.place(suffix).add(id),
                Strategy::General(among) => {
                    general
                        .entry(among)
                        .or_default()
                        .push((id, pattern.clone()));
                }
            }
        }
        for (server, prefixes) in prefixes {
            matcher.servers.place(server).more().prefixes = Prefixes::new(prefixes);
        }
        for (among, patterns) in general {
            match among {
                Among::Server(server) => {
                    let suffix = format!(":{server}");
                    let general = General::new(patterns, &suffix);
                    matcher.servers.place(&server).more().general = general;
                }
                Among::ServerSuffix(suffix) => {
                    let general = General::new(patterns, &suffix);
                    matcher.suffixes.place(&suffix).more().general = general;
                }
                Among::All => matcher.anywhere = General::new(patterns, ""),
            }
        }
        matcher.users.shrink();
        for places in [&mut matcher.servers, &mut matcher.suffixes] {
            places.numbers.shrink();
            places.places.shrink_to_fit();
        }
        matcher
    }
}

impl Matcher {
    /// Adds the patterns that match this user to `matched`, in no particular order and each once.
    pub fn matches(&self, user: UserId<'_>, matched: &mut Vec<PatternId>) {
        matched.extend(self.everyone);
        matched.extend(self.users.get(user.as_str()).map(PatternId));
        let server_name = user.server_name();
        if let Some(server) = self.servers.get(server_name) {
            server.matches(user, matched);
        }
        if !self.suffixes.places.is_empty() {
            for dot in memchr::memchr_iter(b'.', server_name.as_bytes()) {
                if let Some(suffix) = self.suffixes.get(&server_name[dot..]) {
                    suffix.matches(user, matched);
                }
            }
        }
        self.anywhere.matches(user, matched);
    }

    /// Builds what would be built when it is first needed.
    pub fn prepare(&self) {
        let places = self.servers.places.iter().chain(&self.suffixes.places);
        for more in places.filter_map(|place| place.more.as_ref()) {
            more.general.prepare();
        }
        self.anywhere.prepare();
    }
}

impl Places {
    fn get(&self, text: &str) -> Option<&Place> {
        let number = self.numbers.get(text)?;
        Some(&self.places[number as usize])
    }

    fn place(&mut self, text: &str) -> &mut Place {
        let number = self.numbers.number(text, self.places.len() as u32) as usize;
        if number == self.places.len() {
            self.places.push(Place::default());
        }
        &mut self.places[number]
    }
}

impl Place {
    fn add(&mut self, id: PatternId) {
        if self.whole.is_none() {
            self.whole = Some(id);
        } else {
            self.more().whole.push(id);
        }
    }

    fn more(&mut self) -> &mut More {
        self.more.get_or_insert_default()
    }

    fn matches(&self, user: UserId<'_>, matched: &mut Vec<PatternId>) {
        matched.extend(self.whole);
        if let Some(more) = &self.more {
            matched.extend(&more.whole);
            more.prefixes.matches(user.localpart(), matched);
            more.general.matches(user, matched);
        }
    }
}
