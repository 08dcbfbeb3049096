//! Which users are of other servers than the one that the rules run on.

use super::Context;
use crate::pattern::Template;
use crate::sets::Part;
use crate::user_id::UserId;

impl Context<'_> {
    /// Whether a user is known to be of another server.
    pub(super) fn is_remote(&self, user: &str) -> bool {
        let own = self.server_name;
        own.is_some_and(|own| UserId::parse(user).is_ok_and(|user| user.server_name() != own))
    }
}

/// The other server whose users an item surely names.
pub(super) fn remote_server(item: Part<'_>, own: &str) -> Option<Box<str>> {
    let server = match item {
        Part::Pattern(pattern) => pattern.server_name(),
        Part::Template(template) => template_server(template),
        Part::Listed(_) | Part::Node(_) => None,
    };
    server.filter(|server| **server != *own)
}

/// The server of all users whom a template makes.
fn template_server(template: &Template) -> Option<Box<str>> {
    let (_, server) = template.as_str().split_once(':')?;
    if server.contains(['{', '}']) {
        return None;
    }
    let anyone = UserId::parse("@a:a.example").ok()?;
    let made = template.make(anyone)?;
    UserId::parse(&made)
        .ok()
        .map(|made| made.server_name().into())
}
