//! `hidden-character`: a character that cannot be seen, or that looks like another one, in an ID, a pattern or a name.

use std::collections::HashSet;
use std::ops::Range;
use std::sync::Arc;

use super::Context;
use super::regex_text::{escapes, replaced};
use crate::finding::{Code, Effect, Finding, Fix, Location};
use crate::pattern::characters::{Kind, odd};
use crate::pattern::{Pattern, proposed};
use crate::rules::model::UserSource;
use crate::rules::{Item, SetOf, UserList};
use crate::source::{FileId, Span};

/// So many users of a file are told.
const MOST_OF_A_FILE: usize = 20;

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
    let (mut read, mut lists, mut odd_escapes) = (HashSet::new(), Vec::new(), Vec::new());
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
                    Item::Pattern(Pattern::Regex(text))
                        if let Some((range, message, meant)) = escaped(text) =>
                    {
                        let at = Location::inside(rules.file, placed.at.text, range);
                        let finding = Finding::new(Code::HiddenCharacter, at, message);
                        let scalar = Location::part(rules.file, placed.at.text);
                        let help = format!("write `{}`, if that is meant", proposed(&meant));
                        let fix = Fix::say(scalar, meant, Effect::Others);
                        odd_escapes.push(finding.help(help).fix(fix));
                        return;
                    }
                    Item::Pattern(pattern) => (pattern.as_str(), Kind::Users),
                    Item::Template(template) => (template.as_str(), Kind::Users),
                    Item::File(named) => {
                        judge(
                            rules.file,
                            placed.at.text,
                            &named.path.to_string_lossy(),
                            Kind::Name,
                        );
                        if let Some(users) = &named.users
                            && read.insert(Arc::as_ptr(users))
                        {
                            lists.push(users.clone());
                        }
                        return;
                    }
                    // Where the group is defined, it is said.
                    Item::Group(_) | Item::Local(_) => return,
                };
                judge(rules.file, placed.at.text, text, kind);
            });
        }
    }
    findings.extend(odd_escapes);
    for users in lists {
        in_list(&users, findings);
    }
}

/// The users of a file, each at its line.
fn in_list(users: &UserList, findings: &mut Vec<Finding>) {
    let named = users
        .iter()
        .enumerate()
        .filter(|(_, user)| !user.is_ascii());
    let found = named.filter_map(|(index, user)| {
        let odd = odd(user, Kind::Users)?;
        let help = odd.help();
        let finding = Finding::new(Code::HiddenCharacter, users.location(index), odd.message);
        Some(finding.help(help))
    });
    findings.extend(found.take(MOST_OF_A_FILE));
}

/// An escape in a regular expression that stands for such a character.
fn escaped(text: &str) -> Option<(Range<usize>, String, String)> {
    let found = escapes(text).into_iter();
    let mut odd = found.filter_map(|(range, c)| Some((range, odd(&c.to_string(), Kind::Users)?)));
    let (range, odd) = odd.next()?;
    let meant = replaced(text, vec![(range.clone(), &*odd.meant)]);
    Some((range, odd.message, meant))
}
