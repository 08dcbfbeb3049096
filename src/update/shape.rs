//! The shape of a record: what stands around its texts, numbers and literals.
//!
//! A program writes its records alike: the same keys in the same order, and nothing but the values differs. So most
//! records are read by comparing what is around their values with a record that the grammar has taken before, and by
//! looking where each value ends. What is not like that is left to the grammar, which alone decides what is JSON.
//!
//! Say the grammar has taken this record, and told where the values of the keys that matter stand:
//!
//! ```json
//! {"user_id":"@a:x","state":"online","last_active_ago":12,"currently_active":true}
//! ```
//!
//! 1. *Learning* cuts it at its values into **pieces**: `{"user_id":`, `,"state":`, `,"last_active_ago":`,
//!    `,"currently_active":` and `}`. What a key says belongs to a piece, so whoever has these pieces has these keys. An array
//!    or object is no value here: its brackets stand in the pieces, and what is in it is cut like the rest.
//! 2. Where a key's value starts and ends is a [`Mark`]: so many bytes after the start of a piece. That of `state` starts at
//!    the end of piece 1, and ends at the start of piece 2. A mark holds for every record of the shape, whatever its length.
//! 3. *Reading* goes from piece to piece: is this the next one, byte for byte? Then a text, number or literal has to follow, and
//!    `value_length` finds its end: a text ends at a quote that no backslash stands before, `12` after its digits. That is all
//!    of the grammar that can differ between two records of a shape, so a record that passes is JSON, and has these fields.
//! 4. If the record is **flat**, one update and nothing else, even the marks are left out: the sender is value 0, the state
//!    value 1, and `currently_active` value 3, which is what most records are read by.
//! 5. A record with another key, another order or one more space fits no piece. The grammar reads it, and its shape is
//!    learned in turn; where no record is like the one before, learning waits longer and longer, so it costs nothing.

use std::ops::Range;

use crate::update::bytes::{Text, is_space};
use crate::update::fields::{Fields, Flat, Key, Noted};
use crate::update::record::PRESENCE;
use crate::update::scan;
use crate::update::values::value_length;

/// Records with more values than this have no shape: most of them are lists, and no two of these are alike.
const MOST_PIECES: usize = 24;

/// So many bytes a piece may have.
const MOST_PIECE_BYTES: usize = 256;

/// How many shapes are remembered.
const MOST_SHAPES: usize = 4;

/// After so many records that no shape fits, the next one is remembered at the latest.
const LONGEST_WAIT: u32 = 1024;

/// The shapes of the last records.
#[derive(Default)]
pub(crate) struct Shapes {
    known: Vec<Shape>,
    /// The one that fitted last.
    last: usize,
    /// How many records go by until a shape is remembered; longer and longer, as long as none of them fits.
    wait: u32,
    waited: u32,
}

/// A record that has a known shape.
pub(crate) struct Fitting {
    /// Its length in bytes.
    pub length: usize,
    pub noted: Noted,
    /// Whether there is no white space between its tokens.
    pub is_compact: bool,
}

/// The bytes between the values of a record, from its first to its last, as pieces.
struct Shape {
    pieces: Vec<Piece>,
    fields: Vec<Field>,
    flat: Option<FlatShape>,
    is_compact: bool,
}

struct Piece {
    text: Text,
    /// How long the value before it was.
    value_length: usize,
}

/// Where the values of a record start and end.
type Values = [(u32, u32); MOST_PIECES];

/// Which values a record has that is one update: the number of each, counted from 0.
struct FlatShape {
    sender: usize,
    state: usize,
    currently_active: Option<usize>,
    /// The type of an event, which has to be that of presence.
    event_type: Option<usize>,
}

/// Where the value of a key starts and ends.
struct Field {
    key: Key,
    start: Mark,
    end: Mark,
}

/// So many bytes after the start of a piece.
#[derive(Clone, Copy)]
struct Mark {
    piece: usize,
    offset: usize,
}

