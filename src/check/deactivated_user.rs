//! `deactivated-user`: a rule that names an account that is deactivated, as the known users say.

use super::Context;
use crate::finding::{Code, Finding, Location};
use crate::key_path::Step;
use crate::pattern::Pattern;
use crate::rules::Item;

pub(super) fn check(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    let Some(known_users) = cx.known_users else {
        return;
    };
    for rules in &cx.rule_set.files {
        for (mut path, users) in rules.user_sets() {
            // To exclude such an account, or to block it, does no harm.
            if matches!(&path.steps()[0], Step::Key { name, .. } if name == "blocks") {
                continue;
            }
            let above = path.steps().len();
            users.walk(&mut path, &mut |path, item| {
                let Item::Pattern(Pattern::User(user)) = item else {
                    return;
                };
                let is_exclude =
                    |step: &Step| matches!(step, Step::Key { name, .. } if name == "exclude");
                if known_users.is_deactivated(user) && !path.steps()[above..].iter().any(is_exclude)
                {
                    let message = format!("`{user}` is deactivated, as the known users say");
                    let location = Location::value(rules.file, path.clone());
                    findings.push(
                        Finding::new(Code::DeactivatedUser, location, message)
                            .help("remove it, or name the account that has taken its place"),
                    );
                }
            });
        }
    }
}
