//! The JSON Schema of a test file. It mirrors `rule_tests::model`.

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema, schema_for};
use serde_json::Value;
use std::borrow::Cow;

use super::users::{Item, Users};
use super::{Maybe, Name, Version};

/// The schema of a test file, in JSON Schema 2020-12.
pub fn test_file() -> Value {
    schema_for!(TestFile).to_value()
}

/// # Tests of presence-router
///
/// Cases that say what rules have to do. `presence-router test` runs them.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields, extend("type" = ["object", "null"]))]
struct TestFile {
    /// The version of the test language: 1. May be left out.
    #[schemars(default)]
    version: Maybe<Version>,
    /// The rules under test: a rule file or folder, or a list of them, relative to this file. The folder of this file,
    /// if left out.
    #[schemars(default)]
    rules: Maybe<Rules>,
    /// More known users, beside those that the rules name: a file (relative to this one), a user ID, or a list of
    /// these.
    #[schemars(default)]
    known_users: Maybe<super::KnownUsers>,
    /// What the rules have to do.
    #[schemars(default)]
    cases: Maybe<Vec<Case>>,
    /// What has to hold for every user there could be.
    #[schemars(default)]
    prove: Maybe<Vec<Proof>>,
}

/// What has to hold for every user there could be: one of `never`, `always` and `only`.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields, extend("oneOf" = [
    {"required": ["never"]}, {"required": ["always"]}, {"required": ["only"]},
]))]
struct Proof {
    /// No update of such a sender reaches such a recipient.
    #[schemars(default)]
    never: Maybe<Claim>,
    /// Every update of each such sender reaches each such recipient, itself aside.
    #[schemars(default)]
    always: Maybe<Claim>,
    /// Nobody's updates but those of such senders reach such recipients.
    #[schemars(default)]
    only: Maybe<Claim>,
    /// A name for reports, and for `--filter`.
    #[schemars(default)]
    name: Maybe<Name>,
    /// Why this is known not to hold. It then fails nothing.
    #[schemars(default)]
    todo: Maybe<Name>,
}

/// The users of a claim: everyone, where a side is left out.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields, extend("anyOf" = [{"required": ["senders"]}, {"required": ["recipients"]}]))]
struct Claim {
    /// Whose updates.
    #[schemars(default)]
    senders: Maybe<Users<Item>>,
    /// Who gets them.
    #[schemars(default)]
    recipients: Maybe<Users<Item>>,
    /// The updates that it is about; all, if left out.
    #[schemars(default)]
    when: Maybe<super::When>,
}

#[derive(JsonSchema)]
#[schemars(untagged, inline)]
enum Rules {
    /// A rule file, or a folder of rule files.
    Path(Name),
    /// Several of them, which are one rule set.
    Paths(#[schemars(length(min = 1))] Vec<Name>),
}

/// A user ID: `@localpart:server_name`.
#[derive(JsonSchema)]
#[schemars(transparent, inline)]
struct UserId(#[schemars(regex(pattern = "^@"))] String);

/// A question, and what has to come out: or a table of them, which share what stands beside it.
struct Case;

impl JsonSchema for Case {
    fn schema_name() -> Cow<'static, str> {
        "Case".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let row = generator.subschema_for::<Row>();
        let mut case = Row::json_schema(generator);
        let properties = case.ensure_object()["properties"]
            .as_object_mut()
            .expect("a case has keys");
        let table = json_schema!({
            "description": "Cases that share what stands beside the table. What a row says itself goes before that.",
            "type": "array",
            "items": row,
            "minItems": 1,
        });
        properties.insert("table".to_owned(), table.to_value());
        // A case without a table is whole.
        case.insert(
            "anyOf".to_owned(),
            json_schema!({"anyOf": [
                {"required": ["table"]},
                {"allOf": [question(), expectation()]},
            ]})
            .to_value()["anyOf"]
                .clone(),
        );
        case
    }
}

/// Either question, with the exact answer that belongs to it.
fn question() -> Value {
    json_schema!({"oneOf": [
        {"required": ["update"], "properties": {"interested": false, "user": false}},
        {"required": ["user"], "properties": {"recipients": false, "update": false}},
    ]})
    .to_value()
}

fn expectation() -> Value {
    let keys = ["recipients", "interested", "includes", "excludes", "by"];
    let keys: Vec<_> = keys
        .iter()
        .map(|key| json_schema!({"required": [key]}))
        .collect();
    json_schema!({"anyOf": keys}).to_value()
}

/// A question, and what has to come out.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Row {
    /// A name for reports, and for `--filter`.
    #[schemars(default, example = &"bots stay off the wallboards")]
    name: Maybe<Name>,
    /// Who gets this update? A user ID alone stands for an update with the state `online`.
    #[schemars(default)]
    update: Maybe<Update>,
    /// Whose presence may this user see?
    #[schemars(default)]
    user: Maybe<UserId>,
    /// Exactly those who get the update, in any order. `[]` is nobody.
    #[schemars(default)]
    recipients: Maybe<Exactly>,
    /// Exactly those whose presence the user may see, in any order: `[]` is nobody, and `ALL` everyone.
    #[schemars(default)]
    interested: Maybe<Interested>,
    /// All of these are in the answer.
    #[schemars(default)]
    includes: Maybe<Users<Item>>,
    /// None of these is in the answer.
    #[schemars(default)]
    excludes: Maybe<Users<Item>>,
    /// The name of a rule that has to decide this, or a list of them.
    #[schemars(default)]
    by: Maybe<By>,
    /// Why this case is known to fail. It then fails nothing.
    #[schemars(default)]
    todo: Maybe<Name>,
}

#[derive(JsonSchema)]
#[schemars(untagged, inline)]
enum By {
    /// The name of a route, an interest or a block.
    One(Name),
    /// Several names.
    All(#[schemars(length(min = 1))] Vec<Name>),
}

/// Users, or nobody.
struct Exactly;

impl JsonSchema for Exactly {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Exactly".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let users = generator.subschema_for::<Users<Item>>();
        json_schema!({"anyOf": [users, nobody()]})
    }
}

/// Users, nobody, or everyone.
struct Interested;

impl JsonSchema for Interested {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Interested".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let users = generator.subschema_for::<Users<Item>>();
        json_schema!({"anyOf": [
            {"const": "ALL", "description": "Everyone."},
            users,
            nobody(),
        ]})
    }
}

fn nobody() -> Value {
    json_schema!({"type": "array", "maxItems": 0, "description": "Nobody."}).to_value()
}

/// A user ID, or a record as `route` reads it.
struct Update;

impl JsonSchema for Update {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Update".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"anyOf": [
            {
                "type": "string",
                "pattern": "^@",
                "description": "The user ID of the sender. The state is `online`.",
            },
            {
                "type": "object",
                "description": "A presence update in any form that `presence-router route` reads: a Synapse UserPresenceState, an m.presence event, an m.presence EDU or an entry of one, a federation transaction, or a /sync answer.",
                "examples": [{"user_id": "@alice:example.org", "state": "offline"}],
            },
        ]})
    }
}
