//! What runs the cases.

use std::fmt::Debug;
use std::path::Path;

use presence_router::finding::Finding;
use presence_router::known_users::{KnownUsers, lists_of_texts};
use presence_router::rules::model::UserSource;
use presence_router::rules::{self, RuleSet};
use presence_router::source::Sources;
use presence_router::update::{self, Seen};
use presence_router::user_id::UserId;
use serde_json::{Value, json};

use super::binary::ByBinary;
use super::format::{Case, texts};
use crate::compiled::Compiled;
use crate::plain::{Interested, Plain, Routed, Update};

/// A case's files, read.
pub struct Loaded {
    pub sources: Sources,
    pub rules: RuleSet,
    pub known_users: Option<KnownUsers>,
}

pub const ENGINES: &[&dyn Engine] = &[&ByPlain, &ByRouter, &ByBinary];

/// Something that can run a case. Each answer is in the order in which the case asks.
pub trait Engine {
    fn name(&self) -> &'static str;

    fn answer(&self, case: &Case, loaded: &Loaded) -> Answers;

    /// What is asked, expected and got, where the two differ.
    fn differences(&self, case: &Case, loaded: &Loaded) -> Vec<(String, String, String)> {
        let answers = self.answer(case, loaded);
        let mut differences = Vec::new();
        let mut compare = |what: String, expected: &dyn Debug, got: &dyn Debug| {
            let (expected, got) = (format!("{expected:?}"), format!("{got:?}"));
            if expected != got {
                differences.push((what, expected, got));
            }
        };
        compare(
            "needs known users".into(),
            &case.needs_known_users,
            &answers.needs_known_users,
        );
        assert!(case.needs_known_users.is_empty() || case.route.is_empty());
        for (sent, got) in case.route.iter().zip(&answers.route) {
            compare(
                format!("to, for {}", sent.update),
                &sent.to,
                &got.recipients,
            );
            if let Some(why) = &sent.why {
                compare(format!("why, for {}", sent.update), why, &got.routes);
            }
        }
        for ((user, expected), got) in case.interested.iter().zip(&answers.interested) {
            compare(format!("interested {user:?}"), &interested(expected), got);
        }
        if let Some(batch) = &case.batch {
            let expected: Vec<(String, Vec<usize>)> = (batch.to.iter())
                .map(|(user, indexes)| {
                    let user = user.as_str().expect("a user ID").to_owned();
                    (
                        user,
                        serde_yaml::from_value(indexes.clone()).expect("indexes"),
                    )
                })
                .collect();
            compare("batch".into(), &expected, &answers.batch);
        }
        let accepted: Vec<_> = (case.refused.iter())
            .filter(|text| !self.refuses(case, text))
            .collect();
        compare("accepted".into(), &Vec::<String>::new(), &accepted);
        differences
    }

    /// Whether a text is refused, since it is not a user ID.
    fn refuses(&self, case: &Case, text: &str) -> bool;
}

#[derive(Default)]
pub struct Answers {
    pub needs_known_users: Vec<String>,
    pub route: Vec<Routed>,
    pub interested: Vec<Interested>,
    pub batch: Vec<(String, Vec<usize>)>,
}

/// What a user may see, as cases write it and as the program does.
pub fn interested(written: &serde_yaml::Value) -> Interested {
    match written.as_str() {
        Some("ALL") => Interested::All,
        Some(other) => {
            assert_eq!(other, "NEEDS KNOWN USERS");
            Interested::NeedsKnownUsers
        }
        None => {
            Interested::These(serde_yaml::from_value(written.clone()).expect("a list of users"))
        }
    }
}

/// The evaluator that is written to be read.
struct ByPlain;

impl Engine for ByPlain {
    fn name(&self) -> &'static str {
        "plain"
    }

    fn answer(&self, case: &Case, loaded: &Loaded) -> Answers {
        let plain = Plain::new(&loaded.sources, &loaded.rules, loaded.known_users.as_ref());
        let mut seen = Vec::new();
        let is_new = |json: &str| {
            let value: Value = serde_json::from_str(json).expect("JSON");
            let is_new = !(seen.iter()).any(|other| is_equal(other, &value));
            seen.push(value);
            is_new
        };
        Answers {
            needs_known_users: plain.routes_without_known_users(),
            route: (case.route.iter())
                .map(|sent| plain.route(&plain_update(&sent.json())))
                .collect(),
            interested: case.asking().map(|user| plain.interested(user)).collect(),
            batch: grouped(case, is_new, |json| {
                plain.route(&plain_update(json)).recipients
            }),
        }
    }

    fn refuses(&self, _: &Case, text: &str) -> bool {
        UserId::parse(text).is_err()
    }
}

/// The router, as the library is used.
struct ByRouter;

