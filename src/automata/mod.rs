//! Languages of valid user IDs: is there an ID that these patterns match and those do not? If so, which is short and
//! good to read?
//!
//! Each pattern is an automaton whose states are made when they are first entered (`automaton`). A question about
//! several patterns walks through all of their automata at once, and through that of valid user IDs (`grammar`), and
//! keeps the set of those that can still match (`search`). No automaton of a union is ever built: its states would be
//! too many. The textbook method is the product construction of Rabin and Scott (1959), made lazily.
//!
//! A search is about the users of one server, or about those of all servers but a few ([`Universe`]): most patterns
//! are about one server, so that a question about its users leaves all others out. What a budget does not suffice for
//! is [`Undecided`], and never guessed.

mod automaton;
mod grammar;
mod prefixes;
mod program;
mod readers;
mod search;

use std::rc::Rc;

use foldhash::fast::RandomState;
use indexmap::IndexSet;
use regex_automata::nfa::thompson::Compiler;

use crate::pattern::program::compiler;
use crate::pattern::{MAX_AUTOMATON_BYTES, Pattern, shortened};
use crate::user_id::UserId;

use automaton::Automaton;

pub use program::{Op, Universe};

/// Names a pattern among [`Automata`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AutomatonId(u32);

/// Why a question has no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Undecided {
    /// Walking through the automata took more states than the budget allows. The pattern is the one with the most.
    #[error("the proof took more than its {}, most of them on {}", states(*.budget), shown(.pattern.as_deref()))]
    Budget {
        /// How many states a question may take.
        budget: usize,
        /// As it was written.
        pattern: Option<String>,
    },
    /// `@(a|b)*a(a|b){20}:example.org`
    #[error("{} has too many states", shown(Some(.pattern)))]
    TooLarge {
        /// As it was written.
        pattern: String,
    },
    /// `@.*\bops\b.*:example.org`
    #[error("{} has a word boundary, which is decided for ASCII only: write `(?-u:\\b)`", shown(Some(.pattern)))]
    WordBoundary {
        /// As it was written.
        pattern: String,
    },
    /// Something that this method does not decide, in words.
    #[error("{0}")]
    Beyond(String),
}

fn shown(pattern: Option<&str>) -> String {
    match pattern {
        Some(pattern) => format!("the pattern `{}`", shortened(pattern)),
        None => "lists of users".to_owned(),
    }
}

fn states(count: usize) -> String {
    match count {
        1 => "1 step".to_owned(),
        count => format!("{count} steps"),
    }
}

/// How much work questions may take.
///
/// A *state* is one state of one pattern's automaton in one combination that a search enters; entering it takes well
/// under a microsecond for most patterns.
#[derive(Clone, Debug)]
pub struct Budget {
    per_question: usize,
    left: usize,
    total: usize,
}

impl Budget {
    /// What suffices for the patterns that people write, many times over.
    pub(crate) const DEFAULT: usize = 200_000;

    /// So many states for each question, and for all of them together a hundred times as many.
    pub fn new(per_question: usize) -> Self {
        Self {
            per_question,
            left: per_question,
            total: per_question.saturating_mul(100),
        }
    }

    /// A new question.
    pub fn start(&mut self) {
        self.left = self.per_question;
    }

    /// Takes some steps that are no states from what is left for all questions, and says whether there were so many.
    pub fn count(&mut self, steps: usize) -> bool {
        let total = self.total.checked_sub(steps);
        self.total = total.unwrap_or(0);
        total.is_some()
    }

    /// Takes some states.
    ///
    /// # Errors
    ///
    /// If there are not so many left.
    pub(crate) fn take(&mut self, states: usize) -> Result<(), Undecided> {
        let left = self.left.checked_sub(states);
        let total = self.total.checked_sub(states);
        (self.left, self.total) = (left.unwrap_or(0), total.unwrap_or(0));
        if left.is_some() && total.is_some() {
            return Ok(());
        }
        Err(Undecided::Budget {
            budget: self.per_question,
            pattern: None,
        })
    }
}

impl Default for Budget {
    fn default() -> Self {
        Self::new(Self::DEFAULT)
    }
}

