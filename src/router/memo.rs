//! User IDs and a number for each, packed, for as many as there is room.

use std::hash::BuildHasher as _;

use foldhash::fast::RandomState;
use hashbrown::HashTable;

/// How many user IDs are remembered.
const MOST: usize = 1 << 18;

/// How many bytes these have, all together.
const MOST_BYTES: usize = 16 * 1024 * 1024;

/// Numbers by user ID. What a look-up costs is cache misses: so an entry takes 16 bytes, and the IDs stand in one text.
#[derive(Debug, Default)]
pub(super) struct Memo {
    entries: HashTable<Entry>,
    texts: Vec<u8>,
    hasher: RandomState,
}

#[derive(Debug)]
struct Entry {
    /// The lower half of the ID's hash.
    hash: u32,
    start: u32,
    length: u8,
    number: u32,
}

impl Memo {
    /// The number of a user ID, if it is remembered.
    pub fn get(&self, user: &str) -> Option<u32> {
        let hash = self.hasher.hash_one(user.as_bytes());
        let entry = self.entries.find(hash, |entry| {
            entry.hash == hash as u32 && self.text(entry) == user.as_bytes()
        })?;
        Some(entry.number)
    }

    /// Remembers the number of a user ID that was not remembered, if there is room.
    pub fn insert(&mut self, user: &str, number: u32) {
        let Ok(length) = u8::try_from(user.len()) else {
            return;
        };
        if self.is_full() {
            return;
        }
        let hash = self.hasher.hash_one(user.as_bytes());
        let entry = Entry {
            hash: hash as u32,
            start: self.texts.len() as u32,
            length,
            number,
        };
        self.texts.extend_from_slice(user.as_bytes());
        let (texts, hasher) = (&self.texts, &self.hasher);
        let hash_of = |entry: &Entry| hasher.hash_one(text(texts, entry));
        self.entries.insert_unique(hash, entry, hash_of);
    }

    /// Whether there is no room for another one.
    pub fn is_full(&self) -> bool {
        self.entries.len() >= MOST || self.texts.len() >= MOST_BYTES
    }

    /// Forgets all, and keeps the space.
    pub fn clear(&mut self) {
        self.entries.clear();
        self.texts.clear();
    }

    fn text(&self, entry: &Entry) -> &[u8] {
        text(&self.texts, entry)
    }
}

fn text<'a>(texts: &'a [u8], entry: &Entry) -> &'a [u8] {
    let start = entry.start as usize;
    &texts[start..start + usize::from(entry.length)]
}
