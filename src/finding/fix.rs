//! Remedies as edits of the text: what they say to write can be written by a program.

use std::collections::HashMap;
use std::ops::Range;

use super::Location;
use crate::source::{FileId, Sources};
use crate::yaml::{self, Removals};

/// A remedy as an edit of the text.
///
/// ```
/// use presence_router::finding::{Editor, Effect, Fix, Location};
/// use presence_router::source::Sources;
///
/// let mut sources = Sources::default();
/// let file = sources.add("rules.yaml", "senders: [{glob: '@a:x.example'}, '@A:x.example']\n");
/// let fix = Fix::write(Location::bytes(file, 10..32), "\"@a:x.example\"", Effect::Same);
///
/// let edits = Editor::new(&sources).edits(&fix).unwrap();
/// assert_eq!(edits[0].range, 10..32);
/// assert_eq!(edits[0].text, "\"@a:x.example\"");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Fix {
    /// What is changed, at different places.
    pub changes: Vec<Change>,
    /// What that does to the rules.
    pub effect: Effect,
}

/// What a fix does to the rules: whom the item takes that is written anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// The rules give the same answers as before.
    Same,
    /// No others than before. Whom it leaves out, the finding says.
    Fewer,
    /// Those of before, and others. Whom it adds, the finding says.
    More,
    /// Others than before: it never took whom it was meant to take.
    Others,
}

/// One change of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Change {
    /// What is changed.
    pub location: Location,
    /// How.
    pub kind: ChangeKind,
}

/// A way to change a part of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ChangeKind {
    /// This YAML is written in its place, on one line.
    Write(String),
    /// The scalar says this, in the quotes that it has.
    Say(String),
    /// The item of a list, or the key with its value, is taken out.
    Remove,
}

/// A range of bytes of a file, and what is written in its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    /// The file.
    pub file: FileId,
    /// The bytes that go.
    pub range: Range<usize>,
    /// What comes in their place.
    pub text: String,
}

impl Fix {
    /// Writes this YAML in place of what is written there.
    pub fn write(location: Location, yaml: impl Into<String>, effect: Effect) -> Self {
        Self::of(location, ChangeKind::Write(yaml.into()), effect)
    }

    /// Makes a scalar say this.
    pub fn say(scalar: Location, text: impl Into<String>, effect: Effect) -> Self {
        Self::of(scalar, ChangeKind::Say(text.into()), effect)
    }

    /// Takes an item or a key out.
    pub fn remove(location: Location) -> Self {
        Self::of(location, ChangeKind::Remove, Effect::Same)
    }

    fn of(location: Location, kind: ChangeKind, effect: Effect) -> Self {
        Self {
            changes: vec![Change { location, kind }],
            effect,
        }
    }
}

/// Turns fixes into edits. What a text is made of is found out once.
pub struct Editor<'s> {
    sources: &'s Sources,
    removals: HashMap<FileId, Removals>,
}

impl<'s> Editor<'s> {
    /// For fixes of these texts.
    pub fn new(sources: &'s Sources) -> Self {
        let removals = HashMap::new();
        Self { sources, removals }
    }

    /// The edits of a fix, in the order of the text; `None` where the text is written so that no edit comes out well, such
    /// as an item that is the only one of its list.
    pub fn edits(&mut self, fix: &Fix) -> Option<Vec<Edit>> {
        let edits = fix.changes.iter().map(|change| self.edit(change));
        let mut edits = edits.collect::<Option<Vec<_>>>()?;
        edits.sort_by_key(|edit| (edit.file, edit.range.start));
        Some(edits)
    }

    fn edit(&mut self, change: &Change) -> Option<Edit> {
        let file = change.location.file;
        let text = self.sources.get(file).text();
        let span = change.location.span();
        let (range, text) = match &change.kind {
            ChangeKind::Write(yaml) => {
                let range = yaml::without_end(text, span);
                // A list may stand right under its key, and nothing else.
                let is_block_list = text[range.clone()].starts_with("- ");
                let indent = if is_block_list { "  " } else { "" };
                (range, format!("{indent}{yaml}"))
            }
            ChangeKind::Say(said) => {
                let range = yaml::without_end(text, span);
                let written = yaml::quoted_as(&text[range.clone()], said);
                (range, written)
            }
            ChangeKind::Remove => {
                let removals = self.removals.entry(file);
                let removals = removals.or_insert_with(|| Removals::of(text));
                (removals.get(span)?, String::new())
            }
        };
        Some(Edit { file, range, text })
    }
}
