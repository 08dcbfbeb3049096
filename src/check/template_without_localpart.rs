//! `template-without-localpart`: a template that makes one user of all those of a server.

use super::Context;
use super::pattern_text::user_item;
use crate::finding::{Code, Effect, Finding, Fix, Location};
use crate::pattern::proposed;
use crate::rules::{Item, SetOf};

pub(super) fn check(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    for rules in &cx.rule_set.files {
        for (of, users) in rules.user_sets() {
            users.walk(&mut |placed| {
                let Item::Template(template) = placed.item else {
                    return;
                };
                let text = template.as_str();
                if text.contains("{localpart}") {
                    return;
                }
                let location = Location::part(rules.file, placed.at.whole);
                let finding =
                    |message| Finding::new(Code::TemplateWithoutLocalpart, location, message);
                findings.push(if text.contains("{server}") {
                    finding(
                        "without `{localpart}`, this makes the same user from all users of a server",
                    )
                    .help(
                        "if each is to have its own, write `{localpart}` where the name belongs",
                    )
                } else {
                    let item = user_item(text);
                    let (effect, more) = if sees_everyone(cx, of) {
                        (Effect::More, ", who then may see everyone (ALL)")
                    } else {
                        (Effect::Same, "")
                    };
                    finding("without `{localpart}`, this makes the same user from everybody")
                        .help(format!("write the user ID alone: `{}`{more}", proposed(&item)))
                        .fix(Fix::write(location, item, effect))
                });
            });
        }
    }
}

/// Whether those whom a set names may see everyone, which those whom templates make may not.
fn sees_everyone(cx: &Context<'_>, of: SetOf<'_>) -> bool {
    let SetOf::Route(route, _) = of else {
        return false;
    };
    (cx.sets.routes.all.iter()).any(|other| {
        std::ptr::eq(other.rule, route)
            && other.file.derive_interests
            && cx.sets.facts(other.seen).everyone
    })
}
