//! User sets, as they are written: one item, a list, or `{include: …, exclude: …}`.

use super::keys::Keys;
use super::model::{At, Item, UserSet};
use super::reader::{Context, Shape};
use super::shapes::Text;
use crate::finding::{Code, Effect, Finding, Fix};
use crate::pattern::{Pattern, Template, proposed};
use crate::yaml::{NodeId, Tree, Value};

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
        refuse_exclude(cx, &members);
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

/// Refuses `{exclude: …}` among the items of the list that is being read. It takes nobody away from the other items: it
/// adds everybody in the world but a few.
fn refuse_exclude(cx: &mut Context<'_, '_>, members: &[Option<UserSet>]) {
    let tree = cx.tree;
    let (mut others, mut excluded, mut first) = (Vec::new(), Vec::new(), None);
    for (node, member) in tree.children(cx.node).zip(members) {
        if member.as_ref().is_some_and(UserSet::is_exclude_only) {
            first.get_or_insert(node);
            let (_, users) = tree.entries(node).next().expect("it has the key `exclude`");
            excluded.push(users);
        } else {
            others.push(node);
        }
    }
    let Some(first) = first else { return };
    let meant = if others.is_empty() {
        format!("{{exclude: {}}}", in_one_line(tree, &excluded))
    } else {
        let include = in_one_line(tree, &others);
        format!(
            "{{include: {include}, exclude: {}}}",
            in_one_line(tree, &excluded)
        )
    };
    let message = "an `{exclude: …}` in a list adds everybody in the world but those it names";
    let help = match (others.len(), excluded.len()) {
        (0, 1) => format!(
            "if that is meant, write it without the list: `{}`",
            proposed(&meant)
        ),
        (0, _) => format!("to leave out all of them, write `{}`", proposed(&meant)),
        _ => format!(
            "to take them away from the others, write `{}`",
            proposed(&meant)
        ),
    };
    let fix = Fix::write(cx.here(), meant, Effect::Others);
    let finding = Finding::new(Code::ExcludeInList, cx.at(first), message);
    cx.report(finding.help(help).fix(fix));
}

/// User sets as one value on one line: each of them, or what is in it if it is a list itself.
fn in_one_line(tree: &Tree<'_>, sets: &[NodeId]) -> String {
    let mut items = Vec::new();
    for &set in sets {
        match tree.value(set) {
            Value::List => items.extend(tree.children(set).map(|item| tree.in_one_line(item))),
            _ => items.push(tree.in_one_line(set)),
        }
    }
    match items.as_slice() {
        [item] => item.clone(),
        _ => format!("[{}]", items.join(", ")),
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
