//! A stream of bytes, cut into records.

use std::io::{self, Read};

use crate::update::place::Place;
use crate::update::record::Record;
use crate::update::split::{Splitter, Step};

/// The greatest length of a record in bytes, unless another one is set: 1 MiB.
pub const DEFAULT_MAX_RECORD_BYTES: usize = 1024 * 1024;

/// How many bytes one read asks for at least.
const CHUNK_BYTES: usize = 64 * 1024;

/// After how many bytes the place that places are counted from moves on: a message costs no more than counting these.
const PLACE_STRIDE_BYTES: usize = 4 * 1024;

/// Reads records: one JSON value, an array of records, or any number of these one after another.
///
/// A record comes as soon as its last byte has been read, and never waits for more input than that; only a lone
/// number ends with the byte after it. The elements of an array are records and are read one by one. After broken
/// JSON, reading goes on at the line after the one on which the broken record starts.
///
/// Memory stays below the limit for a record and one chunk of 64 KiB, whatever comes in.
///
/// ```
/// use presence_router::update::{Item, Reader};
///
/// let input = &b"{\"user_id\": \"@a:b\n[{}, {}]"[..];
/// let mut reader = Reader::new(input);
/// let Some(Item::Refused(refusal)) = reader.next()? else { panic!("the first line is cut off") };
/// assert_eq!((refusal.bytes, refusal.place.to_string()), (&b"{\"user_id\": \"@a:b"[..], "1:18".to_owned()));
/// let Some(Item::Record(record)) = reader.next()? else { panic!("the second line is not") };
/// assert_eq!((record.text(), record.place(0).to_string()), ("{}", "2:2".to_owned()));
/// # Ok::<(), std::io::Error>(())
/// ```
pub struct Reader<R> {
    input: R,
    /// Only `buffer[start..end]` is input that is still to be looked at.
    buffer: Vec<u8>,
    start: usize,
    end: usize,
    at_end: bool,
    begun: bool,
    splitter: Splitter,
    ready: Option<Step>,
    max_record_bytes: usize,
    /// The place of `buffer[place_at]`, which is at or before `start`.
    place: Place,
    place_at: usize,
    array: Place,
}

/// What a [`Reader`] finds.
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
pub struct Rest<'a> {
    /// The next bytes; may be empty.
    pub bytes: &'a [u8],
    /// Whether nothing follows them.
    pub last: bool,
}

impl<R: Read> Reader<R> {
    /// A reader of `input`, which need not be buffered.
    pub fn new(input: R) -> Self {
        Self::with_max_record_bytes(input, DEFAULT_MAX_RECORD_BYTES)
    }

    /// A reader that refuses records of more than `max_record_bytes` bytes, without holding them in memory.
    pub fn with_max_record_bytes(input: R, max_record_bytes: usize) -> Self {
        Self {
            input,
            buffer: vec![0; CHUNK_BYTES],
            start: 0,
            end: 0,
            at_end: false,
            begun: false,
            splitter: Splitter::new(max_record_bytes),
            ready: None,
            max_record_bytes,
            place: Place::START,
            place_at: 0,
            array: Place::START,
        }
    }

    /// Whether [`next`](Self::next) has an answer at hand. If not, it waits for input: now is the time to flush
    /// output.
    pub fn buffered(&mut self) -> bool {
        while self.ready.is_none() {
            if !self.begun && !self.begin() {
                return false;
            }
            match self
                .splitter
                .step(&self.buffer[self.start..self.end], self.at_end)
            {
                Step::More { keep } => {
                    self.start += keep;
                    return false;
                }
                Step::Array { at } => {
                    self.array = self.place_of(at);
                    self.start += at + 1;
                }
                step => self.ready = Some(step),
            }
        }
        true
    }

    /// The next record, or what is no record; nothing at the end of the input.
    ///
    /// # Errors
    ///
    /// The input can't be read. Reading may be tried again.
    #[expect(
        clippy::should_implement_trait,
        reason = "an item borrows from its reader"
    )]
    pub fn next(&mut self) -> io::Result<Option<Item<'_>>> {
        while !self.buffered() {
            self.fill()?;
        }
        let is_refusal = matches!(self.ready, Some(Step::Refused { .. }));
        if is_refusal || self.start - self.place_at >= PLACE_STRIDE_BYTES {
            self.move_place();
        }
        let base = self.start;
        let item = match self.ready.take() {
            None | Some(Step::More { .. } | Step::Array { .. }) => unreachable!("answered above"),
            Some(Step::End { at }) => {
                self.start += at;
                return Ok(None);
            }
            Some(Step::Record { start, end, fields }) => {
                self.start += end;
                let input = &self.buffer[self.place_at..base + end];
                let text = str::from_utf8(&self.buffer[base + start..base + end]);
                let text = text.expect("the splitter refuses all else");
                Item::Record(Record::new(text, fields, input, self.place))
            }
            Some(Step::Refused {
                start,
                end,
                fault,
                message,
                whole,
            }) => {
                let (place, start_place) = (self.place_of(fault), self.place_of(start));
                let message = if place.line == start_place.line {
                    message
                } else {
                    format!("{message}; the record starts at {start_place}")
                };
                self.start += end;
                Item::Refused(Refusal {
                    bytes: &self.buffer[base + start..base + end],
                    whole,
                    place,
                    start: start_place,
                    message,
                })
            }
            Some(Step::OpenArray { at }) => {
                let place = self.place_of(at);
                self.start += at;
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
            Some(Step::Rest { end, last }) => {
                self.start += end;
                Item::Rest(Rest {
                    bytes: &self.buffer[base..base + end],
                    last,
                })
            }
        };
        Ok(Some(item))
    }

    /// Passes over a byte order mark, which stands in no column; whether enough has been read to tell.
    fn begin(&mut self) -> bool {
        const MARK: &[u8] = b"\xEF\xBB\xBF";
        let input = &self.buffer[self.start..self.end];
        if input.starts_with(MARK) {
            self.start += MARK.len();
            self.place_at = self.start;
        } else if MARK.starts_with(input) && !self.at_end {
            return false;
        }
        self.begun = true;
        true
    }

    /// Reads once.
    fn fill(&mut self) -> io::Result<()> {
        if self.start > 0 {
            self.move_place();
            self.buffer.copy_within(self.start..self.end, 0);
            self.end -= self.start;
            (self.start, self.place_at) = (0, 0);
        }
        if self.end == self.buffer.len() {
            // What is kept is no longer than a record may be, so that this always makes room.
            let greatest = self.max_record_bytes.saturating_add(CHUNK_BYTES);
            let length = (2 * self.end).min(greatest);
            self.buffer.reserve_exact(length - self.end);
            self.buffer.resize(length, 0);
        }
        loop {
            match self.input.read(&mut self.buffer[self.end..]) {
                Ok(count) => {
                    self.end += count;
                    self.at_end = count == 0;
                    return Ok(());
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }

    fn move_place(&mut self) {
        self.place.advance(&self.buffer[self.place_at..self.start]);
        self.place_at = self.start;
    }

    /// The place of a byte that is still to be looked at.
    fn place_of(&self, offset: usize) -> Place {
        let mut place = self.place;
        place.advance(&self.buffer[self.place_at..self.start + offset]);
        place
    }
}
