//! Users whom a pattern matches and was not meant to.

use std::cell::RefCell;

use super::pattern_text::takes;
use crate::automata::Budget;
use crate::pattern::Pattern;
use crate::proofs::Prover;

/// Finds them by proof, where there are to be proofs.
pub(super) struct Unintended(Option<RefCell<Prover>>);

impl Unintended {
    pub fn new(budget: Option<Budget>) -> Self {
        Self(budget.map(|budget| RefCell::new(Prover::new(budget))))
    }

    /// The shortest ID that the pattern matches on this server, or on one below it. A glob or a regular expression for
    /// everybody is one that says so.
    pub fn stranger(&self, pattern: &Pattern, server: &str) -> Option<String> {
        let mut prover = self.0.as_ref()?.borrow_mut();
        let all = prover.sets.pattern(pattern);
        if !matches!(pattern, Pattern::ServerGlob(_)) {
            // Nobody's name has a line break, which `.` leaves out.
            let everybody = Pattern::regex(".*").expect("a valid expression");
            let everybody = prover.sets.pattern(&everybody);
            prover.is_within(everybody, all).ok()??;
        }
        let below = format!("*.{server}");
        [server, &below].into_iter().find_map(|server| {
            let server = Pattern::server(server).expect("a valid server name, or a glob for some");
            let server = prover.sets.pattern(&server);
            let there = prover.sets.intersection(all, server);
            let found = prover.find(there).ok()??;
            takes(pattern, &found).then(|| found.to_string())
        })
    }

    /// A short ID that the pattern matches, and none of the patterns that were meant does. `example` is one that was made
    /// from the pattern's text; it serves where there is no proof, if the pattern matches it.
    pub fn find(
        &self,
        pattern: &Pattern,
        meant: &[Pattern],
        example: Option<String>,
    ) -> Option<String> {
        let found = self.0.as_ref().map(|prover| {
            let mut prover = prover.borrow_mut();
            let meant: Vec<_> = meant
                .iter()
                .map(|pattern| prover.sets.pattern(pattern))
                .collect();
            let meant = prover.sets.union(meant);
            let all = prover.sets.pattern(pattern);
            prover.is_within(all, meant)
        });
        if let Some(Ok(found)) = found {
            let found = found?;
            let is_confirmed =
                takes(pattern, &found) && !meant.iter().any(|meant| takes(meant, &found));
            assert!(
                is_confirmed,
                "internal error: the proof about `{}` and `{found}` is contradicted by the regex engine; please report \
                 this with the rules",
                pattern.as_str()
            );
            return Some(found.to_string());
        }
        example.filter(|example| takes(pattern, example))
    }
}
