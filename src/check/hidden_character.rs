//! `hidden-character`: a character that cannot be seen, or that looks like another one, in an ID, a pattern or a name.

use super::Context;
use crate::finding::{Code, Effect, Finding, Fix, Location};
use crate::pattern::characters::{Kind, odd};
use crate::rules::model::UserSource;
use crate::rules::{Item, SetOf};
use crate::source::{FileId, Span};

pub(super) fn check(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    let mut judge = |file: FileId, scalar: Span, text: &str, kind: Kind| {
        findings.extend(odd(text, kind).map(|odd| {
            let help = odd.help();
            let location = Location::inside(file, scalar, odd.range);
            let finding = Finding::new(Code::HiddenCharacter, location, odd.message).help(help);
            match kind {
                // A name stands elsewhere, too.
                Kind::Name => finding,
                Kind::Users => {
                    let scalar = Location::part(file, scalar);
                    finding.fix(Fix::say(scalar, odd.meant, Effect::Others))
                }
            }
        }));
    };
    for rules in &cx.rule_set.files {
        for (item, at) in rules.known_users.iter().flat_map(|users| &users.items) {
            match item {
                UserSource::File(path) => {
                    judge(rules.file, at.text, &path.to_string_lossy(), Kind::Name);
                }
                UserSource::User(user) => judge(rules.file, at.text, user, Kind::Users),
            }
        }
        for (of, users) in rules.user_sets() {
            if let SetOf::Group(name) = of {
                judge(rules.file, rules.groups[name].key, name, Kind::Name);
            }
            users.walk(&mut |placed| {
                let (text, kind) = match placed.item {
                    Item::Pattern(pattern) => (pattern.as_str(), Kind::Users),
                    Item::Template(template) => (template.as_str(), Kind::Users),
                    // Where the group is defined, it is said.
                    Item::Group(_) | Item::File(_) | Item::Local(_) => return,
                };
                judge(rules.file, placed.at.text, text, kind);
            });
        }
    }
}
