//! The keys of mappings: text, known, and each written once.

use std::collections::HashMap;

use super::reader::Context;
use crate::finding::{Code, Finding};
use crate::pattern::{proposed, shortened};
use crate::yaml::{Children, NodeId, Value};

/// The entries of one mapping whose keys are text, as they come. Others are findings, and passed over.
pub(crate) struct Entries<'t> {
    /// What the mapping is: "a route".
    what: &'static str,
    children: Children<'t>,
}

impl<'t> Entries<'t> {
    /// Of a mapping.
    pub fn new(cx: &Context<'t, '_>, mapping: NodeId, what: &'static str) -> Self {
        let children = cx.tree.children(mapping);
        Self { what, children }
    }

    /// The next key with its node, and the node of its value.
    pub fn next(&mut self, cx: &mut Context<'t, '_>) -> Option<(&'t str, NodeId, NodeId)> {
        let tree = cx.tree;
        loop {
            // A key at which the text breaks off has no value.
            let (key, value) = self.children.next().zip(self.children.next())?;
            let found = match tree.value(key) {
                Value::Text(text) => return Some((text, key, value)),
                Value::Flag(flag) => format!("`{flag}`"),
                Value::Number(_) => format!("the number {}", shortened(tree.written(key))),
                Value::Nothing => "nothing".to_owned(),
                Value::List => "a list".to_owned(),
                Value::Mapping => "a mapping".to_owned(),
                Value::Tagged => "a tag".to_owned(),
            };
            let message = format!("expected a key as text in {}, found {found}", self.what);
            let mut finding = Finding::new(Code::WrongType, cx.at(key), message);
            if !matches!(tree.value(key), Value::List | Value::Mapping) {
                finding.help = Some("put it in quotes to make it text".into());
            }
            cx.report(finding);
        }
    }
}

/// Words that people use for keys, from other programs or from their own language.
const OTHER_WORDS: [(&str, &str); 41] = [
    ("domain", "server"),
    ("homeserver", "server"),
    ("host", "server"),
    ("hs", "server"),
    ("server_name", "server"),
    ("servers", "server"),
    ("domain", "server_name"),
    ("homeserver", "server_name"),
    ("server", "server_name"),
    ("id", "user"),
    ("mxid", "user"),
    ("user_id", "user"),
    ("pattern", "glob"),
    ("wildcard", "glob"),
    ("match", "regex"),
    ("regexp", "regex"),
    ("except", "exclude"),
    ("not", "exclude"),
    ("without", "exclude"),
    ("except", "not"),
    ("exclude", "not"),
    ("but", "not"),
    ("without", "not"),
    ("none_of", "not"),
    ("and", "all_of"),
    ("both", "all_of"),
    ("intersection", "all_of"),
    ("csv", "file"),
    ("path", "file"),
    ("field", "column"),
    ("members", "include"),
    ("from", "senders"),
    ("source", "senders"),
    ("to", "recipients"),
    ("receivers", "recipients"),
    ("targets", "recipients"),
    ("if", "when"),
    ("condition", "when"),
    ("sees", "in"),
    ("presence", "state"),
    ("comment", "description"),
];

/// What to write for a word that is no key of a user set, and that no key takes the place of.
fn in_a_set(name: &str) -> Option<&'static str> {
    match &*name.to_ascii_lowercase() {
        "users" => {
            Some("write the users themselves in place of `{users: …}`, or `include` for `users`")
        }
        "description" => Some("a description stands in a group, beside its `include` or `exclude`"),
        "local" => Some("write `local` alone, without a `:`"),
        "all" => {
            Some("write `all` alone for everybody, or `all_of` for who is in all of several sets")
        }
        "any" | "any_of" | "one_of" | "or" | "union" => {
            Some("write a list in place of it: that is everybody who is in one of its items")
        }
        _ => None,
    }
}

/// No mapping has more known keys.
const MOST_KEYS: usize = 12;

/// The keys of one mapping, of which some are known.
pub(crate) struct Keys<'t> {
    entries: Entries<'t>,
    known: &'static [&'static str],
    /// Where each known key stands that came.
    seen: [Option<NodeId>; MOST_KEYS],
    /// Unknown keys, each of which may stand for a known one.
    misspelt: Vec<&'t str>,
    /// Whether some key came that is unknown or not new.
    pub has_odd: bool,
}

