//! What several lints ask of a pattern: its place, how it is written, and an ID that it matches.

use std::fmt::Write as _;
use std::ops::Range;

use regex_syntax::hir::{Class, ClassUnicodeRange, Hir, HirKind};

use super::Context;
use crate::finding::{Effect, Finding, Fix, Location};
use crate::pattern::{GLOB_CHARACTERS, Pattern, proposed, shortened};
use crate::rules::{At, Item, SetOf, Side, UserSet};
use crate::source::FileId;
use crate::user_id::{MAX_BYTES, UserId};
use crate::yaml::quoted_as;

/// A pattern, and where it stands.
pub(super) struct Placed<'a> {
    pub pattern: &'a Pattern,
    file: FileId,
    at: At,
    /// Whether those whom it matches may be listed, and are not only compared with it.
    is_listed: bool,
    /// Whether a template may stand in its place.
    pub takes_templates: bool,
}

impl Placed<'_> {
    /// A range of bytes of the pattern's text.
    pub(crate) fn inside(&self, range: Range<usize>) -> Location {
        Location::inside(self.file, self.at.text, range)
    }

    /// What an exact ID in its place changes, and what to say of that at the end of a remedy.
    pub fn exact_instead(&self) -> (Effect, &'static str) {
        if self.is_listed {
            (
                Effect::More,
                ", which stands for this user even where it is not known",
            )
        } else {
            (Effect::Same, "")
        }
    }

    /// The finding with the remedy to write another item in place of this one.
    pub fn with_item(&self, finding: Finding, item: &str, effect: Effect) -> Finding {
        if self.at.is_one_of_several {
            // What stands beside it under its key has to stay there.
            return finding.help(format!("write `{}` as an item of its own", proposed(item)));
        }
        let whole = Location::part(self.file, self.at.whole);
        (finding.help(format!("write `{}`", proposed(item)))).fix(Fix::write(whole, item, effect))
    }

    /// The finding with the remedy to write another text in place of this one.
    pub fn with_text(&self, finding: Finding, text: &str, effect: Effect) -> Finding {
        (finding.help(format!("write `{}`", proposed(text)))).fix(self.says(text, effect))
    }

    /// Another text in place of this one.
    pub fn says(&self, text: &str, effect: Effect) -> Fix {
        Fix::say(Location::part(self.file, self.at.text), text, effect)
    }

    /// Whether it is written as a text alone, and not as `{user: …}` or the like.
    pub(crate) fn is_plain(&self) -> bool {
        self.at.whole == self.at.text && !self.at.is_one_of_several
    }
}

/// Visits every pattern of every user set.
pub(super) fn for_each(cx: &Context<'_>, mut visit: impl FnMut(Placed<'_>)) {
    for rules in &cx.rule_set.files {
        for (of, users) in rules.user_sets() {
            // Users of these sets are compared with them, and not listed.
            let is_compared = match of {
                SetOf::Block | SetOf::Interest(Side::Users) => true,
                SetOf::Route(_, Side::Senders) => !rules.derive_interests,
                _ => false,
            };
            let takes_templates = matches!(
                of,
                SetOf::Route(_, Side::Recipients) | SetOf::Interest(Side::In)
            );
            users.walk(&mut |placed| {
                if let Item::Pattern(pattern) = placed.item {
                    visit(Placed {
                        pattern,
                        file: rules.file,
                        at: placed.at,
                        is_listed: !is_compared && placed.excludes % 2 == 0,
                        takes_templates,
                    });
                }
            });
        }
    }
}

/// How an item is written in a rule file, for a message.
pub(super) fn written(item: &Item) -> String {
    match item {
        Item::Pattern(pattern) => match pattern {
            Pattern::Everyone => "`all`".into(),
            Pattern::User(text) | Pattern::Glob(text) => format!("`{}`", shortened(text)),
            Pattern::Server(text) | Pattern::ServerGlob(text) => {
                format!("`{}`", proposed(&server_item(text)))
            }
            Pattern::Regex(text) => format!("`{}`", proposed(&regex_item(text))),
        },
        Item::Local(_) => "`local`".into(),
        Item::File(file) => {
            let path = shortened(&file.path.display().to_string());
            match &file.column {
                Some(column) => format!("`{{file: {path}, column: {}}}`", shortened(&column.name)),
                None => format!("`{{file: {path}}}`"),
            }
        }
        Item::Group(name) => format!("`{{group: {}}}`", shortened(name)),
        Item::Template(template) => {
            format!("`{{template: \"{}\"}}`", shortened(template.as_str()))
        }
    }
}

/// The item for all users of a server, or of those that a glob stands for.
pub(super) fn server_item(server: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | ':');
    // Others are a number to YAML, or nothing at all.
    let is_text = server.starts_with(|c: char| c.is_ascii_alphabetic())
        && !["null", "true", "false"].contains(&&*server.to_ascii_lowercase());
    if is_text && server.chars().all(plain) {
        format!("{{server: {server}}}")
    } else {
        format!("{{server: {}}}", quoted_as("\"", server))
    }
}

