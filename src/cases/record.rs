//! Presence updates in a test file: a user ID alone, or a record in any form that `route` takes, written as YAML.
//!
//! A record is written again as JSON and read by [`crate::update`], so that it means here what it means there.

use serde::de::{MapAccess, SeqAccess};

use super::model::Sent;
use crate::finding::{Code, Finding, Location};
use crate::key_path::KeyPath;
use crate::pattern::shortened;
use crate::presence_state::ONLINE;
use crate::rules::yaml::{Context, Shape};
use crate::update::updates;
use crate::user_id::UserId;

/// The value of `update`.
pub(super) struct Record;

impl<'de> Shape<'de> for Record {
    type Value = Vec<Sent>;
    const EXPECTED: &'static str = "a user ID as text, or a presence update as a mapping";

    fn text(self, cx: &mut Context<'_>, text: &str) -> Option<Vec<Sent>> {
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

    fn mapping<A: MapAccess<'de>>(
        self,
        cx: &mut Context<'_>,
        mapping: A,
    ) -> Result<Option<Vec<Sent>>, A::Error> {
        let mut json = Json::default();
        Value { json: &mut json }.mapping(cx, mapping)?;
        let (mut sent, mut faults) = (Vec::new(), Vec::new());
        updates(&json.text, |update| match update {
            Ok(update) => sent.push(Sent {
                sender: update.sender.into_owned(),
                state: update.state.into_owned(),
                currently_active: update.currently_active,
            }),
            Err(fault) => faults.push((fault.offset, fault.message)),
        });
        if sent.is_empty() && faults.is_empty() {
            faults.push((0, "this record holds no presence update".to_owned()));
        }
        for (offset, message) in &faults {
            let location = Location::value(cx.file, json.path_of(*offset).clone());
            cx.report(Finding::new(Code::InvalidUpdate, location, message));
        }
        Ok(faults.is_empty().then_some(sent))
    }
}

/// A JSON text in the making, and where its parts stand in the YAML.
#[derive(Default)]
struct Json {
    text: String,
    /// The byte at which each value or key starts, by rising byte.
    paths: Vec<(usize, KeyPath)>,
}

impl Json {
    fn starts(&mut self, path: &KeyPath) {
        self.paths.push((self.text.len(), path.clone()));
    }

    fn string(&mut self, text: &str) {
        let written = serde_json::to_string(text).expect("text can be written");
        self.text.push_str(&written);
    }

    fn path_of(&self, offset: usize) -> &KeyPath {
        let after = self.paths.partition_point(|(start, _)| *start <= offset);
        &self.paths[after.saturating_sub(1)].1
    }
}

/// Any YAML value, which is written as JSON.
struct Value<'j> {
    json: &'j mut Json,
}

impl<'de> Shape<'de> for Value<'_> {
    type Value = ();
    const EXPECTED: &'static str = "a value";

    fn text(self, cx: &mut Context<'_>, text: &str) -> Option<()> {
        self.json.starts(&cx.path);
        self.json.string(text);
        Some(())
    }

    fn flag(self, cx: &mut Context<'_>, flag: bool) -> Option<()> {
        self.json.starts(&cx.path);
        self.json.text.push_str(if flag { "true" } else { "false" });
        Some(())
    }

    fn number(self, cx: &mut Context<'_>, number: f64) -> Option<()> {
        self.json.starts(&cx.path);
        // No rule looks at a number, so it does not matter which one it is.
        let number = if number.is_finite() { number } else { 0.0 };
        self.json.text.push_str(&number.to_string());
        Some(())
    }

    fn nothing(self, cx: &mut Context<'_>) -> Option<()> {
        self.json.starts(&cx.path);
        self.json.text.push_str("null");
        Some(())
    }

    fn list<A: SeqAccess<'de>>(
        self,
        cx: &mut Context<'_>,
        mut list: A,
    ) -> Result<Option<()>, A::Error> {
        self.json.starts(&cx.path);
        self.json.text.push('[');
        let mut index = 0;
        loop {
            let length = self.json.text.len();
            if index > 0 {
                self.json.text.push(',');
            }
            let json = &mut *self.json;
            match cx.item(&mut list, index, Value { json })? {
                Some(Some(())) => {}
                // A value with a fault, which is a finding.
                Some(None) => self.json.text.push_str("null"),
                None => {
                    self.json.text.truncate(length);
                    break;
                }
            }
            index += 1;
        }
        self.json.text.push(']');
        Ok(Some(()))
    }

    fn mapping<A: MapAccess<'de>>(
        self,
        cx: &mut Context<'_>,
        mut mapping: A,
    ) -> Result<Option<()>, A::Error> {
        self.json.starts(&cx.path);
        self.json.text.push('{');
        let mut first = true;
        while let Some(key) = cx.key(&mut mapping, "a presence update")? {
            if !std::mem::take(&mut first) {
                self.json.text.push(',');
            }
            self.json.starts(&cx.path.clone().key(key.clone()));
            self.json.string(&key);
            self.json.text.push(':');
            let json = &mut *self.json;
            if cx.value(&mut mapping, key, Value { json })?.is_none() {
                self.json.text.push_str("null");
            }
        }
        self.json.text.push('}');
        Ok(Some(()))
    }
}
