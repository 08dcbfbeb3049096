//! The items of user sets: the values of their keys.

use super::at::At;
use super::reader::{Context, Shape};
use super::set::{Item, UserSet};
use super::shapes::{Name, Text};
use super::user_file::UserFile;
use crate::finding::{Code, Finding};
use crate::pattern::{Pattern, Template};
use crate::source::Span;

/// The value of an item's key, such as `server`.
#[derive(Clone, Copy)]
pub(super) struct ItemOf {
    pub key: &'static str,
    /// Whether a template may stand there.
    pub takes_template: bool,
    /// Where the item is written.
    pub whole: Span,
}

impl Shape for ItemOf {
    type Value = UserSet;
    const EXPECTED: &'static str = Text::EXPECTED;

    fn text(self, cx: &mut Context<'_, '_>, text: &str) -> Option<UserSet> {
        let at = At {
            whole: self.whole,
            ..At::whole(cx.span())
        };
        Some(UserSet::Item(self.item(cx, text)?, at))
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
        Some(UserSet::Item(self.of.item(cx, text)?, at))
    }
}

impl ItemOf {
    fn item(self, cx: &mut Context<'_, '_>, text: &str) -> Option<Item> {
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
            _ => return self.template(cx, text),
        };
        cx.checked(pattern).map(Item::Pattern)
    }

    fn template(self, cx: &mut Context<'_, '_>, text: &str) -> Option<Item> {
        if !self.takes_template {
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
        cx.checked(Template::parse(text)).map(Item::Template)
    }
}