/// The item for one user ID.
pub(super) fn user_item(id: &str) -> String {
    if id.contains(GLOB_CHARACTERS) {
        format!("{{user: {}}}", quoted_as("'", id))
    } else {
        quoted_as("\"", id)
    }
}

/// The item for a regular expression; single quotes leave its backslashes alone.
pub(super) fn regex_item(text: &str) -> String {
    format!("{{regex: {}}}", quoted_as("'", text))
}

/// A set as it may be written in one line of a rule file; nothing of one that is so long that nobody would.
pub(super) fn yaml(users: &UserSet) -> Option<String> {
    let mut text = String::new();
    write_set(users, &mut text);
    (proposed(&text) == text).then_some(text)
}

fn write_set(users: &UserSet, text: &mut String) {
    // What is cut anyhow is not written to its end.
    if text.len() > MOST_WRITTEN {
        return;
    }
    let list = |members: &[UserSet], text: &mut String| {
        text.push('[');
        for (index, member) in members.iter().enumerate() {
            text.push_str(if index > 0 { ", " } else { "" });
            write_set(member, text);
        }
        text.push(']');
    };
    match users {
        UserSet::Item(item, _) => text.push_str(&item_yaml(item)),
        UserSet::Union(members, _) => list(members, text),
        UserSet::Intersection(members, _) => {
            text.push_str("{all_of: ");
            list(members, text);
            text.push('}');
        }
        UserSet::Difference {
            include, exclude, ..
        } => {
            let mut before = "{";
            for (key, part) in [("include", include), ("exclude", exclude)] {
                if let Some(part) = part {
                    let _ = write!(text, "{before}{key}: ");
                    write_set(part, text);
                    before = ", ";
                }
            }
            text.push('}');
        }
    }
}

/// A set is written in so many bytes at most.
const MOST_WRITTEN: usize = 8192;

fn item_yaml(item: &Item) -> String {
    let under = |key: &str, text: &str| format!("{{{key}: {}}}", quoted_as("\"", text));
    match item {
        Item::Pattern(pattern) => match pattern {
            Pattern::Everyone => "all".into(),
            Pattern::User(id) => user_item(id),
            Pattern::Glob(text) if Pattern::text(text).as_ref() == Ok(pattern) => {
                quoted_as("\"", text)
            }
            Pattern::Glob(text) => under("glob", text),
            Pattern::Server(text) | Pattern::ServerGlob(text) => server_item(text),
            Pattern::Regex(text) => regex_item(text),
        },
        Item::Local(_) => "local".into(),
        Item::File(file) => {
            let path = quoted_as("\"", &file.path.display().to_string());
            match &file.column {
                Some(column) => {
                    let column = quoted_as("\"", &column.name);
                    format!("{{file: {path}, column: {column}}}")
                }
                None => format!("{{file: {path}}}"),
            }
        }
        Item::Group(name) => under("group", name),
        Item::Template(template) => under("template", template.as_str()),
    }
}

/// Whether this is a valid user ID that the pattern matches.
pub(super) fn takes(pattern: &Pattern, id: &str) -> bool {
    UserId::parse(id).is_ok() && pattern.confirms(id)
}

/// A short text that an expression probably matches, of letters as far as it goes: what comes of it is to be verified,
/// since anchors and word boundaries are passed over.
pub(super) fn sample(language: &Hir) -> Option<String> {
    let mut text = Vec::new();
    add_sample(language, &mut text)?;
    String::from_utf8(text).ok()
}

fn add_sample(language: &Hir, text: &mut Vec<u8>) -> Option<()> {
    match language.kind() {
        HirKind::Empty | HirKind::Look(_) => {}
        HirKind::Literal(literal) => text.extend(&*literal.0),
        HirKind::Class(class) => text.extend(member(class)?.to_string().as_bytes()),
        HirKind::Repetition(repetition) => {
            // One where there may be none: `@a:b` reads better than `@:b`.
            let times = repetition
                .min
                .max(1)
                .min(repetition.max.unwrap_or(1).max(1));
            for _ in 0..times {
                add_sample(&repetition.sub, text)?;
            }
        }
        HirKind::Capture(capture) => add_sample(&capture.sub, text)?,
        HirKind::Concat(parts) => {
            for part in parts {
                add_sample(part, text)?;
            }
        }
        HirKind::Alternation(alternatives) => add_sample(alternatives.first()?, text)?,
    }
    (text.len() <= MAX_BYTES).then_some(())
}

fn member(class: &Class) -> Option<char> {
    let Class::Unicode(class) = class else {
        return None;
    };
    let has =
        |c: char| (class.ranges().iter()).any(|range| (range.start()..=range.end()).contains(&c));
    (['a', '1'].into_iter().find(|c| has(*c)))
        .or_else(|| class.ranges().first().map(ClassUnicodeRange::start))
}
