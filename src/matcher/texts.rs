//! Numbers by text, in little memory.

use std::hash::BuildHasher as _;

use foldhash::fast::RandomState;
use hashbrown::HashTable;

/// Many texts, each once, with a number for each. They stand in one text, and an entry takes 16 bytes beside its own.
#[derive(Debug, Default)]
pub(super) struct Texts {
    text: String,
    entries: HashTable<Entry>,
    hasher: RandomState,
}

#[derive(Clone, Copy, Debug)]
struct Entry {
    from: usize,
    length: u32,
    number: u32,
}

impl Entry {
    fn of(self, text: &str) -> &str {
        &text[self.from..self.from + self.length as usize]
    }
}

impl Texts {
    /// The number of a text.
    pub fn get(&self, text: &str) -> Option<u32> {
        if self.entries.is_empty() {
            return None;
        }
        let hash = self.hasher.hash_one(text);
        let is_same = |entry: &Entry| entry.of(&self.text) == text;
        self.entries.find(hash, is_same).map(|entry| entry.number)
    }

    /// The number of a text, which is `new` if there was none yet.
    pub fn number(&mut self, text: &str, new: u32) -> u32 {
        let Self {
            text: all,
            entries,
            hasher,
        } = self;
        let hash = |text: &str| hasher.hash_one(text);
        let entry = entries.entry(
            hash(text),
            |entry| entry.of(all) == text,
            |entry| hash(entry.of(all)),
        );
        let entry = entry.or_insert_with(|| Entry {
            from: all.len(),
            length: text.len() as u32,
            number: new,
        });
        let entry = *entry.get();
        if entry.from == all.len() {
            all.push_str(text);
        }
        entry.number
    }

    /// Gives back the memory that was kept for more texts.
    pub(crate) fn shrink(&mut self) {
        let Self {
            text: all,
            entries,
            hasher,
        } = self;
        all.shrink_to_fit();
        entries.shrink_to_fit(|entry| hasher.hash_one(entry.of(all)));
    }
}
