//! An input as blocks of bytes.

use std::io::{self, Read};

/// So many bytes that are kept are put before the block that was read ahead; for more, the block is put after them.
const MOST_BEFORE: usize = 64 * 1024;

/// Reads an input block by block, and keeps what is not done with.
///
/// ```
/// use presence_router::update::Blocks;
///
/// let mut blocks = Blocks::new(&b"abcdefg"[..], 4, 4);
/// blocks.read(0)?;
/// assert_eq!(blocks.bytes(), b"abcd");
/// blocks.read(3)?;
/// assert_eq!((blocks.bytes(), blocks.at_end()), (&b"defg"[..], false));
/// blocks.read(4)?;
/// assert!(blocks.at_end());
/// # Ok::<(), std::io::Error>(())
/// ```
pub struct Blocks<R> {
    input: R,
    buffer: Buffer,
    ahead: Buffer,
    /// That the next block is in `ahead`, or why there is none, once it was read.
    next: Option<io::Result<()>>,
    at_end: bool,
    block_bytes: usize,
    most_kept: usize,
}

/// Bytes, with room before and behind them.
#[derive(Default)]
struct Buffer {
    bytes: Vec<u8>,
    start: usize,
    end: usize,
}

/// Reads the next block while the present one is looked at: see [`Blocks::split`].
pub struct Ahead<'b, R> {
    input: &'b mut R,
    buffer: &'b mut Buffer,
    next: &'b mut Option<io::Result<()>>,
    block_bytes: usize,
}

impl<R: Read> Blocks<R> {
    /// Blocks of up to `block_bytes`, and what is kept before them: never more than `most_kept`, so that there always
    /// is room to read.
    pub fn new(input: R, block_bytes: usize, most_kept: usize) -> Self {
        Self {
            input,
            buffer: Buffer::default(),
            ahead: Buffer::default(),
            next: None,
            at_end: false,
            block_bytes,
            most_kept,
        }
    }

    /// What was read and not forgotten.
    pub fn bytes(&self) -> &[u8] {
        self.buffer.bytes()
    }

    /// Whether nothing follows.
    pub fn at_end(&self) -> bool {
        self.at_end
    }

    /// Forgets the first bytes, and reads once, unless the next block was read ahead.
    ///
    /// # Errors
    ///
    /// The input can't be read. Reading may be tried again.
    pub fn read(&mut self, forget: usize) -> io::Result<()> {
        self.buffer.start += forget;
        let kept = self.buffer.bytes().len();
        let length = if let Some(read) = self.next.take() {
            read?;
            let length = self.ahead.bytes().len();
            if kept <= self.ahead.start {
                self.ahead.put_before(self.buffer.bytes());
                std::mem::swap(&mut self.buffer, &mut self.ahead);
            } else {
                self.buffer.make_room(0, length, length);
                self.buffer.put_behind(self.ahead.bytes());
            }
            length
        } else {
            // What is kept may be a long record: to grow by as much again keeps the copying in line with its length.
            let greatest = self.most_kept.saturating_add(self.block_bytes);
            let most = kept.max(self.block_bytes).min(greatest - kept);
            self.buffer.make_room(0, self.block_bytes.div_ceil(2), most);
            self.buffer.read(&mut self.input)?
        };
        self.at_end = length == 0;
        Ok(())
    }

    /// The bytes, and the means to read the next block while they are looked at.
    ///
    /// Reading ahead is for inputs that do not keep their reader waiting, such as files.
    ///
    /// ```
    /// use presence_router::update::Blocks;
    ///
    /// let mut blocks = Blocks::new(&b"abcdefg"[..], 4, 4);
    /// blocks.read(0)?;
    /// let (bytes, ahead) = blocks.split();
    /// ahead.read();
    /// assert_eq!(bytes, b"abcd");
    /// blocks.read(3)?;
    /// assert_eq!(blocks.bytes(), b"defg");
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn split(&mut self) -> (&[u8], Ahead<'_, R>) {
        let ahead = Ahead {
            input: &mut self.input,
            buffer: &mut self.ahead,
            next: &mut self.next,
            block_bytes: self.block_bytes,
        };
        (self.buffer.bytes(), ahead)
    }
}

impl<R: Read> Ahead<'_, R> {
    /// Reads once, unless the next block was read already. An error is told by the next [`Blocks::read`].
    pub fn read(self) {
        if self.next.is_none() {
            self.buffer.start = self.buffer.end;
            (self.buffer).make_room(MOST_BEFORE, self.block_bytes, self.block_bytes);
            let read = self.buffer.read(self.input);
            *self.next = Some(read.map(drop));
        }
    }
}

impl Buffer {
    fn bytes(&self) -> &[u8] {
        &self.bytes[self.start..self.end]
    }

    /// Moves the bytes, so that there is room before and behind them. Where there is less than `least` behind them, it
    /// becomes `most`.
    fn make_room(&mut self, before: usize, least: usize, most: usize) {
        let length = self.end - self.start;
        if self.bytes.len() < before + length + least {
            let wanted = before + length + most;
            self.bytes.reserve_exact(wanted - self.bytes.len());
            self.bytes.resize(wanted, 0);
        }
        if self.start != before {
            self.bytes.copy_within(self.start..self.end, before);
        }
        (self.start, self.end) = (before, before + length);
    }

    fn put_before(&mut self, kept: &[u8]) {
        let start = self.start - kept.len();
        self.bytes[start..self.start].copy_from_slice(kept);
        self.start = start;
    }

    fn put_behind(&mut self, more: &[u8]) {
        let end = self.end + more.len();
        self.bytes[self.end..end].copy_from_slice(more);
        self.end = end;
    }

    /// Reads once, and says how many bytes there were.
    fn read(&mut self, input: &mut impl Read) -> io::Result<usize> {
        loop {
            match input.read(&mut self.bytes[self.end..]) {
                Ok(count) => {
                    self.end += count;
                    return Ok(count);
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }
}
