//! What a text says, whoever reads it.

use std::fmt;

use presence_router::yaml::{NodeId, Tree, Value};
use serde::de::{
    Deserialize, Deserializer, EnumAccess, IgnoredAny, MapAccess, SeqAccess, VariantAccess, Visitor,
};

/// White space and ends of lines, as YAML has them.
const SPACE: [char; 7] = [' ', '\t', '\n', '\r', '\u{85}', '\u{2028}', '\u{2029}'];

#[derive(Clone, Debug, PartialEq)]
pub enum Said {
    Nothing,
    Flag(bool),
    /// Two of these that are no number are equal.
    Number(String),
    Text(String),
    List(Vec<Said>),
    Mapping(Vec<(Said, Said)>),
    Tagged,
}

/// What a node of a tree says.
pub fn say(tree: &Tree<'_>, node: NodeId) -> Said {
    match tree.value(node) {
        Value::Nothing => Said::Nothing,
        Value::Flag(flag) => Said::Flag(flag),
        Value::Number(number) => Said::number(number),
        Value::Text(text) => Said::Text(text.to_owned()),
        Value::List => Said::List(tree.children(node).map(|item| say(tree, item)).collect()),
        Value::Mapping => {
            let entries = tree.entries(node);
            Said::Mapping(
                entries
                    .map(|(key, value)| (say(tree, key), say(tree, value)))
                    .collect(),
            )
        }
        Value::Tagged => Said::Tagged,
    }
}

/// A node and all in it, each with whether it stands within brackets.
pub fn all(tree: &Tree<'_>, node: NodeId) -> Vec<(NodeId, bool)> {
    fn add(tree: &Tree<'_>, node: NodeId, is_in_flow: bool, found: &mut Vec<(NodeId, bool)>) {
        found.push((node, is_in_flow));
        let is_flow =
            is_in_flow || tree.written(node).starts_with(['[', '{']) && is_bracketed(tree, node);
        tree.children(node)
            .for_each(|inner| add(tree, inner, is_flow, found));
    }
    let mut found = Vec::new();
    add(tree, node, false, &mut found);
    found
}

/// Whether the bracket at which a node starts is its own, and not that of its first key.
fn is_bracketed(tree: &Tree<'_>, node: NodeId) -> bool {
    let first = tree.children(node).next();
    first.is_none_or(|first| tree.span(first).start > tree.span(node).start)
}

impl Said {
    fn number(number: f64) -> Self {
        Self::Number(number.to_string())
    }

    pub fn of(value: &serde_json::Value) -> Self {
        match value {
            serde_json::Value::Null => Self::Nothing,
            serde_json::Value::Bool(flag) => Self::Flag(*flag),
            serde_json::Value::Number(number) => Self::number(number.as_f64().expect("a number")),
            serde_json::Value::String(text) => Self::Text(text.clone()),
            serde_json::Value::Array(items) => Self::List(items.iter().map(Self::of).collect()),
            serde_json::Value::Object(entries) => Self::Mapping(
                (entries.iter())
                    .map(|(key, value)| (Self::Text(key.clone()), Self::of(value)))
                    .collect(),
            ),
        }
    }

    pub fn has_tag(&self) -> bool {
        match self {
            Self::Tagged => true,
            Self::List(items) => items.iter().any(Self::has_tag),
            Self::Mapping(entries) => entries
                .iter()
                .any(|(key, value)| key.has_tag() || value.has_tag()),
            _ => false,
        }
    }

    /// The same without blanks and line ends at the end of texts: those of a block are not in its place.
    pub fn without_ends(&self) -> Self {
        match self {
            Self::Text(text) => Self::Text(text.trim_end_matches(SPACE).to_owned()),
            Self::List(items) => Self::List(items.iter().map(Self::without_ends).collect()),
            Self::Mapping(entries) => Self::Mapping(
                (entries.iter())
                    .map(|(key, value)| (key.without_ends(), value.without_ends()))
                    .collect(),
            ),
            other => other.clone(),
        }
    }
}

impl<'de> Deserialize<'de> for Said {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Reader)
    }
}

struct Reader;

#[expect(clippy::cast_precision_loss, reason = "as the tree has them")]
impl<'de> Visitor<'de> for Reader {
    type Value = Said;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("anything")
    }

    fn visit_unit<E>(self) -> Result<Said, E> {
        Ok(Said::Nothing)
    }

    fn visit_none<E>(self) -> Result<Said, E> {
        Ok(Said::Nothing)
    }

    fn visit_bool<E>(self, flag: bool) -> Result<Said, E> {
        Ok(Said::Flag(flag))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Said, E> {
        Ok(Said::number(number as f64))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Said, E> {
        Ok(Said::number(number as f64))
    }

    fn visit_i128<E>(self, _: i128) -> Result<Said, E> {
        Ok(Said::number(f64::INFINITY))
    }

    fn visit_u128<E>(self, _: u128) -> Result<Said, E> {
        Ok(Said::number(f64::INFINITY))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Said, E> {
        Ok(Said::number(number))
    }

    fn visit_str<E>(self, text: &str) -> Result<Said, E> {
        Ok(Said::Text(text.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Said, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = list.next_element()? {
            items.push(item);
        }
        Ok(Said::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut mapping: A) -> Result<Said, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = mapping.next_entry()? {
            entries.push(entry);
        }
        Ok(Said::Mapping(entries))
    }

    fn visit_enum<A: EnumAccess<'de>>(self, tagged: A) -> Result<Said, A::Error> {
        tagged
            .variant::<IgnoredAny>()?
            .1
            .newtype_variant::<IgnoredAny>()?;
        Ok(Said::Tagged)
    }
}
