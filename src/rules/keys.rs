//! The keys of mappings: text, known, and each written once.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;

use serde::de::{
    DeserializeSeed, Deserializer, EnumAccess, Error, IgnoredAny, MapAccess, SeqAccess,
    VariantAccess, Visitor,
};

use super::yaml::Context;
use crate::finding::{Code, Finding, Location};
use crate::pattern::shortened;

/// The keys of one mapping, as they come.
pub(crate) struct Keys {
    /// What the mapping is: "a route".
    what: &'static str,
    known: &'static [&'static str],
    /// One bit for each known key that came.
    seen: u32,
    /// How often each key came that is unknown or not new. Empty, and so free, for a mapping without faults.
    odd: HashMap<Cow<'static, str>, u32>,
    /// Unknown keys, each of which may stand for a known one.
    misspelt: Vec<String>,
}

impl Keys {
    pub fn new(what: &'static str, known: &'static [&'static str]) -> Self {
        Self {
            what,
            known,
            seen: 0,
            odd: HashMap::new(),
            misspelt: Vec::new(),
        }
    }

    /// The next key that is known and new. What is not becomes a finding, and is passed over with its value.
    pub fn next<'de, A: MapAccess<'de>>(
        &mut self,
        cx: &mut Context<'_>,
        mapping: &mut A,
    ) -> Result<Option<&'static str>, A::Error> {
        while let Some(key) = cx.next_key(mapping, self.what, self.known)? {
            match key {
                Key::Known(index) if self.seen & (1 << index) == 0 => {
                    self.seen |= 1 << index;
                    return Ok(Some(self.known[index]));
                }
                Key::Known(index) => {
                    let known = self.known[index];
                    let before = self.odd.entry(known.into()).or_default();
                    *before += 1;
                    let message = format!("the key `{known}` is written twice");
                    cx.repeated(Code::DuplicateKey, known.into(), *before, message);
                }
                Key::Other(key) => {
                    let before = self.odd.entry(key.clone().into()).or_default();
                    *before += 1;
                    let nth = *before - 1;
                    if self.misspelt.len() < self.known.len() {
                        self.misspelt.push(key.clone());
                    }
                    self.unknown(cx, key.into(), nth);
                }
            }
            mapping.next_value::<IgnoredAny>()?;
        }
        Ok(None)
    }

    /// Reports each of these keys that did not come.
    pub fn require(&self, cx: &mut Context<'_>, keys: &[&'static str]) {
        for key in keys {
            // A key that is misspelt is a finding already, and there is nothing more to say of it.
            if !self.has(key)
                && !self
                    .misspelt
                    .iter()
                    .any(|name| did_you_mean(name, [*key]).is_some())
            {
                let message = format!("{} needs the key `{key}`", self.what);
                cx.error(Code::MissingKey, message);
            }
        }
    }

    pub fn has(&self, key: &str) -> bool {
        (self.known.iter().enumerate())
            .any(|(index, known)| *known == key && self.seen & (1 << index) != 0)
    }

    /// Whether some key came that is unknown or not new.
    pub fn has_odd(&self) -> bool {
        !self.odd.is_empty()
    }

    fn unknown(&self, cx: &mut Context<'_>, name: Cow<'static, str>, nth: u32) {
        let message = format!("unknown key `{}` in {}", shortened(&name), self.what);
        let help = did_you_mean(&name, self.known.iter().copied()).unwrap_or_else(|| {
            let known: Vec<_> = self.known.iter().map(|key| format!("`{key}`")).collect();
            format!("the keys of {} are {}", self.what, known.join(", "))
        });
        let mut path = cx.path.clone();
        path.push_key(name, nth);
        let location = Location::key(cx.file, path);
        cx.report(Finding::new(Code::UnknownKey, location, message).help(help));
    }
}

