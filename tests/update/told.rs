//! What a reader of updates tells, in words, however the bytes come.

use std::io::{self, Read};

use presence_router::update::{Bytes, Cutter, Item, Place, Reader};

/// What a reader tells, in words.
pub fn told(input: impl Read, max_record_bytes: usize) -> Vec<String> {
    let mut reader = Reader::with_max_record_bytes(input, max_record_bytes);
    let mut told = Told::default();
    while let Some(item) = reader.next().unwrap() {
        told.add(&item);
    }
    assert!(reader.next().unwrap().is_none(), "the end stays the end");
    told.lines()
}

/// The same where all bytes are at hand, and known to be UTF-8 up to the first that is not.
pub fn told_at_once(input: &[u8], max_record_bytes: usize) -> Vec<String> {
    let mut cutter = Cutter::new(max_record_bytes, Place::START);
    let bytes = Bytes::checked(input);
    let mut told = Told::default();
    while let Some(item) = cutter.next(bytes, true) {
        told.add(&item);
    }
    told.lines()
}

/// Items in words: refused bytes that come in pieces are joined.
#[derive(Default)]
struct Told {
    told: Vec<String>,
    refused: Option<(String, Vec<u8>)>,
}

impl Told {
    fn add(&mut self, item: &Item<'_>) {
        match item {
            Item::Record(record) => {
                (self.told).push(format!("{} record {}", record.place(0), record.text()));
            }
            Item::Refused(refusal) => {
                let line = format!("{} {}", refusal.place, refusal.message);
                if refusal.whole {
                    let bytes = refusal.bytes.escape_ascii();
                    (self.told).push(format!("{line} | {} {bytes}", refusal.start));
                } else {
                    assert!(refusal.bytes.is_empty());
                    self.refused = Some((format!("{line} | {}", refusal.start), Vec::new()));
                }
            }
            Item::Rest(rest) => {
                let (line, mut bytes) = self.refused.take().expect("a rest follows a refusal");
                bytes.extend_from_slice(rest.bytes);
                if rest.last {
                    self.told.push(format!("{line} {}", bytes.escape_ascii()));
                } else {
                    self.refused = Some((line, bytes));
                }
            }
        }
    }

    fn lines(self) -> Vec<String> {
        assert!(self.refused.is_none());
        self.told
    }
}

/// Input that comes in pieces of these lengths, over and over.
pub struct Pieces<'a> {
    pub input: &'a [u8],
    pub lengths: Vec<usize>,
    pub turn: usize,
}

impl Read for Pieces<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.lengths[self.turn % self.lengths.len()];
        self.turn += 1;
        if self.turn.is_multiple_of(3) {
            return Err(io::ErrorKind::Interrupted.into());
        }
        let length = length.min(self.input.len()).min(buffer.len());
        let (piece, rest) = self.input.split_at(length);
        buffer[..length].copy_from_slice(piece);
        self.input = rest;
        Ok(length)
    }
}
