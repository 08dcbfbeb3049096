//! Changes of a YAML text that leave the rest of it as it is.

use std::collections::HashMap;
use std::ops::Range;

use super::{NodeId, Tree, Value};
use crate::source::Span;

/// A part of a text without the white space at its end, which some nodes take in.
pub(crate) fn without_end(text: &str, span: Span) -> Range<usize> {
    let range = span.range();
    let length = text[range.clone()].trim_end().len();
    range.start..range.start + length
}

/// A scalar that says this, in the quotes of one that is written like this, where they will do.
///
/// ```
/// use presence_router::yaml::quoted_as;
///
/// assert_eq!(quoted_as("'it''s'", r"a\.b's"), r"'a\.b''s'");
/// assert_eq!(quoted_as(r#""@a:x""#, "@b:x"), r#""@b:x""#);
/// assert_eq!(quoted_as("corp.exampel", "corp.example"), "corp.example");
/// assert_eq!(quoted_as("corp.exampel", "*.example"), r#""*.example""#);
/// ```
pub fn quoted_as(written: &str, text: &str) -> String {
    let in_double = || serde_json::to_string(text).expect("text can be written");
    let is_plain = |text: &str| {
        text.starts_with(|c: char| c.is_ascii_alphabetic())
            && text
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_'))
    };
    if text.contains(char::is_control) {
        in_double()
    } else if written.starts_with('\'') || text.contains('\\') {
        format!("'{}'", text.replace('\'', "''"))
    } else if !written.starts_with('"') && is_plain(written) && is_plain(text) {
        text.to_owned()
    } else {
        in_double()
    }
}

/// What has to go for a node to go, for each node of a text: an item of a list with its dash or comma, or a key with its
/// value. What is the only one of its list goes with the key of that list.
#[derive(Debug, Default)]
pub struct Removals(HashMap<Span, Range<usize>>);

impl Removals {
    /// Those of the nodes that can go alone; none if the text has a fault.
    pub fn of(text: &str) -> Self {
        let tree = Tree::read(text);
        let mut removals = Self::default();
        if let (None, Some(root)) = (tree.fault(), tree.root()) {
            removals.add(text, &tree, root, (None, false));
        }
        removals
    }

    /// What goes with the node that is written here.
    pub fn get(&self, span: Span) -> Option<Range<usize>> {
        self.0.get(&span).cloned()
    }

    /// Adds what is in a node. `alone` is what goes with what is the only one in it, and whether it is an item of a list.
    fn add(
        &mut self,
        text: &str,
        tree: &Tree<'_>,
        node: NodeId,
        (alone, is_item): (Option<Range<usize>>, bool),
    ) {
        let parts = parts(tree, node);
        let ranges: Vec<_> = (parts.iter())
            .map(|(first, last)| tree.span(*first).range().start..end(text, tree, *last))
            .collect();
        let is_flow = tree.written(node).starts_with(['[', '{']);
        let is_list = matches!(tree.value(node), Value::List);
        for (at, (first, last)) in parts.iter().enumerate() {
            let range = match parts.len() {
                // Nothing would be left of an item of a list.
                1 if is_item && !is_list => None,
                1 => alone.clone(),
                _ if is_flow => in_flow(&ranges, at),
                _ => in_block(text, &ranges, at, is_list),
            };
            for part in [first, last] {
                if let Some(range) = &range {
                    let gone = self.0.entry(tree.span(*part));
                    gone.or_insert_with(|| range.clone());
                }
            }
            self.add(text, tree, *last, (range, is_list));
        }
    }
}

/// The items of a list, or the keys of a mapping, each with the node that ends it.
fn parts(tree: &Tree<'_>, parent: NodeId) -> Vec<(NodeId, NodeId)> {
    match tree.value(parent) {
        Value::List => tree.children(parent).map(|item| (item, item)).collect(),
        _ => tree.entries(parent).collect(),
    }
}

fn end(text: &str, tree: &Tree<'_>, node: NodeId) -> usize {
    without_end(text, tree.span(node)).end
}

/// Between brackets, a comma goes with it.
fn in_flow(parts: &[Range<usize>], at: usize) -> Option<Range<usize>> {
    match parts.get(at + 1) {
        Some(next) => Some(parts[at].start..next.start),
        None => Some(parts.get(at.checked_sub(1)?)?.end..parts[at].end),
    }
}

/// Line by line, where it has lines of its own. The first part may stand in the line of what it is in.
fn in_block(text: &str, parts: &[Range<usize>], at: usize, is_list: bool) -> Option<Range<usize>> {
    let start = |part: &Range<usize>| {
        if !is_list {
            return Some(part.start);
        }
        let before = text[..part.start].trim_end_matches(' ');
        before.ends_with('-').then(|| before.len() - 1)
    };
    let first = start(&parts[at])?;
    let line = text[..first].rfind('\n').map_or(0, |end| end + 1);
    if !text[line..first].trim().is_empty() {
        return Some(first..start(parts.get(at + 1)?)?);
    }
    let rest = &text[parts[at].end..];
    let length = rest.find('\n').map_or(rest.len(), |end| end + 1);
    let after = rest[..length].trim();
    (after.is_empty() || after.starts_with('#')).then(|| line..parts[at].end + length)
}
