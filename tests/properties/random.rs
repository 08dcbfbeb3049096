//! Random rule sets over a few users, so that rules meet often.

use presence_router::known_users::{KnownUsers, Role};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::strategy::Union;
use serde_json::{Map, Value, json};

/// Rule files in their order. JSON is YAML.
pub type Files = Vec<Value>;

const LOCALPARTS: [&str; 6] = ["a", "b", "ab", "bot-1", "é", ""];
const SERVERS: [&str; 5] = [
    "x.example",
    "y.example",
    "x.example:8448",
    "evilx.example",
    "[::1]",
];

/// Users whom only templates make.
const MADE: [&str; 8] = [
    "@aa:y.example",
    "@a-1:y.example",
    "@bot-a:x.example",
    "@bot-bot-1:x.example",
    "@x.example:x.example",
    "@x.examplea:x.example",
    "@a:a.example",
    "@abab:y.example",
];

pub const GLOBS: [&str; 14] = [
    "*",
    "@*:x.example",
    "@a*:*.example",
    "@?:x.example",
    "@[!a]*:y.example",
    "@[a-b]:*",
    "@{a,b{,ot-?}}:x.example*",
    "@bot-*",
    "@*:x.example:*",
    "*:8448",
    "@*b:*",
    r"@*:\[::1\]",
    "@[é-ü]*:*",
    "@?*",
];

pub const REGEXES: [&str; 10] = [
    r"@[ab]+:x\.example",
    r"@.*:(x|y)\.example",
    ".*",
    "(?i)@A:.*",
    "@é?:.*",
    r"@a|@b:x\.example",
    r"@\w+:x\.example(:\d+)?",
    r"(?x) @bot-\d+:.* # bots)",
    r"@.*:\[::1\]$",
    r"@a:x\.example|@ab:y\.example",
];

pub const SERVER_PATTERNS: [&str; 9] = [
    "x.example",
    "y.example",
    "x.example:8448",
    "evilx.example",
    "[::1]",
    "*.example",
    "x.*",
    r"\[*",
    "*:8448",
];

pub const TEMPLATES: [&str; 14] = [
    "@{localpart}:x.example",
    "@{localpart}:y.example",
    "@{localpart}:{server}",
    "@a:{server}",
    "@b:x.example",
    "@{localpart}{localpart}:y.example",
    "@{localpart}-1:y.example",
    "@bot-{localpart}:{server}",
    "@{server}:x.example",
    "@{server}{localpart}:x.example",
    "@{localpart}{server}:x.example",
    "@a:{localpart}.example",
    "@{localpart}:evil{server}",
    "@a{localpart}:{server}:8448",
];

pub const GROUPS: [&str; 4] = ["g0", "g1", "g2", "g3"];

/// What a user set may be made of.
#[derive(Clone, Copy)]
struct Within {
    templates: bool,
    /// Groups contain only groups that come before them, so that there is no cycle.
    groups: usize,
}

const ANYWHERE: Within = Within {
    templates: false,
    groups: GROUPS.len(),
};
const MADE_FROM_ANOTHER: Within = Within {
    templates: true,
    ..ANYWHERE
};

pub fn everybody() -> impl Iterator<Item = String> {
    (known_to_rules().into_iter()).chain(MADE.map(str::to_owned))
}

pub fn known_to_rules() -> Vec<String> {
    let of = |server| move |localpart| format!("@{localpart}:{server}");
    (SERVERS.iter())
        .flat_map(|server| LOCALPARTS.iter().map(of(server)))
        .collect()
}

/// A known user.
#[derive(Clone, Debug)]
pub struct Known {
    pub user: String,
    pub role: Role,
}

impl Known {
    /// The user as JSON has it in a file of known users.
    pub fn entry(&self) -> Value {
        let name = &self.user;
        match self.role {
            Role::Receives => json!(name),
            Role::ApplicationService => json!({"user_id": name, "appservice_id": "bridge"}),
            Role::Guest => json!({"name": name, "is_guest": true, "appservice_id": null}),
            Role::Support => json!({"name": name, "user_type": "support", "deactivated": false}),
            Role::Stranger | Role::Seen => json!({"user_id": name, "role": "seen"}),
        }
    }
}

/// As read from a file.
pub fn from_file(users: &[Known]) -> KnownUsers {
    let entries: Vec<_> = users.iter().map(Known::entry).collect();
    let mut known_users = KnownUsers::default();
    let faults = known_users.add_text(&Value::from(entries).to_string());
    assert!(faults.is_empty(), "{faults:?}");
    known_users
}

pub fn role() -> impl Strategy<Value = Role> {
    prop_oneof![
        6 => Just(Role::Receives),
        1 => Just(Role::ApplicationService),
        1 => Just(Role::Guest),
        1 => Just(Role::Support),
        1 => Just(Role::Seen),
    ]
}

/// Known users in any order and role; it may be that there are none.
pub fn known_users() -> impl Strategy<Value = Vec<Known>> {
    let everybody: Vec<_> = everybody().collect();
    let most = everybody.len();
    let roles = vec(role(), most);
    (Just(everybody).prop_shuffle(), roles, 0..=most).prop_map(|(users, roles, size)| {
        let known = users.into_iter().zip(roles).take(size);
        known.map(|(user, role)| Known { user, role }).collect()
    })
}

pub fn files() -> impl Strategy<Value = Files> {
    let interest = (user_set(ANYWHERE), user_set(MADE_FROM_ANOTHER))
        .prop_map(|(users, sees)| json!({"users": users, "in": sees}));
    let file = (
        vec(route(), 0..3),
        vec(interest, 0..2),
        vec(block(), 0..2),
        any::<bool>(),
    )
        .prop_map(|(routes, interests, blocks, derive_nothing)| {
            json!({
                "routes": routes,
                "interests": interests,
                "blocks": blocks,
                "derive_interests": !derive_nothing || routes.len() % 2 == 1,
            })
        });
    with_groups(vec(file, 1..4), route())
}

