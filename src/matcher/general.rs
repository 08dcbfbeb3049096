//! Patterns that have to be run over the ID: automata, and texts between `*`.
//!
//! A few are asked one by one. Of many, those are asked that require a text that is in the user ID; all such texts are
//! looked for in one pass. The others run together, as automata of many patterns each.

use std::collections::HashMap;
use std::fmt;
use std::sync::OnceLock;

use daachorse::DoubleArrayAhoCorasick;
use foldhash::fast::RandomState;
use memchr::memmem;
use regex_automata::hybrid::dfa::{Cache, DFA};
use regex_automata::util::pool::Pool;
use regex_automata::{Anchored, Input, MatchKind, PatternSet};

use crate::pattern::program::{Kept, MakeKept, anchored, compiler};
use crate::pattern::{MAX_AUTOMATON_BYTES, Pattern, Program};
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
    few: Box<[Single]>,
    by_text: Option<Box<ByText>>,
    together: Box<[Together]>,
}

/// A pattern that is asked alone.
#[derive(Debug)]
struct Single {
    id: PatternId,
    engine: Engine,
}

#[derive(Debug)]
enum Engine {
    /// A glob of texts with `*` between them, for whole IDs or for server names.
    Stars { glob: Box<str>, is_of_server: bool },
    /// An automaton of its own.
    Automaton(Box<Automaton>),
}

/// It is compiled when it is first asked.
#[derive(Debug)]
struct Automaton {
    pattern: Pattern,
    compiled: OnceLock<Program>,
}

/// Patterns by a text that each of them requires.
struct ByText {
    texts: DoubleArrayAhoCorasick<u32>,
    /// For each text, where the patterns that require it start; and after them, where those of the last one end.
    starts: Box<[u32]>,
    patterns: Box<[Single]>,
}

/// Patterns that run as one automaton, if they fit into one. It is compiled when it is first asked.
#[derive(Debug)]
struct Together {
    patterns: Vec<(PatternId, Pattern)>,
    engine: OnceLock<TogetherEngine>,
}

/// What a search works with: the states that are worked out, and the patterns that match.
type Scratch = (Cache, PatternSet);

#[derive(Debug)]
enum TogetherEngine {
    Lazy {
        automaton: Box<DFA>,
        caches: Kept<Scratch>,
    },
    /// Together they are too large, or one looks at something that this kind of automaton cannot see, such as a Unicode
    /// word boundary.
    Halves(Box<[Together; 2]>),
    /// What is left of halves.
    Single(Vec<Single>),
}

impl General {
    /// All patterns end in `suffix`, which tells none of them from another.
    pub fn new(patterns: Vec<(PatternId, Pattern)>, suffix: &str) -> Self {
        if patterns.len() <= FEW {
            return Self {
                few: patterns.into_iter().map(Single::new).collect(),
                ..Self::default()
            };
        }
        let (by_text, rest) = by_text(patterns, suffix);
        let by_text = by_text.map(Box::new);
        if rest.len() <= FEW {
            return Self {
                few: rest.into_iter().map(Single::new).collect(),
                by_text,
                ..Self::default()
            };
        }
        let mut together = Vec::new();
        let mut rest = rest.into_iter().peekable();
        while rest.peek().is_some() {
            together.push(Together::new(rest.by_ref().take(MOST_TOGETHER).collect()));
        }
        Self {
            by_text,
            together: together.into(),
            ..Self::default()
        }
    }

    /// Compiles what would be compiled when it is first asked.
    pub fn prepare(&self) {
        let by_text = self.by_text.iter().flat_map(|by_text| &by_text.patterns);
        (self.few.iter().chain(by_text.take(MOST_PREPARED))).for_each(Single::prepare);
        self.together.iter().for_each(Together::prepare);
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
        let engine = match pattern {
            Pattern::Glob(_) | Pattern::ServerGlob(_) if pattern.is_stars() => Engine::Stars {
                is_of_server: matches!(pattern, Pattern::ServerGlob(_)),
                glob: pattern.as_str().into(),
            },
            pattern => Engine::Automaton(Box::new(Automaton {
                pattern,
                compiled: OnceLock::new(),
            })),
        };
        Self { id, engine }
    }

    fn is_match(&self, user: UserId<'_>) -> bool {
        match &self.engine {
            Engine::Stars { glob, is_of_server } => {
                let text = if *is_of_server {
                    user.server_name()
                } else {
                    user.as_str()
                };
                has_texts(text, glob)
            }
            Engine::Automaton(automaton) => automaton.compiled().is_match(user.as_str()),
        }
    }

    fn prepare(&self) {
        if let Engine::Automaton(automaton) = &self.engine {
            automaton.compiled();
        }
    }

    fn matching(all: &[Self], user: UserId<'_>, matched: &mut Vec<PatternId>) {
        let matching = all.iter().filter(|one| one.is_match(user));
        matched.extend(matching.map(|one| one.id));
    }
}

impl Automaton {
    fn compiled(&self) -> &Program {
        self.compiled.get_or_init(|| self.pattern.compile())
    }
}

