//! The rules of a rule file: routes, interests and blocks.

use super::at::At;
use super::keys::{Keys, Names, did_you_mean};
use super::model::{About, Allowed, Block, Interest, Route};
use super::reader::{Context, Shape};
use super::set::UserSet;
use super::shapes::{Flag, Name, Reason, Text};
use super::user_set::Users;
use super::when::{States, When};
use crate::finding::{Code, Finding, Severity};
use crate::pattern::shortened;
use crate::yaml::NodeId;

/// The keys that every rule has, read where they come up among a rule's own.
fn about(cx: &mut Context<'_, '_>, key: &'static str, value: NodeId, about: &mut About) {
    match key {
        "name" => {
            about.name = cx.read(value, Name);
            about.name_at = cx.tree.span(value);
        }
        "description" => about.description = cx.read(value, Text),
        _ => about.allow = cx.read(value, Allow).unwrap_or_default(),
    }
}

#[derive(Clone, Copy)]
struct Allow;

impl Shape for Allow {
    type Value = Vec<Allowed>;
    const EXPECTED: &'static str = "a mapping from codes to reasons";

    fn mapping(self, cx: &mut Context<'_, '_>) -> Option<Self::Value> {
        let mut names = Names::new(cx, "`allow`", (Code::DuplicateKey, "code", "written"));
        let mut codes = Vec::new();
        while let Some((name, key, value)) = names.next(cx) {
            let reason = cx.read(value, Reason);
            let at = cx.tree.span(key);
            match Code::from_name(name) {
                Some(code) if code.severity() < Severity::Error => {
                    codes.extend(reason.map(|_| Allowed { code, at }));
                }
                known => {
                    let message = match known {
                        Some(_) => format!("`{name}` is an error, and errors cannot be allowed"),
                        None => format!("unknown code `{}`", shortened(name)),
                    };
                    let soft = Code::ALL
                        .iter()
                        .filter(|code| code.severity() < Severity::Error);
                    let mut finding = Finding::new(Code::UnknownCode, cx.at(key), message);
                    finding.help = did_you_mean(name, soft.map(|code| code.name()));
                    cx.report(finding);
                }
            }
        }
        Some(codes)
    }
}

#[derive(Clone, Copy)]
pub(super) struct RouteShape;

impl Shape for RouteShape {
    type Value = Route;
    const EXPECTED: &'static str = "a route (a mapping with `senders` and `recipients`)";

    fn mapping(self, cx: &mut Context<'_, '_>) -> Option<Route> {
        let mut keys = Keys::new(
            cx,
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
        while let Some((key, value)) = keys.next(cx) {
            match key {
                "senders" => senders = cx.read(value, Users::without_templates()),
                "recipients" => {
                    recipients = cx.read(value, Users::with_templates());
                }
                "when" => when = cx.read(value, WhenShape).unwrap_or_default(),
                _ => about(cx, key, value, &mut rule),
            }
        }
        keys.require(cx, &["senders", "recipients"]);
        Some(Route {
            about: rule,
            senders: senders.unwrap_or_else(UserSet::unreadable),
            recipients: recipients.unwrap_or_else(UserSet::unreadable),
            when,
        })
    }
}

#[derive(Clone, Copy)]
pub(super) struct InterestShape;

impl Shape for InterestShape {
    type Value = Interest;
    const EXPECTED: &'static str = "an interest (a mapping with `users` and `in`)";

    fn mapping(self, cx: &mut Context<'_, '_>) -> Option<Interest> {
        let mut keys = Keys::new(
            cx,
            "an interest",
            &["name", "description", "users", "in", "allow"],
        );
        let mut rule = About::at(cx);
        let (mut users, mut sees) = (None, None);
        while let Some((key, value)) = keys.next(cx) {
            match key {
                "users" => users = cx.read(value, Users::without_templates()),
                "in" => sees = cx.read(value, Users::with_templates()),
                _ => about(cx, key, value, &mut rule),
            }
        }
        keys.require(cx, &["users", "in"]);
        Some(Interest {
            about: rule,
            users: users.unwrap_or_else(UserSet::unreadable),
            sees: sees.unwrap_or_else(UserSet::unreadable),
        })
    }
}

#[derive(Clone, Copy)]
pub(super) struct BlockShape;

impl Shape for BlockShape {
    type Value = Block;
    const EXPECTED: &'static str = "a block (a mapping with `senders`, `recipients` or both)";

