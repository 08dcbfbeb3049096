//! The items of user sets: the values of their keys.

use super::at::At;
use super::reader::{Context, Shape};
use super::set::{Item, UserSet};
use super::shapes::{Name, Text};
use super::user_file::UserFile;
use crate::finding::{Code, Effect, Finding, Fix, Location};
use crate::pattern::{Fault, Pattern, Template};
use crate::source::{FileId, Span};

/// The words that are items by themselves, and have no meaning under a key.
const WORDS: [&str; 2] = ["all", "local"];

/// The word that was meant by what stands under a key, as in `{server: local}`.
pub(crate) fn word(text: &str) -> Option<&'static str> {
    (WORDS.into_iter()).find(|word| text.eq_ignore_ascii_case(word))
}

/// The remedy where a word stands under a key.
pub(crate) fn with_word(finding: Finding, word: &'static str, file: FileId, at: At) -> Finding {
    let whom = match word {
        "all" => "everybody",
        _ => "every user of this homeserver",
    };
    if at.is_one_of_several {
        // What stands beside it under its key has to stay there.
        return finding.help(format!("for {whom}, write `{word}` as an item of its own"));
    }
    let whole = Location::part(file, at.whole);
    let help = format!("for {whom}, write `{word}` alone, and not under a key");
    finding
        .help(help)
        .fix(Fix::write(whole, word, Effect::Others))
}

/// The value of an item's key, such as `server`.
#[derive(Clone, Copy)]
pub(super) struct ItemOf {
    pub key: &'static str,
    /// Whether a template may stand there.
    pub takes_template: bool,
    /// Where the item is written.
    pub(crate) whole: Span,
}

impl Shape for ItemOf {
    type Value = UserSet;
    const EXPECTED: &'static str = Text::EXPECTED;

    fn text(self, cx: &mut Context<'_, '_>, text: &str) -> Option<UserSet> {
        let at = At {
            whole: self.whole,
            ..At::whole(cx.span())
        };
        Some(UserSet::Item(self.item(cx, text, at)?, at))
    }

    /// Several texts are as many items.
    fn list(self, cx: &mut Context<'_, '_>) -> Option<UserSet> {
        if self.key == "template" {
            cx.wrong_type(Self::EXPECTED, "a list");
            return None;
        }
        let members = cx.items(OneOf { of: self });
        if members.is_empty() {
            cx.report(
                Finding::new(Code::EmptySet, cx.here(), "this list names no users")
                    .help("name some, or remove the key or the rule that it belongs to"),
            );
            return None;
        }
        let members = members
            .into_iter()
            .map(|member| member.unwrap_or_else(UserSet::unreadable));
        Some(UserSet::Union(members.collect(), At::whole(self.whole)))
    }
}

/// One of several texts under the key of an item.
#[derive(Clone, Copy)]
struct OneOf {
    of: ItemOf,
}

impl Shape for OneOf {
    type Value = UserSet;
    const EXPECTED: &'static str = Text::EXPECTED;

    fn text(self, cx: &mut Context<'_, '_>, text: &str) -> Option<UserSet> {
        let at = At {
            is_one_of_several: true,
            ..At::whole(cx.span())
        };
        Some(UserSet::Item(self.of.item(cx, text, at)?, at))
    }
}

impl ItemOf {
    fn item(self, cx: &mut Context<'_, '_>, text: &str, at: At) -> Option<Item> {
        let pattern = match self.key {
            "user" => Pattern::user(text),
            "glob" => Pattern::glob(text),
            "regex" => Pattern::regex(text),
            "server" => Pattern::server(text),
            "group" => return Some(Item::Group(text.into())),
            "file" => {
                let path = Name.text(cx, text)?.into();
                return Some(Item::File(UserFile {
                    path,
                    column: None,
                    users: None,
                }));
            }
            _ if self.takes_template => {
                return checked(cx, Template::parse(text), text, at).map(Item::Template);
            }
            _ => {
                cx.report(
                    Finding::new(
                        Code::MisplacedTemplate,
                        cx.here(),
                        "a template cannot stand here: there is no user to make an ID from",
                    )
                    .help(
                        "templates belong in the `recipients` of a route (made from the sender) or the `in` of an \
                         interest (made from the asking user)",
                    ),
                );
                return None;
            }
        };
        checked(cx, pattern, text, at).map(Item::Pattern)
    }
}

/// The outcome of reading what stands under a key.
fn checked<T>(
    cx: &mut Context<'_, '_>,
    outcome: Result<T, Fault>,
    text: &str,
    at: At,
) -> Option<T> {
    match (outcome, word(text)) {
        (Err(fault), Some(word)) => {
            let finding = Finding::new(fault.code, cx.here(), fault.message);
            cx.report(with_word(finding, word, cx.file, at));
            None
        }
        (outcome, _) => cx.checked(outcome),
    }
}
