//! Reading YAML by shape, without stopping at the first fault.
//!
//! A [`Shape`] says what may stand in a place. Whatever else stands there becomes a finding, is passed over, and
//! reading goes on after it. Only what is no YAML at all ends a file. Everything is read in one pass over serde's
//! events, with no tree between.

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;

use serde::de::{
    DeserializeSeed, Deserializer, EnumAccess, Error, IgnoredAny, MapAccess, SeqAccess,
    VariantAccess, Visitor,
};

use crate::finding::{Code, Finding, Location};
use crate::key_path::KeyPath;
use crate::pattern::{Fault, shortened};
use crate::source::FileId;

/// Where reading stands, and what it found.
pub(crate) struct Context<'f> {
    pub file: FileId,
    pub path: KeyPath,
    pub findings: &'f mut Vec<Finding>,
}

/// What may stand in a place, and what is made of it. Each way of writing a value is refused unless the shape takes
/// it; `None` stands for a value with a fault, which is among the findings.
pub(crate) trait Shape<'de>: Sized {
    type Value;

    /// What is expected, in the words of YAML and of admins: "a list of users".
    const EXPECTED: &'static str;

    fn text(self, cx: &mut Context<'_>, text: &str) -> Option<Self::Value> {
        let _ = text;
        cx.wrong_type(Self::EXPECTED, "text");
        None
    }

    fn flag(self, cx: &mut Context<'_>, flag: bool) -> Option<Self::Value> {
        cx.wrong_type(Self::EXPECTED, &format!("`{flag}`"));
        None
    }

    fn number(self, cx: &mut Context<'_>, number: f64) -> Option<Self::Value> {
        let _ = number;
        cx.wrong_type(Self::EXPECTED, "a number");
        None
    }

    fn nothing(self, cx: &mut Context<'_>) -> Option<Self::Value> {
        cx.wrong_type(Self::EXPECTED, "nothing");
        None
    }

    fn list<A: SeqAccess<'de>>(
        self,
        cx: &mut Context<'_>,
        mut list: A,
    ) -> Result<Option<Self::Value>, A::Error> {
        cx.wrong_type(Self::EXPECTED, "a list");
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(None)
    }

    fn mapping<A: MapAccess<'de>>(
        self,
        cx: &mut Context<'_>,
        mut mapping: A,
    ) -> Result<Option<Self::Value>, A::Error> {
        cx.wrong_type(Self::EXPECTED, "a mapping");
        while mapping.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(None)
    }
}

impl Context<'_> {
    pub fn here(&self) -> Location {
        Location::value(self.file, self.path.clone())
    }

    pub fn report(&mut self, finding: Finding) {
        self.findings.push(finding);
    }

    pub fn error(&mut self, code: Code, message: impl Into<String>) {
        self.report(Finding::new(code, self.here(), message));
    }

    /// The outcome of reading a pattern at this place.
    pub fn checked<T>(&mut self, outcome: Result<T, Fault>) -> Option<T> {
        outcome
            .map_err(|fault| {
                let range: Range<usize> = fault.range;
                let location = Location::inside(self.file, self.path.clone(), range);
                let mut finding = Finding::new(fault.code, location, fault.message);
                finding.help = fault.help;
                self.report(finding);
            })
            .ok()
    }

    fn wrong_type(&mut self, expected: &str, found: &str) {
        let message = format!("expected {expected}, found {found}");
        let mut finding = Finding::new(Code::WrongType, self.here(), message);
        if expected.starts_with("text") && !matches!(found, "a list" | "a mapping" | "nothing") {
            finding.help = Some("put it in quotes to make it text".into());
        }
        self.report(finding);
    }

    /// Reads the value of the key that was read last.
    pub fn value<'de, A: MapAccess<'de>, S: Shape<'de>>(
        &mut self,
        mapping: &mut A,
        key: impl Into<Cow<'static, str>>,
        shape: S,
    ) -> Result<Option<S::Value>, A::Error> {
        self.path.push_key(key.into(), 0);
        let value = mapping.next_value_seed(Seed { cx: self, shape });
        self.path.pop();
        value
    }

    /// Reads all items of a list. A faulty item is a `None`, so that the others keep their index.
    pub fn items<'de, A: SeqAccess<'de>, S: Shape<'de> + Copy>(
        &mut self,
        mut list: A,
        shape: S,
    ) -> Result<Vec<Option<S::Value>>, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = self.item(&mut list, items.len(), shape)? {
            items.push(item);
        }
        Ok(items)
    }

    /// Reads the next item of a list, which has this index. `None` is the end of the list.
    #[expect(clippy::option_option, reason = "an item with a fault is no end")]
    pub fn item<'de, A: SeqAccess<'de>, S: Shape<'de>>(
        &mut self,
        list: &mut A,
        index: usize,
        shape: S,
    ) -> Result<Option<Option<S::Value>>, A::Error> {
        self.path.push_item(index);
        let item = list.next_element_seed(Seed { cx: self, shape });
        self.path.pop();
        item
    }
}

/// Reads a value as a shape.
pub(crate) struct Seed<'c, 'f, S> {
    pub cx: &'c mut Context<'f>,
    pub shape: S,
}

impl<'de, S: Shape<'de>> DeserializeSeed<'de> for Seed<'_, '_, S> {
    type Value = Option<S::Value>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de, S: Shape<'de>> Visitor<'de> for Seed<'_, '_, S> {
    type Value = Option<S::Value>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(S::EXPECTED)
    }

    fn visit_bool<E: Error>(self, flag: bool) -> Result<Self::Value, E> {
        Ok(self.shape.flag(self.cx, flag))
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Self::Value, E> {
        #[expect(clippy::cast_precision_loss, reason = "only 1 is ever meant")]
        self.visit_f64(number as f64)
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Self::Value, E> {
        #[expect(clippy::cast_precision_loss, reason = "only 1 is ever meant")]
        self.visit_f64(number as f64)
    }

    fn visit_i128<E: Error>(self, _: i128) -> Result<Self::Value, E> {
        self.visit_f64(f64::INFINITY)
    }

    fn visit_u128<E: Error>(self, _: u128) -> Result<Self::Value, E> {
        self.visit_f64(f64::INFINITY)
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<Self::Value, E> {
        Ok(self.shape.number(self.cx, number))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        Ok(self.shape.text(self.cx, text))
    }

    fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
        Ok(self.shape.nothing(self.cx))
    }

    fn visit_none<E: Error>(self) -> Result<Self::Value, E> {
        self.visit_unit()
    }

    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<Self::Value, A::Error> {
        self.shape.list(self.cx, list)
    }

    fn visit_map<A: MapAccess<'de>>(self, mapping: A) -> Result<Self::Value, A::Error> {
        self.shape.mapping(self.cx, mapping)
    }

    fn visit_enum<A: EnumAccess<'de>>(self, tagged: A) -> Result<Self::Value, A::Error> {
        let (tag, value) = tagged.variant::<String>()?;
        value.newtype_variant::<IgnoredAny>()?;
        let message = format!(
            "expected {}, found the tag `!{}`",
            S::EXPECTED,
            shortened(&tag)
        );
        let finding = Finding::new(Code::WrongType, self.cx.here(), message);
        self.cx.report(finding.help(
            "files of rules and tests have no tags: put a text that starts with `!` in quotes",
        ));
        Ok(None)
    }
}
