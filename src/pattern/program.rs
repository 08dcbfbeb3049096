//! What a pattern is compiled to.
//!
//! All automata that are made of patterns come from a [`compiler`], so what was measured when a pattern was read is what
//! matching runs and what proofs walk through. It is one automaton that reads forwards: whether a whole ID matches is
//! all that anybody asks, so there is none for finding the start of a match, and nothing remembers what a group matched.
//! (The regex crate makes both. Of names with the same start, its automaton for reading backwards is many times as large
//! as the one for reading forwards, which is all that would be used here.)

use std::panic::{RefUnwindSafe, UnwindSafe};

use regex_automata::hybrid::dfa::{Cache, DFA};
use regex_automata::nfa::thompson::pikevm::PikeVM;
use regex_automata::nfa::thompson::{self, NFA};
use regex_automata::util::pool::Pool;
use regex_automata::{Anchored, Input};
use regex_syntax::hir::{Hir, Look};

/// The memory for the states of a pattern that are worked out, for each thread, in bytes.
const CACHE_BYTES: usize = 1024 * 1024;

/// Where the memory was filled this often, and not even so many bytes were read for each state, working out states takes
/// longer than doing without them.
const FILLED_IN_VAIN: usize = 3;
const BYTES_FOR_A_STATE: usize = 10;

/// What is kept for each thread that matches.
pub(crate) type Kept<T> = Pool<T, MakeKept<T>>;

pub(crate) type MakeKept<T> = Box<dyn Fn() -> T + Send + Sync + UnwindSafe + RefUnwindSafe>;

/// A pattern that can be run over user IDs.
///
/// ```
/// use presence_router::pattern::Pattern;
///
/// let bots = Pattern::regex(r"@bot-\d+:example\.org").unwrap().compile();
/// assert!(bots.is_match("@bot-7:example.org"));
/// assert!(!bots.is_match("@bot-7:example.organic"));
/// ```
#[derive(Debug)]
pub struct Program {
    /// Between the start and the end of a text.
    automaton: NFA,
    /// Its states, worked out when they are first entered.
    states: Box<DFA>,
    caches: Kept<Cache>,
}

/// What makes automata, of at most so many bytes: it fails before they are larger.
pub(crate) fn compiler(most: Option<usize>) -> thompson::Compiler {
    let config = thompson::Config::new()
        .which_captures(thompson::WhichCaptures::None)
        .nfa_size_limit(most);
    let mut compiler = thompson::Compiler::new();
    compiler.configure(config);
    compiler
}

/// A language between the start and the end of a text.
pub(crate) fn anchored(language: Hir) -> Hir {
    Hir::concat(vec![Hir::look(Look::Start), language, Hir::look(Look::End)])
}

impl Program {
    /// The program of a language that was judged.
    pub(super) fn new(language: Hir) -> Self {
        // It is not judged again: a judged pattern compiles, whatever the judge went by.
        let automaton = (compiler(None).build_from_hir(&anchored(language)))
            .expect("only its size can stop an automaton");
        let config = DFA::config()
            .cache_capacity(CACHE_BYTES)
            .skip_cache_capacity_check(true)
            .minimum_cache_clear_count(Some(FILLED_IN_VAIN))
            .minimum_bytes_per_state(Some(BYTES_FOR_A_STATE))
            // What is a letter, beyond ASCII, is not for this kind of automaton to see: there it stops.
            .unicode_word_boundary(true);
        let states = DFA::builder()
            .configure(config)
            .build_from_nfa(automaton.clone())
            .expect("the memory is made as large as it has to be");
        let states = Box::new(states);
        let for_caches = states.clone();
        Self {
            automaton,
            states,
            caches: Pool::new(Box::new(move || for_caches.create_cache())),
        }
    }

    /// Whether the pattern matches this user ID. What it takes has an end: the length of the ID times
    /// [`MAX_AUTOMATON_BYTES`](super::MAX_AUTOMATON_BYTES).
    pub fn is_match(&self, user: &str) -> bool {
        let input = Input::new(user).anchored(Anchored::Yes);
        let found = self.states.try_search_fwd(&mut self.caches.get(), &input);
        found.map_or_else(
            |_| self.is_match_without_states(&input),
            |end| end.is_some(),
        )
    }

    /// The slow way, which always comes to an end.
    #[cold]
    fn is_match_without_states(&self, input: &Input<'_>) -> bool {
        let engine = PikeVM::new_from_nfa(self.automaton.clone());
        engine.is_ok_and(|engine| engine.is_match(&mut engine.create_cache(), input.clone()))
    }
}
