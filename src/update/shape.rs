//! The shape of a record: what stands around its texts, numbers and literals.
//!
//! A program writes its records alike: the same keys in the same order, and nothing but the values differs. So most
//! records are read by comparing what is around their values with a record that the grammar has taken before, and by
//! looking where each value ends. What is not like that is left to the grammar, which alone decides what is JSON.

use std::ops::Range;

use crate::update::bytes::{digits_end, is_space, plain_end, starts_with};
use crate::update::fields::{Fields, Flat, Key, Noted};
use crate::update::record::PRESENCE;
use crate::update::scan;

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
    pieces: Vec<Box<[u8]>>,
    fields: Vec<Field>,
    flat: Option<FlatShape>,
    is_compact: bool,
}

/// Before which piece the values stand of a record that is one update.
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
    pub fn read(&mut self, bytes: &[u8]) -> Option<Fitting> {
        let mut fitting = self.known.get(self.last)?.read(bytes);
        if fitting.is_none() {
            let mut others = (0..self.known.len()).filter(|index| *index != self.last);
            (self.last, fitting) = others.find_map(|index| {
                let fitting = self.known[index].read(bytes)?;
                Some((index, Some(fitting)))
            })?;
        }
        self.wait = 0;
        fitting
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
        let (mut start, mut at) = (0, 0);
        while let Some(&byte) = record.get(at) {
            let end = match byte {
                b'{' | b'}' | b'[' | b']' | b',' | b':' => None,
                b'"' => {
                    let end = value_end(record, at, &mut true)?;
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
                _ => Some(value_end(record, at, &mut true)?),
            };
            match end {
                None => at += 1,
                Some(end) => {
                    starts.push(start);
                    shape.piece(&record[start..at])?;
                    (start, at) = (end, end);
                }
            }
        }
        starts.push(start);
        shape.piece(&record[start..])?;
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
            (offset == 0).then_some(piece)
        };
        shape.flat = FlatShape::of(record, fields, gap);
        Some(shape)
    }

    fn piece(&mut self, bytes: &[u8]) -> Option<()> {
        if self.pieces.len() == MOST_PIECES || bytes.len() > MOST_PIECE_BYTES {
            return None;
        }
        self.pieces.push(bytes.into());
        Some(())
    }

    fn read(&self, bytes: &[u8]) -> Option<Fitting> {
        let mut starts = [0; MOST_PIECES];
        let mut at = 0;
        let mut is_plain = true;
        for (piece, start) in self.pieces.iter().zip(&mut starts) {
            if at > 0 {
                at = value_end(bytes, at, &mut is_plain)?;
            }
            *start = at;
            if !starts_with(bytes.get(at..)?, piece) {
                return None;
            }
            at += piece.len();
        }
        let flat = || self.read_flat(bytes, &starts, is_plain);
        Some(Fitting {
            length: at,
            noted: flat().map_or_else(|| self.read_fields(&starts), Noted::Flat),
            is_compact: self.is_compact,
        })
    }

    fn read_flat(
        &self,
        bytes: &[u8],
        starts: &[usize; MOST_PIECES],
        is_plain: bool,
    ) -> Option<Flat> {
        let flat = self.flat.as_ref().filter(|_| is_plain)?;
        let value = |piece: usize| starts[piece - 1] + self.pieces[piece - 1].len()..starts[piece];
        let text = |piece: usize| {
            let value = value(piece);
            (bytes[value.start] == b'"').then_some((value.start as u32 + 1, value.end as u32 - 1))
        };
        if let Some(piece) = flat.event_type {
            let (start, end) = text(piece)?;
            if bytes[start as usize..end as usize] != *PRESENCE.as_bytes() {
                return None;
            }
        }
        Some(Flat {
            sender: text(flat.sender)?,
            state: text(flat.state)?,
            currently_active: match flat.currently_active.map(|piece| bytes[value(piece).start]) {
                None | Some(b'n') => None,
                Some(b't') => Some(true),
                Some(b'f') => Some(false),
                _ => return None,
            },
        })
    }

    fn read_fields(&self, starts: &[usize; MOST_PIECES]) -> Noted {
        let mut fields = Fields::default();
        for Field { key, start, end } in &self.fields {
            let place = |mark: &Mark| starts[mark.piece] + mark.offset;
            fields.note(*key, place(start)..place(end));
        }
        Noted::Fields(Box::new(fields))
    }
}

impl FlatShape {
    /// As [`Record::tell`](super::Record::tell) reads a record with these fields, if it is one update for sure: an
    /// event, or an object with the sender and the state. `gap` tells which gap between pieces a value fills.
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

/// Where the text, number or literal that starts at `at` ends; nothing if it is none, or goes on after `bytes`.
///
/// A number may be cut short where it goes on in a way that no shape does: with a second digit after a leading zero,
/// a fraction or an exponent. Such a record has no shape. An escape makes `is_plain` false.
#[inline]
fn value_end(bytes: &[u8], at: usize, is_plain: &mut bool) -> Option<usize> {
    match *bytes.get(at)? {
        b'"' => text_end(bytes, at + 1, is_plain),
        b'1'..=b'9' => Some(digits_end(bytes, at)),
        b'0' => Some(at + 1),
        b't' => literal_end(bytes, at, *b"true"),
        b'f' => literal_end(bytes, at + 1, *b"alse"),
        b'n' => literal_end(bytes, at, *b"null"),
        b'-' => match *bytes.get(at + 1)? {
            b'1'..=b'9' => Some(digits_end(bytes, at + 1)),
            b'0' => Some(at + 2),
            _ => None,
        },
        _ => None,
    }
}

#[inline]
fn literal_end(bytes: &[u8], at: usize, literal: [u8; 4]) -> Option<usize> {
    (bytes.get(at..)?.first_chunk() == Some(&literal)).then_some(at + 4)
}

/// Where the text ends whose quote stands before `at`: after its other quote.
#[inline]
fn text_end(bytes: &[u8], at: usize, is_plain: &mut bool) -> Option<usize> {
    let end = plain_end(bytes, at);
    if *bytes.get(end)? == b'"' {
        return Some(end + 1);
    }
    *is_plain = false;
    escaped_text_end(bytes, end)
}

/// The same for a text that is plain up to `at`, and not to its end.
fn escaped_text_end(bytes: &[u8], mut at: usize) -> Option<usize> {
    loop {
        match *bytes.get(at)? {
            b'"' => return Some(at + 1),
            b'\\' => match *bytes.get(at + 1)? {
                b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => at += 2,
                b'u' => {
                    let digits = bytes.get(at + 2..at + 6)?;
                    if !digits.iter().all(u8::is_ascii_hexdigit) {
                        return None;
                    }
                    at += 6;
                }
                _ => return None,
            },
            _ => return None,
        }
        at = plain_end(bytes, at);
    }
}
