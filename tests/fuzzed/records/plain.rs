//! Streams and records as plainly as their description puts them, on `serde_json`, which shares nothing with the reader.

use std::fmt;

use presence_router::update::MAX_DEPTH;
use presence_router::user_id::UserId;
use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

/// What there is in a stream.
#[derive(Debug, PartialEq)]
pub enum Found {
    /// A value, and what it holds: an update, or something that is refused.
    Record {
        text: String,
        updates: Vec<Option<Update>>,
    },
    Refused(Vec<u8>),
}

#[derive(Debug, PartialEq)]
pub struct Update {
    pub json: String,
    pub sender: String,
    pub state: String,
    pub currently_active: Option<bool>,
}

/// Where in an array of records a stream is.
#[derive(Clone, Copy, PartialEq)]
enum Array {
    Outside,
    /// Behind `[` or `,`.
    Record,
    /// Behind a record.
    Comma,
    /// Behind broken JSON, which may have held the end of the array.
    Unknown,
}

/// Values one after another, or in arrays; of broken JSON, the line is refused on which it starts.
pub fn read(input: &[u8]) -> Vec<Found> {
    let mut found = Vec::new();
    let mut array = Array::Outside;
    let mut rest = input.strip_prefix("\u{feff}".as_bytes()).unwrap_or(input);
    while let Some(&first) = rest.first() {
        let (length, next) = match (first, array) {
            (b' ' | b'\t' | b'\r' | b'\n', _) | (b',', Array::Unknown) => (1, array),
            (b'[', Array::Outside | Array::Unknown) => {
                // Right behind it, a `,` lacks its record, and a `]` does not.
                let is_space = |byte: &&u8| b" \t\r\n".contains(*byte);
                let spaces = rest[1..].iter().take_while(is_space).count();
                if rest.get(1 + spaces) == Some(&b']') {
                    (1 + spaces, Array::Unknown)
                } else {
                    (1, Array::Record)
                }
            }
            (b',', Array::Comma) => (1, Array::Record),
            (b',', _) => {
                found.push(Found::Refused(b",".to_vec()));
                (1, array)
            }
            (b']', Array::Comma | Array::Unknown) => (1, Array::Outside),
            (b']', _) => {
                found.push(Found::Refused(b"]".to_vec()));
                (1, Array::Outside)
            }
            _ => value(rest, array, &mut found),
        };
        (rest, array) = (&rest[length..], next);
    }
    found
}

/// Takes a value from the start of these bytes, or a line; says how long it is, and where that leaves an array.
fn value(rest: &[u8], array: Array, found: &mut Vec<Found>) -> (usize, Array) {
    if let Some(length) = value_length(rest) {
        found.push(match str::from_utf8(&rest[..length]) {
            Ok(text) => Found::Record {
                text: text.to_owned(),
                updates: updates(text),
            },
            Err(_) => Found::Refused(rest[..length].to_vec()),
        });
        let next = match array {
            Array::Record | Array::Comma => Array::Comma,
            Array::Outside | Array::Unknown => array,
        };
        return (length, next);
    }
    let line = rest.split(|&byte| byte == b'\n').next();
    let line = line.expect("there is always one");
    found.push(Found::Refused(line.to_vec()));
    let next = match array {
        Array::Outside => array,
        _ => Array::Unknown,
    };
    (line.len(), next)
}

/// How long the value is that these bytes start with, if they start with one that is not too deep.
fn value_length(bytes: &[u8]) -> Option<usize> {
    // Texts that are not UTF-8 have an end all the same. Elsewhere an `x` is as wrong as any of these bytes.
    let ascii: Vec<_> = (bytes.iter())
        .map(|&byte| if byte.is_ascii() { byte } else { b'x' })
        .collect();
    let mut reader = serde_json::Deserializer::from_slice(&ascii);
    let value = <&RawValue>::deserialize(&mut reader).ok()?.get();
    let (mut depth, mut deepest, mut is_text) = (0, 0, false);
    let mut written = value.bytes();
    while let Some(byte) = written.next() {
        match byte {
            b'\\' => drop(written.next()),
            b'"' => is_text = !is_text,
            b'[' | b'{' if !is_text => depth += 1,
            b']' | b'}' if !is_text => depth -= 1,
            _ => {}
        }
        deepest = deepest.max(depth);
    }
    (deepest <= i32::from(MAX_DEPTH)).then_some(value.len())
}

/// No update.
struct Refused;

type Read<T> = Result<T, Refused>;

/// What a record holds; the refused is `None`.
fn updates(text: &str) -> Vec<Option<Update>> {
    let mut found = Vec::new();
    let is_read = Object::read(text).and_then(|object| record(&object, &mut found));
    if is_read.is_err() {
        found.push(None);
    }
    found
}

/// An object as written: all its keys, and where it stands.
struct Object<'t> {
    json: &'t str,
    entries: Vec<(Option<String>, &'t RawValue)>,
}

impl<'t> Object<'t> {
    fn read(json: &'t str) -> Read<Self> {
        let Entries(entries) = serde_json::from_str(json).map_err(|_| Refused)?;
        Ok(Self { json, entries })
    }

