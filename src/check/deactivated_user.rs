//! `deactivated-user`: a rule that names an account that is deactivated, according to the known users.

use std::collections::HashSet;
use std::sync::Arc;

use super::Context;
use super::words::of_file;
use crate::finding::{Code, Finding, Location};
use crate::pattern::Pattern;
use crate::rules::{Item, SetOf, UserFile};

pub(super) fn check(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    let Some(known_users) = cx.known_users else {
        return;
    };
    let judged = |user: &str, location| {
        let message = format!("`{user}` is deactivated, according to the known users");
        let finding = Finding::new(Code::DeactivatedUser, location, message);
        let finding = finding.help("remove it, or name the account that has taken its place");
        known_users.is_deactivated(user).then_some(finding)
    };
    let mut read = HashSet::new();
    for rules in &cx.rule_set.files {
        for (of, users) in rules.user_sets() {
            // To exclude such an account, or to block it, does no harm.
            if matches!(of, SetOf::Block) {
                continue;
            }
            users.walk(&mut |placed| match placed.item {
                _ if placed.excludes > 0 => {}
                Item::Pattern(Pattern::User(user)) => {
                    let location = Location::part(rules.file, placed.at.whole);
                    findings.extend(judged(user, location));
                }
                Item::File(UserFile { users, .. }) => {
                    if let Some(users) = users
                        && read.insert(Arc::as_ptr(users))
                    {
                        of_file(users, findings, judged);
                    }
                }
                _ => {}
            });
        }
    }
}
