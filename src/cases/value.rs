//! The values of a case's keys.

use serde::de::{MapAccess, SeqAccess};

use super::model::{Exactly, Written};
use super::read::user_id;
use crate::finding::{Code, Finding};
use crate::pattern::Pattern;
use crate::rules::shapes::Name;
use crate::rules::user_set::Users;
use crate::rules::yaml::{Context, Shape};
use crate::rules::{Item, UserSet};

/// Why a case is known to fail.
pub(super) struct Todo;

impl Shape<'_> for Todo {
    type Value = String;
    const EXPECTED: &'static str = "the reason as text";

    fn text(self, cx: &mut Context<'_>, text: &str) -> Option<String> {
        if text.trim().is_empty() {
            let finding = Finding::new(Code::MissingReason, cx.here(), "`todo` has no reason");
            cx.report(finding.help("say why the case is known to fail"));
            return None;
        }
        Some(text.to_owned())
    }

    fn nothing(self, cx: &mut Context<'_>) -> Option<String> {
        self.text(cx, "")
    }
}

pub(super) struct User;

impl Shape<'_> for User {
    type Value = String;
    const EXPECTED: &'static str = "a user ID as text";

    fn text(self, cx: &mut Context<'_>, text: &str) -> Option<String> {
        user_id(cx, text)
    }
}

/// An exact answer: users, `[]` for nobody, or, to the question whom a user may see, `ALL`.
#[derive(Clone, Copy)]
pub(super) enum ExactlyShape {
    Recipients,
    Interested,
}

impl<'de> Shape<'de> for ExactlyShape {
    type Value = Exactly;
    const EXPECTED: &'static str = "users (a user ID as text, or a list of users)";

    fn text(self, cx: &mut Context<'_>, text: &str) -> Option<Exactly> {
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

    fn list<A: SeqAccess<'de>>(
        self,
        cx: &mut Context<'_>,
        list: A,
    ) -> Result<Option<Exactly>, A::Error> {
        let members = cx.items(list, Users::without_templates())?;
        if members.is_empty() {
            return Ok(Some(Exactly::Nobody));
        }
        let members: Option<Vec<_>> = members.into_iter().collect();
        Ok(members.map(|members| Exactly::Users(UserSet::Union(members))))
    }

    fn mapping<A: MapAccess<'de>>(
        self,
        cx: &mut Context<'_>,
        mapping: A,
    ) -> Result<Option<Exactly>, A::Error> {
        let users = Users::without_templates().mapping(cx, mapping)?;
        Ok(users.map(Exactly::Users))
    }
}

impl ExactlyShape {
    fn users(self, users: UserSet) -> Exactly {
        match (self, &users) {
            // Who may see `all` by the rules gets the answer ALL.
            (Self::Interested, UserSet::Item(Item::Pattern(Pattern::Everyone))) => Exactly::All,
            _ => Exactly::Users(users),
        }
    }
}

/// Names of rules: one, or a list.
pub(super) struct By;

impl<'de> Shape<'de> for By {
    type Value = Vec<Written<String>>;
    const EXPECTED: &'static str = "the name of a rule as text, or a list of names";

    fn text(self, cx: &mut Context<'_>, text: &str) -> Option<Self::Value> {
        let value = Name.text(cx, text)?;
        let path = cx.path.clone();
        Some(vec![Written { path, value }])
    }

    fn list<A: SeqAccess<'de>>(
        self,
        cx: &mut Context<'_>,
        list: A,
    ) -> Result<Option<Self::Value>, A::Error> {
        let names = cx.items(list, Name)?;
        if names.is_empty() {
            let finding = Finding::new(Code::EmptySet, cx.here(), "this list names no rules");
            cx.report(finding.help("name a route, an interest or a block, or remove the key"));
            return Ok(None);
        }
        let here = cx.path.clone();
        Ok((names.into_iter().enumerate())
            .map(|(index, name)| {
                Some(Written {
                    path: here.clone().item(index),
                    value: name?,
                })
            })
            .collect())
    }
}
