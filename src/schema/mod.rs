//! The JSON Schema of rule files and of test files, by which editors check, complete and explain what an admin writes.
//!
//! The types mirror `rules::model` as it is written in YAML. They are never made: their shape is the schema, and their
//! comments are what editors show. A test holds them and the reader together.

#![expect(dead_code, reason = "only the shapes of these types are used")]

mod test_file;
mod users;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::marker::PhantomData;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema, schema_for};
use serde_json::{Map, Value};

use crate::code_pages::CodePage;
use crate::finding::{Code, Severity};
use crate::presence_state::KNOWN;

pub use test_file::test_file;
use users::{GroupUsers, Item, ItemOrTemplate, Users};

/// The schema of a rule file, in JSON Schema 2020-12.
pub fn rule_file() -> Value {
    schema_for!(RuleFile).to_value()
}

/// # Rules of presence-router
///
/// Who receives whose presence. A file needs only the sections that it uses.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields, extend("type" = ["object", "null"]))]
struct RuleFile {
    /// The version of the rule language: 1. May be left out.
    #[schemars(default)]
    version: Maybe<Version>,
    /// The homeserver that these rules run on, such as `example.org`. All files that are loaded together must name
    /// the same, or none.
    #[schemars(default, example = &"example.org")]
    server_name: Maybe<String>,
    /// The known users: a file (relative to this one), a user ID, or a list of these. Patterns among recipients are
    /// looked up among them.
    #[schemars(default)]
    known_users: Maybe<KnownUsers>,
    /// Named user sets. Every file that is loaded together with this one can use them: `{group: staff}`.
    #[schemars(default)]
    groups: Maybe<BTreeMap<String, GroupUsers>>,
    /// The updates of these senders go to these recipients.
    #[schemars(default)]
    routes: Maybe<Vec<Route>>,
    /// These users may see those users, in addition to what the routes let them see.
    #[schemars(default)]
    interests: Maybe<Vec<Interest>>,
    /// No rule of any file shows these senders to these recipients. Users who share a room see each other all the same.
    #[schemars(default)]
    blocks: Maybe<Vec<Block>>,
    /// Whether each route of this file also lets its recipients see its senders. `true` if left out.
    #[schemars(default)]
    derive_interests: Maybe<bool>,
}

#[derive(JsonSchema)]
#[schemars(untagged, inline)]
enum KnownUsers {
    /// A file with one user ID a line, or JSON, such as Synapse's list of accounts; or a user ID.
    One(Name),
    /// Several of these.
    Several(Vec<Name>),
}

/// A route: the updates of `senders` go to `recipients`.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Route {
    /// A name for messages and for `route --why`. No other route may have it.
    #[schemars(default, example = &"staff-to-wallboards")]
    name: Maybe<Name>,
    /// Why this route is there, for whoever reads the file after you.
    #[schemars(default)]
    description: Maybe<String>,
    /// Whose updates are sent.
    senders: Users<Item>,
    /// Who gets them. A pattern is looked up among the known users.
    recipients: Users<ItemOrTemplate>,
    /// Which updates are sent; all of them if left out.
    #[schemars(default)]
    when: Maybe<When>,
    /// Findings of `check` that are fine for this route, each with the reason.
    #[schemars(default)]
    allow: Maybe<Allow>,
}

/// An interest: `users` may see the presence of those who are `in`. It sends nothing: only routes do.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Interest {
    /// A name for messages. No other interest may have it.
    #[schemars(default, example = &"alice-sees-bob")]
    name: Maybe<Name>,
    /// Why this interest is there, for whoever reads the file after you.
    #[schemars(default)]
    description: Maybe<String>,
    /// Who may see.
    users: Users<Item>,
    /// Whom they may see. With `all`, Synapse shows them only what the routes send, and no more their room-mates.
    #[schemars(rename = "in")]
    sees: Users<ItemOrTemplate>,
    /// Findings of `check` that are fine for this interest, each with the reason.
    #[schemars(default)]
    allow: Maybe<Allow>,
}

