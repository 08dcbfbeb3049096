//! `template-without-localpart`: a template that makes one user of all those of a server.

use super::Context;
use crate::finding::{Code, Finding, Location};
use crate::pattern::proposed;
use crate::rules::Item;

pub(super) fn check(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    for rules in &cx.rule_set.files {
        for users in rules.sets() {
            users.walk(&mut |placed| {
                let Item::Template(template) = placed.item else {
                    return;
                };
                let text = template.as_str();
                if text.contains("{localpart}") {
                    return;
                }
                let (message, help) = if text.contains("{server}") {
                    (
                        "without `{localpart}`, this makes one user of all the users of a server",
                        "if each has a user of its own, write `{localpart}` where its name is to stand".to_owned(),
                    )
                } else {
                    (
                        "without `{localpart}`, this makes one user of everybody",
                        format!("write the user ID alone: `\"{}\"`", proposed(text)),
                    )
                };
                let location = Location::part(rules.file, placed.at.whole);
                findings.push(
                    Finding::new(Code::TemplateWithoutLocalpart, location, message).help(help),
                );
            });
        }
    }
}
