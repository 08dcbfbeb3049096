//! The fields of one object that decide what kind of record it is, and what update it holds.

use std::ops::Range;

use memchr::memchr;

use crate::update::scan::Watch;

/// A key that records are read by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Key {
    Edus,
    Presence,
    NextBatch,
    Content,
    Sender,
    UserId,
    State,
    Type,
    EduType,
    CurrentlyActive,
    Push,
    Events,
}

const KEYS: usize = Key::Events as usize + 1;

impl Key {
    /// All of them, in their order.
    pub const ALL: [Self; KEYS] = [
        Self::Edus,
        Self::Presence,
        Self::NextBatch,
        Self::Content,
        Self::Sender,
        Self::UserId,
        Self::State,
        Self::Type,
        Self::EduType,
        Self::CurrentlyActive,
        Self::Push,
        Self::Events,
    ];

    /// The key as messages show it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Edus => "edus",
            Self::Presence => "presence",
            Self::NextBatch => "next_batch",
            Self::Content => "content",
            Self::Sender => "sender",
            Self::UserId => "user_id",
            Self::State => "state",
            Self::Type => "type",
            Self::EduType => "edu_type",
            Self::CurrentlyActive => "currently_active",
            Self::Push => "push",
            Self::Events => "events",
        }
    }

    /// Takes the key with its quotes.
    fn read(written: &[u8]) -> Option<Self> {
        let known = Self::of(&written[1..written.len() - 1]);
        if known.is_none() && memchr(b'\\', written).is_some() {
            // Half a surrogate pair makes the key unreadable, and so none of ours.
            let unescaped: String = serde_json::from_slice(written).ok()?;
            return Self::of(unescaped.as_bytes());
        }
        known
    }

    fn of(name: &[u8]) -> Option<Self> {
        Some(match name {
            b"edus" => Self::Edus,
            b"presence" => Self::Presence,
            b"next_batch" => Self::NextBatch,
            b"content" => Self::Content,
            b"sender" => Self::Sender,
            b"user_id" => Self::UserId,
            b"state" => Self::State,
            b"type" => Self::Type,
            b"edu_type" => Self::EduType,
            b"currently_active" => Self::CurrentlyActive,
            b"push" => Self::Push,
            b"events" => Self::Events,
            _ => return None,
        })
    }
}

/// Where the values of these keys stand in a record, in bytes from its start. A record has fewer than 2³² bytes.
#[derive(Clone, Copy, Default)]
pub(crate) struct Fields {
    /// An empty range where the key is absent.
    values: [(u32, u32); KEYS],
    /// Bit *k* tells whether key *k* stands there more than once.
    repeated: u16,
}

/// What was noted of a record while its end was looked for.
#[derive(Clone)]
pub(crate) enum Noted {
    Fields(Box<Fields>),
    Flat(Flat),
}

/// The fields of a record that is one update, without escapes in its texts.
#[derive(Clone, Copy)]
pub(crate) struct Flat {
    /// Where the sender stands, without its quotes.
    pub sender: (u32, u32),
    /// Where the presence state stands, without its quotes.
    pub state: (u32, u32),
    pub currently_active: Option<bool>,
}

impl Fields {
    /// Where the value of `key` stands; of its last one, if there are several.
    pub fn value(&self, key: Key) -> Option<Range<usize>> {
        let (start, end) = self.values[key as usize];
        (start < end).then_some(start as usize..end as usize)
    }

    /// Notes a value of `key`.
    pub fn note(&mut self, key: Key, value: Range<usize>) {
        let place = &mut self.values[key as usize];
        if place.1 > 0 {
            self.repeated |= 1 << key as u16;
        }
        *place = (value.start as u32, value.end as u32);
    }

    /// Whether there are several values of `key`.
    pub fn is_repeated(&self, key: Key) -> bool {
        self.repeated & (1 << key as u16) != 0
    }
}

impl Watch for Fields {
    fn child(&mut self, bytes: &[u8], key: Range<usize>, value: Range<usize>) {
        if key.is_empty() {
            return;
        }
        if let Some(key) = Key::read(&bytes[key]) {
            self.note(key, value);
        }
    }
}
