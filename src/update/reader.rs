//! A stream of bytes, cut into records.

use std::io::{self, Read};

use crate::update::blocks::Blocks;
use crate::update::cutter::Cutter;
use crate::update::item::Item;
use crate::update::place::Place;
use crate::update::split::Step;

/// The greatest length of a record in bytes, unless another one is set: 1 MiB.
pub const DEFAULT_MAX_RECORD_BYTES: usize = 1024 * 1024;

/// How many bytes one read asks for at least.
const CHUNK_BYTES: usize = 64 * 1024;

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
    blocks: Blocks<R>,
    cutter: Cutter,
    ready: Option<Step>,
}

impl<R: Read> Reader<R> {
    /// A reader of `input`, which need not be buffered.
    pub fn new(input: R) -> Self {
        Self::with_max_record_bytes(input, DEFAULT_MAX_RECORD_BYTES)
    }

    /// A reader that refuses records of more than `max_record_bytes` bytes, without holding them in memory.
    pub fn with_max_record_bytes(input: R, max_record_bytes: usize) -> Self {
        let cutter = Cutter::new(max_record_bytes, Place::START);
        Self {
            blocks: Blocks::new(input, CHUNK_BYTES, cutter.max_record_bytes()),
            cutter,
            ready: None,
        }
    }

    /// Whether [`next`](Self::next) has an answer at hand. If not, it waits for input: now is the time to flush
    /// output.
    pub fn buffered(&mut self) -> bool {
        if self.ready.is_none() {
            let blocks = &self.blocks;
            self.ready = self.cutter.step(blocks.bytes(), blocks.at_end());
        }
        self.ready.is_some()
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
            let done = self.cutter.forget(self.blocks.bytes());
            self.blocks.read(done)?;
        }
        let step = self.ready.take().expect("it is buffered");
        let bytes = self.blocks.bytes();
        self.cutter.note_place(bytes);
        Ok(self.cutter.item(step, bytes.into()))
    }
}
