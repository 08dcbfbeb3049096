//! User sets, as they are written: one item, a list, or `{include: …, exclude: …}`.

use super::keys::Keys;
use super::model::{At, Item, UserSet};
use super::reader::{Context, Shape};
use super::shapes::Text;
use crate::finding::{Code, Finding};
use crate::pattern::{Pattern, Template};

/// A user set in a place that takes templates or does not.
#[derive(Clone, Copy)]
pub(crate) struct Users {
    templates: bool,
}

impl Users {
    /// For recipients of routes, and for what an interest sees: there is an ID to make another from.
    pub fn with_templates() -> Self {
        Self { templates: true }
    }

    /// For every other place.
    pub fn without_templates() -> Self {
        Self { templates: false }
    }
}

impl Shape for Users {
    type Value = UserSet;
    const EXPECTED: &'static str = "users (a user ID as text, or a list of users)";

    fn text(self, cx: &mut Context<'_, '_>, text: &str) -> Option<UserSet> {
        let pattern = cx.checked(Pattern::text(text))?;
        Some(UserSet::Item(Item::Pattern(pattern), At::whole(cx.span())))
    }

    fn list(self, cx: &mut Context<'_, '_>) -> Option<UserSet> {
        let members = cx.items(self);
        if members.is_empty() {
            cx.report(
                Finding::new(Code::EmptySet, cx.here(), "this list names no users")
                    .help("name some, or remove the key or the rule that it belongs to"),
            );
            return None;
        }
        // Each member keeps its place in the list, whatever becomes of the others.
        let members = members
            .into_iter()
            .map(|member| member.unwrap_or_else(UserSet::unreadable));
        Some(UserSet::Union(members.collect(), At::whole(cx.span())))
    }

    fn mapping(self, cx: &mut Context<'_, '_>) -> Option<UserSet> {
        let mut keys = Keys::new(
            cx,
            "an item of a user set",
            &[
                "user", "glob", "regex", "server", "group", "template", "include", "exclude",
            ],
        );
        let mut items = Vec::new();
        let (mut include, mut exclude) = (None, None);
        while let Some((key, value)) = keys.next(cx) {
            match key {
                "include" | "exclude" => {
                    let users = cx.read(value, self);
                    let users = Some(Box::new(users.unwrap_or_else(UserSet::unreadable)));
                    if key == "include" {
                        include = users;
                    } else {
                        exclude = users;
                    }
                }
                _ => {
                    let item = cx.read(value, ItemOf { key, within: self });
                    items.push((key, item, cx.tree.span(value)));
                }
            }
        }
        let is_difference = keys.has("include") || keys.has("exclude");
        match (items.len(), is_difference) {
            (0, true) => Some(UserSet::Difference {
                include,
                exclude,
                at: At::whole(cx.span()),
            }),
            (1, false) => {
                let (_, item, text) = items.remove(0);
                let whole = cx.span();
                item.map(|item| UserSet::Item(item, At { whole, text }))
            }
            // An unknown key is a finding of its own, and what it stood for cannot be known.
            (0, false) if keys.has_odd => None,
            (0, false) => {
                cx.report(
                    Finding::new(Code::EmptySet, cx.here(), "this mapping names no users")
                        .help("write, say, `{server: example.org}`"),
                );
                None
            }
            _ => {
                let named: Vec<_> = (items.iter().map(|(key, ..)| *key))
                    .chain(
                        ["include", "exclude"]
                            .into_iter()
                            .filter(|key| keys.has(key)),
                    )
                    .map(|key| format!("`{key}`"))
                    .collect();
                let message = format!("one item has the keys {}", named.join(" and "));
                // A list with `{exclude: …}` as an item of its own would be nearly everybody.
                let help = match (named.first(), is_difference) {
                    (Some(key), true) => {
                        let key = key.trim_matches('`');
                        format!("write `{{include: {{{key}: …}}, exclude: …}}`")
                    }
                    _ => "write a list of items, each with one key".to_owned(),
                };
                cx.report(Finding::new(Code::AmbiguousItem, cx.here(), message).help(help));
                None
            }
        }
    }
}

/// The value of an item's key, such as `server`.
#[derive(Clone, Copy)]
struct ItemOf {
    key: &'static str,
    within: Users,
}

impl Shape for ItemOf {
    type Value = Item;
    const EXPECTED: &'static str = Text::EXPECTED;

    fn text(self, cx: &mut Context<'_, '_>, text: &str) -> Option<Item> {
        let pattern = match self.key {
            "user" => Pattern::user(text),
            "glob" => Pattern::glob(text),
            "regex" => Pattern::regex(text),
            "server" => Pattern::server(text),
            "group" => return Some(Item::Group(text.into())),
            _ => return self.template(cx, text),
        };
        cx.checked(pattern).map(Item::Pattern)
    }
}

impl ItemOf {
    fn template(self, cx: &mut Context<'_, '_>, text: &str) -> Option<Item> {
        if !self.within.templates {
            cx.report(
                Finding::new(
                    Code::MisplacedTemplate,
                    cx.here(),
                    "a template stands where there is no user to make an ID from",
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