/// Whether a text is what a glob says in which only `*` has a meaning.
fn has_texts(text: &str, glob: &str) -> bool {
    let mut parts = glob.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(rest) = text.strip_prefix(first) else {
        return false;
    };
    let Some(last) = parts.next_back() else {
        return rest.is_empty();
    };
    let Some(mut rest) = rest.strip_suffix(last) else {
        return false;
    };
    // Where a part stands first, the most is left for the others.
    for part in parts {
        let Some(at) = memmem::find(rest.as_bytes(), part.as_bytes()) else {
            return false;
        };
        rest = &rest[at + part.len()..];
    }
    true
}

/// Files patterns under a text that only few of them require, and gives back those that have none.
fn by_text(
    patterns: Vec<(PatternId, Pattern)>,
    suffix: &str,
) -> (Option<ByText>, Vec<(PatternId, Pattern)>) {
    let required = |(_, pattern): &(_, Pattern)| {
        let mut texts = pattern.required_texts();
        if let Some(last) = texts.last_mut()
            && let Some(own) = last.strip_suffix(suffix)
        {
            *last = own.into();
        }
        texts.retain(|text| !text.is_empty());
        texts
    };
    let required: Vec<_> = patterns.iter().map(required).collect();
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
            texts.len() - 1
        });
        filed.push((number, pattern));
    }
    let automaton = (!texts.is_empty()).then(|| DoubleArrayAhoCorasick::new(&texts));
    match automaton {
        None => (None, rest),
        Some(Ok(automaton)) => {
            filed.sort_by_key(|(number, _)| *number);
            let starts = (0..=texts.len())
                .map(|text| filed.partition_point(|(number, _)| *number < text) as u32);
            let by_text = ByText {
                texts: automaton,
                starts: starts.collect(),
                patterns: (filed.into_iter())
                    .map(|(_, pattern)| Single::new(pattern))
                    .collect(),
            };
            (Some(by_text), rest)
        }
        // There are too many texts for the automaton.
        Some(Err(_)) => {
            rest.extend(filed.into_iter().map(|(_, pattern)| pattern));
            (None, rest)
        }
    }
}

impl fmt::Debug for ByText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut by_text = f.debug_struct("ByText");
        by_text.field("patterns", &self.patterns);
        by_text.finish_non_exhaustive()
    }
}

impl ByText {
    fn matches(&self, user: UserId<'_>, matched: &mut Vec<PatternId>) {
        let start = matched.len();
        let mut found = 0;
        for text in self.texts.find_overlapping_iter(user.as_str()) {
            found += 1;
            let text = text.value() as usize;
            let patterns = self.starts[text] as usize..self.starts[text + 1] as usize;
            Single::matching(&self.patterns[patterns], user, matched);
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
    fn new(patterns: Vec<(PatternId, Pattern)>) -> Self {
        Self {
            patterns,
            engine: OnceLock::new(),
        }
    }

    fn prepare(&self) {
        match self.engine() {
            TogetherEngine::Halves(halves) => halves.iter().for_each(Self::prepare),
            TogetherEngine::Single(singles) => singles.iter().for_each(Single::prepare),
            TogetherEngine::Lazy { .. } => {}
        }
    }

    fn engine(&self) -> &TogetherEngine {
        self.engine
            .get_or_init(|| TogetherEngine::new(&self.patterns))
    }

    fn matches(&self, user: UserId<'_>, matched: &mut Vec<PatternId>) {
        match self.engine() {
            TogetherEngine::Single(singles) => Single::matching(singles, user, matched),
            TogetherEngine::Halves(halves) => {
                (halves.iter()).for_each(|half| half.matches(user, matched));
            }
            TogetherEngine::Lazy { automaton, caches } => {
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

impl TogetherEngine {
    fn new(patterns: &[(PatternId, Pattern)]) -> Self {
        let lazy = Self::lazy(patterns);
        lazy.unwrap_or_else(|| {
            if patterns.len() <= FEW {
                return Self::Single(patterns.iter().cloned().map(Single::new).collect());
            }
            let (one, other) = patterns.split_at(patterns.len() / 2);
            Self::Halves(Box::new(
                [one, other].map(|half| Together::new(half.to_vec())),
            ))
        })
    }

    fn lazy(patterns: &[(PatternId, Pattern)]) -> Option<Self> {
        let languages: Vec<_> = (patterns.iter())
            .map(|(_, pattern)| anchored(pattern.language()))
            .collect();
        let nfa = (compiler(Some(MAX_AUTOMATON_BYTES)).build_many_from_hir(&languages)).ok()?;
        let config = DFA::config()
            .match_kind(MatchKind::All)
            .cache_capacity(CACHE_BYTES)
            .skip_cache_capacity_check(true);
        let automaton = DFA::builder().configure(config).build_from_nfa(nfa).ok()?;
        let automaton = Box::new(automaton);
        let (for_caches, count) = (automaton.clone(), patterns.len());
        let scratch = move || (for_caches.create_cache(), PatternSet::new(count));
        let caches = Pool::new(Box::new(scratch) as MakeKept<Scratch>);
        Some(Self::Lazy { automaton, caches })
    }
}
