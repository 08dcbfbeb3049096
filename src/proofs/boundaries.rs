//! Patterns with word boundaries. Whether `\b` is met beside letters of all scripts, no automaton decides. But on a user ID
//! of ASCII characters, it is met where that of ASCII is, and on any other, no more matches than without it.

use std::collections::HashMap;

use foldhash::fast::RandomState;

use crate::automata::Undecided;
use crate::pattern::{Pattern, of_ascii_boundaries};

use super::prover::{Found, Prover};
use super::sets::{Set, SetId};

/// So many users are tried of those who may be in a set.
const MOST_TRIED: usize = 16;

/// Which set is meant where it cannot be told who is in one.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Bound {
    /// Whoever may be in it.
    Upper,
    /// Whoever is certainly in it.
    Lower,
}

impl Prover {
    /// A user of a set that a pattern with a word boundary has left undecided.
    pub(super) fn beyond_boundaries(&mut self, set: SetId, undecided: Undecided) -> Found {
        let Undecided::WordBoundary { .. } = undecided else {
            return Err(undecided);
        };
        let mut left = self.bound(set, Bound::Upper, &mut HashMap::default());
        for _ in 0..MOST_TRIED {
            let Some(user) = self.find(left)? else {
                return Ok(None);
            };
            // Whether one user is in it, can be told of any set.
            if self.sets.holds(set, &user) {
                return Ok(Some(user));
            }
            let tried = self.sets.users([user]);
            left = self.sets.difference(left, tried);
        }
        Err(undecided)
    }

    fn bound(
        &mut self,
        set: SetId,
        bound: Bound,
        known: &mut HashMap<(SetId, Bound), SetId, RandomState>,
    ) -> SetId {
        if let Some(bounded) = known.get(&(set, bound)) {
            return *bounded;
        }
        let opposite = match bound {
            Bound::Upper => Bound::Lower,
            Bound::Lower => Bound::Upper,
        };
        let bounded = match self.sets.get(set).clone() {
            Set::Nobody | Set::Everyone | Set::Users(_) => set,
            Set::Pattern(automaton) => {
                let pattern = self.sets.automata.pattern(automaton).clone();
                self.bound_of_pattern(&pattern, bound).unwrap_or(set)
            }
            Set::Union(parts) => {
                let mut bounded = Vec::with_capacity(parts.len());
                for part in &*parts {
                    bounded.push(self.bound(*part, bound, known));
                }
                self.sets.union(bounded)
            }
            Set::Intersection(one, other) => {
                let one = self.bound(one, bound, known);
                let other = self.bound(other, bound, known);
                self.sets.intersection(one, other)
            }
            Set::Difference(include, exclude) => {
                let include = self.bound(include, bound, known);
                let exclude = self.bound(exclude, opposite, known);
                self.sets.difference(include, exclude)
            }
        };
        known.insert((set, bound), bounded);
        bounded
    }

    fn bound_of_pattern(&mut self, pattern: &Pattern, bound: Bound) -> Option<SetId> {
        let Pattern::Regex(text) = pattern else {
            return None;
        };
        let [of_ascii, without] = of_ascii_boundaries(text)?;
        let ascii = Pattern::regex(r"[\x00-\x7F]*").expect("a valid expression");
        let sets = &mut self.sets;
        let [of_ascii, without, ascii] =
            [of_ascii, without, ascii].map(|pattern| sets.pattern(&pattern));
        let certain = sets.intersection(of_ascii, ascii);
        Some(match bound {
            Bound::Lower => certain,
            Bound::Upper => {
                let others = sets.difference(without, ascii);
                sets.union([certain, others])
            }
        })
    }
}
