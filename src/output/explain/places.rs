//! The places of all that an explanation names.

use crate::explain::{Matched, RuleRef, Step};
use crate::output::harmless::visible;
use crate::pattern::shortened;
use crate::source::{FileId, Place, Source, Sources, Span};

/// Looks up the places of what an explanation names.
pub struct Places<'a> {
    sources: &'a Sources,
}

impl<'a> Places<'a> {
    pub fn of(sources: &'a Sources) -> Self {
        Self { sources }
    }

    pub fn source(&self, file: FileId) -> &'a Source {
        self.sources.get(file)
    }

    pub fn file(&self, file: FileId) -> &'a str {
        self.source(file).name()
    }

    pub fn place(&self, file: FileId, at: Span) -> Place {
        self.source(file).place(at.range())
    }

    /// An item as it is written in its file, on one line.
    pub fn written(&self, step: &Step) -> String {
        if step.item == Matched::Everyone {
            return "everyone".to_owned();
        }
        let text = &self.source(step.file).text()[step.at.range()];
        let words: Vec<_> = text.split_whitespace().collect();
        visible(&shortened(&words.join(" "))).into_owned()
    }
}

/// A user's text in backticks, with nothing in it that a terminal obeys.
pub fn quoted(text: &str) -> String {
    format!("`{}`", visible(text))
}

/// "route `lobby`".
pub fn rule(rule: &RuleRef) -> String {
    format!("{} {}", rule.kind.name(), quoted(&rule.name.to_string()))
}
