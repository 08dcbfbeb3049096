//! Records are the same whole, in pieces and at once, and what a plain reader on `serde_json` takes them for.

mod plain;

use std::io::Read;

use presence_router::update::{Item, Reader};

use crate::update::told::{Pieces, told, told_at_once};
use plain::{Found, Update};

/// Records are long for the last one only if they are longer than any input.
const LIMITS: [usize; 4] = [16, 60, 1000, 1 << 24];

pub fn run(data: &[u8]) {
    let [limit, first, second, input @ ..] = data else {
        return;
    };
    let limit = LIMITS[usize::from(*limit) % LIMITS.len()];
    let lengths = [first, second].map(|byte| usize::from(*byte) % 20 + 1);
    let pieces = || Pieces {
        input,
        lengths: lengths.to_vec(),
        turn: 0,
    };
    let whole = told(input, limit);
    assert_eq!(whole, told(pieces(), limit), "in pieces of {lengths:?}");
    assert_eq!(whole, told_at_once(input, limit), "at once");
    if limit > input.len() {
        let expected = plain::read(input);
        assert_eq!(found(input, limit), expected, "whole");
        assert_eq!(found(pieces(), limit), expected, "in pieces");
    }
}

/// What the reader finds, without the words.
fn found(input: impl Read, limit: usize) -> Vec<Found> {
    let mut reader = Reader::with_max_record_bytes(input, limit);
    let mut all = Vec::new();
    while let Some(item) = reader.next().expect("memory") {
        match item {
            Item::Record(record) => {
                let mut updates = Vec::new();
                record.updates(|update| {
                    updates.push(update.ok().map(|update| Update {
                        json: update.json.to_owned(),
                        sender: update.sender().as_str().to_owned(),
                        state: update.state.into_owned(),
                        currently_active: update.currently_active,
                    }));
                });
                let text = record.text().to_owned();
                all.push(Found::Record { text, updates });
            }
            Item::Refused(refused) => {
                assert!(refused.whole, "nothing is longer than the limit");
                // What is missing has no bytes: the plain reader does not look for it.
                if !refused.bytes.is_empty() {
                    all.push(Found::Refused(refused.bytes.to_vec()));
                }
            }
            Item::Rest(_) => unreachable!("refusals are whole"),
        }
    }
    all
}
