//! `unknown-user`: a user ID that is not known, and is of a server whose users are, or nearly is that of a known user.

use super::Context;
use crate::finding::{Code, Finding, Location};
use crate::pattern::{Pattern, shortened};
use crate::rules::{Item, SetOf};
use crate::user_id::UserId;

pub(super) fn check(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    let Some(known) = &cx.known else { return };
    let mut known = known.borrow_mut();
    let own = match cx.server_name {
        Some(own) => Some(own),
        None => known.most_common_server(),
    };
    for rules in &cx.rule_set.files {
        for (of, users) in rules.user_sets() {
            users.walk(&mut |placed| {
                let Item::Pattern(Pattern::User(user)) = placed.item else {
                    return;
                };
                let Ok(id) = UserId::parse(user) else { return };
                if known.has_user(id) {
                    return;
                }
                let near = known.near(id);
                let is_own = own == Some(id.server_name()) && known.has_server(id.server_name());
                if near.is_none() && !is_own {
                    return;
                }
                let fails_open = matches!(of, SetOf::Block(..)) || placed.excludes % 2 == 1;
                let user = shortened(user);
                let message = if fails_open {
                    format!("`{user}` is no known user, so this keeps nothing from anybody")
                } else {
                    format!("`{user}` is no known user")
                };
                let help = match near {
                    Some(near) => format!("did you mean `{}`?", shortened(near)),
                    None => "correct it, or add it to the known users".to_owned(),
                };
                let location = Location::part(rules.file, placed.at.whole);
                findings.push(Finding::new(Code::UnknownUser, location, message).help(help));
            });
        }
    }
}
