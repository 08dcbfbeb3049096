//! Changes of a YAML text that leave the rest of it as it is.

use std::ops::Range;

use super::{NodeId, Tree, Value};
use crate::source::Span;

/// A part of a text without the white space at its end, which some nodes take in.
pub fn without_end(text: &str, span: Span) -> Range<usize> {
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

/// What has to go for a node to go: an item of a list with its dash or comma, or a key with its value. What is the only
/// one of its list goes with the key of that list. `None` where it cannot go alone.
pub fn removal(text: &str, span: Span) -> Option<Range<usize>> {
    let tree = Tree::read(text);
    if tree.fault().is_some() {
        return None;
    }
    let mut way = Vec::new();
    find(&tree, tree.root()?, span, &mut way).then_some(())?;
    // From the inside out: the first that has others beside it.
    while let Some((parent, at)) = way.pop() {
        let parts = parts(&tree, parent);
        if parts.len() > 1 {
            let ranges: Vec<_> = (parts.iter())
                .map(|(first, last)| tree.span(*first).range().start..end(text, &tree, *last))
                .collect();
            let is_flow = tree.written(parent).starts_with(['[', '{']);
            let is_list = matches!(tree.value(parent), Value::List);
            return if is_flow {
                in_flow(&ranges, at)
            } else {
                in_block(text, &ranges, at, is_list)
            };
        }
        let is_key = matches!(tree.value(parent), Value::Mapping);
        if is_key
            && way
                .last()
                .is_some_and(|(above, _)| matches!(tree.value(*above), Value::List))
        {
            // Nothing is left of an item of a list.
            return None;
        }
    }
    None
}

/// The items of a list, or the keys of a mapping, each with the node that ends it.
fn parts(tree: &Tree<'_>, parent: NodeId) -> Vec<(NodeId, NodeId)> {
    match tree.value(parent) {
        Value::List => tree.children(parent).map(|item| (item, item)).collect(),
        _ => tree.entries(parent).collect(),
    }
}

/// The lists and mappings that lead to a node that is written here, each with the number of the part to take; keys
/// stand for their values as well.
fn find(tree: &Tree<'_>, node: NodeId, span: Span, way: &mut Vec<(NodeId, usize)>) -> bool {
    for (at, (first, last)) in parts(tree, node).into_iter().enumerate() {
        way.push((node, at));
        let is_it = tree.span(first) == span || tree.span(last) == span;
        if is_it || tree.span(last).contains(span) && find(tree, last, span, way) {
            return true;
        }
        way.pop();
    }
    false
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