    /// The value of a key, which must not stand there twice.
    fn get(&self, key: &str) -> Read<Option<&'t str>> {
        let mut values = (self.entries.iter())
            .filter(|(known, _)| known.as_deref() == Some(key))
            .map(|(_, value)| value.get());
        let value = values.next();
        if values.next().is_some() {
            Err(Refused)
        } else {
            Ok(value)
        }
    }

    fn text(&self, key: &str) -> Read<String> {
        serde_json::from_str(self.get(key)?.ok_or(Refused)?).map_err(|_| Refused)
    }

    fn object(&self, key: &str) -> Read<Object<'t>> {
        Object::read(self.get(key)?.ok_or(Refused)?)
    }

    /// Whether the type of a record is that of presence, or is not said.
    fn is(&self, key: &str) -> Read<bool> {
        match self.get(key)? {
            None => Ok(true),
            Some(_) => Ok(self.text(key)? == "m.presence"),
        }
    }

    fn each(
        &self,
        key: &str,
        found: &mut Vec<Option<Update>>,
        read: impl Fn(&Object<'t>, &mut Vec<Option<Update>>) -> Read<()>,
    ) -> Read<()> {
        let entries: Vec<&RawValue> =
            serde_json::from_str(self.get(key)?.ok_or(Refused)?).map_err(|_| Refused)?;
        for entry in entries {
            let is_read = Object::read(entry.get()).and_then(|entry| read(&entry, found));
            if is_read.is_err() {
                found.push(None);
            }
        }
        Ok(())
    }
}

fn record(object: &Object<'_>, found: &mut Vec<Option<Update>>) -> Read<()> {
    if object.get("edus")?.is_some() {
        return object.each("edus", found, edu);
    }
    let is_object = |value: Option<&str>| value.is_some_and(|value| value.starts_with('{'));
    let presence = object.get("presence")?;
    if object.get("next_batch")?.is_some() || is_object(presence) {
        let Some(_) = presence else { return Ok(()) };
        let presence = object.object("presence")?;
        let Some(_) = presence.get("events")? else {
            return Ok(());
        };
        return presence.each("events", found, |entry, found| {
            if entry.is("type")? {
                event(entry, found)?;
            }
            Ok(())
        });
    }
    let sender = object.get("sender")?;
    if is_object(object.get("content")?) {
        let content = object.object("content")?;
        if object.get("edu_type")?.is_some() || content.get("push")?.is_some() {
            return edu(object, found);
        }
        if sender.is_some() {
            return if object.is("type")? {
                event(object, found)
            } else {
                Err(Refused)
            };
        }
    }
    if object.get("user_id")?.is_some() {
        let has_state = object.get("state")?.is_some();
        let state = if has_state { "state" } else { "presence" };
        return update(object, "user_id", object, state, found);
    }
    event(object, found)
}

fn edu(object: &Object<'_>, found: &mut Vec<Option<Update>>) -> Read<()> {
    if !object.is("edu_type")? {
        return Ok(());
    }
    let content = object.object("content")?;
    content.each("push", found, |entry, found| {
        update(entry, "user_id", entry, "presence", found)
    })
}

fn event(object: &Object<'_>, found: &mut Vec<Option<Update>>) -> Read<()> {
    let content = object.object("content")?;
    update(object, "sender", &content, "presence", found)
}

fn update(
    object: &Object<'_>,
    sender: &str,
    about: &Object<'_>,
    state: &str,
    found: &mut Vec<Option<Update>>,
) -> Read<()> {
    let sender = object.text(sender)?;
    UserId::parse(&sender).map_err(|_| Refused)?;
    let currently_active = match about.get("currently_active")? {
        None => None,
        Some(flag) => serde_json::from_str(flag).map_err(|_| Refused)?,
    };
    found.push(Some(Update {
        json: object.json.to_owned(),
        sender,
        state: about.text(state)?,
        currently_active,
    }));
    Ok(())
}

/// The entries of an object, each time a key stands there.
struct Entries<'t>(Vec<(Option<String>, &'t RawValue)>);

impl<'de> Deserialize<'de> for Entries<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(EntriesVisitor)
    }
}

struct EntriesVisitor;

impl<'de> Visitor<'de> for EntriesVisitor {
    type Value = Entries<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Entries<'de>, A::Error> {
        let mut entries = Vec::new();
        while let Some((key, value)) = map.next_entry::<Name, &RawValue>()? {
            entries.push((key.0, value));
        }
        Ok(Entries(entries))
    }
}

/// A key; half a surrogate pair makes it none.
struct Name(Option<String>);

impl<'de> Deserialize<'de> for Name {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct NameVisitor;
        impl Visitor<'_> for NameVisitor {
            type Value = Name;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a key")
            }

            fn visit_bytes<E>(self, key: &[u8]) -> Result<Name, E> {
                Ok(Name(str::from_utf8(key).ok().map(str::to_owned)))
            }

            fn visit_str<E>(self, key: &str) -> Result<Name, E> {
                Ok(Name(Some(key.to_owned())))
            }
        }
        deserializer.deserialize_bytes(NameVisitor)
    }
}
