//! Explanations for people and for programs: why updates reach a user, or why not.

mod between;
mod json;
mod line;
mod places;
#[cfg(feature = "cli")]
mod tree;

use std::io::{self, Write};

use crate::explain::{Between, Pair, Received, Sent};
use crate::source::Sources;

use places::Places;

/// What can be explained.
#[derive(Clone, Copy, Debug)]
pub enum Explained<'e> {
    /// One sender, one recipient.
    Pair(&'e Pair),
    /// One sender, and all whom its updates reach.
    Sent(&'e Sent),
    /// One recipient, and all whose updates reach it.
    Received(&'e Received),
    /// Two sets of users.
    Between(&'e Between),
}

impl Explained<'_> {
    #[cfg(feature = "cli")]
    /// Writes the answer, and under it a tree of what leads to it. Colours come as ANSI sequences, which the writer
    /// may strip.
    ///
    /// # Errors
    ///
    /// If `out` cannot be written to.
    pub fn tree(&self, sources: &Sources, out: &mut dyn Write) -> io::Result<()> {
        let places = Places::of(sources);
        match self {
            Self::Pair(pair) => tree::pair(pair, &places, out),
            Self::Sent(sent) => tree::sent(sent, &places, out),
            Self::Received(received) => tree::received(received, &places, out),
            Self::Between(between) => between::tree(between, &places, out),
        }
    }

    /// Writes one JSON object on one line.
    ///
    /// # Errors
    ///
    /// If `out` cannot be written to.
    pub fn json(&self, sources: &Sources, out: &mut dyn Write) -> io::Result<()> {
        let places = Places::of(sources);
        match self {
            Self::Pair(pair) => json::pair(pair, &places, out),
            Self::Sent(sent) => json::sent(sent, &places, out),
            Self::Received(received) => json::received(received, &places, out),
            Self::Between(between) => between::json(between, &places, out),
        }
    }

    /// Writes a line for each deciding rule: `FILE:LINE:PATTERN`, and behind tabs what it decides.
    ///
    /// # Errors
    ///
    /// If `out` cannot be written to.
    pub fn lines(&self, sources: &Sources, out: &mut dyn Write) -> io::Result<()> {
        let places = Places::of(sources);
        match self {
            Self::Pair(pair) => line::pair(pair, &places, out),
            Self::Sent(sent) => line::sent(sent, &places, out),
            Self::Received(received) => line::received(received, &places, out),
            Self::Between(between) => between::lines(between, &places, out),
        }
    }
}
