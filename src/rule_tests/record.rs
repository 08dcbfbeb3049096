//! Presence updates in a test file: a user ID alone, or a record in any form that `route` takes, written as YAML.
//!
//! A record is written again as JSON and read by [`crate::update`], so that it means here what it means there.

use super::model::Sent;
use crate::finding::{Code, Finding, Location};
use crate::pattern::shortened;
use crate::presence_state::ONLINE;
use crate::rules::keys::Entries;
use crate::rules::reader::{Context, Shape};
use crate::source::Span;
use crate::update::updates;
use crate::user_id::UserId;
use crate::yaml::{NodeId, Value};

/// The value of `update`.
#[derive(Clone, Copy)]
pub(super) struct Record;

impl Shape for Record {
    type Value = Vec<Sent>;
    const EXPECTED: &'static str = "a user ID as text, or a presence update as a mapping";

    fn text(self, cx: &mut Context<'_, '_>, text: &str) -> Option<Vec<Sent>> {
        if let Err(error) = UserId::parse(text) {
            let message = format!("`{}` is not a user ID: {error}", shortened(text));
            let mut finding = Finding::new(Code::InvalidUserId, cx.here(), message);
            if text.trim_start().starts_with(['{', '[']) {
                finding.help = Some("write the record without quotes around it".into());
            }
            cx.report(finding);
            return None;
        }
        Some(vec![Sent {
            sender: text.to_owned(),
            state: ONLINE.to_owned(),
            currently_active: None,
        }])
    }

    fn mapping(self, cx: &mut Context<'_, '_>) -> Option<Vec<Sent>> {
        let mut json = Json::default();
        json.value(cx, cx.node);
        let (mut sent, mut faults) = (Vec::new(), Vec::new());
        updates(&json.text, |update| match update {
            Ok(update) => sent.push(Sent {
                sender: update.sender().as_str().to_owned(),
                state: update.state.into_owned(),
                currently_active: update.currently_active,
            }),
            Err(fault) => faults.push((fault.offset, fault.message)),
        });
        if sent.is_empty() && faults.is_empty() {
            faults.push((0, "this record holds no presence update".to_owned()));
        }
        for (offset, message) in &faults {
            let location = Location::part(cx.file, json.span_of(*offset));
            cx.report(Finding::new(Code::InvalidUpdate, location, message));
        }
        faults.is_empty().then_some(sent)
    }
}

/// A JSON text in the making, and where its parts stand in the YAML.
#[derive(Default)]
struct Json {
    text: String,
    /// The byte at which each value or key starts, by rising byte.
    spans: Vec<(usize, Span)>,
}

impl Json {
    /// Any YAML value, written as JSON.
    fn value(&mut self, cx: &mut Context<'_, '_>, node: NodeId) {
        let tree = cx.tree;
        self.starts(tree.span(node));
        match tree.value(node) {
            Value::Text(text) => self.string(text),
            Value::Flag(flag) => self.text.push_str(if flag { "true" } else { "false" }),
            Value::Number(number) => {
                // No rule looks at a number, so it does not matter which one it is.
                let number = if number.is_finite() { number } else { 0.0 };
                self.text.push_str(&number.to_string());
            }
            Value::Nothing => self.text.push_str("null"),
            Value::Tagged => {
                cx.read(node, NoTag);
                self.text.push_str("null");
            }
            Value::List => {
                self.text.push('[');
                for (index, item) in tree.children(node).enumerate() {
                    self.separate(index);
                    self.value(cx, item);
                }
                self.text.push(']');
            }
            Value::Mapping => {
                self.text.push('{');
                let mut entries = Entries::new(cx, node, "a presence update");
                let mut index = 0;
                while let Some((name, key, value)) = entries.next(cx) {
                    self.separate(index);
                    index += 1;
                    self.starts(tree.span(key));
                    self.string(name);
                    self.text.push(':');
                    self.value(cx, value);
                }
                self.text.push('}');
            }
        }
    }

    fn separate(&mut self, index: usize) {
        if index > 0 {
            self.text.push(',');
        }
    }

    fn starts(&mut self, span: Span) {
        self.spans.push((self.text.len(), span));
    }

    fn string(&mut self, text: &str) {
        let written = serde_json::to_string(text).expect("text can be written");
        self.text.push_str(&written);
    }

    fn span_of(&self, offset: usize) -> Span {
        let after = self.spans.partition_point(|(start, _)| *start <= offset);
        self.spans[after.saturating_sub(1)].1
    }
}

/// Refuses a value that has a tag.
#[derive(Clone, Copy)]
struct NoTag;

impl Shape for NoTag {
    type Value = ();
    const EXPECTED: &'static str = "a value";
}
