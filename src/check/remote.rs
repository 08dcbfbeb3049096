//! Which users are of other servers than the one that the rules run on.

use super::Context;
use crate::pattern::{Pattern, Template};
use crate::rules::Item;
use crate::user_id::UserId;

impl Context<'_> {
    /// Whether a user is known to be of another server.
    pub(super) fn is_remote(&self, user: &str) -> bool {
        let own = self.server_name;
        own.is_some_and(|own| UserId::parse(user).is_ok_and(|user| user.server_name() != own))
    }

    /// The other server whose users an item surely names.
    pub(super) fn remote_server(&self, item: &Item) -> Option<Box<str>> {
        let server = match item {
            Item::Pattern(pattern) => pattern.server_name(),
            Item::Template(template) => template_server(template),
            Item::Group(_) => None,
        };
        server.filter(|server| self.server_name.is_some_and(|own| **server != *own))
    }
}

/// Whether a pattern surely matches users of other servers alone.
pub(super) fn pattern_is_remote(pattern: &Pattern, own: &str) -> bool {
    pattern.server_name().is_some_and(|server| *server != *own)
}

/// Whether a template surely makes users of other servers alone.
pub(super) fn template_is_remote(template: &Template, own: &str) -> bool {
    template_server(template).is_some_and(|server| *server != *own)
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