impl Engine for ByRouter {
    fn name(&self) -> &'static str {
        "router"
    }

    fn answer(&self, case: &Case, loaded: &Loaded) -> Answers {
        let router = Compiled::new(&loaded.sources, &loaded.rules, loaded.known_users.as_ref());
        let mut seen = Seen::default();
        let is_new = |json: &str| seen.insert(&read_update(json).sender, json).is_ok();
        Answers {
            needs_known_users: router.routes_without_known_users(),
            route: (case.route.iter())
                .map(|sent| router.route(&read_update(&sent.json())))
                .collect(),
            interested: case.asking().map(|user| router.interested(user)).collect(),
            batch: grouped(case, is_new, |json| {
                router.route(&read_update(json)).recipients
            }),
        }
    }

    fn refuses(&self, _: &Case, text: &str) -> bool {
        let mut refused = false;
        let record = json!({"user_id": text, "state": "online"}).to_string();
        update::updates(&record, |update| refused = update.is_err());
        refused
    }
}

/// Who gets which updates of a case's batch, recipients in the order in which they are first reached.
fn grouped(
    case: &Case,
    mut is_new: impl FnMut(&str) -> bool,
    route: impl Fn(&str) -> Vec<String>,
) -> Vec<(String, Vec<usize>)> {
    let mut grouped: Vec<(String, Vec<usize>)> = Vec::new();
    let updates = case.batch.iter().flat_map(|batch| &batch.updates);
    for (index, json) in updates.enumerate() {
        if !is_new(json) {
            continue;
        }
        for recipient in route(json) {
            match grouped.iter_mut().find(|(user, _)| *user == recipient) {
                Some((_, indexes)) => indexes.push(index),
                None => grouped.push((recipient, vec![index])),
            }
        }
    }
    grouped
}

/// Reads an update in Synapse's form.
fn plain_update(json: &str) -> Update {
    let value: Value = serde_json::from_str(json).expect("JSON");
    let text = |key: &str| value[key].as_str().expect("text").to_owned();
    Update {
        sender: text("user_id"),
        state: text("state"),
        currently_active: value["currently_active"].as_bool(),
    }
}

fn read_update(json: &str) -> Update {
    let mut read = Vec::new();
    update::updates(json, |update| {
        let update = update.expect("an update");
        read.push(Update {
            sender: update.sender().as_str().to_owned(),
            state: update.state.into_owned(),
            currently_active: update.currently_active,
        });
    });
    read.remove(0)
}

/// Whether two JSON values are equal: numbers by their value, however they are written.
fn is_equal(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Number(one), Value::Number(other)) => {
            one == other || one.as_f64() == other.as_f64()
        }
        (Value::Array(one), Value::Array(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(a, b)| is_equal(a, b))
        }
        (Value::Object(one), Value::Object(other)) => {
            let has = |(key, value)| other.get(key).is_some_and(|found| is_equal(value, found));
            one.len() == other.len() && one.iter().all(has)
        }
        _ => one == other,
    }
}

impl Loaded {
    pub fn new(case: &Case) -> Self {
        let mut sources = Sources::default();
        for (name, text) in case.rules.files() {
            sources.add(name, text);
        }
        let (mut rules, _) = rules::read(&sources);
        read_lists(case, &mut rules, &mut sources);
        let mut known_users = known_users_of(case, &rules, &sources);
        if let Some(users) = &case.known_users {
            let known = known_users.get_or_insert_default();
            let faults = known.add_text(&json!(users).to_string());
            assert!(faults.is_empty(), "{}: {faults:?}", case.name);
        }
        Self {
            sources,
            rules,
            known_users,
        }
    }
}

/// Reads the files that sets name, among those of the case, and returns what is wrong with them.
pub fn read_lists(case: &Case, rules: &mut RuleSet, sources: &mut Sources) -> Vec<Finding> {
    let files = texts(&case.files);
    let text_of = |path: &Path| {
        let file = files.iter().find(|(name, _)| Path::new(name) == path);
        file.map(|(_, text)| text.as_str())
    };
    lists_of_texts(rules, sources, text_of)
}

/// The known users that the rules themselves name, among the files of the case.
fn known_users_of(case: &Case, rules: &RuleSet, sources: &Sources) -> Option<KnownUsers> {
    let files = texts(&case.files);
    let mut known_users = None;
    for rules in &rules.files {
        let Some(named) = &rules.known_users else {
            continue;
        };
        let known = known_users.get_or_insert_with(KnownUsers::default);
        let folder = Path::new(sources.get(rules.file).name())
            .parent()
            .expect("a file");
        for (item, _) in &named.items {
            let path = match item {
                UserSource::File(path) => path,
                UserSource::User(user) => {
                    known.add(UserId::parse(user).expect("a valid user ID"));
                    continue;
                }
            };
            // No file is there to be asked what `..` leads to.
            let path = match path.strip_prefix("..") {
                Ok(above) => folder.parent().expect("a folder").join(above),
                Err(_) => folder.join(path),
            };
            let (_, text) = (files.iter())
                .find(|(name, _)| Path::new(name) == path)
                .unwrap_or_else(|| panic!("{}: {}", case.name, path.display()));
            let faults = known.add_text(text);
            assert!(faults.is_empty(), "{faults:?}");
        }
    }
    known_users
}
