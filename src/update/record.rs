//! One record, and the updates that it holds.
//!
//! The kinds of record, and where they come from: `UserPresenceState` (Synapse, `synapse/api/presence.py`), the
//! `m.presence` event and the answer of `/sync` (Matrix specification, client-server API, "Presence" and "Syncing"),
//! the `m.presence` EDU and the transaction that carries it (server-server API, "Presence" and "Transactions").

use std::borrow::Cow;

use crate::update::bytes::is_space;
use crate::update::fields::{Fields, Flat, Key, Noted};
use crate::update::message::{self, quoted};
use crate::update::object::{Object, Wrong};
use crate::update::place::Place;
use crate::update::presence::Update;
use crate::update::scan::{self, Verdict};
use crate::user_id::{UserId, UserIdError};

/// The type of presence events and of presence EDUs.
pub(crate) const PRESENCE: &str = "m.presence";

/// What stands in place of a record that names nobody.
const NO_SENDER: &str = "no `user_id` or `sender`: this is not a presence update";

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
#[derive(Clone)]
pub struct Record<'a> {
    text: &'a str,
    noted: Noted,
    is_compact: bool,
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
///         Ok(update) => format!("{} {} {:?}", update.sender().as_str(), update.state, update.currently_active),
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
                None => {
                    let noted = Noted::Fields(Box::new(fields));
                    return Ok(Self::new(text, noted, false, bytes, Place::START));
                }
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
    pub(crate) fn new(
        text: &'a str,
        noted: Noted,
        is_compact: bool,
        input: &'a [u8],
        input_place: Place,
    ) -> Self {
        Self {
            text,
            noted,
            is_compact,
            input,
            input_place,
        }
    }

    /// Whether it is known that no white space stands between the record's tokens.
    pub fn is_compact(&self) -> bool {
        self.is_compact
    }

    /// The text that most likely is the sender, where it is quick to find: what it is, only [`tell`](Self::tell) says.
    pub fn likely_sender(&self) -> Option<&'a str> {
        match &self.noted {
            Noted::Flat(flat) => Some(part(self.text, flat.sender)),
            Noted::Fields(fields) => {
                let mut keys = [Key::UserId, Key::Sender].into_iter();
                let span = keys.find_map(|key| fields.value(key))?;
                self.text.get(span.start + 1..span.end - 1)
            }
        }
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
    pub fn updates(&self, each: impl FnMut(Result<Update<'a>, Fault<'a>>)) {
        self.tell(&mut Each(each));
    }

    /// The same for a listener who knows senders.
    pub fn tell(&self, listener: &mut impl Listener<'a>) {
        let fields = match &self.noted {
            Noted::Fields(noted) => **noted,
            Noted::Flat(flat) => {
                if self.flat(flat, listener).is_ok() {
                    return;
                }
                // What is wrong with it is said where this is said of all records.
                let mut fields = Fields::default();
                scan::whole(self.text.as_bytes(), 0, &mut fields);
                fields
            }
        };
        // The value has been read whole, so that only white space stands around it.
        let start = self.text.len() - self.text.trim_ascii_start().len();
        let end = self.text.trim_ascii_end().len();
        let object = Object::new(self.text, start..end, fields);
        let read = object.must_be_object("a record");
        if let Err(wrong) = read.and_then(|()| record(&object, listener)) {
            listener.fault(wrong.within(self.text));
        }
    }

    fn flat(&self, flat: &Flat, listener: &mut impl Listener<'a>) -> Result<(), UserIdError> {
        let sender = part(self.text, flat.sender);
        let known = listener.sender(sender)?;
        let update = Update {
            json: self.text,
            sender: Cow::Borrowed(sender),
            state: Cow::Borrowed(part(self.text, flat.state)),
            currently_active: flat.currently_active,
        };
        listener.update(update, known);
        Ok(())
    }
}

fn part(text: &str, (start, end): (u32, u32)) -> &str {
    &text[start as usize..end as usize]
}

/// Gets the updates of a record, and what in it is refused.
pub trait Listener<'a> {
    /// What is known of a sender.
    type Sender;

    /// Judges a sender before its update is told.
    ///
    /// # Errors
    ///
    /// Why it is not a user ID: then the update is refused.
    fn sender(&mut self, sender: &str) -> Result<Self::Sender, UserIdError>;

    /// An update, with what is known of its sender.
    fn update(&mut self, update: Update<'a>, sender: Self::Sender);

    /// A record, or a part of one, that is refused.
    fn fault(&mut self, fault: Fault<'a>);
}

/// Tells updates and faults one like the other.
struct Each<F>(F);

impl<'a, F: FnMut(Result<Update<'a>, Fault<'a>>)> Listener<'a> for Each<F> {
    type Sender = ();

    fn sender(&mut self, sender: &str) -> Result<(), UserIdError> {
        UserId::parse(sender).map(drop)
    }

    fn update(&mut self, update: Update<'a>, (): ()) {
        self.0(Ok(update));
    }

    fn fault(&mut self, fault: Fault<'a>) {
        self.0(Err(fault));
    }
}

impl Wrong {
    /// What is refused for it.
    fn within(self, text: &str) -> Fault<'_> {
        Fault {
            text,
            offset: self.at,
            message: self.message,
        }
    }
}

