//! An input as blocks of bytes.

use std::io::{self, Read};

/// Reads an input block by block, and keeps what is not done with.
pub struct Blocks<R> {
    input: R,
    /// Only `buffer[..end]` has been read.
    buffer: Vec<u8>,
    end: usize,
    at_end: bool,
    /// The buffer never grows beyond this.
    greatest: usize,
}

impl<R: Read> Blocks<R> {
    /// Blocks of up to `block_bytes`, and what is kept before them: never more than `most_kept`, so that there always
    /// is room to read.
    pub fn new(input: R, block_bytes: usize, most_kept: usize) -> Self {
        Self {
            input,
            buffer: vec![0; block_bytes],
            end: 0,
            at_end: false,
            greatest: most_kept.saturating_add(block_bytes),
        }
    }

    /// What was read and not forgotten.
    pub fn bytes(&self) -> &[u8] {
        &self.buffer[..self.end]
    }

    /// Whether nothing follows.
    pub fn at_end(&self) -> bool {
        self.at_end
    }

    /// Forgets the first bytes, and reads once.
    ///
    /// # Errors
    ///
    /// The input can't be read. Reading may be tried again.
    pub fn read(&mut self, forget: usize) -> io::Result<()> {
        self.buffer.copy_within(forget..self.end, 0);
        self.end -= forget;
        if self.end == self.buffer.len() {
            let length = (2 * self.end).min(self.greatest);
            self.buffer.reserve_exact(length - self.end);
            self.buffer.resize(length, 0);
        }
        let count = read_once(&mut self.input, &mut self.buffer[self.end..])?;
        self.end += count;
        self.at_end = count == 0;
        Ok(())
    }
}

/// Reads once. A signal does not count.
pub(crate) fn read_once(input: &mut impl Read, room: &mut [u8]) -> io::Result<usize> {
    loop {
        match input.read(room) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            done => return done,
        }
    }
}
