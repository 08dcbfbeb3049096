//! Marks on numbers that are all taken away at once.

/// Which numbers came up in the current round.
#[derive(Debug, Default)]
pub(crate) struct Marks {
    /// The round in which a number was last marked.
    rounds: Vec<u32>,
    round: u32,
}

impl Marks {
    /// Starts a round, in which no number is marked yet.
    pub fn start(&mut self) {
        self.round = self.round.checked_add(1).unwrap_or_else(|| {
            self.rounds.fill(0);
            1
        });
    }

    /// Marks a number, and says whether it was not marked before.
    pub fn mark(&mut self, number: u32) -> bool {
        let index = number as usize;
        if index >= self.rounds.len() {
            self.rounds.resize(index + 1, 0);
        }
        std::mem::replace(&mut self.rounds[index], self.round) != self.round
    }

    /// Whether a number is marked.
    pub fn has(&self, number: u32) -> bool {
        self.rounds.get(number as usize) == Some(&self.round)
    }
}