/// The automata of patterns, each made when it is first needed, and each pattern once.
///
/// ```
/// use presence_router::automata::{Automata, Budget, Op, Universe};
/// use presence_router::pattern::Pattern;
///
/// let mut automata = Automata::default();
/// let bots = automata.add(&Pattern::glob("@bot-*:example.org").unwrap());
/// let numbered = automata.add(&Pattern::regex(r"@bot-\d*:example\.org").unwrap());
///
/// // A bot that has no number.
/// let program = [Op::Automaton(bots), Op::Automaton(numbered), Op::Difference(0, 1)];
/// let server = Universe::Server("example.org");
/// let found = automata.find(&program, &server, &mut Budget::default())?;
/// assert_eq!(found.as_deref(), Some("@bot-a:example.org"));
/// # Ok::<(), presence_router::automata::Undecided>(())
/// ```
#[derive(Debug)]
pub struct Automata {
    patterns: IndexSet<Pattern, RandomState>,
    made: Vec<Option<Automaton>>,
    /// What those take that are made.
    bytes: usize,
    compiler: Compiler,
}

/// When all that are made take more than this, they are forgotten, to be made anew where they are needed again.
const MOST_BYTES: usize = 32 * 1024 * 1024;

impl Default for Automata {
    fn default() -> Self {
        Self {
            patterns: IndexSet::default(),
            made: Vec::new(),
            bytes: 0,
            compiler: compiler(Some(MAX_AUTOMATON_BYTES)),
        }
    }
}

/// User IDs in their order, each once.
pub type Users = Rc<[Rc<str>]>;

impl Automata {
    /// The automaton of a pattern.
    pub fn add(&mut self, pattern: &Pattern) -> AutomatonId {
        let index = match self.patterns.get_index_of(pattern) {
            Some(index) => index,
            None => self.patterns.insert_full(pattern.clone()).0,
        };
        self.made.resize_with(self.patterns.len(), || None);
        AutomatonId(index as u32)
    }

    /// The pattern of an automaton.
    pub fn pattern(&self, automaton: AutomatonId) -> &Pattern {
        &self.patterns[automaton.0 as usize]
    }

    /// Whether a pattern matches a valid user ID. That can be told of every pattern.
    pub fn matches(&mut self, automaton: AutomatonId, user: &str) -> bool {
        self.make_room();
        let walked = self.get(automaton).and_then(|made| {
            let start = made.start()?;
            made.accepts_after(start, user.as_bytes())
        });
        walked.unwrap_or_else(|_| self.pattern(automaton).compile().is_match(user))
    }

    /// A valid user ID of the universe for which the last operation of a program holds: a short one that is good to
    /// read, or `None` if there is not a single one.
    ///
    /// # Errors
    ///
    /// If the budget does not suffice to tell.
    pub fn find(
        &mut self,
        program: &[Op],
        universe: &Universe<'_>,
        budget: &mut Budget,
    ) -> Result<Option<String>, Undecided> {
        self.make_room();
        let found = search::find(self, program, universe, budget);
        // It may have more states now.
        for op in program {
            if let Op::Automaton(automaton) = op {
                self.weigh(automaton.0 as usize);
            }
        }
        found
    }

    /// The user ID that [`Automata::find`] gives for a pattern alone, where that is plain to see: one of a glob that has no
    /// special characters but `*`, and whose users are all of this server.
    ///
    /// Without its stars, `@lead*7:corp.example` is `@lead7:corp.example`. Whatever else it matches has all of these bytes
    /// and more, and each costs the reader's eye something. Only where two of them look odd beside each other, as in
    /// `@-x:corp.example`, another one may read better.
    pub(crate) fn best(&self, automaton: AutomatonId, server: &str) -> Option<String> {
        let pattern = self.pattern(automaton);
        if !pattern.is_stars() {
            return None;
        }
        let text = pattern.as_str().replace('*', "");
        let user = UserId::parse(&text).ok()?;
        let is_best = user.server_name() == server && !grammar::looks_odd(user.localpart());
        is_best.then_some(text)
    }

    fn get(&mut self, automaton: AutomatonId) -> Result<&mut Automaton, Undecided> {
        let index = automaton.0 as usize;
        let slot = &mut self.made[index];
        if slot.is_none() {
            *slot = Some(Automaton::new(&self.patterns[index], &self.compiler)?);
            self.weigh(index);
        }
        Ok(self.made[index].as_mut().expect("it was just made"))
    }

    fn weigh(&mut self, index: usize) {
        if let Some(made) = &mut self.made[index] {
            let bytes = made.bytes();
            self.bytes += bytes - made.counted;
            made.counted = bytes;
        }
    }

    /// Forgets automata if they take too much. No search is under way, so nobody knows a state of theirs.
    fn make_room(&mut self) {
        if self.bytes > MOST_BYTES {
            self.made.fill_with(|| None);
            self.bytes = 0;
        }
    }
}
