//! User IDs and a number for each, packed, for as many as there is room.
//!
//! What a look-up costs is waiting for memory, and not hashing: a table of many users is in no cache. So an entry takes
//! 16 bytes, the IDs stand in one text, and of many look-ups that are made at once ([`get_all`](Memo::get_all)) the waits
//! overlap.

use std::hash::BuildHasher as _;
use std::hint::black_box;

use foldhash::fast::RandomState;

/// How many user IDs are remembered.
const MOST: usize = 1 << 18;

/// How many bytes these have, all together.
const MOST_BYTES: usize = 16 * 1024 * 1024;

/// How many slots there are at first. Their number is a power of two, and at most half of them are taken.
const FIRST_SLOTS: usize = 1024;

/// How many look-ups go side by side.
const AT_ONCE: usize = 32;

/// Numbers by user ID.
#[derive(Debug, Default)]
pub(super) struct Memo {
    slots: Vec<Slot>,
    taken: usize,
    texts: Vec<u8>,
    hasher: RandomState,
}

/// A place for one user ID: the first free one from that on which its hash says.
#[derive(Clone, Copy, Debug, Default)]
struct Slot {
    hash: u32,
    start: u32,
    /// 0 in a free slot: no user ID is empty.
    length: u32,
    number: u32,
}

impl Memo {
    /// The number of a user ID, if it is remembered.
    pub fn get(&self, user: &str) -> Option<u32> {
        self.find(user, self.hash(user))
    }

    fn find(&self, user: &str, hash: u32) -> Option<u32> {
        let mut at = hash as usize;
        loop {
            let slot = self.slot(at)?;
            if slot.length == 0 {
                return None;
            }
            if slot.hash == hash && self.text(slot) == user.as_bytes() {
                return Some(slot.number);
            }
            at += 1;
        }
    }

    /// The numbers of many user IDs. None of the loads of one step waits for another.
    pub fn get_all(&self, users: &[&str], mut each: impl FnMut(Option<u32>)) {
        for users in users.chunks(AT_ONCE) {
            let mut hashes = [0; AT_ONCE];
            for (hash, user) in hashes.iter_mut().zip(users) {
                *hash = self.hash(user);
            }
            let mut slots = [Slot::default(); AT_ONCE];
            for (slot, hash) in slots.iter_mut().zip(&hashes[..users.len()]) {
                *slot = self.slot(*hash as usize).copied().unwrap_or_default();
            }
            let ends = slots.iter().map(|slot| {
                let end = (slot.start + slot.length).saturating_sub(1);
                let byte = |at: u32| self.texts.get(at as usize).copied().unwrap_or(0);
                byte(slot.start) ^ byte(end)
            });
            black_box(ends.fold(0, |all, byte| all ^ byte));
            for (user, hash) in users.iter().zip(hashes) {
                each(self.find(user, hash));
            }
        }
    }

    /// Remembers the number of a user ID that was not remembered, if there is room.
    pub fn insert(&mut self, user: &str, number: u32) {
        if self.is_full() || user.is_empty() {
            return;
        }
        if 2 * (self.taken + 1) > self.slots.len() {
            self.grow();
        }
        let slot = Slot {
            hash: self.hash(user),
            start: self.texts.len() as u32,
            length: user.len() as u32,
            number,
        };
        self.texts.extend_from_slice(user.as_bytes());
        take(&mut self.slots, slot);
        self.taken += 1;
    }

    /// Whether there is room for at least as many as there are.
    pub fn is_half_empty(&self) -> bool {
        2 * self.taken < MOST && 2 * self.texts.len() < MOST_BYTES
    }

    /// Whether there is no room for another one.
    pub fn is_full(&self) -> bool {
        self.taken >= MOST || self.texts.len() >= MOST_BYTES
    }

    /// Forgets all.
    pub fn clear(&mut self) {
        self.slots.clear();
        self.texts.clear();
        self.taken = 0;
    }

    fn grow(&mut self) {
        let mut slots = vec![Slot::default(); (2 * self.slots.len()).max(FIRST_SLOTS)];
        for slot in self.slots.iter().filter(|slot| slot.length > 0) {
            take(&mut slots, *slot);
        }
        self.slots = slots;
    }

    fn hash(&self, user: &str) -> u32 {
        self.hasher.hash_one(user.as_bytes()) as u32
    }

    /// The slot of this number, counted round and round; nothing if there are none.
    fn slot(&self, at: usize) -> Option<&Slot> {
        self.slots.get(at & self.slots.len().wrapping_sub(1))
    }

    fn text(&self, slot: &Slot) -> &[u8] {
        &self.texts[slot.start as usize..][..slot.length as usize]
    }
}

/// Puts an entry into the first free slot. There is one.
fn take(slots: &mut [Slot], slot: Slot) {
    let mask = slots.len() - 1;
    let mut at = slot.hash as usize & mask;
    while slots[at].length > 0 {
        at = (at + 1) & mask;
    }
    slots[at] = slot;
}
