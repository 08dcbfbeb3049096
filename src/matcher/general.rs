//! Patterns that automata decide: one automaton for many of them, or each its own.

use std::fmt;
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

use regex_automata::hybrid::dfa::{Cache, DFA};
use regex_automata::nfa::thompson;
use regex_automata::util::pool::Pool;
use regex_automata::{Anchored, Input, MatchKind, PatternSet, meta};

use crate::pattern::Pattern;
use crate::user_id::UserId;

use super::PatternId;

/// From so many patterns on, one automaton for all of them is asked first.
const MANY: usize = 4;

/// The greatest size in bytes of the automaton for all patterns, before it is made deterministic.
const MAX_TOGETHER_BYTES: usize = 64 * 1024 * 1024;

/// How much of the deterministic automaton each thread keeps, in bytes; the rest is built again when it is needed.
const CACHE_BYTES: usize = 8 * 1024 * 1024;

/// Patterns that no cheaper strategy decides.
#[derive(Debug, Default)]
pub(super) struct Generals {
    patterns: Vec<General>,
    /// `None` in it if they do not fit into one automaton. Built when it is first needed.
    together: OnceLock<Option<Together>>,
}

/// A pattern that its own automaton decides; it is compiled when it is first asked.
#[derive(Debug)]
struct General {
    id: PatternId,
    pattern: Pattern,
    engine: OnceLock<meta::Regex>,
}

impl Generals {
    pub fn push(&mut self, id: PatternId, pattern: Pattern) {
        self.patterns.push(General {
            id,
            pattern,
            engine: OnceLock::new(),
        });
    }

    /// Builds what would be built when it is first needed.
    pub fn prepare(&self) {
        if self.together().is_none() {
            for one in &self.patterns {
                one.engine();
            }
        }
    }

    /// Adds the patterns that match this user to `matched`.
    pub fn matches(&self, user: UserId<'_>, matched: &mut Vec<PatternId>) {
        let found = self.together().and_then(|together| {
            together.matches(user, |index| matched.push(self.patterns[index].id))
        });
        if found.is_none() {
            let matching = self.patterns.iter().filter(|one| one.is_match(user));
            matched.extend(matching.map(|one| one.id));
        }
    }

    fn together(&self) -> Option<&Together> {
        if self.patterns.len() < MANY {
            return None;
        }
        let together = self
            .together
            .get_or_init(|| Together::new(self.patterns.iter().map(|one| &one.pattern)));
        together
            .as_ref()
            .filter(|together| !together.gave_up.load(Ordering::Relaxed))
    }
}

impl General {
    fn engine(&self) -> &meta::Regex {
        self.engine.get_or_init(|| self.pattern.compile())
    }

    fn is_match(&self, user: UserId<'_>) -> bool {
        self.engine().is_match(input(user))
    }
}

fn input(user: UserId<'_>) -> Input<'_> {
    Input::new(user.as_str()).anchored(Anchored::Yes)
}

/// One automaton that finds all patterns that match, in one pass over the user ID. It is made deterministic on the
/// way, as far as user IDs lead.
struct Together {
    automaton: DFA,
    scratch: Pool<Scratch, MakeScratch>,
    /// Whether user IDs lead to new states all the time, so that the patterns are quicker one by one.
    gave_up: AtomicBool,
}

struct Scratch {
    cache: Cache,
    found: PatternSet,
}

type MakeScratch = Box<dyn Fn() -> Scratch + Send + Sync + UnwindSafe + RefUnwindSafe>;

impl Together {
    fn new<'p>(patterns: impl Iterator<Item = &'p Pattern>) -> Option<Self> {
        let languages: Vec<_> = patterns.map(Pattern::anchored_language).collect();
        let thompson = thompson::Config::new().nfa_size_limit(Some(MAX_TOGETHER_BYTES));
        let nfa = thompson::Compiler::new()
            .configure(thompson)
            .build_many_from_hir(&languages)
            .ok()?;
        let config = DFA::config()
            .match_kind(MatchKind::All)
            .cache_capacity(CACHE_BYTES)
            .skip_cache_capacity_check(true)
            // What this automaton cannot decide, it leaves to the others.
            .unicode_word_boundary(true)
            .minimum_cache_clear_count(Some(3))
            .minimum_bytes_per_state(Some(10));
        let automaton = DFA::builder().configure(config).build_from_nfa(nfa).ok()?;
        let made = automaton.clone();
        let make: MakeScratch = Box::new(move || Scratch {
            cache: made.create_cache(),
            found: PatternSet::new(made.pattern_len()),
        });
        Some(Self {
            automaton,
            scratch: Pool::new(make),
            gave_up: AtomicBool::new(false),
        })
    }

    /// Tells the matching patterns by their indexes; `None` if this automaton cannot say.
    fn matches(&self, user: UserId<'_>, found_one: impl FnMut(usize)) -> Option<()> {
        let scratch = &mut *self.scratch.get();
        let Scratch { cache, found } = scratch;
        found.clear();
        let searched = self
            .automaton
            .try_which_overlapping_matches(cache, &input(user), found);
        match searched {
            Ok(()) => {
                if !found.is_empty() {
                    found.iter().map(|id| id.as_usize()).for_each(found_one);
                }
                Some(())
            }
            Err(error) => {
                if matches!(error.kind(), regex_automata::MatchErrorKind::GaveUp { .. }) {
                    self.gave_up.store(true, Ordering::Relaxed);
                }
                None
            }
        }
    }
}

impl fmt::Debug for Together {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Together").finish_non_exhaustive()
    }
}
