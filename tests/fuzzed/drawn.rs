//! Random rule sets of the words that the property tests take, for inputs that are mutated: each byte decides one choice.
//! Beyond the end of an input the first of all possibilities is taken, so that a short input is a small case.

use std::collections::HashSet;

use arbitrary::{Arbitrary, Result, Unstructured};
use serde_json::{Map, Value, json};

use presence_router::known_users::Role;

use crate::properties::random::{
    Files, GLOBS, GROUPS, Known, REGEXES, SERVER_PATTERNS, TEMPLATES, as_member, everybody,
    known_to_rules,
};

/// What globs and regular expressions are put together from where the words are not enough.
const PIECES: [&str; 24] = [
    "a",
    "b",
    "é",
    "bot-",
    "1",
    ":",
    "x.example",
    "y",
    "8448",
    "*",
    "?",
    "[a-b]",
    "[!a]",
    "{a,b}",
    "**",
    ".",
    ".*",
    "[^:]*",
    "(a|b)",
    r"\d+",
    r"\b",
    "(?i)",
    r"\.example",
    "$",
];
const DEEPEST: usize = 4;

/// Rule files, to which the groups of the words belong.
pub struct RuleFiles(pub Files);

impl<'a> Arbitrary<'a> for RuleFiles {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        let mut files = Vec::new();
        for _ in 0..=u.int_in_range(0..=2)? {
            files.push(file(u)?);
        }
        // Groups contain only groups that come before them, so that there is no cycle.
        for (at, name) in GROUPS.iter().enumerate() {
            let file = u.int_in_range(0..=files.len() - 1)?;
            files[file]["groups"][name] = set(u, at, false, 0)?;
        }
        // For `local`.
        files[0]["server_name"] = "x.example".into();
        Ok(Self(files))
    }
}

/// Most receive.
const ROLES: [Role; 6] = [
    Role::Receives,
    Role::Receives,
    Role::Receives,
    Role::ApplicationService,
    Role::Guest,
    Role::Seen,
];

/// Some of everybody in any order and role, or no known users at all.
pub struct KnownUsers(pub Option<Vec<Known>>);

impl<'a> Arbitrary<'a> for KnownUsers {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        if u.ratio(1, 16)? {
            return Ok(Self(None));
        }
        let everybody: Vec<_> = everybody().collect();
        let (mut seen, mut users) = (HashSet::new(), Vec::new());
        for _ in 0..u.int_in_range(0..=20)? {
            let user = u.choose(&everybody)?;
            if seen.insert(user) {
                let user = user.clone();
                let role = *u.choose(&ROLES)?;
                users.push(Known { user, role });
            }
        }
        Ok(Self(Some(users)))
    }
}

fn file(u: &mut Unstructured<'_>) -> Result<Value> {
    let mut file = json!({"routes": [], "interests": [], "blocks": []});
    file["derive_interests"] = json!(!u.ratio(1, 4)?);
    let all = GROUPS.len();
    for _ in 0..=u.int_in_range(0..=2)? {
        let mut route =
            json!({"senders": set(u, all, false, 0)?, "recipients": set(u, all, true, 0)?});
        if u.ratio(1, 4)? {
            route["when"] = when(u)?;
        }
        list(&mut file, "routes").push(route);
    }
    for _ in 0..u.int_in_range(0..=1)? {
        let interest = json!({"users": set(u, all, false, 0)?, "in": set(u, all, true, 0)?});
        list(&mut file, "interests").push(interest);
    }
    for _ in 0..u.int_in_range(0..=1)? {
        let mut block = Map::new();
        let sides = u.int_in_range(0..=2)?;
        if sides != 1 {
            block.insert("senders".into(), set(u, all, false, 0)?);
        }
        if sides != 0 {
            block.insert("recipients".into(), set(u, all, false, 0)?);
        }
        list(&mut file, "blocks").push(block.into());
    }
    Ok(file)
}

fn list<'f>(file: &'f mut Value, name: &str) -> &'f mut Vec<Value> {
    file[name].as_array_mut().expect("a list")
}

fn when(u: &mut Unstructured<'_>) -> Result<Value> {
    let mut when = Map::new();
    let keys = u.int_in_range(0..=2)?;
    if keys != 1 {
        let state = u.choose(&["online", "busy", "org.matrix.msc3026.busy", "offline"])?;
        let states = json!([state]);
        let states = if u.ratio(1, 4)? {
            json!({"not": states})
        } else {
            states
        };
        when.insert("state".into(), states);
    }
    if keys != 0 {
        when.insert("currently_active".into(), u.arbitrary::<bool>()?.into());
    }
    Ok(when.into())
}

/// A user set, of so many of the groups.
fn set(u: &mut Unstructured<'_>, groups: usize, templates: bool, depth: usize) -> Result<Value> {
    let inner = |u: &mut Unstructured<'_>| set(u, groups, templates, depth + 1);
    Ok(match u.int_in_range(0..=10)? {
        6 | 7 if depth < DEEPEST => {
            let mut items = vec![as_member(inner(u)?)];
            for _ in 0..u.int_in_range(0..=2)? {
                items.push(as_member(inner(u)?));
            }
            items.into()
        }
        8 if depth < DEEPEST => json!({"include": inner(u)?, "exclude": inner(u)?}),
        9 if depth < DEEPEST => json!({"exclude": inner(u)?}),
        10 if depth < DEEPEST => json!({"all_of": [inner(u)?, inner(u)?]}),
        _ => item(u, groups, templates)?,
    })
}

fn item(u: &mut Unstructured<'_>, groups: usize, templates: bool) -> Result<Value> {
    Ok(match u.int_in_range(0..=18)? {
        4..=6 => json!(u.choose(&GLOBS)?),
        7 | 8 => json!({"regex": u.choose(&REGEXES)?}),
        9 | 10 => json!({"server": u.choose(&SERVER_PATTERNS)?}),
        11 => json!("all"),
        12 if groups > 0 => json!({"group": u.choose(&GROUPS[..groups])?}),
        13 if templates => json!({"template": u.choose(&TEMPLATES)?}),
        14 => {
            let mut text = String::from(if u.ratio(1, 8)? { "" } else { "@" });
            for _ in 0..=u.int_in_range(0..=5)? {
                text.push_str(u.choose(&PIECES)?);
            }
            let kind = u.choose(&["glob", "regex", "server"])?;
            json!({ *kind: text })
        }
        15 => json!("local"),
        16 => json!({"server": [u.choose(&SERVER_PATTERNS)?, u.choose(&SERVER_PATTERNS)?]}),
        17 => json!({"user": [u.choose(&known_to_rules())?, u.choose(&known_to_rules())?]}),
        _ => json!({"user": u.choose(&known_to_rules())?}),
    })
}
