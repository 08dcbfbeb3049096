//! The rules of the benches, taken apart: each engine has its own way to say them.

use serde_json::{Value, json};

use crate::work::{self, Random};

/// How many users receive something.
const RECIPIENTS: usize = 1000;

/// Who receives the updates of some senders.
pub struct Rule {
    pub senders: Senders,
    /// See [`recipient_name`].
    pub recipient: usize,
}

/// Senders, in all ways in which the rules of the benches say them.
pub enum Senders {
    /// One user.
    User(String),
    /// The users of one server.
    Server(String),
    /// The users of all servers that end so, from a `.` on.
    Domain(String),
    /// The users of one server whose localparts start so.
    Prefix { prefix: String, server: String },
    /// The users whose localparts hold a text, of all servers that end so.
    Part { part: String, end: String },
    /// The users whose whole IDs a regular expression matches.
    Regex(String),
}

/// So many rules: those of [`work::rules`].
pub fn rules(size: usize) -> Vec<Rule> {
    let mut random = Random(42);
    let rule = |number| Rule {
        senders: Senders::of(&work::pattern(number, &mut random)),
        recipient: number % RECIPIENTS,
    };
    (0..size).map(rule).collect()
}

/// The user ID of a recipient.
pub fn recipient_name(recipient: usize) -> String {
    format!("@r{recipient}:here.example")
}

/// The two halves of a user ID.
pub fn halves(user: &str) -> (&str, &str) {
    let halves = user.strip_prefix('@').and_then(|rest| rest.split_once(':'));
    halves.expect("a user ID")
}

impl Senders {
    /// Reads a pattern as it stands in a rule file.
    fn of(text: &str) -> Self {
        let inner = text.trim_matches(['{', '}', '"', '\'']);
        match inner.split_once(": ") {
            Some(("server", server)) => {
                let server = server.trim_matches('"');
                match server.strip_prefix('*') {
                    Some(end) => Self::Domain(end.into()),
                    None => Self::Server(server.into()),
                }
            }
            Some((_, regex)) => Self::Regex(regex.trim_matches('\'').into()),
            None if inner.contains('*') => Self::of_glob(inner),
            None => Self::User(inner.into()),
        }
    }

    fn of_glob(glob: &str) -> Self {
        let (localpart, server) = halves(glob);
        let start = localpart.strip_suffix('*').expect("a glob of the benches");
        match (start.strip_prefix('*'), server.strip_prefix('*')) {
            (Some(part), Some(end)) => Self::Part {
                part: part.into(),
                end: end.into(),
            },
            (None, None) => Self::Prefix {
                prefix: start.into(),
                server: server.into(),
            },
            _ => panic!("no glob of the benches: {glob}"),
        }
    }

    /// As a glob over whole user IDs, if it is none of the regular expressions.
    pub fn glob(&self) -> Option<String> {
        Some(match self {
            Self::User(user) => user.clone(),
            Self::Server(server) => format!("@*:{server}"),
            Self::Domain(end) => format!("@*:*{end}"),
            Self::Prefix { prefix, server } => format!("@{prefix}*:{server}"),
            Self::Part { part, end } => format!("@*{part}*:*{end}"),
            Self::Regex(_) => return None,
        })
    }

    /// As a regular expression over whole user IDs, without anchors.
    pub fn regex(&self) -> String {
        let escape = regex::escape;
        match self {
            Self::User(user) => escape(user),
            Self::Server(server) => format!("@[^:]*:{}", escape(server)),
            Self::Domain(end) => format!("@[^:]*:.*{}", escape(end)),
            Self::Prefix { prefix, server } => {
                format!("@{}[^:]*:{}", escape(prefix), escape(server))
            }
            Self::Part { part, end } => format!("@[^:]*{}[^:]*:.*{}", escape(part), escape(end)),
            Self::Regex(regex) => regex.clone(),
        }
    }

    /// As data for other programs: the kind, and the texts.
    pub fn json(&self) -> Value {
        match self {
            Self::User(user) => json!({"user": user}),
            Self::Server(server) => json!({"server": server}),
            Self::Domain(end) => json!({"domain": end}),
            Self::Prefix { prefix, server } => json!({"prefix": prefix, "server": server}),
            Self::Part { part, end } => json!({"part": part, "end": end}),
            Self::Regex(regex) => json!({"regex": regex}),
        }
    }

    /// A user whom these senders hold, and one whom they just miss.
    pub fn samples(&self) -> [String; 2] {
        match self {
            Self::User(user) => [user.clone(), format!("{user}x")],
            Self::Server(server) => [format!("@any:{server}"), format!("@any:x.{server}")],
            Self::Domain(end) => [format!("@any:a.b{end}"), format!("@any:b{end}.org")],
            Self::Prefix { prefix, server } => [
                format!("@{prefix}1:{server}"),
                format!("@x{prefix}1:{server}"),
            ],
            Self::Part { part, end } => [format!("@a{part}b:c{end}"), format!("@a{part}b:c{end}x")],
            Self::Regex(regex) => {
                let user = regex
                    .replace("[a-z]*", "abc")
                    .replace("[0-9]+", "12")
                    .replace('\\', "");
                let near = user.replace("abc", "abC");
                [user, near]
            }
        }
    }
}
