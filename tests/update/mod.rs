//! Presence updates: records, streams of them, and their equality.

mod allocations;
mod equal;
mod grammar;
mod hostile;
mod json;
mod places;
mod records;
mod shapes;
mod stream;

use std::io::{self, Read};

use presence_router::update::{Item, Reader};

/// What a reader tells, in words: refused bytes that come in pieces are joined.
fn told(input: impl Read, max_record_bytes: usize) -> Vec<String> {
    let mut reader = Reader::with_max_record_bytes(input, max_record_bytes);
    let mut told = Vec::new();
    let mut refused = None;
    while let Some(item) = reader.next().unwrap() {
        match item {
            Item::Record(record) => {
                told.push(format!("{} record {}", record.place(0), record.text()));
            }
            Item::Refused(refusal) => {
                let line = format!("{} {}", refusal.place, refusal.message);
                if refusal.whole {
                    let bytes = refusal.bytes.escape_ascii();
                    told.push(format!("{line} | {} {bytes}", refusal.start));
                } else {
                    assert!(refusal.bytes.is_empty());
                    refused = Some((format!("{line} | {}", refusal.start), Vec::new()));
                }
            }
            Item::Rest(rest) => {
                let (line, mut bytes) = refused.take().expect("a rest follows a refusal");
                bytes.extend_from_slice(rest.bytes);
                if rest.last {
                    told.push(format!("{line} {}", bytes.escape_ascii()));
                } else {
                    refused = Some((line, bytes));
                }
            }
        }
    }
    assert!(refused.is_none());
    assert!(reader.next().unwrap().is_none(), "the end stays the end");
    told
}

/// Input that comes in pieces of these lengths, over and over.
struct Pieces<'a> {
    input: &'a [u8],
    lengths: Vec<usize>,
    turn: usize,
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
