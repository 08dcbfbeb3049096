//! Timing in turns, so that what else the machine does is shared out evenly.

use std::iter::repeat_n;
use std::ops::Range;
use std::time::Duration;

use crate::engines::Entry;
use crate::peer::Peer;
use crate::report::Cell;

const ROUNDS: usize = 7;
/// How long an engine is timed in each round, about.
const ROUND: Duration = Duration::from_millis(150);
/// How long it is timed to find out how many evaluations that is.
const FIRST: Duration = Duration::from_millis(20);

/// An engine, and where its figure goes.
pub struct Runner<'w> {
    pub name: &'static str,
    pub peer: Box<dyn Peer + 'w>,
    remembers: bool,
    cell: &'w mut Cell,
}

impl<'w> Runner<'w> {
    pub fn new(entry: &Entry, peer: Box<dyn Peer + 'w>, cell: &'w mut Cell) -> Self {
        Self {
            name: entry.name,
            peer,
            remembers: entry.remembers,
            cell,
        }
    }

    /// How many evaluations make a round, of so many senders.
    fn evaluations(&mut self, senders: usize) -> usize {
        if self.remembers {
            self.peer.time(0..senders);
        }
        let mut count = 1;
        loop {
            let time = self.peer.time(0..count);
            if time >= FIRST || count == senders {
                let rounds = ROUND.as_secs_f64() / time.as_secs_f64();
                return ((count as f64 * rounds) as usize).max(1);
            }
            count = (count * 2).min(senders);
        }
    }

    /// Nanoseconds an evaluation.
    fn time(&mut self, evaluations: usize, round: usize, senders: usize) -> f64 {
        let mut time = Duration::ZERO;
        let mut evaluated = 0;
        for part in parts(evaluations, round, senders) {
            evaluated += part.len();
            time += self.peer.time(part);
        }
        time.as_secs_f64() * 1e9 / evaluated as f64
    }
}

/// Which senders these evaluations are about: each round has others, as long as there are some.
fn parts(evaluations: usize, round: usize, senders: usize) -> impl Iterator<Item = Range<usize>> {
    if evaluations >= senders {
        return repeat_n(0..senders, evaluations / senders);
    }
    let first = round * evaluations % (senders - evaluations + 1);
    repeat_n(first..first + evaluations, 1)
}

/// Times all engines, and notes the medians of the rounds.
pub fn run(mut runners: Vec<Runner<'_>>, senders: usize) {
    let evaluations: Vec<_> = (runners.iter_mut())
        .map(|runner| runner.evaluations(senders))
        .collect();
    let mut times = vec![Vec::new(); runners.len()];
    for round in 0..ROUNDS {
        for ((runner, evaluations), times) in runners.iter_mut().zip(&evaluations).zip(&mut times) {
            times.push(runner.time(*evaluations, round, senders));
        }
    }
    for (runner, mut times) in runners.into_iter().zip(times) {
        times.sort_by(f64::total_cmp);
        runner.cell.nanoseconds = Some(times[ROUNDS / 2]);
    }
}
