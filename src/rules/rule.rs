//! The rules of a rule file: routes, interests and blocks.

use indexmap::IndexMap;
use indexmap::map::Entry;
use serde::de::{IgnoredAny, MapAccess, SeqAccess};

use super::keys::{Keys, did_you_mean};
use super::model::{About, Block, Interest, Route, UserSet};
use super::shapes::{Flag, Name, Reason, Text};
use super::user_set::Users;
use super::when::{States, When};
use super::yaml::{Context, Shape};
use crate::finding::{Code, Finding, Location, Severity};
use crate::pattern::shortened;

/// The keys that every rule has, read where they come up among a rule's own.
fn about<'de, A: MapAccess<'de>>(
    cx: &mut Context<'_>,
    mapping: &mut A,
    key: &'static str,
    about: &mut About,
) -> Result<(), A::Error> {
    match key {
        "name" => about.name = cx.value(mapping, key, Name)?,
        "description" => about.description = cx.value(mapping, key, Text)?,
        _ => about.allow = cx.value(mapping, key, Allow)?.unwrap_or_default(),
    }
    Ok(())
}

struct Allow;

impl<'de> Shape<'de> for Allow {
    type Value = Vec<(Code, String)>;
    const EXPECTED: &'static str = "a mapping from codes to reasons";

    fn mapping<A: MapAccess<'de>>(
        self,
        cx: &mut Context<'_>,
        mut mapping: A,
    ) -> Result<Option<Self::Value>, A::Error> {
        let mut allowed: IndexMap<String, (u32, Option<String>)> = IndexMap::new();
        while let Some(name) = cx.key(&mut mapping, "`allow`")? {
            match allowed.entry(name.clone()) {
                Entry::Vacant(entry) => {
                    entry.insert((1, cx.value(&mut mapping, name, Reason)?));
                }
                Entry::Occupied(mut entry) => {
                    let message = format!("the code `{}` is written twice", shortened(&name));
                    cx.repeated(Code::DuplicateKey, name.into(), entry.get().0, message);
                    entry.get_mut().0 += 1;
                    mapping.next_value::<IgnoredAny>()?;
                }
            }
        }
        let mut codes = Vec::new();
        for (name, (_, reason)) in allowed {
            match Code::from_name(&name) {
                Some(code) if code.severity() < Severity::Error => {
                    codes.extend(reason.map(|reason| (code, reason)));
                }
                known => {
                    let message = match known {
                        Some(_) => format!("`{name}` is an error, and errors cannot be allowed"),
                        None => format!("unknown code `{}`", shortened(&name)),
                    };
                    let soft = Code::ALL
                        .iter()
                        .filter(|code| code.severity() < Severity::Error);
                    let help = did_you_mean(&name, soft.map(|code| code.name()));
                    let location = Location::key(cx.file, cx.path.clone().key(name));
                    let mut finding = Finding::new(Code::UnknownCode, location, message);
                    finding.help = help;
                    cx.report(finding);
                }
            }
        }
        Ok(Some(codes))
    }
}

#[derive(Clone, Copy)]
pub(super) struct RouteShape;

impl<'de> Shape<'de> for RouteShape {
    type Value = Route;
    const EXPECTED: &'static str = "a route (a mapping with `senders` and `recipients`)";

    fn mapping<A: MapAccess<'de>>(
        self,
        cx: &mut Context<'_>,
        mut mapping: A,
    ) -> Result<Option<Route>, A::Error> {
        let mut keys = Keys::new(
            "a route",
            &[
                "name",
                "description",
                "senders",
                "recipients",
                "when",
                "allow",
            ],
        );
        let mut rule = About::at(cx);
        let (mut senders, mut recipients, mut when) = (None, None, When::default());
        while let Some(key) = keys.next(cx, &mut mapping)? {
            match key {
                "senders" => senders = cx.value(&mut mapping, key, Users::without_templates())?,
                "recipients" => {
                    recipients = cx.value(&mut mapping, key, Users::with_templates())?;
                }
                "when" => when = cx.value(&mut mapping, key, WhenShape)?.unwrap_or_default(),
                _ => about(cx, &mut mapping, key, &mut rule)?,
            }
        }
        keys.require(cx, &["senders", "recipients"]);
        Ok(Some(Route {
            about: rule,
            senders: senders.unwrap_or_else(UserSet::unreadable),
            recipients: recipients.unwrap_or_else(UserSet::unreadable),
            when,
        }))
    }
}

