//! The ways to decide a pattern, cheapest first.

use crate::pattern::{Pattern, server_of_suffix};

/// How a pattern is decided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Strategy<'p> {
    /// It matches every user.
    Everyone,
    /// One hash look-up of the whole ID.
    User(&'p str),
    /// One hash look-up of the server name: `{server: example.org}`, `@*:example.org`.
    Server(&'p str),
    /// The server name is looked up, and the localpart starts with a text: `@bot-*:example.org`.
    LocalpartPrefix {
        /// The server name.
        server: &'p str,
        /// What the localpart starts with.
        prefix: &'p str,
    },
    /// One hash look-up of what the server name ends in: `{server: "*.example.org"}`, `@*.example.org`.
    ServerSuffix(&'p str),
    /// It is run over the ID, if that is among those who can match at all.
    General(Among),
}

/// The users who can match a pattern, as far as its text tells.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Among {
    /// The users of this server.
    Server(Box<str>),
    /// The users whose server name ends in this, which starts with a `.` and holds no `:`.
    ServerSuffix(Box<str>),
    /// Everyone.
    All,
}

/// Characters that mean something in a glob.
const GLOB_SYNTAX: [char; 7] = ['*', '?', '[', ']', '{', '}', '\\'];

impl<'p> Strategy<'p> {
    /// The strategy for a pattern.
    pub fn of(pattern: &'p Pattern) -> Self {
        match pattern {
            Pattern::Everyone => Self::Everyone,
            Pattern::User(text) => Self::User(text),
            Pattern::Server(name) => Self::Server(name),
            Pattern::Glob(text) => of_glob(text, pattern),
            Pattern::ServerGlob(text) => match text.strip_prefix('*').and_then(whole_suffix) {
                Some(suffix) => Self::ServerSuffix(suffix),
                None => Self::General(among(pattern)),
            },
            Pattern::Regex(_) => Self::General(among(pattern)),
        }
    }
}

fn of_glob<'p>(text: &'p str, pattern: &Pattern) -> Strategy<'p> {
    // Every user ID starts with `@` and has a `:` before its server name.
    let everyone_before = ["@*:*", "*:*", "@*", "*"];
    let rest = everyone_before
        .iter()
        .find_map(|all| text.strip_prefix(all));
    if let Some(suffix) = rest.and_then(whole_suffix) {
        return Strategy::ServerSuffix(suffix);
    }
    let among = among(pattern);
    let Among::Server(server) = &among else {
        return Strategy::General(among);
    };
    let (localpart, server) = text.split_at(text.len() - server.len());
    match localpart.strip_suffix("*:") {
        Some("@" | "") => Strategy::Server(server),
        Some(start) => match start.strip_prefix('@') {
            // A `:` would end the localpart, so that the server name would be another one.
            Some(prefix) if !prefix.contains(GLOB_SYNTAX) && !prefix.contains(':') => {
                Strategy::LocalpartPrefix { server, prefix }
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
    let suffix = pattern.literal_suffix();
    // Of a server name alone, the text before it is not known.
    if !matches!(pattern, Pattern::ServerGlob(_))
        && let Some(server) = server_of_suffix(&suffix)
    {
        return Among::Server(server.into());
    }
    // Without a `:`, it lies within the server name, since a `:` comes before that.
    match suffix.find('.') {
        Some(dot) if !suffix.contains(':') => Among::ServerSuffix(suffix[dot..].into()),
        _ => Among::All,
    }
}
