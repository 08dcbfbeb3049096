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
    /// One hash look-up of what the server name ends in: `{server: "*.example.org"}`, `@*.example.org`.
    ServerSuffix(Box<str>),
    /// An automaton runs over the ID, if it is among those who can match at all.
    General(Among),
}

/// The users who can match a pattern, as far as its text tells.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Among {
    /// The users of this server.
    Server(Box<str>),
    /// The users whose server name ends in this, which starts with a `.` and holds no `:`.
    ServerSuffix(Box<str>),
    /// Everyone.
    All,
}

/// Characters that mean something in a glob.
const GLOB_SYNTAX: [char; 7] = ['*', '?', '[', ']', '{', '}', '\\'];

impl Strategy {
    /// The strategy for a pattern.
    pub fn of(pattern: &Pattern) -> Self {
        match pattern {
            Pattern::Everyone => Self::Everyone,
            Pattern::User(text) => Self::User(text.clone()),
            Pattern::Server(name) => Self::Server(name.clone()),
            Pattern::Glob(text) => of_glob(text, pattern),
            Pattern::ServerGlob(text) => match text.strip_prefix('*').and_then(whole_suffix) {
                Some(suffix) => Self::ServerSuffix(suffix.into()),
                None => Self::General(among(pattern)),
            },
            Pattern::Regex(_) => Self::General(among(pattern)),
        }
    }
}

fn of_glob(text: &str, pattern: &Pattern) -> Strategy {
    // Every user ID starts with `@` and has a `:` before its server name.
    let everyone_before = ["@*:*", "*:*", "@*", "*"];
    let rest = everyone_before
        .iter()
        .find_map(|all| text.strip_prefix(all));
    if let Some(suffix) = rest.and_then(whole_suffix) {
        return Strategy::ServerSuffix(suffix.into());
    }
    let among = among(pattern);
    let Among::Server(server) = &among else {
        return Strategy::General(among);
    };
    let localpart = (text.strip_suffix(&**server)).and_then(|text| text.strip_suffix(':'));
    match localpart.and_then(|localpart| localpart.strip_suffix('*')) {
        Some("@" | "") => Strategy::Server(server.clone()),
        Some(start) => match start.strip_prefix('@') {
            // A `:` would end the localpart, so that the server name would be another one.
            Some(prefix) if !prefix.contains(GLOB_SYNTAX) && !prefix.contains(':') => {
                Strategy::LocalpartPrefix {
                    server: server.clone(),
                    prefix: prefix.into(),
                }
            }
            _ => Strategy::General(among),
        },
        None => Strategy::General(among),
    }
}

/// A text of which all that ends in it is meant, if what it says of a server name can be looked up.
fn whole_suffix(text: &str) -> Option<&str> {
    (text.starts_with('.') && !text.contains(GLOB_SYNTAX) && !text.contains(':')).then_some(text)
}

fn among(pattern: &Pattern) -> Among {
    if let Some(server) = pattern.server_name() {
        return Among::Server(server);
    }
    let suffix = pattern.literal_suffix();
    // Without a `:`, it lies within the server name, since a `:` comes before that.
    match suffix.find('.') {
        Some(dot) if !suffix.contains(':') => Among::ServerSuffix(suffix[dot..].into()),
        _ => Among::All,
    }
}