impl Context<'_> {
    /// Reads the next key that is text, in a mapping that is `what`. Others are passed over with their values.
    pub fn key<'de, A: MapAccess<'de>>(
        &mut self,
        mapping: &mut A,
        what: &'static str,
    ) -> Result<Option<String>, A::Error> {
        let key = self.next_key(mapping, what, &[])?;
        Ok(key.map(|key| match key {
            Key::Known(_) => unreachable!("no key is known"),
            Key::Other(name) => name,
        }))
    }

    /// The same, where some keys are known: these need no memory.
    fn next_key<'de, A: MapAccess<'de>>(
        &mut self,
        mapping: &mut A,
        what: &'static str,
        known: &'static [&'static str],
    ) -> Result<Option<Key>, A::Error> {
        loop {
            let seed = KeySeed {
                cx: self,
                what,
                known,
            };
            match mapping.next_key_seed(seed)? {
                None => return Ok(None),
                Some(Some(key)) => return Ok(Some(key)),
                Some(None) => mapping.next_value::<IgnoredAny>()?,
            };
        }
    }

    /// Reports a key that came before; the value of the first one stays.
    pub fn repeated(&mut self, code: Code, key: Cow<'static, str>, nth: u32, message: String) {
        let [mut first, mut again] = [self.path.clone(), self.path.clone()];
        first.push_key(key.clone(), 0);
        again.push_key(key, nth);
        let finding = Finding::new(code, Location::key(self.file, again), message)
            .label(Location::key(self.file, first), "first written here")
            .help("remove one of the two, or merge them");
        self.report(finding);
    }
}

/// The known name that was probably meant.
pub(crate) fn did_you_mean<'a>(
    written: &str,
    known: impl IntoIterator<Item = &'a str>,
) -> Option<String> {
    let most = written.chars().count().max(3) / 3;
    known
        .into_iter()
        .map(|name| (strsim::damerau_levenshtein(name, written), name))
        .filter(|(distance, _)| *distance <= most)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, name)| format!("did you mean `{}`?", shortened(name)))
}

/// A key that is text.
enum Key {
    /// One of those that are known, by its place among them.
    Known(usize),
    Other(String),
}

/// Reads a key, which has to be text.
struct KeySeed<'c, 'f> {
    cx: &'c mut Context<'f>,
    what: &'static str,
    known: &'static [&'static str],
}

impl KeySeed<'_, '_> {
    fn refuse(self, found: &str) -> Option<Key> {
        let message = format!("expected a key as text in {}, found {found}", self.what);
        let mut finding = Finding::new(Code::WrongType, self.cx.here(), message);
        if !matches!(found, "a list" | "a mapping") {
            finding.help = Some("put it in quotes to make it text".into());
        }
        self.cx.report(finding);
        None
    }
}

impl<'de> DeserializeSeed<'de> for KeySeed<'_, '_> {
    type Value = Option<Key>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for KeySeed<'_, '_> {
    type Value = Option<Key>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key as text")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        let known = self.known.iter().position(|known| *known == text);
        Ok(Some(
            known.map_or_else(|| Key::Other(text.to_owned()), Key::Known),
        ))
    }

    fn visit_bool<E: Error>(self, flag: bool) -> Result<Self::Value, E> {
        Ok(self.refuse(&format!("`{flag}`")))
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Self::Value, E> {
        Ok(self.refuse(&format!("the number {number}")))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Self::Value, E> {
        Ok(self.refuse(&format!("the number {number}")))
    }

    fn visit_i128<E: Error>(self, number: i128) -> Result<Self::Value, E> {
        Ok(self.refuse(&format!("the number {number}")))
    }

    fn visit_u128<E: Error>(self, number: u128) -> Result<Self::Value, E> {
        Ok(self.refuse(&format!("the number {number}")))
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<Self::Value, E> {
        Ok(self.refuse("a number"))
    }

    fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
        Ok(self.refuse("nothing"))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(self.refuse("a list"))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut mapping: A) -> Result<Self::Value, A::Error> {
        while mapping.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(self.refuse("a mapping"))
    }

    fn visit_enum<A: EnumAccess<'de>>(self, tagged: A) -> Result<Self::Value, A::Error> {
        tagged
            .variant::<IgnoredAny>()?
            .1
            .newtype_variant::<IgnoredAny>()?;
        Ok(self.refuse("a tag"))
    }
}
