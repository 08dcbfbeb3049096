//! The automaton of one pattern, over whole user IDs.

use std::fmt;

use regex_automata::Anchored;
use regex_automata::MatchKind;
use regex_automata::hybrid::LazyStateID;
use regex_automata::hybrid::dfa::{Cache, Config, DFA};
use regex_automata::nfa::thompson;
use regex_automata::util::alphabet::ByteClasses;
use regex_automata::util::start;

use super::Undecided;
use crate::pattern::Pattern;

/// What the states of one pattern may take. It is far more than patterns have that are of use.
const MOST_BYTES: usize = 4 * 1024 * 1024;

/// A deterministic automaton whose states are made when they are first entered.
pub(super) struct Automaton {
    dfa: DFA,
    cache: Cache,
    text: String,
    /// How many bytes were counted of what it takes.
    pub counted: usize,
}

pub(super) type State = LazyStateID;

impl Automaton {
    /// The automaton of a pattern, made with a [`compiler`](crate::pattern::program::compiler), which remembers how
    /// it wrote classes of characters.
    pub fn new(pattern: &Pattern, compiler: &thompson::Compiler) -> Result<Self, Undecided> {
        let text = pattern.as_str().to_owned();
        let too_large = |text: &str| Undecided::TooLarge {
            pattern: text.to_owned(),
        };
        let language = pattern.language();
        let nfa = compiler
            .build_from_hir(&language)
            .map_err(|_| too_large(&text))?;
        if nfa.look_set_any().contains_word_unicode() {
            return Err(Undecided::WordBoundary { pattern: text });
        }
        // Whatever comes first, all ways to match count. The memory is never emptied to go on: a state keeps its name.
        let config = Config::new()
            .match_kind(MatchKind::All)
            .cache_capacity(MOST_BYTES)
            .skip_cache_capacity_check(true)
            .minimum_cache_clear_count(Some(0));
        let dfa = DFA::builder()
            .configure(config)
            .build_from_nfa(nfa)
            .map_err(|_| too_large(&text))?;
        let cache = dfa.create_cache();
        Ok(Self {
            dfa,
            cache,
            text,
            counted: 0,
        })
    }

    /// What it takes, with the states that were made so far.
    pub fn bytes(&self) -> usize {
        self.dfa.get_nfa().memory_usage() + self.cache.memory_usage()
    }

    /// Which bytes it does not tell apart.
    pub fn classes(&self) -> &ByteClasses {
        self.dfa.byte_classes()
    }

    pub fn start(&mut self) -> Result<State, Undecided> {
        let config = start::Config::new().anchored(Anchored::Yes);
        (self.dfa.start_state(&mut self.cache, &config)).map_err(|_| self.too_large())
    }

    /// The next state, or `None` if no text can match any more.
    pub fn next(&mut self, state: State, byte: u8) -> Result<Option<State>, Undecided> {
        let next =
            (self.dfa.next_state(&mut self.cache, state, byte)).map_err(|_| self.too_large())?;
        Ok((!next.is_dead()).then_some(next))
    }

    /// Whether the text up to here matches as a whole.
    pub fn accepts(&mut self, state: State) -> Result<bool, Undecided> {
        let end =
            (self.dfa.next_eoi_state(&mut self.cache, state)).map_err(|_| self.too_large())?;
        Ok(end.is_match())
    }

    /// Whether the text up to here matches with these bytes after it.
    pub fn accepts_after(&mut self, state: State, bytes: &[u8]) -> Result<bool, Undecided> {
        let mut state = state;
        for byte in bytes {
            match self.next(state, *byte)? {
                Some(next) => state = next,
                None => return Ok(false),
            }
        }
        self.accepts(state)
    }

    fn too_large(&self) -> Undecided {
        Undecided::TooLarge {
            pattern: self.text.clone(),
        }
    }
}

impl fmt::Debug for Automaton {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Automaton").field(&self.text).finish()
    }
}
