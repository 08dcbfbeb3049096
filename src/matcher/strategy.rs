//! The ways to decide a pattern, cheapest first.

use crate::pattern::Pattern;

/// How a pattern is decided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Strategy {
    /// It matches every user.
    Everyone,
    /// One hash look-up of the whole ID.
    User(Box<str>),
    /// One hash look-up of the server name: `{server: example.org}`, `@*:example.org`.
    Server(Box<str>),
    /// The server name is looked up, and the localpart starts with a text: `@bot-*:example.org`.
    LocalpartPrefix {
        /// The server name.
        server: Box<str>,
        /// What the localpart starts with.
        prefix: Box<str>,
    },
    /// An automaton runs over the ID, if its server name is this one, or in any case.
    General {
        /// The server name of all users who can match, where it is known.
        server: Option<Box<str>>,
    },
}

impl Strategy {
    /// The strategy for a pattern.
    pub fn of(pattern: &Pattern) -> Self {
        match pattern {
            Pattern::Everyone => Self::Everyone,
            Pattern::User(text) => Self::User(text.clone()),
            Pattern::Server(name) => Self::Server(name.clone()),
            Pattern::Glob(text) => Self::of_glob(text, pattern.server_name()),
            Pattern::ServerGlob(_) => Self::General { server: None },
            Pattern::Regex(_) => Self::General {
                server: pattern.server_name(),
            },
        }
    }

    fn of_glob(text: &str, server: Option<Box<str>>) -> Self {
        let Some(server) = server else {
            return Self::General { server: None };
        };
        let localpart = text
            .strip_suffix(&*server)
            .and_then(|text| text.strip_suffix(':'));
        match localpart.and_then(|localpart| localpart.strip_suffix('*')) {
            Some("@" | "") => Self::Server(server),
            Some(start) => match start.strip_prefix('@') {
                // A `:` would end the localpart, so that the server name would be another one.
                Some(prefix) if !prefix.contains(['*', '?', '[', ']', '{', '}', '\\', ':']) => {
                    Self::LocalpartPrefix {
                        server,
                        prefix: prefix.into(),
                    }
                }
                _ => Self::General {
                    server: Some(server),
                },
            },
            None => Self::General {
                server: Some(server),
            },
        }
    }
}
