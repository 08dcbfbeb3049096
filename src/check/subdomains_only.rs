//! `subdomains-only`: a pattern for the servers below a name, where nothing is said of the server of that name.

use super::Context;
use crate::finding::{Code, Finding, Location};
use crate::pattern::{Pattern, proposed, shortened};
use crate::rules::UserSet;
use crate::user_id::validate_server_name;

pub(super) fn check(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    for rules in &cx.rule_set.files {
        for users in rules.sets() {
            users.walk(&mut |placed| {
                let Some(pattern) = placed.item.pattern() else {
                    return;
                };
                let Some(server) = below(pattern) else { return };
                let itself = Pattern::server(server).expect("it was looked at");
                if users_mention(users, server) || cx.known.is_some() && !cx.knows(&itself) {
                    return;
                }
                let message = format!(
                    "this takes the servers below `{0}`, and not `{0}` itself",
                    shortened(server)
                );
                let location = Location::part(rules.file, placed.at.whole);
                findings.push(
                    Finding::new(Code::SubdomainsOnly, location, message).help(format!(
                        "to take it too, add `{{server: {}}}`",
                        proposed(server)
                    )),
                );
            });
        }
    }
}

/// `x.example` of `{server: "*.x.example"}` and of `"@*:*.x.example"`.
fn below(pattern: &Pattern) -> Option<&str> {
    let server = match pattern {
        Pattern::ServerGlob(text) => text.strip_prefix("*."),
        Pattern::Glob(text) => text.strip_prefix("@*:*."),
        _ => None,
    }?;
    (server.contains('.') && validate_server_name(server).is_ok()).then_some(server)
}

/// Whether some other item of a set is about users of a server.
fn users_mention(users: &UserSet, server: &str) -> bool {
    let mut is_mentioned = false;
    users.walk(&mut |placed| {
        if let Some(pattern) = placed.item.pattern() {
            is_mentioned |= pattern.server_name().as_deref() == Some(server);
        }
    });
    is_mentioned
}