#[derive(Clone, Copy)]
pub(super) struct InterestShape;

impl<'de> Shape<'de> for InterestShape {
    type Value = Interest;
    const EXPECTED: &'static str = "an interest (a mapping with `users` and `in`)";

    fn mapping<A: MapAccess<'de>>(
        self,
        cx: &mut Context<'_>,
        mut mapping: A,
    ) -> Result<Option<Interest>, A::Error> {
        let mut keys = Keys::new(
            "an interest",
            &["name", "description", "users", "in", "allow"],
        );
        let mut rule = About::at(cx);
        let (mut users, mut sees) = (None, None);
        while let Some(key) = keys.next(cx, &mut mapping)? {
            match key {
                "users" => users = cx.value(&mut mapping, key, Users::without_templates())?,
                "in" => sees = cx.value(&mut mapping, key, Users::with_templates())?,
                _ => about(cx, &mut mapping, key, &mut rule)?,
            }
        }
        keys.require(cx, &["users", "in"]);
        Ok(Some(Interest {
            about: rule,
            users: users.unwrap_or_else(UserSet::unreadable),
            sees: sees.unwrap_or_else(UserSet::unreadable),
        }))
    }
}

#[derive(Clone, Copy)]
pub(super) struct BlockShape;

impl<'de> Shape<'de> for BlockShape {
    type Value = Block;
    const EXPECTED: &'static str = "a block (a mapping with `senders`, `recipients` or both)";

    fn mapping<A: MapAccess<'de>>(
        self,
        cx: &mut Context<'_>,
        mut mapping: A,
    ) -> Result<Option<Block>, A::Error> {
        let mut keys = Keys::new(
            "a block",
            &["name", "description", "senders", "recipients", "allow"],
        );
        let mut rule = About::at(cx);
        let (mut senders, mut recipients) = (None, None);
        while let Some(key) = keys.next(cx, &mut mapping)? {
            let users = Users::without_templates();
            match key {
                "senders" => senders = cx.value(&mut mapping, key, users)?,
                "recipients" => recipients = cx.value(&mut mapping, key, users)?,
                _ => about(cx, &mut mapping, key, &mut rule)?,
            }
        }
        if !keys.has("senders") && !keys.has("recipients") {
            cx.error(
                Code::MissingKey,
                "a block needs the key `senders`, `recipients` or both",
            );
        }
        Ok(Some(Block {
            about: rule,
            senders,
            recipients,
        }))
    }
}

impl About {
    /// For the rule at the current place, which is an item of a list.
    fn at(cx: &Context<'_>) -> Self {
        let index = cx.path.last_item().unwrap_or_default();
        Self {
            index,
            ..Self::default()
        }
    }
}

/// The condition of a route.
#[derive(Clone, Copy)]
pub(crate) struct WhenShape;

impl<'de> Shape<'de> for WhenShape {
    type Value = When;
    const EXPECTED: &'static str =
        "a condition (a mapping with `state`, `currently_active` or both)";

    fn mapping<A: MapAccess<'de>>(
        self,
        cx: &mut Context<'_>,
        mut mapping: A,
    ) -> Result<Option<When>, A::Error> {
        let mut keys = Keys::new("a condition", &["state", "currently_active"]);
        let mut when = When::default();
        while let Some(key) = keys.next(cx, &mut mapping)? {
            match key {
                "state" => when.states = cx.value(&mut mapping, key, StatesShape)?,
                _ => when.currently_active = cx.value(&mut mapping, key, Flag)?,
            }
        }
        Ok(Some(when))
    }
}

#[derive(Clone, Copy)]
struct StatesShape;

impl<'de> Shape<'de> for StatesShape {
    type Value = States;
    const EXPECTED: &'static str = "a presence state as text, or a list of them";

    fn text(self, cx: &mut Context<'_>, text: &str) -> Option<States> {
        Name.text(cx, text).map(States::one)
    }

    fn list<A: SeqAccess<'de>>(
        self,
        cx: &mut Context<'_>,
        list: A,
    ) -> Result<Option<States>, A::Error> {
        let names = cx.items(list, Name)?;
        if names.is_empty() {
            cx.error(
                Code::EmptySet,
                "no presence state is named, so nothing would be routed",
            );
        }
        Ok(Some(States::list(names)))
    }
}