    fn mapping(self, cx: &mut Context<'_, '_>) -> Option<Block> {
        let mut keys = Keys::new(
            cx,
            "a block",
            &["name", "description", "senders", "recipients", "allow"],
        );
        let mut rule = About::at(cx);
        let (mut senders, mut recipients) = (None, None);
        while let Some((key, value)) = keys.next(cx) {
            let users = Users::without_templates();
            match key {
                "senders" => senders = cx.read(value, users),
                "recipients" => recipients = cx.read(value, users),
                _ => about(cx, key, value, &mut rule),
            }
        }
        if !keys.has("senders") && !keys.has("recipients") {
            cx.error(
                Code::MissingKey,
                "a block needs the key `senders`, `recipients` or both",
            );
        }
        Some(Block {
            about: rule,
            senders,
            recipients,
        })
    }
}

impl About {
    /// For the rule that is being read.
    fn at(cx: &Context<'_, '_>) -> Self {
        Self {
            index: cx.index,
            at: cx.span(),
            ..Self::default()
        }
    }
}

/// The condition of a route.
#[derive(Clone, Copy)]
pub(crate) struct WhenShape;

impl Shape for WhenShape {
    type Value = When;
    const EXPECTED: &'static str =
        "a condition (a mapping with `state`, `currently_active` or both)";

    fn mapping(self, cx: &mut Context<'_, '_>) -> Option<When> {
        let mut keys = Keys::new(cx, "a condition", &["state", "currently_active"]);
        let mut when = When {
            at: At::whole(cx.span()),
            ..When::default()
        };
        while let Some((key, value)) = keys.next(cx) {
            if key == "state" {
                when.states = cx.read(value, StatesShape);
            } else {
                when.currently_active = cx.read(value, Flag);
                when.currently_active_at = At::whole(cx.tree.span(value));
            }
        }
        Some(when)
    }
}

#[derive(Clone, Copy)]
struct StatesShape;

impl Shape for StatesShape {
    type Value = States;
    const EXPECTED: &'static str = "a presence state as text, or a list of them";

    fn mapping(self, cx: &mut Context<'_, '_>) -> Option<States> {
        let mut keys = Keys::new(cx, "`state`", &["not"]);
        let (mut states, at) = (None, At::whole(cx.span()));
        while let Some((_, value)) = keys.next(cx) {
            states = cx.read(value, LeftOut);
        }
        keys.require(cx, &["not"]);
        states.map(|named| States::new(named.into_iter(), at).left_out())
    }

    fn text(self, cx: &mut Context<'_, '_>, text: &str) -> Option<States> {
        let state = StateShape.text(cx, text)?;
        Some(states(cx, std::iter::once(state)))
    }

    fn list(self, cx: &mut Context<'_, '_>) -> Option<States> {
        let named = cx.items(StateShape);
        if named.is_empty() {
            cx.error(
                Code::EmptySet,
                "no presence state is named, so nothing would be routed",
            );
        }
        Some(states(cx, named.into_iter().flatten()))
    }
}

/// The states under `not`.
#[derive(Clone, Copy)]
struct LeftOut;

impl Shape for LeftOut {
    type Value = Vec<(String, At)>;
    const EXPECTED: &'static str = StatesShape::EXPECTED;

    fn text(self, cx: &mut Context<'_, '_>, text: &str) -> Option<Self::Value> {
        StateShape.text(cx, text).map(|state| vec![state])
    }

    fn list(self, cx: &mut Context<'_, '_>) -> Option<Self::Value> {
        let named = cx.items(StateShape);
        if named.is_empty() {
            let message = "no presence state is left out";
            let finding = Finding::new(Code::EmptySet, cx.here(), message);
            cx.report(finding.help("name the states that are not routed, or remove `state`: every state is routed then"));
        }
        Some(named.into_iter().flatten().collect())
    }
}

fn states(cx: &Context<'_, '_>, named: impl Iterator<Item = (String, At)>) -> States {
    States::new(named, At::whole(cx.span()))
}

#[derive(Clone, Copy)]
struct StateShape;

impl Shape for StateShape {
    type Value = (String, At);
    const EXPECTED: &'static str = Name::EXPECTED;

    fn text(self, cx: &mut Context<'_, '_>, text: &str) -> Option<(String, At)> {
        Some((Name.text(cx, text)?, At::whole(cx.span())))
    }

    fn mapping(self, cx: &mut Context<'_, '_>) -> Option<(String, At)> {
        let message = format!("expected {}, found a mapping", Self::EXPECTED);
        let finding = Finding::new(Code::WrongType, cx.here(), message);
        cx.report(finding.help(
            "for every state but some, write `state: {not: …}` with a list of these, in place of the list",
        ));
        None
    }
}