impl Shapes {
    /// Reads the record that `bytes` start with, if it is there whole and has a known shape.
    #[inline]
    pub fn read(&mut self, bytes: &[u8]) -> Option<Fitting> {
        for _ in 0..self.known.len() {
            if let Some(fitting) = self.known[self.last].read(bytes) {
                self.wait = 0;
                return Some(fitting);
            }
            self.last = (self.last + 1) % self.known.len();
        }
        None
    }

    /// Remembers the shape of an object that the grammar has taken.
    pub fn learn(&mut self, record: &[u8], fields: &Fields) {
        if self.waited < self.wait {
            self.waited += 1;
            return;
        }
        self.waited = 0;
        self.wait = (2 * self.wait + 1).min(LONGEST_WAIT);
        let Some(shape) = Shape::of(record, fields) else {
            return;
        };
        if self.known.len() == MOST_SHAPES {
            self.known.remove(0);
        }
        self.known.push(shape);
        self.last = self.known.len() - 1;
    }
}

impl Shape {
    /// The shape of a record, unless it is no object, has no values or too many.
    fn of(record: &[u8], fields: &Fields) -> Option<Self> {
        if record.first() != Some(&b'{') {
            return None;
        }
        let mut shape = Self {
            pieces: Vec::new(),
            fields: Vec::new(),
            flat: None,
            is_compact: true,
        };
        let mut starts = Vec::new();
        let (mut start, mut at, mut length_before) = (0, 0, 0);
        while let Some(&byte) = record.get(at) {
            let end = match byte {
                b'{' | b'}' | b'[' | b']' | b',' | b':' => None,
                b'"' => {
                    let end = at + value_length(&record[at..], 0, &mut true)?;
                    let mut after = record[end..].iter().filter(|byte| !is_space(**byte));
                    if after.next() == Some(&b':') {
                        // What a key says belongs to the shape.
                        at = end - 1;
                        None
                    } else {
                        Some(end)
                    }
                }
                _ if is_space(byte) => {
                    shape.is_compact = false;
                    None
                }
                _ => Some(at + value_length(&record[at..], 0, &mut true)?),
            };
            match end {
                None => at += 1,
                Some(end) => {
                    starts.push(start);
                    shape.piece(length_before, &record[start..at])?;
                    (start, at, length_before) = (end, end, end - at);
                }
            }
        }
        starts.push(start);
        shape.piece(length_before, &record[start..])?;
        let mark = |place: usize| {
            let piece = starts.partition_point(|start| *start <= place) - 1;
            let offset = place - starts[piece];
            Mark { piece, offset }
        };
        for key in Key::ALL {
            // Which one is meant has to be asked of the record itself.
            if fields.is_repeated(key) {
                return None;
            }
            let value = fields.value(key);
            shape.fields.extend(value.map(|value| Field {
                key,
                start: mark(value.start),
                end: mark(value.end),
            }));
        }
        // Only what is no array and no object fills the gap between two pieces.
        let gap = |value: Range<usize>| {
            let Mark { piece, offset } = mark(value.end);
            (offset == 0).then(|| piece - 1)
        };
        shape.flat = FlatShape::of(record, fields, gap);
        Some(shape)
    }

    fn piece(&mut self, value_length: usize, bytes: &[u8]) -> Option<()> {
        if self.pieces.len() == MOST_PIECES || bytes.len() > MOST_PIECE_BYTES {
            return None;
        }
        let text = bytes.into();
        self.pieces.push(Piece { text, value_length });
        Some(())
    }