/// Rules that are complementary by construction. Conditions play no part in what users may see.
pub fn only_routes() -> impl Strategy<Value = Files> {
    let unconditional = || {
        route().prop_map(|mut route| {
            let keys = route.as_object_mut().expect("an object");
            keys.remove("when");
            route
        })
    };
    let file = (vec(unconditional(), 0..4), vec(block(), 0..2))
        .prop_map(|(routes, blocks)| json!({"routes": routes, "blocks": blocks}));
    with_groups(vec(file, 1..3), unconditional())
}

/// Adds the groups, to a file each, and a route, since there has to be one.
fn with_groups(
    files: impl Strategy<Value = Files>,
    route: impl Strategy<Value = Value>,
) -> impl Strategy<Value = Files> {
    let group = |index| {
        (
            user_set(Within {
                templates: false,
                groups: index,
            }),
            any::<usize>(),
        )
    };
    let groups = (group(0), group(1), group(2), group(3));
    (files, groups, route).prop_map(|(mut files, (g0, g1, g2, g3), route)| {
        for (name, (users, file)) in GROUPS.iter().zip([g0, g1, g2, g3]) {
            let count = files.len();
            files[file % count]["groups"][name] = users;
        }
        // For `local`.
        files[0]["server_name"] = "x.example".into();
        files[0]["routes"]
            .as_array_mut()
            .expect("a list")
            .push(route);
        files
    })
}

fn route() -> impl Strategy<Value = Value> {
    let state = select(&["online", "busy", "org.matrix.msc3026.busy", "offline"][..]);
    let when = (
        proptest::option::of((vec(state, 1..3), any::<bool>())),
        proptest::option::of(any::<bool>()),
    );
    let when = proptest::option::weighted(0.2, when);
    (user_set(ANYWHERE), user_set(MADE_FROM_ANOTHER), when).prop_map(
        |(senders, recipients, when)| {
            let mut route = json!({"senders": senders, "recipients": recipients});
            if let Some((states, active)) = when {
                let states = states.map(|(states, are_left_out)| {
                    if are_left_out {
                        json!({"not": states})
                    } else {
                        states.into()
                    }
                });
                route["when"] = object([
                    ("state", states.into()),
                    ("currently_active", active.into()),
                ]);
            }
            route
        },
    )
}

fn block() -> impl Strategy<Value = Value> {
    (user_set(ANYWHERE), user_set(ANYWHERE), 0..3).prop_map(|(senders, recipients, keys)| {
        object([
            ("senders", if keys == 0 { Value::Null } else { senders }),
            (
                "recipients",
                if keys == 1 { Value::Null } else { recipients },
            ),
        ])
    })
}

fn user_set(within: Within) -> impl Strategy<Value = Value> {
    item(within).prop_recursive(3, 12, 3, |set| {
        let part = || proptest::option::of(set.clone());
        let difference = (part(), part()).prop_map(|(include, exclude)| match (include, exclude) {
            (None, None) => json!({"include": "all"}),
            (include, exclude) => {
                object([("include", include.into()), ("exclude", exclude.into())])
            }
        });
        let member = set.clone().prop_map(as_member);
        let all_of = vec(set.clone(), 2..4).prop_map(|sets| json!({"all_of": sets}));
        prop_oneof![
            2 => vec(member, 1..4).prop_map(Value::from),
            2 => difference,
            1 => all_of,
        ]
    })
}

/// As an item of a list, an `exclude` alone is refused.
pub fn as_member(mut set: Value) -> Value {
    if set.get("exclude").is_some() && set.get("include").is_none() {
        set["include"] = "all".into();
    }
    set
}

fn item(within: Within) -> impl Strategy<Value = Value> {
    let keyed = |key: &'static str, texts: &'static [&'static str]| {
        select(texts).prop_map(move |text| object([(key, text.into())]))
    };
    let several = |key: &'static str, texts: &'static [&'static str]| {
        vec(select(texts), 1..4).prop_map(move |texts| object([(key, texts.into())]))
    };
    let exact = select(known_to_rules()).prop_map(|user| json!({"user": user}));
    let users = vec(select(known_to_rules()), 1..4).prop_map(|users| json!({"user": users}));
    let mut items = vec![
        (8, exact.boxed()),
        (4, select(&GLOBS[..]).prop_map(Value::from).boxed()),
        (2, keyed("regex", &REGEXES).boxed()),
        (4, keyed("server", &SERVER_PATTERNS).boxed()),
        (1, Just(Value::from("all")).boxed()),
        (1, Just(Value::from("local")).boxed()),
        (1, users.boxed()),
        (1, several("glob", &GLOBS).boxed()),
        (1, several("server", &SERVER_PATTERNS).boxed()),
    ];
    if within.groups > 0 {
        items.push((3, keyed("group", &GROUPS[..within.groups]).boxed()));
        items.push((1, several("group", &GROUPS[..within.groups]).boxed()));
    }
    if within.templates {
        items.push((6, keyed("template", &TEMPLATES).boxed()));
    }
    Union::new_weighted(items)
}

/// An object of what is not null.
fn object<const N: usize>(entries: [(&str, Value); N]) -> Value {
    let present = entries.into_iter().filter(|(_, value)| !value.is_null());
    present
        .map(|(key, value)| (key.to_owned(), value))
        .collect::<Map<_, _>>()
        .into()
}
