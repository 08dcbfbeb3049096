//! How a case is written.

use serde::Deserialize;
use serde_json::{Value, json};

/// A case in full: rules, what is asked, and what the answers are.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    pub name: String,
    /// The sentence of the specification that would be broken, in short.
    pub spec: String,
    pub rules: RuleTexts,
    /// The known users. Left out, there are no known users, which is another thing than an empty one.
    /// Each is an entry of a JSON file.
    pub known_users: Option<Vec<Value>>,
    /// Other files that the rules name, by name and text.
    #[serde(default)]
    pub files: serde_yaml::Mapping,
    #[serde(default)]
    pub route: Vec<Sent>,
    /// Updates that are routed together, and who gets which of them, by their index.
    pub batch: Option<Batch>,
    #[serde(default)]
    pub interested: serde_yaml::Mapping,
    /// The routes that need known users where there are none.
    #[serde(default)]
    pub needs_known_users: Vec<String>,
    /// Texts that are no user IDs, and are refused before anything is matched.
    #[serde(default)]
    pub refused: Vec<String>,
    /// The engines that are known to answer otherwise. The case fails once they no longer do.
    #[serde(default)]
    pub known_to_differ: Vec<String>,
    /// Every error, if there are some: `code line:column`.
    pub errors: Option<Vec<String>>,
    /// All that `check` finds, if the case is about it: `file:line:column: severity[code]`.
    pub check: Option<Vec<String>>,
}

#[derive(Deserialize)]
#[serde(untagged)]
pub enum RuleTexts {
    One(String),
    /// File names and texts, in the order in which they are loaded.
    Several(serde_yaml::Mapping),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sent {
    /// An update as JSON, or a sender who comes online.
    pub update: String,
    pub to: Vec<String>,
    /// The routes that sent it, where the case is about them.
    pub why: Option<Vec<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Batch {
    /// Each as JSON.
    pub updates: Vec<String>,
    pub to: serde_yaml::Mapping,
}

/// A case of a user set: whom it matches, as senders and as recipients from known users.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UsersCase {
    name: String,
    spec: String,
    #[serde(default)]
    groups: Value,
    users: Value,
    #[serde(default)]
    matches: Vec<String>,
    #[serde(default)]
    misses: Vec<String>,
}

impl RuleTexts {
    /// File names and texts.
    pub fn files(&self) -> Vec<(String, String)> {
        match self {
            Self::One(rules) => vec![("rules.yaml".into(), rules.clone())],
            Self::Several(files) => texts(files),
        }
    }
}

impl Sent {
    /// The update as JSON.
    pub fn json(&self) -> String {
        if self.update.starts_with('@') {
            json!({"user_id": self.update, "state": "online"}).to_string()
        } else {
            self.update.clone()
        }
    }
}

impl Case {
    /// Whether an engine is known to answer otherwise. Once it no longer does, that is to be struck out of the case.
    pub fn is_known(&self, engine: &str, differs: bool) -> bool {
        let is_known = self.known_to_differ.iter().any(|name| name == engine);
        assert!(
            differs || !is_known,
            "{}: `{engine}` does not differ any more",
            self.name
        );
        is_known
    }

    /// The users who ask whose presence they may see.
    pub fn asking(&self) -> impl Iterator<Item = &str> {
        (self.interested.keys()).map(|user| user.as_str().expect("a user ID"))
    }

    /// Reads a case in full, or one of a set of users alone.
    pub fn read(written: serde_yaml::Value) -> Result<Self, serde_yaml::Error> {
        if written.get("users").is_some() {
            serde_yaml::from_value::<UsersCase>(written).map(Self::from)
        } else {
            serde_yaml::from_value(written)
        }
    }
}

impl From<UsersCase> for Case {
    fn from(case: UsersCase) -> Self {
        const SENDER: &str = "@sender:test.example";
        const MATCHED: &str = "@matched:test.example";
        let mut rules = json!({
            "routes": [
                {"senders": case.users, "recipients": MATCHED},
                {"senders": SENDER, "recipients": case.users},
            ],
        });
        if !case.groups.is_null() {
            rules["groups"] = case.groups;
        }
        let answers = [(&case.matches, true), (&case.misses, false)];
        let one_by_one =
            || (answers.iter()).flat_map(|(users, hit)| users.iter().map(move |user| (user, *hit)));
        let only_if = |hit: bool, user: &str| hit.then(|| user.to_owned());
        Self {
            name: case.name,
            spec: case.spec,
            // JSON is YAML.
            rules: RuleTexts::One(rules.to_string()),
            known_users: Some(one_by_one().map(|(user, _)| json!(user)).collect()),
            route: one_by_one()
                .map(|(user, hit)| Sent {
                    update: user.clone(),
                    to: only_if(hit, MATCHED).into_iter().collect(),
                    why: None,
                })
                .collect(),
            batch: None,
            interested: one_by_one()
                .map(|(user, hit)| {
                    let senders = only_if(hit, SENDER).into_iter().collect::<Vec<_>>();
                    (user.as_str().into(), senders.into())
                })
                .collect(),
            needs_known_users: Vec::new(),
            files: serde_yaml::Mapping::new(),
            refused: Vec::new(),
            known_to_differ: Vec::new(),
            errors: None,
            check: None,
        }
    }
}

/// File names and texts, in their order.
pub fn texts(files: &serde_yaml::Mapping) -> Vec<(String, String)> {
    let text = |value: &serde_yaml::Value| value.as_str().expect("text").to_owned();
    (files.iter())
        .map(|(name, contents)| (text(name), text(contents)))
        .collect()
}
