//! An input, read block by block by whichever thread's turn it is.

use std::io::{self, Read};

use crate::update::{Place, read_once};

/// So many bytes are read at once: with what comes of them, they stay in the cache of the processor whose thread routes
/// them.
const BLOCK_BYTES: usize = 128 * 1024;

/// The same where lines are longer than that.
const MOST_BLOCK_BYTES: usize = 4 * 1024 * 1024;

/// An input, of which some blocks have been read.
pub struct Input<R> {
    bytes: R,
    /// What the last block ends with: the start of a line. The next one begins with it.
    tail: Vec<u8>,
    /// The place of that.
    place: Place,
}

/// A block of an input: lines, most likely, and the start of the next one.
///
/// That start is in the next block, too. So whoever has a block can route all records of its lines without waiting for
/// the block before; and a record is seen as soon as it is there, even if no line end follows.
pub struct Block {
    buffer: Vec<u8>,
    end: usize,
    new_at: usize,
    tail_at: usize,
    has_line_end: bool,
    place: Place,
    next_place: Place,
    at_end: bool,
}

impl<R: Read> Input<R> {
    pub fn new(bytes: R) -> Self {
        Self {
            bytes,
            tail: Vec::new(),
            place: Place::START,
        }
    }

    /// Reads the next block. It takes what is there, and only more than that where as much was there as was asked for,
    /// and no line ended.
    pub fn read(&mut self, block: &mut Block) -> io::Result<()> {
        let new_at = self.tail.len();
        block.make_room(new_at + BLOCK_BYTES);
        block.buffer[..new_at].copy_from_slice(&self.tail);
        (block.new_at, block.end) = (new_at, new_at);
        block.place = self.place;
        let line_end = loop {
            let room = &mut block.buffer[block.end..];
            let asked = room.len();
            let count = read_once(&mut self.bytes, room)?;
            let new = &room[..count];
            let line_end = memchr::memrchr(b'\n', new).map(|newline| block.end + newline + 1);
            block.end += count;
            block.at_end = count == 0;
            if line_end.is_some() || count < asked || block.end >= MOST_BLOCK_BYTES {
                break line_end;
            }
            block.make_room(2 * block.end);
        };
        block.has_line_end = line_end.is_some();
        block.tail_at = line_end.unwrap_or(block.end);
        self.tail.clear();
        self.tail
            .extend_from_slice(&block.buffer[block.tail_at..block.end]);
        self.place.advance(&block.buffer[..block.tail_at]);
        block.next_place = self.place;
        Ok(())
    }
}

impl Block {
    /// Nothing was read yet.
    pub fn empty() -> Self {
        Self {
            buffer: Vec::new(),
            end: 0,
            new_at: 0,
            tail_at: 0,
            has_line_end: false,
            place: Place::START,
            next_place: Place::START,
            at_end: false,
        }
    }

    pub fn bytes(&self) -> &[u8] {
        &self.buffer[..self.end]
    }

    /// Those that the block before does not end with.
    pub fn new_bytes(&self) -> &[u8] {
        &self.buffer[self.new_at..self.end]
    }

    /// Whether its bytes are those of whole lines, and of the start of the next one.
    pub fn has_line_end(&self) -> bool {
        self.has_line_end
    }

    /// How many bytes the next block does not begin with.
    pub fn lines_bytes(&self) -> usize {
        self.tail_at
    }

    /// How many bytes the next block begins with.
    pub fn tail_bytes(&self) -> usize {
        self.end - self.tail_at
    }

    /// The place of the first byte, if the block before ends between two characters.
    pub fn place(&self) -> Place {
        self.place
    }

    /// The same for the next block.
    pub fn next_place(&self) -> Place {
        self.next_place
    }

    /// Whether nothing follows.
    pub fn at_end(&self) -> bool {
        self.at_end
    }

    fn make_room(&mut self, bytes: usize) {
        if self.buffer.len() < bytes {
            self.buffer.resize(bytes, 0);
        }
    }
}
