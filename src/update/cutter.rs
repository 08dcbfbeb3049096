//! Input that is at hand, cut into records without copying it.

use std::ops::Range;

use crate::update::message;
use crate::update::place::Place;
use crate::update::reader::{Item, Refusal, Rest};
use crate::update::record::Record;
use crate::update::split::{Splitter, Step};

/// After how many bytes the place that places are counted from moves on: a message costs no more than counting these.
const PLACE_STRIDE_BYTES: usize = 4 * 1024;

const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// Cuts records out of bytes that the caller holds.
///
/// It is a machine that can stop after any byte. The caller gives it the same bytes again and again, and
/// [`forget`](Self::forget)s those that are done with when more have to come. [`Reader`](super::Reader) does all that
/// for an input.
///
/// ```
/// use presence_router::update::{Cutter, Item, Place};
///
/// let mut cutter = Cutter::new(1024, Place::START);
/// let bytes = b"{}\n{\"user_id\": 1}\n{\"us";
/// let mut records = Vec::new();
/// while let Some(item) = cutter.next(bytes, false) {
///     if let Item::Record(record) = item {
///         records.push(record.text());
///     }
/// }
/// assert_eq!(records, ["{}", "{\"user_id\": 1}"]);
/// assert_eq!(cutter.forget(bytes), 18);
/// assert!(cutter.next(b"{\"user_id\": 2}", true).is_some());
/// ```
pub struct Cutter {
    splitter: Splitter,
    max_record_bytes: usize,
    /// The bytes before are done with.
    at: usize,
    /// Whether it was looked whether the input starts with a byte order mark.
    begun: bool,
    /// The place of the byte at `place_at`, which is at or before `at`.
    place: Place,
    place_at: usize,
    /// Where the array starts in whose records the input is.
    array: Place,
}

impl Cutter {
    /// Cuts bytes that start at `place` of an input, between two records. Those of more than `max_record_bytes` bytes
    /// are refused; the most that can be asked for is 4 GiB.
    pub fn new(max_record_bytes: usize, place: Place) -> Self {
        let max_record_bytes = max_record_bytes.min(u32::MAX as usize);
        Self {
            splitter: Splitter::new(max_record_bytes),
            max_record_bytes,
            at: 0,
            begun: place != Place::START,
            place,
            place_at: 0,
            array: place,
        }
    }

    /// The most bytes that a record may have.
    pub fn max_record_bytes(&self) -> usize {
        self.max_record_bytes
    }

    /// The next record, or what is no record; nothing if that takes bytes that are not there yet, or, `at_end`, that
    /// never will be.
    pub fn next<'b>(&mut self, bytes: &'b [u8], at_end: bool) -> Option<Item<'b>> {
        let step = self.step(bytes, at_end)?;
        self.item(step, bytes)
    }

    /// Forgets the bytes that are done with, and says how many these are. What is left has to be given again.
    pub fn forget(&mut self, bytes: &[u8]) -> usize {
        self.move_place(bytes);
        self.place_at = 0;
        std::mem::take(&mut self.at)
    }

    /// The place of the first byte that is not forgotten, between two calls.
    pub fn place(&self) -> Place {
        self.place
    }

    /// Whether the bytes so far end between two records, and not within an array of them.
    pub fn is_between(&self) -> bool {
        self.splitter.is_between()
    }

    /// What comes next; nothing if more bytes are needed.
    pub(super) fn step(&mut self, bytes: &[u8], at_end: bool) -> Option<Step> {
        loop {
            if !self.begun && !self.begin(bytes, at_end) {
                return None;
            }
            match self.splitter.step(&bytes[self.at..], at_end) {
                Step::More { keep } => {
                    self.at += keep;
                    return None;
                }
                Step::Array { at } => {
                    self.array = self.place_of(at, bytes);
                    self.at += at + 1;
                }
                step => return Some(step),
            }
        }
    }

    /// The item that a step is; nothing at the end. `bytes` are those of the step.
    pub(super) fn item<'b>(&mut self, step: Step, bytes: &'b [u8]) -> Option<Item<'b>> {
        if self.at - self.place_at >= PLACE_STRIDE_BYTES {
            self.move_place_near(bytes);
        }
        let base = self.at;
        Some(match step {
            Step::More { .. } | Step::Array { .. } => unreachable!("these are no items"),
            Step::End { at } => {
                self.at += at;
                return None;
            }
            Step::Record {
                start,
                end,
                noted,
                is_compact,
            } => {
                let record = &bytes[base + start..base + end];
                let input = &bytes[self.place_at..base + end];
                match simdutf8::compat::from_utf8(record) {
                    Ok(text) => {
                        self.at += end;
                        Item::Record(Record::new(text, noted, is_compact, input, self.place))
                    }
                    Err(error) => {
                        let at = error.valid_up_to();
                        let message = message::not_utf8(record, at);
                        self.refused(start..end, start + at, message, true, bytes)
                    }
                }
            }
            Step::Refused {
                start,
                end,
                fault,
                message,
                whole,
            } => self.refused(start..end, fault, message, whole, bytes),
            Step::OpenArray { at } => {
                let place = self.place_of(at, bytes);
                self.at += at;
                Item::Refused(Refusal {
                    bytes: &[],
                    whole: true,
                    place,
                    start: place,
                    message: format!(
                        "expected `]`: the array that starts at {} is not closed",
                        self.array
                    ),
                })
            }
            Step::Rest { end, last } => {
                self.at += end;
                Item::Rest(Rest {
                    bytes: &bytes[base..base + end],
                    last,
                })
            }
        })
    }

    fn refused<'b>(
        &mut self,
        span: Range<usize>,
        fault: usize,
        message: String,
        whole: bool,
        bytes: &'b [u8],
    ) -> Item<'b> {
        self.move_place(bytes);
        let (place, start) = (
            self.place_of(fault, bytes),
            self.place_of(span.start, bytes),
        );
        let message = if place.line == start.line {
            message
        } else {
            format!("{message}; the record starts at {start}")
        };
        let base = self.at;
        self.at += span.end;
        Item::Refused(Refusal {
            bytes: &bytes[base + span.start..base + span.end],
            whole,
            place,
            start,
            message,
        })
    }

    /// Passes over a byte order mark, which stands in no column; whether enough has been read to tell.
    fn begin(&mut self, bytes: &[u8], at_end: bool) -> bool {
        if bytes.starts_with(BYTE_ORDER_MARK) {
            self.at = BYTE_ORDER_MARK.len();
            self.place_at = self.at;
        } else if BYTE_ORDER_MARK.starts_with(bytes) && !at_end {
            return false;
        }
        self.begun = true;
        true
    }

    /// Moves the place to the start of a line if there is one, which leaves the columns to those who ask for them.
    fn move_place_near(&mut self, bytes: &[u8]) {
        let passed = &bytes[self.place_at..self.at];
        match memchr::memrchr(b'\n', passed) {
            Some(newline) => {
                self.place.advance(&passed[..=newline]);
                self.place_at += newline + 1;
            }
            None => self.move_place(bytes),
        }
    }

    fn move_place(&mut self, bytes: &[u8]) {
        self.place.advance(&bytes[self.place_at..self.at]);
        self.place_at = self.at;
    }

    /// The place of a byte that is still to be looked at.
    fn place_of(&self, offset: usize, bytes: &[u8]) -> Place {
        let mut place = self.place;
        place.advance(&bytes[self.place_at..self.at + offset]);
        place
    }
}
