//! Reading a tree of YAML by shape, without stopping at the first fault.
//!
//! A [`Shape`] says what may stand in a place. Whatever else stands there becomes a finding, is passed over, and
//! reading goes on after it.

use crate::finding::{Code, Effect, Finding, Fix, Location};
use crate::pattern::{Fault, shortened};
use crate::source::{FileId, Span};
use crate::yaml::{Children, NodeId, Tree, Value};

/// Where reading stands, and what it found.
pub(crate) struct Context<'t, 'f> {
    pub file: FileId,
    pub tree: &'t Tree<'t>,
    /// What is being read.
    pub node: NodeId,
    /// Its place in the list that it is an item of, if it is one, from 0. Reading what is in it changes this.
    pub index: usize,
    pub findings: &'f mut Vec<Finding>,
}

/// What may stand in a place, and what is made of it. Each way of writing a value is refused unless the shape takes
/// it; `None` stands for a value with a fault, which is among the findings.
pub(crate) trait Shape: Copy {
    type Value;

    /// What is expected, in the words of YAML and of admins: "a list of users".
    const EXPECTED: &'static str;

    fn text(self, cx: &mut Context<'_, '_>, text: &str) -> Option<Self::Value> {
        let _ = text;
        cx.wrong_type(Self::EXPECTED, "text");
        None
    }

    fn flag(self, cx: &mut Context<'_, '_>, flag: bool) -> Option<Self::Value> {
        cx.wrong_type(Self::EXPECTED, &format!("`{flag}`"));
        None
    }

    fn number(self, cx: &mut Context<'_, '_>, number: f64) -> Option<Self::Value> {
        let _ = number;
        cx.wrong_type(Self::EXPECTED, "a number");
        None
    }

    fn nothing(self, cx: &mut Context<'_, '_>) -> Option<Self::Value> {
        cx.wrong_type(Self::EXPECTED, "nothing");
        None
    }

    /// Reads a list: `cx` has its items.
    fn list(self, cx: &mut Context<'_, '_>) -> Option<Self::Value> {
        cx.wrong_type(Self::EXPECTED, "a list");
        None
    }

    /// Reads a mapping: [`super::keys::Keys`] has its entries.
    fn mapping(self, cx: &mut Context<'_, '_>) -> Option<Self::Value> {
        cx.wrong_type(Self::EXPECTED, "a mapping");
        None
    }
}

impl<'t> Context<'t, '_> {
    /// Reads a node as a shape.
    pub fn read<S: Shape>(&mut self, node: NodeId, shape: S) -> Option<S::Value> {
        let outer = std::mem::replace(&mut self.node, node);
        let tree = self.tree;
        let value = match tree.value(node) {
            Value::Nothing => shape.nothing(self),
            Value::Flag(flag) => shape.flag(self, flag),
            Value::Number(number) => shape.number(self, number),
            Value::Text(text) => shape.text(self, text),
            Value::List => shape.list(self),
            Value::Mapping => shape.mapping(self),
            Value::Tagged => {
                self.tagged(S::EXPECTED);
                None
            }
        };
        self.node = outer;
        value
    }

    /// Reads all items of the list. A faulty item is a `None`, so that the others keep their index.
    pub fn items<S: Shape>(&mut self, shape: S) -> Vec<Option<S::Value>> {
        let items: Children<'t> = self.tree.children(self.node);
        let read = items.enumerate().map(|(index, item)| {
            self.index = index;
            self.read(item, shape)
        });
        read.collect()
    }

    /// Where what is being read stands.
    pub fn span(&self) -> Span {
        self.tree.span(self.node)
    }

    pub fn here(&self) -> Location {
        self.at(self.node)
    }

    pub(crate) fn at(&self, node: NodeId) -> Location {
        Location::part(self.file, self.tree.span(node))
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
                let location = Location::inside(self.file, self.span(), fault.range);
                let mut finding = Finding::new(fault.code, location, fault.message);
                finding.help = fault.help;
                let scalar = self.here();
                finding.fix = (fault.meant).map(|text| Fix::say(scalar, text, Effect::Others));
                self.report(finding);
            })
            .ok()
    }

    pub fn wrong_type(&mut self, expected: &str, found: &str) {
        let message = format!("expected {expected}, found {found}");
        let mut finding = Finding::new(Code::WrongType, self.here(), message);
        if expected.starts_with("text") && !matches!(found, "a list" | "a mapping" | "nothing") {
            finding.help = Some("put it in quotes to make it text".into());
        }
        self.report(finding);
    }

    fn tagged(&mut self, expected: &str) {
        let written = self.tree.written(self.node);
        let tag = written.split_whitespace().next().unwrap_or(written);
        let message = format!("expected {expected}, found the tag `{}`", shortened(tag));
        let finding = Finding::new(Code::WrongType, self.here(), message);
        self.report(finding.help(
            "files of rules and tests have no tags: put a text that starts with `!` in quotes",
        ));
    }
}
