//! What a stream of bytes holds, piece by piece.

use crate::update::place::Place;
use crate::update::record::Record;

/// What a [`Reader`](super::Reader) finds.
pub enum Item<'a> {
    /// A complete JSON value, which is a record if [`Record::updates`] says so.
    Record(Record<'a>),
    /// Bytes that are no record.
    Refused(Refusal<'a>),
    /// Further bytes of what was refused last.
    Rest(Rest<'a>),
}

/// Bytes that are no record, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Refusal<'a> {
    /// What is refused, as it was read. Empty where something is missing between records, and where `whole` is false.
    pub bytes: &'a [u8],
    /// Whether these are all bytes that are refused. If not, as where a record is longer than the limit, all of them
    /// follow as [`Item::Rest`].
    pub whole: bool,
    /// Where the fault is.
    pub place: Place,
    /// Where the refused bytes start.
    pub start: Place,
    /// What is wrong.
    pub message: String,
}

/// Further bytes of what was refused last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Rest<'a> {
    /// The next bytes; may be empty.
    pub bytes: &'a [u8],
    /// Whether nothing follows them.
    pub last: bool,
}
