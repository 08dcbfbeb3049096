//! An object inside a record, and the questions that the kinds of record ask it.

use std::borrow::Cow;
use std::ops::Range;

use crate::update::bytes::plain_length;
use crate::update::fields::{Fields, Key};
use crate::update::message::kind;
use crate::update::scan;

/// What is wrong and where, before it is known which part of the record is refused for it.
pub(crate) struct Wrong {
    pub at: usize,
    pub message: String,
}

/// A value of a record, which the scanner has found whole, and its fields if it is an object.
pub(crate) struct Object<'a> {
    record: &'a str,
    span: Range<usize>,
    fields: Fields,
}

impl<'a> Object<'a> {
    /// The value at `span` of `record`, taken apart already.
    pub fn new(record: &'a str, span: Range<usize>, fields: Fields) -> Self {
        Self {
            record,
            span,
            fields,
        }
    }

    fn take_apart(record: &'a str, span: Range<usize>) -> Self {
        let mut fields = Fields::default();
        scan::whole(&record.as_bytes()[..span.end], span.start, &mut fields);
        Self::new(record, span, fields)
    }

    /// The value as it was written.
    pub fn json(&self) -> &'a str {
        &self.record[self.span.clone()]
    }

    /// Refuses any other value, under the name that messages give it.
    pub fn must_be_object(&self, name: &str) -> Result<(), Wrong> {
        if self.is_object(&self.span) {
            return Ok(());
        }
        Err(self.wrong(format!(
            "{name} should be an object, found {}",
            self.kind(&self.span)
        )))
    }

    /// Where the value of `key` stands, if it is there.
    pub fn value(&self, key: Key) -> Result<Option<Range<usize>>, Wrong> {
        let value = self.fields.value(key);
        if self.fields.is_repeated(key)
            && let Some(value) = &value
        {
            return Err(Wrong {
                at: value.start,
                message: format!("`{}` stands here again: which one is meant?", key.name()),
            });
        }
        Ok(value)
    }

    /// The text that `key` must have, and where it stands.
    pub fn text(&self, key: Key) -> Result<(usize, Cow<'a, str>), Wrong> {
        let Some(span) = self.value(key)? else {
            return Err(self.wrong(format!(
                "no `{}`: this is not a presence update",
                key.name()
            )));
        };
        let written = &self.record[span.clone()];
        if !written.starts_with('"') {
            return Err(self.unlike(key, "text", &span));
        }
        if plain_length(&self.record.as_bytes()[span.start + 1..]) + 2 == span.len() {
            return Ok((span.start, Cow::Borrowed(&written[1..written.len() - 1])));
        }
        match serde_json::from_str(written) {
            Ok(text) => Ok((span.start, Cow::Owned(text))),
            Err(_) => Err(Wrong {
                at: span.start,
                message: format!(
                    "`{}` has half of a surrogate pair, which is not a character",
                    key.name()
                ),
            }),
        }
    }

    /// The value of `key`, which must be `true`, `false`, `null` or absent; the latter two are one.
    pub fn flag(&self, key: Key) -> Result<Option<bool>, Wrong> {
        let Some(span) = self.value(key)? else {
            return Ok(None);
        };
        match &self.record[span.clone()] {
            "true" => Ok(Some(true)),
            "false" => Ok(Some(false)),
            "null" => Ok(None),
            _ => Err(self.unlike(key, "true or false", &span)),
        }
    }

    /// The object that `key` must have, unless it is absent.
    pub fn object(&self, key: Key) -> Result<Option<Object<'a>>, Wrong> {
        let Some(span) = self.value(key)? else {
            return Ok(None);
        };
        if !self.is_object(&span) {
            return Err(self.unlike(key, "an object", &span));
        }
        Ok(Some(Self::take_apart(self.record, span)))
    }

    /// Whether `key` is there once, with an object.
    pub fn has_object(&self, key: Key) -> Result<bool, Wrong> {
        Ok(self.value(key)?.is_some_and(|span| self.is_object(&span)))
    }

    /// Tells each entry of the array that `key` must have.
    pub fn entries(&self, key: Key, mut each: impl FnMut(Object<'a>)) -> Result<(), Wrong> {
        let Some(span) = self.value(key)? else {
            return Err(self.wrong(format!(
                "no `{}`: this is not a presence update",
                key.name()
            )));
        };
        if !self.record[span.clone()].starts_with('[') {
            return Err(self.unlike(key, "an array", &span));
        }
        let record = self.record;
        let mut each_span = |entry| each(Self::take_apart(record, entry));
        scan::whole(&record.as_bytes()[..span.end], span.start, &mut each_span);
        Ok(())
    }

    /// The text that `key` has, if that is there and is not `expected`.
    pub fn other_text(
        &self,
        key: Key,
        expected: &str,
    ) -> Result<Option<(usize, Cow<'a, str>)>, Wrong> {
        if self.value(key)?.is_none() {
            return Ok(None);
        }
        Ok(Some(self.text(key)?).filter(|(_, text)| text != expected))
    }

    /// A fault of the object as a whole: at its first byte.
    pub fn wrong(&self, message: impl Into<String>) -> Wrong {
        Wrong {
            at: self.span.start,
            message: message.into(),
        }
    }

    fn unlike(&self, key: Key, expected: &str, span: &Range<usize>) -> Wrong {
        let found = self.kind(span);
        Wrong {
            at: span.start,
            message: format!("`{}` should be {expected}, found {found}", key.name()),
        }
    }

    fn is_object(&self, span: &Range<usize>) -> bool {
        self.record.as_bytes()[span.start] == b'{'
    }

    fn kind(&self, span: &Range<usize>) -> &'static str {
        kind(self.record.as_bytes()[span.start])
    }
}