impl<'t> Keys<'t> {
    /// Of the mapping that is being read.
    pub fn new(cx: &Context<'t, '_>, what: &'static str, known: &'static [&'static str]) -> Self {
        Self {
            entries: Entries::new(cx, cx.node, what),
            known,
            seen: [None; MOST_KEYS],
            misspelt: Vec::new(),
            has_odd: false,
        }
    }

    /// The next key that is known and new, and its value. What is not becomes a finding, and is passed over.
    pub fn next(&mut self, cx: &mut Context<'t, '_>) -> Option<(&'static str, NodeId)> {
        loop {
            let (name, key, value) = self.entries.next(cx)?;
            let Some(index) = self.known.iter().position(|known| *known == name) else {
                self.has_odd = true;
                if self.misspelt.len() < self.known.len() {
                    self.misspelt.push(name);
                }
                self.unknown(cx, name, key);
                continue;
            };
            let known = self.known[index];
            let Some(first) = self.seen[index] else {
                self.seen[index] = Some(key);
                return Some((known, value));
            };
            self.has_odd = true;
            let message = format!("the key `{known}` is written twice");
            cx.repeated(Code::DuplicateKey, first, key, message);
        }
    }

    /// Reports each of these keys that did not come.
    pub fn require(&self, cx: &mut Context<'_, '_>, keys: &[&'static str]) {
        for key in keys {
            // A key that is misspelt is a finding already, and there is nothing more to say of it.
            let is_misspelt = |name: &&str| {
                did_you_mean(name, [*key]).is_some() || OTHER_WORDS.contains(&(*name, *key))
            };
            if !self.has(key) && !self.misspelt.iter().any(is_misspelt) {
                let message = format!("{} needs the key `{key}`", self.entries.what);
                cx.error(Code::MissingKey, message);
            }
        }
    }

    pub fn has(&self, key: &str) -> bool {
        self.key(key).is_some()
    }

    /// Where a known key stands, if it came.
    pub fn key(&self, key: &str) -> Option<NodeId> {
        let index = self.known.iter().position(|known| *known == key)?;
        self.seen[index]
    }

    fn unknown(&self, cx: &mut Context<'_, '_>, name: &str, key: NodeId) {
        let what = self.entries.what;
        let message = format!("unknown key `{}` in {what}", shortened(name));
        let meant = OTHER_WORDS
            .iter()
            .find(|(other, key)| name.eq_ignore_ascii_case(other) && self.known.contains(key));
        let in_a_set = || in_a_set(name).filter(|_| self.known.contains(&"group"));
        // `{server:corp.example}` is one word to YAML.
        let glued = (name.split_once(':'))
            .filter(|(key, _)| self.known.contains(key))
            .map(|(key, value)| {
                let written = proposed(&format!("{key}: {value}"));
                format!("write `{written}`, with a blank behind the colon")
            });
        let help = (meant.map(|(_, key)| format!("write `{key}`")))
            .or(glued)
            .or_else(|| in_a_set().map(str::to_owned))
            .or_else(|| did_you_mean(name, self.known.iter().copied()))
            .unwrap_or_else(|| {
                let known: Vec<_> = self.known.iter().map(|key| format!("`{key}`")).collect();
                format!("the keys of {what} are {}", known.join(", "))
            });
        cx.report(Finding::new(Code::UnknownKey, cx.at(key), message).help(help));
    }
}

/// The entries of a mapping with names of the user's own.
pub(crate) struct Names<'t> {
    entries: Entries<'t>,
    /// What a name says twice.
    code: Code,
    noun: &'static str,
    again: &'static str,
    seen: HashMap<&'t str, NodeId>,
}

impl<'t> Names<'t> {
    /// Of the mapping that is being read. A `noun` that comes again is a finding of this code.
    pub fn new(
        cx: &Context<'t, '_>,
        what: &'static str,
        (code, noun, again): (Code, &'static str, &'static str),
    ) -> Self {
        Self {
            entries: Entries::new(cx, cx.node, what),
            code,
            noun,
            again,
            seen: HashMap::new(),
        }
    }

    /// The next name that is new, with its node, and the node of its value.
    pub fn next(&mut self, cx: &mut Context<'t, '_>) -> Option<(&'t str, NodeId, NodeId)> {
        loop {
            let (name, key, value) = self.entries.next(cx)?;
            let first = *self.seen.entry(name).or_insert(key);
            if first == key {
                return Some((name, key, value));
            }
            let (noun, again) = (self.noun, self.again);
            let message = format!("the {noun} `{}` is {again} twice", shortened(name));
            cx.repeated(self.code, first, key, message);
        }
    }
}

impl Context<'_, '_> {
    /// Reports a key that came before; the value of the first one stays.
    fn repeated(&mut self, code: Code, first: NodeId, again: NodeId, message: String) {
        let finding = Finding::new(code, self.at(again), message)
            .label(self.at(first), "first written here")
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
