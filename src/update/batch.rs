//! Records that were read together, so that several threads can go through them.

use std::io::{self, Read};
use std::ops::Range;

use crate::update::fields::Fields;
use crate::update::place::Place;
use crate::update::reader::{Item, Reader, Refusal, Rest};
use crate::update::record::Record;

/// What a [`Reader`] had at hand, in its order.
///
/// ```
/// use presence_router::update::{Batch, Item, Reader};
///
/// let mut reader = Reader::new(&b"{}\n{}\n{}\n"[..]);
/// let mut batch = Batch::default();
/// assert!(batch.fill(&mut reader, 1024)?);
/// assert_eq!(batch.len(), 3);
/// assert!(batch.items(1..3).all(|item| matches!(item, Item::Record(_))));
/// assert!(!batch.fill(&mut reader, 1024)?);
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Default)]
pub struct Batch {
    bytes: Vec<u8>,
    entries: Vec<Entry>,
}

struct Entry {
    bytes: Range<usize>,
    kind: Kind,
}

enum Kind {
    Record {
        fields: Fields,
        place: Place,
    },
    Refused {
        whole: bool,
        place: Place,
        start: Place,
        message: String,
    },
    Rest {
        last: bool,
    },
}

impl Batch {
    /// Forgets what it holds, and takes at least one item and then all that the reader has at hand, until there are
    /// `most_bytes`. Whether there was anything left to take.
    ///
    /// # Errors
    ///
    /// The input can't be read.
    pub fn fill<R: Read>(&mut self, reader: &mut Reader<R>, most_bytes: usize) -> io::Result<bool> {
        self.bytes.clear();
        self.entries.clear();
        loop {
            let Some(item) = reader.next()? else {
                return Ok(!self.entries.is_empty());
            };
            self.push(&item);
            if self.bytes.len() >= most_bytes || !reader.buffered() {
                return Ok(true);
            }
        }
    }

    /// How many items there are.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Some of the items, in their order.
    pub fn items(&self, range: Range<usize>) -> impl Iterator<Item = Item<'_>> {
        self.entries[range].iter().map(|entry| self.item(entry))
    }

    fn push(&mut self, item: &Item<'_>) {
        let (bytes, kind) = match item {
            Item::Record(record) => (
                record.text().as_bytes(),
                Kind::Record {
                    fields: record.fields(),
                    place: record.place(0),
                },
            ),
            Item::Refused(refusal) => (
                refusal.bytes,
                Kind::Refused {
                    whole: refusal.whole,
                    place: refusal.place,
                    start: refusal.start,
                    message: refusal.message.clone(),
                },
            ),
            Item::Rest(rest) => (rest.bytes, Kind::Rest { last: rest.last }),
        };
        let start = self.bytes.len();
        self.bytes.extend_from_slice(bytes);
        self.entries.push(Entry {
            bytes: start..self.bytes.len(),
            kind,
        });
    }

    fn item<'a>(&'a self, entry: &'a Entry) -> Item<'a> {
        let bytes = &self.bytes[entry.bytes.clone()];
        match &entry.kind {
            Kind::Record { fields, place } => {
                let text = std::str::from_utf8(bytes).expect("it was text when it was taken");
                Item::Record(Record::new(text, *fields, bytes, *place))
            }
            Kind::Refused {
                whole,
                place,
                start,
                message,
            } => Item::Refused(Refusal {
                bytes,
                whole: *whole,
                place: *place,
                start: *start,
                message: message.clone(),
            }),
            Kind::Rest { last } => Item::Rest(Rest { bytes, last: *last }),
        }
    }
}
