//! A block of an input, on its way.

use crate::update::Cutter;

/// A block of an input.
#[derive(Clone, Copy)]
pub struct Block<'b> {
    /// What messages call the input.
    pub name: &'b str,
    pub bytes: &'b [u8],
    pub at_end: bool,
}

/// What comes after a block.
pub struct RoutedBlock {
    pub next: Next,
    /// The machine that goes on.
    pub cutter: Cutter,
    /// How many bytes are done with.
    pub done: usize,
    /// Whether only those are left that need more bytes behind them.
    pub is_whole: bool,
}

/// How a run goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// With what comes next.
    Read,
    /// With what is left of the record that was refused, and then not at all.
    RestOnly,
    /// Not at all.
    Stop,
}