/// A whole record: its keys tell its kind.
fn record<'a>(object: &Object<'a>, listener: &mut impl Listener<'a>) -> Result<(), Wrong> {
    if object.value(Key::Edus)?.is_some() {
        return entries(object, Key::Edus, listener, |entry, listener| {
            edu(entry, listener)
        });
    }
    let presence = object.value(Key::Presence)?;
    if object.value(Key::NextBatch)?.is_some() || object.has_object(Key::Presence)? {
        return sync_answer(object, listener);
    }
    let has_sender = object.value(Key::Sender)?.is_some();
    if object.has_object(Key::Content)? {
        if object.value(Key::EduType)?.is_some() || pushes(object)? {
            return edu(object, listener);
        }
        if has_sender {
            if let Some((at, kind)) = object.other_text(Key::Type, PRESENCE)? {
                let message = format!(
                    "{} events are not presence updates: `type` should be `{PRESENCE}`",
                    quoted(&kind)
                );
                return Err(Wrong { at, message });
            }
            return event(object, listener);
        }
    }
    if object.value(Key::UserId)?.is_some() {
        let state = match object.value(Key::State)? {
            Some(_) => Key::State,
            None if presence.is_some() => Key::Presence,
            None => {
                return Err(object.wrong("no `state` or `presence`: this is not a presence update"));
            }
        };
        return update(object, Key::UserId, object, state, listener);
    }
    if has_sender {
        // Says what is wrong with it.
        return event(object, listener);
    }
    Err(object.wrong(NO_SENDER))
}

/// The answer of `/sync`: without presence, or with events of another type, it holds no update and is no error.
fn sync_answer<'a>(object: &Object<'a>, listener: &mut impl Listener<'a>) -> Result<(), Wrong> {
    let Some(presence) = object.object(Key::Presence)? else {
        return Ok(());
    };
    if presence.value(Key::Events)?.is_none() {
        return Ok(());
    }
    entries(
        &presence,
        Key::Events,
        listener,
        |entry, listener| match entry.other_text(Key::Type, PRESENCE)? {
            None => event(entry, listener),
            Some(_) => Ok(()),
        },
    )
}

/// An EDU, alone or in a transaction; one of another type holds no update and is no error.
fn edu<'a>(object: &Object<'a>, listener: &mut impl Listener<'a>) -> Result<(), Wrong> {
    if object.other_text(Key::EduType, PRESENCE)?.is_some() {
        return Ok(());
    }
    let Some(content) = object.object(Key::Content)? else {
        return Err(object.wrong("no `content`: this is not a presence EDU"));
    };
    entries(&content, Key::Push, listener, |entry, listener| {
        update(entry, Key::UserId, entry, Key::Presence, listener)
    })
}

fn pushes(object: &Object<'_>) -> Result<bool, Wrong> {
    let content = object.object(Key::Content)?;
    content.map_or(Ok(false), |content| Ok(content.value(Key::Push)?.is_some()))
}

/// A client-server event, whose type has been looked at.
fn event<'a>(object: &Object<'a>, listener: &mut impl Listener<'a>) -> Result<(), Wrong> {
    match object.object(Key::Content)? {
        Some(content) => update(object, Key::Sender, &content, Key::Presence, listener),
        None => Err(object.wrong("no `content`: this is not a presence event")),
    }
}

/// The update that `object` is; what it says about the sender stands in `about`.
fn update<'a>(
    object: &Object<'a>,
    sender_key: Key,
    about: &Object<'a>,
    state_key: Key,
    listener: &mut impl Listener<'a>,
) -> Result<(), Wrong> {
    let (at, sender) = object.text(sender_key)?;
    let known = listener.sender(&sender).map_err(|reason| {
        let message = format!("{} is not a user ID: {reason}", quoted(&sender));
        Wrong { at, message }
    })?;
    let update = Update {
        json: object.json(),
        sender,
        state: about.text(state_key)?.1,
        currently_active: about.flag(Key::CurrentlyActive)?,
    };
    listener.update(update, known);
    Ok(())
}

/// Reads each entry of a record that holds many: one that is at fault is refused alone.
fn entries<'a, L: Listener<'a>>(
    object: &Object<'a>,
    key: Key,
    listener: &mut L,
    read: impl Fn(&Object<'a>, &mut L) -> Result<(), Wrong>,
) -> Result<(), Wrong> {
    object.entries(key, |entry| {
        let is_object = entry.must_be_object(&format!("an entry of `{}`", key.name()));
        if let Err(wrong) = is_object.and_then(|()| read(&entry, listener)) {
            listener.fault(wrong.within(entry.json()));
        }
    })
}
