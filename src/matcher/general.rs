//! Patterns that an automaton decides.
//!
//! A few are asked one by one. Of many, those are asked that require a text that is in the user ID; all such texts are
//! looked for in one pass. The others run together, as automata of many patterns each.

use std::collections::HashMap;
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::sync::OnceLock;

use aho_corasick::AhoCorasick;
use foldhash::fast::RandomState;
use regex_automata::hybrid::dfa::{Cache, DFA};
use regex_automata::nfa::thompson;
use regex_automata::util::pool::Pool;
use regex_automata::{Anchored, Input, MatchKind, PatternSet, meta};

use crate::pattern::Pattern;
use crate::user_id::UserId;

use super::PatternId;

/// So many patterns are cheaper to ask one by one than together.
const FEW: usize = 5;

/// A text that more patterns require than this does not tell them apart.
const MOST_OF_A_TEXT: usize = 4;

/// How many patterns one automaton has. More make states that take long to work out.
const MOST_TOGETHER: usize = 64;

/// How many patterns that require a text are compiled before they are asked; most of many are never asked.
const MOST_PREPARED: usize = 2048;

/// The memory for the states of one automaton and thread, in bytes; when it is full, they are worked out anew.
const CACHE_BYTES: usize = 256 * 1024;

/// Patterns of which any user may match some.
#[derive(Debug, Default)]
pub(super) struct General {
    few: Vec<Single>,
    by_text: Option<ByText>,
    together: Vec<Together>,
}

/// A pattern with an automaton of its own, which is compiled when it is first asked.
#[derive(Debug)]
struct Single {
    id: PatternId,
    pattern: Pattern,
    engine: OnceLock<meta::Regex>,
}

/// Patterns by a text that each of them requires.
#[derive(Debug)]
struct ByText {
    texts: AhoCorasick,
    /// For each text, the patterns that require it.
    patterns: Vec<Vec<Single>>,
}

/// Patterns that run as one automaton, which is compiled when it is first asked.
#[derive(Debug)]
struct Together {
    patterns: Vec<(PatternId, Pattern)>,
    engine: OnceLock<Engine>,
}

/// What a search works with: the states that are worked out, and the patterns that match.
type Scratch = (Cache, PatternSet);

type MakeScratch = Box<dyn Fn() -> Scratch + Send + Sync + UnwindSafe + RefUnwindSafe>;

#[derive(Debug)]
enum Engine {
    Lazy {
        automaton: Box<DFA>,
        caches: Pool<Scratch, MakeScratch>,
    },
    /// An expression looks at something that this kind of automaton cannot see, such as a Unicode word boundary.
    Single(Vec<Single>),
}

impl General {
    pub fn new(patterns: Vec<(PatternId, Pattern)>) -> Self {
        if patterns.len() <= FEW {
            return Self {
                few: patterns.into_iter().map(Single::new).collect(),
                ..Self::default()
            };
        }
        let (by_text, rest) = by_text(patterns);
        let mut general = Self {
            by_text,
            ..Self::default()
        };
        if rest.len() <= FEW {
            general.few = rest.into_iter().map(Single::new).collect();
            return general;
        }
        let mut rest = rest.into_iter().peekable();
        while rest.peek().is_some() {
            general.together.push(Together {
                patterns: rest.by_ref().take(MOST_TOGETHER).collect(),
                engine: OnceLock::new(),
            });
        }
        general
    }

    /// Compiles what would be compiled when it is first asked.
    pub fn prepare(&self) {
        let by_text = (self.by_text.iter()).flat_map(|by_text| by_text.patterns.iter().flatten());
        for single in self.few.iter().chain(by_text.take(MOST_PREPARED)) {
            single.engine();
        }
        for together in &self.together {
            together.engine();
        }
    }

    /// Adds the patterns that match.
    pub fn matches(&self, user: UserId<'_>, matched: &mut Vec<PatternId>) {
        Single::matching(&self.few, user, matched);
        if let Some(by_text) = &self.by_text {
            by_text.matches(user, matched);
        }
        for together in &self.together {
            together.matches(user, matched);
        }
    }
}

impl Single {
    fn new((id, pattern): (PatternId, Pattern)) -> Self {
        Self {
            id,
            pattern,
            engine: OnceLock::new(),
        }
    }

    fn engine(&self) -> &meta::Regex {
        self.engine.get_or_init(|| self.pattern.compile())
    }

    fn is_match(&self, user: UserId<'_>) -> bool {
        (self.engine()).is_match(Input::new(user.as_str()).anchored(Anchored::Yes))
    }

