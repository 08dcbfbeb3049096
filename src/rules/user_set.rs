//! User sets, as they are written: one item, a list, `{include: …, exclude: …}`, or `{all_of: […]}`.

use super::at::At;
use super::item::ItemOf;
use super::keys::Keys;
use super::reader::{Context, Shape};
use super::set::{Item, UserSet};
use super::shapes::{Name, Text};
use super::user_file::Column;
use crate::finding::{Code, Effect, Finding, Fix};
use crate::pattern::{Pattern, proposed};
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
        let item = match text {
            "local" => Item::Local(None),
            _ => Item::Pattern(cx.checked(Pattern::text(text))?),
        };
        Some(UserSet::Item(item, At::whole(cx.span())))
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
        self.of_keys(cx, &KEYS[1..], &mut None)
    }
}

/// The keys of a user set, after one that only a group may have.
const KEYS: [&str; 12] = [
    "description",
    "user",
    "glob",
    "regex",
    "server",
    "group",
    "file",
    "column",
    "template",
    "all_of",
    "include",
    "exclude",
];

impl Users {
    /// The users of a group, which may have a description beside `include` and `exclude`.
    pub fn described(
        self,
        cx: &mut Context<'_, '_>,
        description: &mut Option<String>,
    ) -> Option<UserSet> {
        self.of_keys(cx, &KEYS, description)
    }

    fn of_keys(
        self,
        cx: &mut Context<'_, '_>,
        known: &'static [&'static str],
        description: &mut Option<String>,
    ) -> Option<UserSet> {
        let what = if known.len() == KEYS.len() {
            "a group"
        } else {
            "an item of a user set"
        };
        let mut keys = Keys::new(cx, what, known);
        let mut sets = Vec::new();
        let (mut include, mut exclude, mut column) = (None, None, None);
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
                "description" => *description = cx.read(value, Text),
                "column" => {
                    let at = At::whole(cx.tree.span(value));
                    let name = cx.read(value, Name).map(String::into_boxed_str);
                    column = name.map(|name| Column { name, at });
                }
                "all_of" => {
                    let members = cx.read(value, AllOf { of: self });
                    let at = At::whole(cx.span());
                    sets.push((
                        key,
                        members.map(|members| UserSet::Intersection(members, at)),
                    ));
                }
                _ => {
                    let whole = cx.span();
                    let item = ItemOf {
                        key,
                        takes_template: self.templates,
                        whole,
                    };
                    sets.push((key, cx.read(value, item)));
                }
            }
        }
        let is_difference = keys.has("include") || keys.has("exclude");
        if keys.has("column") && !read_column(cx, &mut sets, is_difference, column.as_ref()) {
            return None;
        }
        match (sets.len(), is_difference) {
            (0, true) => Some(UserSet::Difference {
                include,
                exclude,
                at: At::whole(cx.span()),
            }),
            (1, false) if keys.has("description") => {
                let (key, _) = sets.remove(0);
                let message = format!("a `description` stands beside `{key}`");
                let help = format!("write `include: {{{key}: …}}` beside it");
                cx.report(Finding::new(Code::AmbiguousItem, cx.here(), message).help(help));
                None
            }
            // The unknown key may be the column.
            (1, false) if keys.has_odd && sets[0].0 == "file" => None,
            (1, false) => sets.remove(0).1,
            // An unknown key is a finding of its own, and what it stood for cannot be known.
            (0, false) if keys.has_odd => None,
            (0, false) => {
                cx.report(
                    Finding::new(Code::EmptySet, cx.here(), "this mapping names no users").help(
                        if keys.has("description") {
                            "write `include: …` beside the description"
                        } else {
                            "write, say, `{server: example.org}`"
                        },
                    ),
                );
                None
            }
            _ => {
                let named: Vec<_> = (sets.iter().map(|(key, _)| *key))
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
                    _ => "write a list of items, each with one key, or `{all_of: [{…: …}, {…: …}]}` for who is in all of \
                          them"
                        .to_owned(),
                };
                cx.report(Finding::new(Code::AmbiguousItem, cx.here(), message).help(help));
                None
            }
        }
    }
}

/// Tells the files of an item in which column their users are, and whether there are any. Without that column nothing can
/// be said of them.
fn read_column(
    cx: &mut Context<'_, '_>,
    sets: &mut [(&str, Option<UserSet>)],
    is_difference: bool,
    column: Option<&Column>,
) -> bool {
    let [("file", set)] = sets else {
        return refuse_column(cx);
    };
    if is_difference {
        return refuse_column(cx);
    }
    if let (Some(set), Some(column)) = (set, column) {
        set.read_column(column);
    }
    column.is_some()
}

fn refuse_column(cx: &mut Context<'_, '_>) -> bool {
    let message = "`column` stands beside `file` only";
    let finding = Finding::new(Code::AmbiguousItem, cx.here(), message);
    cx.report(finding.help("write `{file: staff.csv, column: …}`"));
    false
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

/// The members of `all_of`.
#[derive(Clone, Copy)]
struct AllOf {
    of: Users,
}

impl Shape for AllOf {
    type Value = Vec<UserSet>;
    const EXPECTED: &'static str = "a list of two user sets or more";

    fn list(self, cx: &mut Context<'_, '_>) -> Option<Vec<UserSet>> {
        let members = cx.items(self.of);
        if members.len() < 2 {
            // Where the text broke off, others may have been meant to follow.
            if cx.tree.open().any(|node| node == cx.node) {
                return None;
            }
            let (code, message, help) = match members.len() {
                0 => (
                    Code::EmptySet,
                    "this list names no users",
                    "name the sets in all of which users have to be",
                ),
                _ => (
                    Code::WrongType,
                    "`all_of` is who is in all of several sets, and here is one",
                    "add another set, or write this one without `all_of`",
                ),
            };
            cx.report(Finding::new(code, cx.here(), message).help(help));
            return None;
        }
        // Each member keeps its place in the list, whatever becomes of the others.
        let members = members
            .into_iter()
            .map(|member| member.unwrap_or_else(UserSet::unreadable));
        Some(members.collect())
    }
}
