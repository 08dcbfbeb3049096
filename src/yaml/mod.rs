//! A YAML text as a tree, in which everything knows where it stands.
//!
//! The tree is made from the events of one parser, in one pass: there is one grammar, and what a node says and where it
//! says so cannot fall apart. The nodes stand in one list, each before what is in it, so that a tree is one allocation,
//! and values are pieces of the text wherever they are written as they are.

mod edit;
mod events;
mod scalar;
mod stand_in;
mod written;

pub(crate) use edit::without_end;
pub use edit::{Removals, quoted_as};
pub use written::written_range;

use crate::source::Span;

/// How deep lists and mappings may stand in one another.
pub(crate) const MAX_DEPTH: usize = 128;

/// Where YAML takes a line to end.
const LINE_ENDS: [char; 5] = ['\n', '\r', '\u{85}', '\u{2028}', '\u{2029}'];

/// A YAML text as a tree.
///
/// ```
/// use presence_router::yaml::{Tree, Value};
///
/// let text = "senders: [ \"@a:x\", 1 ]\n";
/// let tree = Tree::read(text);
/// let (key, list) = tree.entries(tree.root().unwrap()).next().unwrap();
/// let items: Vec<_> = tree.children(list).collect();
///
/// assert_eq!(tree.value(key), Value::Text("senders"));
/// assert_eq!(tree.value(items[0]), Value::Text("@a:x"));
/// assert_eq!(&text[tree.span(items[0]).range()], "\"@a:x\"");
/// ```
#[derive(Debug)]
pub struct Tree<'t> {
    text: &'t str,
    nodes: Vec<Node>,
    /// The values that are written otherwise than they read: escaped, or over several lines.
    decoded: Vec<String>,
    /// The lists and mappings in which the text breaks off.
    open: Vec<NodeId>,
    /// The texts that lack the quotes which YAML wants around them, and were read all the same.
    unquoted: Vec<NodeId>,
    fault: Option<Fault>,
}

/// Names a node of a tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NodeId(u32);

#[derive(Debug)]
struct Node {
    span: Span,
    /// The first node after those in it.
    next: u32,
    kind: Kind,
}

#[derive(Clone, Copy, Debug)]
enum Kind {
    /// A scalar without quotes, as it is written.
    Plain,
    /// A scalar in quotes, as it is written between them.
    Quoted,
    /// A scalar that reads otherwise than it is written, by its number.
    Decoded(u32),
    /// The same, without quotes.
    DecodedPlain(u32),
    List,
    Mapping,
    Tagged,
}

/// What a node says.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Value<'v> {
    /// `null`, or nothing at all.
    Nothing,
    /// `true` or `false`.
    Flag(bool),
    /// A number, as near as it can be had.
    Number(f64),
    /// A text.
    Text(&'v str),
    /// A list; see [`Tree::children`].
    List,
    /// A mapping; see [`Tree::entries`].
    Mapping,
    /// Whatever has a tag (`!tag`), which is not looked into.
    Tagged,
}

/// Why a text is no YAML, or none that is read on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The byte at which it shows.
    pub at: usize,
    /// What it is.
    pub kind: FaultKind,
}

/// What ends the reading of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FaultKind {
    /// It is no YAML, as the parser says.
    Syntax(&'static str),
    /// A quote that opens here is never closed.
    UnclosedQuote,
    /// Lists and mappings stand in one another more than 128 levels deep.
    TooDeep,
    /// An anchor (`&name`). What refers to one could make the text many times as large.
    Anchor,
    /// A reference to an anchor (`*name`).
    Alias,
    /// A second document begins.
    SecondDocument,
    /// The text has more than 4 GiB.
    TooLarge,
}

impl<'t> Tree<'t> {
    /// Reads a text, up to its first fault.
    pub fn read(text: &'t str) -> Self {
        events::read(text)
    }

    /// What ended the reading before the end of the text.
    pub fn fault(&self) -> Option<&Fault> {
        self.fault.as_ref()
    }

    /// The value that the text is; `None` if there is none.
    pub fn root(&self) -> Option<NodeId> {
        (!self.nodes.is_empty()).then_some(NodeId(0))
    }

    /// Where a node stands, with its quotes and brackets.
    pub fn span(&self, node: NodeId) -> Span {
        self.node(node).span
    }

    /// The lists and mappings in which the text breaks off.
    pub(crate) fn open(&self) -> impl Iterator<Item = NodeId> {
        self.open.iter().copied()
    }

    /// The texts that begin with `@`, `*` or a backtick, without the quotes that YAML wants around them. This is no YAML,
    /// but it is plain what was meant, and so reading goes on.
    pub fn unquoted(&self) -> &[NodeId] {
        &self.unquoted
    }

    /// A node as it is written.
    pub fn written(&self, node: NodeId) -> &'t str {
        &self.text[self.span(node).range()]
    }

    /// A node as it could be written on one line.
    pub(crate) fn in_one_line(&self, node: NodeId) -> String {
        let list = |items: &[String]| items.join(", ");
        match self.value(node) {
            Value::List => {
                let items: Vec<_> = self
                    .children(node)
                    .map(|item| self.in_one_line(item))
                    .collect();
                format!("[{}]", list(&items))
            }
            Value::Mapping => {
                let entry = |(key, value)| {
                    format!("{}: {}", self.in_one_line(key), self.in_one_line(value))
                };
                format!(
                    "{{{}}}",
                    list(&self.entries(node).map(entry).collect::<Vec<_>>())
                )
            }
            // A scalar of several lines reads the same between double quotes, as JSON has them.
            Value::Text(text) if self.written(node).contains(['\n', '\r']) => {
                serde_json::to_string(text).expect("text can be written")
            }
            _ => self.written(node).to_owned(),
        }
    }

    /// What a node says.
    pub fn value(&self, node: NodeId) -> Value<'_> {
        match self.node(node).kind {
            Kind::Plain => scalar::resolve(self.written(node)),
            Kind::DecodedPlain(text) => scalar::resolve(&self.decoded[text as usize]),
            Kind::Decoded(text) => Value::Text(&self.decoded[text as usize]),
            Kind::Quoted => {
                let written = self.written(node);
                Value::Text(&written[1..written.len() - 1])
            }
            Kind::List => Value::List,
            Kind::Mapping => Value::Mapping,
            Kind::Tagged => Value::Tagged,
        }
    }

    /// The items of a list, or the keys and values of a mapping in turn.
    pub fn children(&self, node: NodeId) -> Children<'_> {
        let end = match self.node(node).kind {
            Kind::List | Kind::Mapping => self.node(node).next,
            _ => node.0 + 1,
        };
        Children {
            nodes: &self.nodes,
            at: node.0 + 1,
            end,
        }
    }

    /// The keys of a mapping with their values.
    pub fn entries(&self, node: NodeId) -> impl Iterator<Item = (NodeId, NodeId)> + Clone {
        let mut children = self.children(node);
        // A key at which the text breaks off has no value.
        std::iter::from_fn(move || children.next().zip(children.next()))
    }

    fn node(&self, node: NodeId) -> &Node {
        &self.nodes[node.0 as usize]
    }
}

/// What is in a node, one after another.
#[derive(Clone, Debug)]
pub struct Children<'n> {
    nodes: &'n [Node],
    at: u32,
    end: u32,
}

impl Iterator for Children<'_> {
    type Item = NodeId;

    fn next(&mut self) -> Option<NodeId> {
        let node = (self.at < self.end).then_some(NodeId(self.at))?;
        self.at = self.nodes[node.0 as usize].next;
        Some(node)
    }
}
