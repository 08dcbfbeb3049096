//! `deactivated-user`: a rule that names an account that is deactivated, according to the known users.

use super::Context;
use crate::finding::{Code, Finding, Location};
use crate::pattern::Pattern;
use crate::rules::{Item, SetOf};

pub(super) fn check(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    let Some(known_users) = cx.known_users else {
        return;
    };
    for rules in &cx.rule_set.files {
        for (of, users) in rules.user_sets() {
            // To exclude such an account, or to block it, does no harm.
            if matches!(of, SetOf::Block(..)) {
                continue;
            }
            users.walk(&mut |placed| {
                let Item::Pattern(Pattern::User(user)) = placed.item else {
                    return;
                };
                if known_users.is_deactivated(user) && placed.excludes == 0 {
                    let message = format!("`{user}` is deactivated, according to the known users");
                    let location = Location::part(rules.file, placed.at.whole);
                    findings.push(
                        Finding::new(Code::DeactivatedUser, location, message)
                            .help("remove it, or name the account that has taken its place"),
                    );
                }
            });
        }
    }
}
