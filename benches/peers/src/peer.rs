//! What each engine can do here.

use std::collections::BTreeSet;
use std::hint::black_box;
use std::ops::Range;
use std::path::Path;
use std::time::Duration;

use cpu_time::ThreadTime;

use crate::rule::Rule;

/// What all engines are given.
pub struct Work<'w> {
    /// The rules, as each engine says them in its own way.
    pub rules: &'w [Rule],
    /// The same as a rule file of the project.
    pub yaml: &'w str,
    /// Whose updates come.
    pub senders: &'w [String],
    /// Where files can be put.
    pub folder: &'w Path,
}

/// An engine with its rules.
pub trait Peer {
    /// Whom the updates of a sender reach.
    fn recipients(&mut self, sender: &str) -> BTreeSet<String>;

    /// How long a thread works to find out whom the updates of each of these senders of the work reach, with the answers in
    /// whatever form the engine gives them.
    fn time(&mut self, senders: Range<usize>) -> Duration;
}

/// An engine in this process.
pub trait Engine {
    /// The recipients of an update, in whatever form the engine gives them.
    type Answer<'a>
    where
        Self: 'a;

    /// Whom the updates of a sender reach.
    fn answer(&mut self, sender: &str) -> Self::Answer<'_>;

    /// The same by name.
    fn recipients(&mut self, sender: &str) -> BTreeSet<String>;
}

/// An engine that is timed in this process.
pub struct Timed<'w, E> {
    pub senders: &'w [String],
    pub engine: E,
}

impl<E: Engine> Peer for Timed<'_, E> {
    fn recipients(&mut self, sender: &str) -> BTreeSet<String> {
        self.engine.recipients(sender)
    }

    fn time(&mut self, senders: Range<usize>) -> Duration {
        let start = ThreadTime::now();
        for sender in &self.senders[senders] {
            black_box(self.engine.answer(black_box(sender)));
        }
        start.elapsed()
    }
}
