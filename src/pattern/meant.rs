//! What was probably meant by a text that is none of the patterns.

use super::{Pattern, proposed, shortened};
use crate::user_id::{UserId, validate_server_name};

/// Quotes that word processors write, and a backtick.
pub(super) const QUOTES: [char; 9] = ['“', '”', '„', '‟', '‘', '’', '«', '»', '`'];

/// What stands around a user ID where it was copied from.
const LINKS: [&str; 4] = [
    "https://matrix.to/#/",
    "http://matrix.to/#/",
    "matrix.to/#/",
    "https://matrix.to/",
];

/// A text without blanks, without quotes of the wrong kind at its ends, and without the brackets or the link that it was
/// copied with.
pub(super) fn trimmed(text: &str) -> &str {
    let is_edge = |character: char| {
        character.is_whitespace() || QUOTES.contains(&character) || matches!(character, '<' | '>')
    };
    let text = text.trim_matches(is_edge);
    let link = LINKS.iter().find_map(|link| text.strip_prefix(link));
    link.map_or(text, |id| id.split(['?', '/']).next().unwrap_or(id))
}

/// What was probably meant by a text that is not a user ID.
pub(super) fn instead_of_user(text: &str) -> Option<String> {
    let shown = shortened(text);
    let inner = trimmed(text);
    if let Some(list) = several(text) {
        Some(format!("for several users, write a list: `{list}`"))
    } else if inner != text && Pattern::text(inner).is_ok() {
        let what = if text.contains("matrix.to/") {
            "this is a link to a user"
        } else if text.trim().starts_with('<') {
            "a user ID stands without `<` and `>`"
        } else if inner.len() < text.trim().len() {
            "YAML's quotes are `\"` and `'`"
        } else {
            "a user ID has no blanks at its ends"
        };
        Some(format!("{what}: write `\"{}\"`", proposed(inner)))
    } else if let Some(rest) = text.strip_prefix("matrix:u/") {
        let id = format!("@{}", rest.split(['?', '/']).next().unwrap_or_default());
        Some(format!(
            "this is a link to a user: write `\"{}\"`",
            proposed(&id)
        ))
    } else if text.starts_with('@') {
        let joined: String = text.chars().filter(|c| !c.is_whitespace()).collect();
        (joined != text && UserId::parse(&joined).is_ok())
            .then(|| format!("a user ID has no blanks: write `\"{}\"`", proposed(&joined)))
    } else if text.starts_with('!') {
        Some("this is a room: rules name users".into())
    } else if text.starts_with('#') {
        Some("this is the alias of a room: rules name users".into())
    } else if ["all", "any", "anyone", "everyone", "everybody"]
        .contains(&&*text.to_ascii_lowercase())
    {
        Some("did you mean `all`?".into())
    } else if text.eq_ignore_ascii_case("local") {
        Some("did you mean `local`?".into())
    } else if text.contains('.') && validate_server_name(text).is_ok() {
        Some(format!(
            "for all users of a server, write `{{server: {shown}}}`"
        ))
    } else if text.trim().is_empty() {
        Some("write the whole ID, `@localpart:server`".into())
    } else {
        Some(format!(
            "write the whole ID, `@localpart:server`, or `{{group: {shown}}}` if you mean a group"
        ))
    }
}

/// A text that names several users, `@a:x, @b:x`, as the list that was meant.
pub(crate) fn several(text: &str) -> Option<String> {
    // In braces, they are the alternatives of a glob.
    if text.contains(['{', '}']) || !text.starts_with('@') {
        return None;
    }
    let parts = text.split([',', ';', '|']).flat_map(str::split_whitespace);
    let parts: Vec<_> = parts.collect();
    let is_user = |part: &&str| part.starts_with('@') && part.contains(':');
    let quoted = parts.iter().map(|part| format!("\"{part}\""));
    (parts.len() > 1 && parts.iter().all(is_user))
        .then(|| proposed(&format!("[{}]", quoted.collect::<Vec<_>>().join(", "))))
}

/// What `@alice@example.org` means, which is how other networks write it.
pub(super) fn address(text: &str) -> Option<String> {
    let (localpart, server) = text.strip_prefix('@').unwrap_or(text).split_once('@')?;
    let id = format!("@{localpart}:{server}");
    let is_one = UserId::parse(&id).is_ok_and(|id| id.server_name() == server);
    let is_bare = !server.contains('@') && !text.contains(char::is_whitespace);
    (is_one && is_bare).then_some(id)
}