    #[inline]
    fn read(&self, bytes: &[u8]) -> Option<Fitting> {
        let (first, pieces) = self.pieces.split_first()?;
        let mut values = [(0, 0); MOST_PIECES];
        let mut is_plain = true;
        let mut rest = first.text.strip(bytes)?;
        for (piece, value) in pieces.iter().zip(&mut values) {
            let start = bytes.len() - rest.len();
            let length = value_length(rest, piece.value_length, &mut is_plain)?;
            *value = (start as u32, (start + length) as u32);
            rest = piece.text.strip(rest.get(length..)?)?;
        }
        let length = bytes.len() - rest.len();
        let flat = || self.read_flat(bytes, &values, is_plain);
        Some(Fitting {
            length,
            noted: flat().map_or_else(|| self.read_fields(&values), Noted::Flat),
            is_compact: self.is_compact,
        })
    }

    #[inline]
    fn read_flat(&self, bytes: &[u8], values: &Values, is_plain: bool) -> Option<Flat> {
        let flat = self.flat.as_ref().filter(|_| is_plain)?;
        let first_byte = |value: usize| bytes.get(values[value].0 as usize).copied();
        let text = |value: usize| {
            let (start, end) = values[value];
            (first_byte(value) == Some(b'"')).then_some((start + 1, end - 1))
        };
        if let Some(value) = flat.event_type {
            let (start, end) = text(value)?;
            if bytes[start as usize..end as usize] != *PRESENCE.as_bytes() {
                return None;
            }
        }
        Some(Flat {
            sender: text(flat.sender)?,
            state: text(flat.state)?,
            currently_active: match flat.currently_active.and_then(first_byte) {
                None | Some(b'n') => None,
                Some(b't') => Some(true),
                Some(b'f') => Some(false),
                _ => return None,
            },
        })
    }

    #[cold]
    fn read_fields(&self, values: &Values) -> Noted {
        let mut fields = Fields::default();
        for Field { key, start, end } in &self.fields {
            let place = |mark: &Mark| {
                let piece = mark.piece.checked_sub(1);
                piece.map_or(0, |value| values[value].1 as usize) + mark.offset
            };
            fields.note(*key, place(start)..place(end));
        }
        Noted::Fields(Box::new(fields))
    }
}

impl FlatShape {
    /// As [`Record::tell`](super::Record::tell) reads a record with these fields, if it is one update for sure: an
    /// event, or an object with the sender and the state. `gap` tells which gap between pieces a value fills, counted from 0.
    fn of(
        record: &[u8],
        fields: &Fields,
        gap: impl Fn(Range<usize>) -> Option<usize>,
    ) -> Option<Self> {
        let value = |fields: &Fields, key| gap(fields.value(key)?);
        let optional = |fields: &Fields, key| match fields.value(key) {
            Some(value) => gap(value).map(Some),
            None => Some(None),
        };
        let are_absent = |fields: &Fields, keys: &[Key]| {
            let mut values = keys.iter().map(|key| fields.value(*key));
            values.all(|value| value.is_none())
        };
        if !are_absent(fields, &[Key::Edus, Key::NextBatch]) {
            return None;
        }
        let Some(content) = fields.value(Key::Content) else {
            return Some(Self {
                sender: value(fields, Key::UserId)?,
                state: match (fields.value(Key::State), fields.value(Key::Presence)) {
                    (Some(state), None) => gap(state)?,
                    (None, Some(presence)) => gap(presence)?,
                    _ => return None,
                },
                currently_active: optional(fields, Key::CurrentlyActive)?,
                event_type: None,
            });
        };
        if !are_absent(fields, &[Key::Presence, Key::EduType]) || record[content.start] != b'{' {
            return None;
        }
        let mut inside = Fields::default();
        scan::whole(&record[..content.end], content.start, &mut inside);
        let is_repeated = |key| inside.is_repeated(key);
        let is_clear = !Key::ALL.into_iter().any(is_repeated) && are_absent(&inside, &[Key::Push]);
        is_clear.then_some(Self {
            sender: value(fields, Key::Sender)?,
            state: value(&inside, Key::Presence)?,
            currently_active: optional(&inside, Key::CurrentlyActive)?,
            event_type: optional(fields, Key::Type)?,
        })
    }
}
