//! `duplicate-pattern`: an item that stands twice in one list.

use std::collections::HashMap;

use super::Context;
use super::lists::for_each;
use super::pattern_text::written;
use crate::finding::{Code, Finding, Fix};
use crate::pattern::{Pattern, Template};
use crate::rules::{Item, UserFile};

pub(super) fn check(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    for_each(cx, |list| {
        let mut seen = HashMap::new();
        for member in &list.members {
            let first = *seen.entry(Key::of(member.item)).or_insert(member);
            if std::ptr::eq(first, member) {
                continue;
            }
            let message = format!("{} stands in this list already", written(member.item));
            findings.push(
                Finding::new(Code::DuplicatePattern, member.location, message)
                    .label(first.location, "first named")
                    .help("remove one of the two")
                    .fix(Fix::remove(member.location)),
            );
        }
    });
}

/// What tells items apart.
#[derive(PartialEq, Eq, Hash)]
pub(super) enum Key<'a> {
    Pattern(&'a Pattern),
    Local,
    File(&'a UserFile),
    Group(&'a str),
    Template(&'a Template),
}

impl<'a> Key<'a> {
    pub fn of(item: &'a Item) -> Self {
        match item {
            Item::Pattern(pattern) | Item::Local(Some(pattern)) => Self::Pattern(pattern),
            Item::Local(None) => Self::Local,
            Item::File(file) => Self::File(file),
            Item::Group(name) => Self::Group(name),
            Item::Template(template) => Self::Template(template),
        }
    }
}
