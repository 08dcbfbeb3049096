//! The values of a case's keys.

use super::model::{Exactly, Written};
use crate::finding::{Code, Finding};
use crate::pattern::{Pattern, shortened};
use crate::rules::reader::{Context, Shape};
use crate::rules::shapes::Name;
use crate::rules::user_set::Users;
use crate::rules::{At, Item, UserSet};
use crate::user_id::UserId;

/// Why a case is known to fail.
#[derive(Clone, Copy)]
pub(super) struct Todo;

impl Shape for Todo {
    type Value = String;
    const EXPECTED: &'static str = "the reason as text";

    fn text(self, cx: &mut Context<'_, '_>, text: &str) -> Option<String> {
        if text.trim().is_empty() {
            let finding = Finding::new(Code::MissingReason, cx.here(), "`todo` has no reason");
            cx.report(finding.help("say why the case is known to fail"));
            return None;
        }
        Some(text.to_owned())
    }

    fn nothing(self, cx: &mut Context<'_, '_>) -> Option<String> {
        self.text(cx, "")
    }
}

#[derive(Clone, Copy)]
pub(super) struct User;

impl Shape for User {
    type Value = String;
    const EXPECTED: &'static str = "a user ID as text";

    fn text(self, cx: &mut Context<'_, '_>, text: &str) -> Option<String> {
        user_id(cx, text)
    }
}

/// A text that has to be a user ID.
pub(super) fn user_id(cx: &mut Context<'_, '_>, text: &str) -> Option<String> {
    match UserId::parse(text) {
        Ok(_) => Some(text.to_owned()),
        Err(error) => {
            let message = format!("`{}` is not a user ID: {error}", shortened(text));
            cx.error(Code::InvalidUserId, message);
            None
        }
    }
}

/// An exact answer: users, `[]` for nobody, or, to the question whom a user may see, `ALL`.
#[derive(Clone, Copy)]
pub(super) enum ExactlyShape {
    Recipients,
    Interested,
}

impl Shape for ExactlyShape {
    type Value = Exactly;
    const EXPECTED: &'static str = "users (a user ID as text, or a list of users)";

    fn text(self, cx: &mut Context<'_, '_>, text: &str) -> Option<Exactly> {
        if text == "ALL" {
            if matches!(self, Self::Interested) {
                return Some(Exactly::All);
            }
            let message = "`ALL` is an answer to `interested` only";
            let finding = Finding::new(Code::InvalidUserId, cx.here(), message);
            cx.report(finding.help("write `all` for every known user"));
            return None;
        }
        let users = Users::without_templates().text(cx, text)?;
        Some(self.users(users))
    }

    fn list(self, cx: &mut Context<'_, '_>) -> Option<Exactly> {
        let members = cx.items(Users::without_templates());
        if members.is_empty() {
            return Some(Exactly::Nobody);
        }
        let members: Option<Vec<_>> = members.into_iter().collect();
        let at = At::whole(cx.span());
        members.map(|members| Exactly::Users(UserSet::Union(members, at)))
    }

    fn mapping(self, cx: &mut Context<'_, '_>) -> Option<Exactly> {
        let users = Users::without_templates().mapping(cx);
        users.map(Exactly::Users)
    }
}

impl ExactlyShape {
    fn users(self, users: UserSet) -> Exactly {
        match (self, &users) {
            // Who may see `all` by the rules gets the answer ALL.
            (Self::Interested, UserSet::Item(Item::Pattern(Pattern::Everyone), _)) => Exactly::All,
            _ => Exactly::Users(users),
        }
    }
}

/// Names of rules: one, or a list.
#[derive(Clone, Copy)]
pub(super) struct By;

impl Shape for By {
    type Value = Vec<Written<String>>;
    const EXPECTED: &'static str = "the name of a rule as text, or a list of names";

    fn text(self, cx: &mut Context<'_, '_>, text: &str) -> Option<Self::Value> {
        ByName.text(cx, text).map(|name| vec![name])
    }

    fn list(self, cx: &mut Context<'_, '_>) -> Option<Self::Value> {
        let names = cx.items(ByName);
        if names.is_empty() {
            let finding = Finding::new(Code::EmptySet, cx.here(), "this list names no rules");
            cx.report(finding.help("name a route, an interest or a block, or remove the key"));
            return None;
        }
        names.into_iter().collect()
    }
}

#[derive(Clone, Copy)]
struct ByName;

impl Shape for ByName {
    type Value = Written<String>;
    const EXPECTED: &'static str = Name::EXPECTED;

    fn text(self, cx: &mut Context<'_, '_>, text: &str) -> Option<Written<String>> {
        let value = Name.text(cx, text)?;
        let (key, at) = (cx.span(), cx.span());
        Some(Written { key, at, value })
    }
}
