//! Input that is at hand, cut into records without copying it.

use std::ops::Range;

use crate::update::item::{Item, Refusal, Rest};
use crate::update::message;
use crate::update::place::Place;
use crate::update::record::Record;
use crate::update::split::{Splitter, Step};

/// After how many bytes the place that places are counted from moves on.
const PLACE_STRIDE_BYTES: usize = 4 * 1024;

const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// Bytes that the caller of a [`Cutter`] holds.
#[derive(Clone, Copy, Debug)]
pub struct Bytes<'b> {
    all: &'b [u8],
    /// The first of them, which are known to be UTF-8.
    checked: &'b str,
}

impl<'b> Bytes<'b> {
    /// Bytes that are all cut before others are read: to check at once that they are UTF-8 is quicker than to do so
    /// record by record.
    ///
    /// ```
    /// use presence_router::update::{Bytes, Cutter, Place};
    ///
    /// let mut cutter = Cutter::new(1024, Place::START);
    /// let bytes = Bytes::checked(b"{} {} {}");
    /// assert_eq!(std::iter::from_fn(|| cutter.next(bytes, true)).count(), 3);
    /// ```
    pub fn checked(bytes: &'b [u8]) -> Self {
        let checked = simdutf8::compat::from_utf8(bytes).unwrap_or_else(|error| {
            let (valid, _) = bytes.split_at(error.valid_up_to());
            simdutf8::compat::from_utf8(valid).unwrap_or_default()
        });
        Self {
            all: bytes,
            checked,
        }
    }

    /// The text of some of them; if they are not UTF-8, how many of them are.
    fn text(self, span: Range<usize>) -> Result<&'b str, usize> {
        match self.checked.get(span.clone()) {
            Some(text) => Ok(text),
            None => {
                simdutf8::compat::from_utf8(&self.all[span]).map_err(|error| error.valid_up_to())
            }
        }
    }
}

impl<'b> From<&'b [u8]> for Bytes<'b> {
    fn from(all: &'b [u8]) -> Self {
        Self { all, checked: "" }
    }
}

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
/// let bytes = b"{}\n{\"user_id\": 1}\n{\"us".as_slice();
/// let mut records = Vec::new();
/// while let Some(item) = cutter.next(bytes, false) {
///     if let Item::Record(record) = item {
///         records.push(record.text());
///     }
/// }
/// assert_eq!(records, ["{}", "{\"user_id\": 1}"]);
/// assert_eq!(cutter.forget(bytes), 18);
/// assert!(cutter.next(b"{\"user_id\": 2}".as_slice(), true).is_some());
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
    pub fn next<'b>(&mut self, bytes: impl Into<Bytes<'b>>, at_end: bool) -> Option<Item<'b>> {
        let bytes = bytes.into();
        if let Some(record) = self.known(bytes) {
            return Some(Item::Record(record));
        }
        let step = self.step(bytes.all, at_end)?;
        self.item(step, bytes)
    }

    /// The next record, if it looks like one before, as most of them do: a short cut to the same [`item`](Self::item).
    #[inline]
    fn known<'b>(&mut self, input: Bytes<'b>) -> Option<Record<'b>> {
        if !self.begun {
            return None;
        }
        let (start, known) = self.splitter.known(&input.all[self.at..])?;
        let (start, end) = (self.at + start, self.at + start + known.length);
        let text = input.checked.get(start..end)?;
        let counted = &input.all[self.place_at..end];
        self.at = end;
        Some(Record::new(
            text,
            known.noted,
            known.is_compact,
            counted,
            self.place,
        ))
    }

    /// Notes the place of what comes next, so that finding the place of a fault takes no more than counting from here.
    /// Whoever asks for many places should call this between them.
    pub fn note_place(&mut self, bytes: &[u8]) {
        if self.at - self.place_at < PLACE_STRIDE_BYTES {
            return;
        }
        // At the start of a line, the columns are left to those who ask for them.
        let passed = &bytes[self.place_at..self.at];
        match memchr::memrchr(b'\n', passed) {
            Some(newline) => {
                self.place.advance(&passed[..=newline]);
                self.place_at += newline + 1;
            }
            None => self.move_place(bytes),
        }
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

    /// How many bytes are done with, which [`forget`](Self::forget) would forget.
    pub fn done(&self) -> usize {
        self.at
    }

    /// Whether another cutter that starts with what is not done with would find the same.
    pub fn could_start_anew(&self) -> bool {
        self.splitter.could_start_anew()
    }

    /// Starts with other bytes, which are at `place` of an input, between two records: as a new cutter, and quicker,
    /// since it remembers what records looked like.
    pub fn start_anew(&mut self, place: Place) {
        self.splitter.start_anew();
        (self.at, self.place_at) = (0, 0);
        (self.place, self.array) = (place, place);
        self.begun = place != Place::START;
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
    pub(super) fn item<'b>(&mut self, step: Step, input: Bytes<'b>) -> Option<Item<'b>> {
        let bytes = input.all;
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
                let record = base + start..base + end;
                let counted = &bytes[self.place_at..base + end];
                match input.text(record.clone()) {
                    Ok(text) => {
                        self.at += end;
                        Item::Record(Record::new(text, noted, is_compact, counted, self.place))
                    }
                    Err(at) => {
                        let record = &bytes[record];
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
