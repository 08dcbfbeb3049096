//! `excluding-group`: a group of everybody but some, in a list with others.

use super::Context;
use crate::finding::{Code, Finding, Location};
use crate::pattern::shortened;
use crate::rules::groups::MAX_DEPTH;
use crate::rules::{Item, UserSet};

pub(super) fn check(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    for rules in &cx.rule_set.files {
        for users in rules.sets() {
            users.each_list(&mut |members| {
                // Alone in its list, it is what the list means.
                if members.len() < 2 {
                    return;
                }
                for member in members {
                    let UserSet::Item(Item::Group(name), at) = member else {
                        continue;
                    };
                    if !cx.is_excluding(name) {
                        continue;
                    }
                    let message = format!(
                        "the group `{}` is everybody in the world but some, and so this list adds all of them",
                        shortened(name)
                    );
                    let location = Location::part(rules.file, at.whole);
                    findings.push(Finding::new(Code::ExcludingGroup, location, message).help(
                        "give the group an `include`, or write `{include: …, exclude: …}` in place of this list",
                    ));
                }
            });
        }
    }
}

impl Context<'_> {
    /// Whether a group is only an `exclude`, itself or by another group.
    fn is_excluding(&self, name: &str) -> bool {
        let mut name = name;
        // Groups that contain each other are an error, and end this as well.
        for _ in 0..MAX_DEPTH {
            let Some(index) = self.groups.index_of(name) else {
                return false;
            };
            match self.groups.all[index].users {
                UserSet::Item(Item::Group(inner), _) => name = inner,
                users => return users.is_exclude_only(),
            }
        }
        false
    }
}
