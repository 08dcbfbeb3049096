//! `unused-group`: a group that no rule reaches, directly or through other groups.

use super::Context;
use crate::finding::{Code, Finding, Fix};
use crate::pattern::shortened;
use crate::rules::{Item, SetOf, UserSet};

pub(super) fn check(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    let rule_set = cx.rule_set;
    let has_rules = (rule_set.files.iter()).any(|rules| {
        !(rules.routes.is_empty() && rules.interests.is_empty() && rules.blocks.is_empty())
    });
    // What could not be read may have named any group; a misspelled name is an error of its own.
    if rule_set.is_faulty || !has_rules {
        return;
    }
    let groups = &cx.groups;
    let mut used = vec![false; groups.all.len()];
    let mut open = Vec::new();
    for rules in &rule_set.files {
        for (of, users) in rules.user_sets() {
            if !matches!(of, SetOf::Group(_)) {
                named(cx, users, &mut open);
            }
        }
    }
    while let Some(group) = open.pop() {
        if !used[group] {
            used[group] = true;
            named(cx, groups.all[group].users, &mut open);
        }
    }
    // An unused group may be named by others that are unused as well.
    let mut namers = vec![None; groups.all.len()];
    for (namer, group) in groups.all.iter().enumerate() {
        let mut inner = Vec::new();
        named(cx, group.users, &mut inner);
        for inner in inner {
            namers[inner].get_or_insert(namer);
        }
    }
    for (index, group) in groups.all.iter().enumerate() {
        if used[index] {
            continue;
        }
        let name = shortened(group.name);
        let finding = match namers[index] {
            None => {
                let message = format!("no rule uses the group `{name}`");
                Finding::new(Code::UnusedGroup, group.location(), message)
                    .fix(Fix::remove(group.location()))
            }
            Some(namer) => {
                let other = shortened(groups.all[namer].name);
                let message =
                    format!("no rule uses the group `{name}`, nor `{other}`, which names it");
                Finding::new(Code::UnusedGroup, group.location(), message)
            }
        };
        findings.push(finding.help(format!(
            "remove it, or use it in a rule as `{{group: {name}}}`"
        )));
    }
}

/// Adds the groups that a set names.
fn named(cx: &Context<'_>, users: &UserSet, found: &mut Vec<usize>) {
    users.items(&mut |item| {
        if let Item::Group(name) = item {
            found.extend(cx.groups.index_of(name));
        }
    });
}
