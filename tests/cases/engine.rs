//! What runs the cases.

use std::fmt::Debug;

use presence_router::directory::Directory;
use presence_router::rules::{self, RuleSet};
use presence_router::source::Sources;
use presence_router::user_id::UserId;
use serde_json::Value;

use super::format::Case;
use crate::plain::{Interested, Plain, Routed, Update};

/// A case's files, read.
pub struct Loaded {
    pub sources: Sources,
    pub rules: RuleSet,
    pub directory: Option<Directory>,
}

pub const ENGINES: &[&dyn Engine] = &[&ByPlain];

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
            "needs a directory".into(),
            &case.needs_directory,
            &answers.needs_directory,
        );
        assert!(case.needs_directory.is_empty() || case.route.is_empty());
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
        differences
    }
}

#[derive(Default)]
pub struct Answers {
    pub needs_directory: Vec<String>,
    pub route: Vec<Routed>,
    pub interested: Vec<Interested>,
    pub batch: Vec<(String, Vec<usize>)>,
}

fn interested(written: &serde_yaml::Value) -> Interested {
    match written.as_str() {
        Some(all) => {
            assert_eq!(all, "ALL");
            Interested::All
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
        let plain = Plain::new(&loaded.sources, &loaded.rules, loaded.directory.as_ref());
        Answers {
            needs_directory: plain.routes_without_directory(),
            route: (case.route.iter())
                .map(|sent| plain.route(&update(&sent.update)))
                .collect(),
            interested: (case.interested.keys())
                .map(|user| plain.interested(user.as_str().expect("a user ID")))
                .collect(),
            batch: case.batch.as_ref().map_or_else(Vec::new, |batch| {
                let routed = |value: &Value| plain.route(&update(value)).recipients;
                grouped(&batch.updates, routed)
            }),
        }
    }
}

/// Who gets which updates of a batch, recipients in the order in which they are first reached. Of equal updates, the
/// first stands for all.
fn grouped(updates: &[Value], route: impl Fn(&Value) -> Vec<String>) -> Vec<(String, Vec<usize>)> {
    let mut grouped: Vec<(String, Vec<usize>)> = Vec::new();
    for (index, value) in updates.iter().enumerate() {
        if updates[..index].contains(value) {
            continue;
        }
        for recipient in route(value) {
            match grouped.iter_mut().find(|(user, _)| *user == recipient) {
                Some((_, indexes)) => indexes.push(index),
                None => grouped.push((recipient, vec![index])),
            }
        }
    }
    grouped
}

/// Reads what a case writes for an update: the sender alone, or Synapse's form.
fn update(value: &Value) -> Update {
    let text = |key: &str| value[key].as_str().expect("text").to_owned();
    match value.as_str() {
        Some(sender) => Update {
            sender: sender.to_owned(),
            state: "online".into(),
            currently_active: None,
        },
        None => Update {
            sender: text("user_id"),
            state: text("state"),
            currently_active: value["currently_active"].as_bool(),
        },
    }
}

impl Loaded {
    pub fn new(case: &Case) -> Self {
        let mut sources = Sources::default();
        for (name, text) in case.rules.files() {
            sources.add(name, text);
        }
        let (rules, _) = rules::read(&sources);
        let directory = case.directory.as_ref().map(|users| {
            let mut directory = Directory::default();
            for user in users {
                let id = UserId::parse(user).unwrap_or_else(|error| panic!("{user}: {error}"));
                directory.add(id);
            }
            directory
        });
        Self {
            sources,
            rules,
            directory,
        }
    }
}
