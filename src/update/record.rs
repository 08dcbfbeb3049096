//! One record, and the updates that it holds.
//!
//! The kinds of record, and where they come from: `UserPresenceState` (Synapse, `synapse/api/presence.py`), the
//! `m.presence` event and the answer of `/sync` (Matrix specification, client-server API, "Presence" and "Syncing"),
//! the `m.presence` EDU and the transaction that carries it (server-server API, "Presence" and "Transactions").

use std::borrow::Cow;

use crate::update::bytes::is_space;
use crate::update::fields::{Fields, Key};
use crate::update::message::{self, quoted};
use crate::update::object::{Object, Wrong};
use crate::update::place::Place;
use crate::update::scan::{self, Verdict};
use crate::user_id::UserId;

/// The type of presence events and of presence EDUs.
const PRESENCE: &str = "m.presence";

/// What stands in place of a record that names nobody.
const NO_SENDER: &str = "no `user_id` or `sender`: this is no presence update";

/// One presence update, borrowed from the record that it stands in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Update<'a> {
    /// The update exactly as it was written: the object that names the sender.
    pub json: &'a str,
    /// Whose presence this is: a valid user ID.
    pub sender: Cow<'a, str>,
    /// The presence state: `online`, `unavailable`, `offline` or any other text.
    pub state: Cow<'a, str>,
    /// Whether the user is currently active; `None` where the field is absent or null.
    pub currently_active: Option<bool>,
}

/// Why a record, or a part of it, holds no update.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault<'a> {
    /// What is refused, as it was read: the record, or the one entry of it that is at fault.
    pub text: &'a str,
    /// Where the fault is, in bytes from the start of the whole record.
    pub offset: usize,
    /// What is wrong.
    pub message: String,
}

/// One complete JSON value of an input, and where it stands there.
#[derive(Clone, Copy)]
pub struct Record<'a> {
    text: &'a str,
    fields: Fields,
    /// Input that ends with this record, from a byte on whose place is known: places are only worked out for messages.
    input: &'a [u8],
    input_place: Place,
}

/// Tells the updates that a record holds, and what in it is refused.
///
/// `record` is one JSON value, with white space around it or not. Of a record with many entries, one that is at
/// fault is refused alone.
///
/// ```
/// use presence_router::update::updates;
///
/// let edu = r#"{"edu_type": "m.presence", "content": {"push": [
///     {"user_id": "@alice:example.org", "presence": "online", "currently_active": true},
///     {"user_id": "@bob", "presence": "online"}
/// ]}}"#;
/// let mut lines = Vec::new();
/// updates(edu, |update| {
///     lines.push(match update {
///         Ok(update) => format!("{} {} {:?}", update.sender, update.state, update.currently_active),
///         Err(fault) => fault.message,
///     });
/// });
/// assert_eq!(lines, [
///     "@alice:example.org online Some(true)",
///     "`@bob` is not a user ID: it has no `:` and server name after the localpart",
/// ]);
/// ```
pub fn updates<'a>(record: &'a str, mut each: impl FnMut(Result<Update<'a>, Fault<'a>>)) {
    match Record::parse(record) {
        Ok(record) => record.updates(each),
        Err(fault) => each(Err(fault)),
    }
}

impl<'a> Record<'a> {
    /// Reads the text of one JSON value.
    ///
    /// # Errors
    ///
    /// The text is no JSON value, or is more than one.
    pub fn parse(text: &'a str) -> Result<Self, Fault<'a>> {
        let bytes = text.as_bytes();
        let mut fields = Fields::default();
        let (at, message) = match scan::whole(bytes, 0, &mut fields) {
            Verdict::Done(end) => match bytes[end..].iter().position(|&byte| !is_space(byte)) {
                None => return Ok(Self::new(text, fields, bytes, Place::START)),
                Some(more) => (
                    end + more,
                    "a record should end here, and something follows".to_owned(),
                ),
            },
            Verdict::Broken(broken) => message::broken(bytes, broken),
            Verdict::More => unreachable!("all bytes are there"),
        };
        Err(Fault {
            text,
            offset: at,
            message,
        })
    }

    /// A record whose value was read in `text`, at the end of `input`, which starts at `input_place`.
    pub(crate) fn new(text: &'a str, fields: Fields, input: &'a [u8], input_place: Place) -> Self {
        Self {
            text,
            fields,
            input,
            input_place,
        }
    }

    /// What was noted of the record while its end was looked for.
    pub(crate) fn fields(&self) -> Fields {
        self.fields
    }

    /// The record exactly as it was written.
    pub fn text(&self) -> &'a str {
        self.text
    }

    /// Where the byte at `offset` of the record stands in the input.
    pub fn place(&self, offset: usize) -> Place {
        let start = self.input.len() - self.text.len();
        let mut place = self.input_place;
        place.advance(&self.input[..start + offset.min(self.text.len())]);
        place
    }