    fn matching(all: &[Self], user: UserId<'_>, matched: &mut Vec<PatternId>) {
        let matching = all.iter().filter(|one| one.is_match(user));
        matched.extend(matching.map(|one| one.id));
    }
}

/// Files patterns under a text that only few of them require, and gives back those that have none.
fn by_text(patterns: Vec<(PatternId, Pattern)>) -> (Option<ByText>, Vec<(PatternId, Pattern)>) {
    let required: Vec<_> = (patterns.iter())
        .map(|(_, pattern)| pattern.required_texts())
        .collect();
    let mut counts: HashMap<&str, usize, RandomState> = HashMap::default();
    for text in required.iter().flatten() {
        *counts.entry(text).or_default() += 1;
    }
    let mut numbers: HashMap<&str, usize, RandomState> = HashMap::default();
    let (mut texts, mut filed, mut rest) = (Vec::new(), Vec::new(), Vec::new());
    for (pattern, required) in patterns.into_iter().zip(&required) {
        let rarest = (required.iter())
            .filter(|text| counts[&***text] <= MOST_OF_A_TEXT)
            .min_by_key(|text| (counts[&***text], std::cmp::Reverse(text.len())));
        let Some(text) = rarest else {
            rest.push(pattern);
            continue;
        };
        let number = *numbers.entry(text).or_insert_with(|| {
            texts.push(&**text);
            filed.push(Vec::new());
            filed.len() - 1
        });
        filed[number].push(Single::new(pattern));
    }
    let automaton = (!texts.is_empty()).then(|| AhoCorasick::new(&texts));
    match automaton {
        None => (None, rest),
        Some(Ok(texts)) => {
            let patterns = filed;
            (Some(ByText { texts, patterns }), rest)
        }
        // There are too many texts for 32 bits.
        Some(Err(_)) => {
            let singles = filed.into_iter().flatten();
            rest.extend(singles.map(|single| (single.id, single.pattern)));
            (None, rest)
        }
    }
}

impl ByText {
    fn matches(&self, user: UserId<'_>, matched: &mut Vec<PatternId>) {
        let start = matched.len();
        let mut found = 0;
        for text in self.texts.find_overlapping_iter(user.as_str()) {
            found += 1;
            Single::matching(&self.patterns[text.pattern().as_usize()], user, matched);
        }
        // A text may be there repeatedly.
        if found > 1 && matched.len() > start + 1 {
            let mut once = matched.split_off(start);
            once.sort_unstable();
            once.dedup();
            matched.append(&mut once);
        }
    }
}

impl Together {
    fn engine(&self) -> &Engine {
        self.engine.get_or_init(|| Engine::new(&self.patterns))
    }

    fn matches(&self, user: UserId<'_>, matched: &mut Vec<PatternId>) {
        match self.engine() {
            Engine::Single(singles) => Single::matching(singles, user, matched),
            Engine::Lazy { automaton, caches } => {
                let mut scratch = caches.get();
                let (cache, set) = &mut *scratch;
                set.clear();
                let input = Input::new(user.as_str()).anchored(Anchored::Yes);
                (automaton.try_which_overlapping_matches(cache, &input, set))
                    .expect("it neither quits at a byte nor gives up");
                matched.extend(
                    set.iter()
                        .map(|pattern| self.patterns[pattern.as_usize()].0),
                );
            }
        }
    }
}

impl Engine {
    fn new(patterns: &[(PatternId, Pattern)]) -> Self {
        let lazy = Self::lazy(patterns);
        lazy.unwrap_or_else(|| Self::Single(patterns.iter().cloned().map(Single::new).collect()))
    }

    fn lazy(patterns: &[(PatternId, Pattern)]) -> Option<Self> {
        let languages: Vec<_> = (patterns.iter())
            .map(|(_, pattern)| pattern.anchored_language())
            .collect();
        let nfa = thompson::Compiler::new()
            .build_many_from_hir(&languages)
            .ok()?;
        let config = DFA::config()
            .match_kind(MatchKind::All)
            .cache_capacity(CACHE_BYTES)
            .skip_cache_capacity_check(true);
        let automaton = DFA::builder().configure(config).build_from_nfa(nfa).ok()?;
        let automaton = Box::new(automaton);
        let (for_caches, count) = (automaton.clone(), patterns.len());
        let caches = Pool::new(
            Box::new(move || (for_caches.create_cache(), PatternSet::new(count))) as MakeScratch,
        );
        Some(Self::Lazy { automaton, caches })
    }
}