/// A block: no rule shows `senders` to `recipients`. At least one of the two must be there; the other is everybody.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
#[schemars(extend("anyOf" = [{"required": ["senders"]}, {"required": ["recipients"]}]))]
struct Block {
    /// A name for messages. No other block may have it.
    #[schemars(default, example = &"hr-stays-inside")]
    name: Maybe<Name>,
    /// Why this block is there, for whoever reads the file after you.
    #[schemars(default)]
    description: Maybe<String>,
    /// Whose presence is kept back; everybody's if left out.
    #[schemars(default)]
    senders: Maybe<Users<Item>>,
    /// From whom it is kept; from everybody if left out.
    #[schemars(default)]
    recipients: Maybe<Users<Item>>,
    /// Findings of `check` that are fine for this block, each with the reason.
    #[schemars(default)]
    allow: Maybe<Allow>,
}

/// A condition. An update has to meet all of it.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct When {
    /// The presence states that are sent: one, or a list. Without `offline`, recipients look at the last state that
    /// they got, for ever.
    #[schemars(default)]
    state: Maybe<States>,
    /// Whether the user must be active, or must not be. An update that does not say so is not sent.
    #[schemars(default)]
    currently_active: Maybe<bool>,
}

#[derive(JsonSchema)]
#[schemars(untagged, inline)]
enum States {
    /// One presence state.
    One(State),
    /// Any of these presence states.
    Any(#[schemars(length(min = 1))] Vec<State>),
    AllBut(AllBut),
}

/// Every presence state but these.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct AllBut {
    /// The states that are not sent: one, or a list.
    not: NamedStates,
}

#[derive(JsonSchema)]
#[schemars(untagged, inline)]
enum NamedStates {
    /// One presence state.
    One(State),
    /// Several presence states.
    Several(#[schemars(length(min = 1))] Vec<State>),
}

/// A presence state.
#[derive(JsonSchema)]
#[schemars(untagged)]
enum State {
    Known(KnownState),
    /// A state that Matrix does not know.
    Other(Name),
}

struct KnownState;

impl JsonSchema for KnownState {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "KnownState".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let states = KNOWN.map(|(name, meaning)| {
            json_schema!({"description": meaning, "type": "string", "const": name}).to_value()
        });
        json_schema!({"oneOf": states})
    }
}

/// A text that is not empty.
#[derive(JsonSchema)]
#[schemars(transparent, inline)]
struct Name(#[schemars(regex(pattern = r"\S"))] String);

struct Version;

impl JsonSchema for Version {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Version".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"const": 1})
    }
}

/// The findings that can be allowed, each with what it means.
struct Allow;

impl JsonSchema for Allow {
    fn schema_name() -> Cow<'static, str> {
        "Allow".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let allowed = Code::ALL
            .iter()
            .filter(|code| code.severity() < Severity::Error);
        let reasons: Map<String, Value> = allowed
            .map(|code| {
                let summary = CodePage::of(*code).summary;
                let description = format!("{summary} Say why this is fine here.");
                let reason =
                    json_schema!({"type": "string", "pattern": r"\S", "description": description});
                (code.name().to_owned(), reason.to_value())
            })
            .collect();
        json_schema!({"type": "object", "properties": reasons, "additionalProperties": false})
    }
}

/// A key that may be left out. Unlike `Option`, it takes no `null`, and neither does the reader.
struct Maybe<T>(PhantomData<T>);

impl<T> Default for Maybe<T> {
    fn default() -> Self {
        Self(PhantomData)
    }
}

impl<T: JsonSchema> JsonSchema for Maybe<T> {
    fn inline_schema() -> bool {
        T::inline_schema()
    }

    fn schema_name() -> Cow<'static, str> {
        T::schema_name()
    }

    fn schema_id() -> Cow<'static, str> {
        T::schema_id()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        T::json_schema(generator)
    }
}