    /// Tells the updates that the record holds, and what in it is refused, in the order in which they stand there.
    pub fn updates(&self, mut each: impl FnMut(Result<Update<'a>, Fault<'a>>)) {
        // The value has been read whole, so that only white space stands around it.
        let start = self.text.len() - self.text.trim_ascii_start().len();
        let end = self.text.trim_ascii_end().len();
        let object = Object::new(self.text, start..end, self.fields);
        let read = object.must_be_object("a record");
        if let Err(Wrong {
            at: offset,
            message,
        }) = read.and_then(|()| record(&object, &mut each))
        {
            each(Err(Fault {
                text: self.text,
                offset,
                message,
            }));
        }
    }
}

/// Gets the updates and faults of a record.
trait Each<'a>: FnMut(Result<Update<'a>, Fault<'a>>) {}

impl<'a, F: FnMut(Result<Update<'a>, Fault<'a>>)> Each<'a> for F {}

/// A whole record: its keys tell its kind.
fn record<'a>(object: &Object<'a>, each: &mut impl Each<'a>) -> Result<(), Wrong> {
    if object.value(Key::Edus)?.is_some() {
        return entries(object, Key::Edus, each, |entry, each| edu(entry, each));
    }
    let presence = object.value(Key::Presence)?;
    if object.value(Key::NextBatch)?.is_some() || object.has_object(Key::Presence)? {
        return sync_answer(object, each);
    }
    let has_sender = object.value(Key::Sender)?.is_some();
    if object.has_object(Key::Content)? {
        if object.value(Key::EduType)?.is_some() || pushes(object)? {
            return edu(object, each);
        }
        if has_sender {
            if let Some((at, kind)) = object.other_text(Key::Type, PRESENCE)? {
                let message = format!(
                    "{} events are no presence updates: `type` should be `{PRESENCE}`",
                    quoted(&kind)
                );
                return Err(Wrong { at, message });
            }
            each(Ok(event(object)?));
            return Ok(());
        }
    }
    if object.value(Key::UserId)?.is_some() {
        let state = match object.value(Key::State)? {
            Some(_) => Key::State,
            None if presence.is_some() => Key::Presence,
            None => {
                return Err(object.wrong("no `state` or `presence`: this is no presence update"));
            }
        };
        each(Ok(update(object, Key::UserId, object, state)?));
        return Ok(());
    }
    if has_sender {
        // Says what is wrong with it.
        each(Ok(event(object)?));
        return Ok(());
    }
    Err(object.wrong(NO_SENDER))
}

/// The answer of `/sync`: without presence, or with events of another type, it holds no update and is no error.
fn sync_answer<'a>(object: &Object<'a>, each: &mut impl Each<'a>) -> Result<(), Wrong> {
    let Some(presence) = object.object(Key::Presence)? else {
        return Ok(());
    };
    if presence.value(Key::Events)?.is_none() {
        return Ok(());
    }
    entries(&presence, Key::Events, each, |entry, each| {
        if entry.other_text(Key::Type, PRESENCE)?.is_none() {
            each(Ok(event(entry)?));
        }
        Ok(())
    })
}

/// An EDU, alone or in a transaction; one of another type holds no update and is no error.
fn edu<'a>(object: &Object<'a>, each: &mut impl Each<'a>) -> Result<(), Wrong> {
    if object.other_text(Key::EduType, PRESENCE)?.is_some() {
        return Ok(());
    }
    let Some(content) = object.object(Key::Content)? else {
        return Err(object.wrong("no `content`: this is no presence EDU"));
    };
    entries(&content, Key::Push, each, |entry, each| {
        each(Ok(update(entry, Key::UserId, entry, Key::Presence)?));
        Ok(())
    })
}

fn pushes(object: &Object<'_>) -> Result<bool, Wrong> {
    let content = object.object(Key::Content)?;
    content.map_or(Ok(false), |content| Ok(content.value(Key::Push)?.is_some()))
}

/// A client-server event, whose type has been looked at.
fn event<'a>(object: &Object<'a>) -> Result<Update<'a>, Wrong> {
    match object.object(Key::Content)? {
        Some(content) => update(object, Key::Sender, &content, Key::Presence),
        None => Err(object.wrong("no `content`: this is no presence event")),
    }
}

/// The update that `object` is; what it says about the sender stands in `about`.
fn update<'a>(
    object: &Object<'a>,
    sender_key: Key,
    about: &Object<'a>,
    state_key: Key,
) -> Result<Update<'a>, Wrong> {
    let (at, sender) = object.text(sender_key)?;
    if let Err(reason) = UserId::parse(&sender) {
        let message = format!("{} is not a user ID: {reason}", quoted(&sender));
        return Err(Wrong { at, message });
    }
    Ok(Update {
        json: object.json(),
        sender,
        state: about.text(state_key)?.1,
        currently_active: about.flag(Key::CurrentlyActive)?,
    })
}

/// Reads each entry of a record that holds many: one that is at fault is refused alone.
fn entries<'a, E: Each<'a>>(
    object: &Object<'a>,
    key: Key,
    each: &mut E,
    read: impl Fn(&Object<'a>, &mut E) -> Result<(), Wrong>,
) -> Result<(), Wrong> {
    object.entries(key, |entry| {
        let is_object = entry.must_be_object(&format!("an entry of `{}`", key.name()));
        if let Err(Wrong {
            at: offset,
            message,
        }) = is_object.and_then(|()| read(&entry, each))
        {
            each(Err(Fault {
                text: entry.json(),
                offset,
                message,
            }));
        }
    })
}
