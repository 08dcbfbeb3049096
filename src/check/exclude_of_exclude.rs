//! `exclude-of-exclude`: who is in two sets, said by leaving out everybody but some.

use super::Context;
use crate::finding::{Code, Finding, Location};
use crate::rules::UserSet;
use crate::source::FileId;

pub(super) fn check(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    for rules in &cx.rule_set.files {
        for users in rules.sets() {
            look(rules.file, users, findings);
        }
    }
}

fn look(file: FileId, users: &UserSet, findings: &mut Vec<Finding>) {
    if let UserSet::Difference {
        include,
        exclude: Some(excluded),
        ..
    } = users
        && let UserSet::Difference {
            include: None,
            exclude: Some(_),
            at,
        } = &**excluded
    {
        let (message, help) = match include {
            Some(_) => (
                "leaving out everybody but these leaves those who are in both sets",
                "write `{all_of: [A, B]}`, A being the set under `include`, and B the one under the inner `exclude`",
            ),
            None => (
                "leaving out everybody but these leaves these",
                "write the set under the inner `exclude`, and nothing around it",
            ),
        };
        let place = Location::part(file, at.whole);
        findings.push(Finding::new(Code::ExcludeOfExclude, place, message).help(help));
    }
    for part in users.parts() {
        look(file, part, findings);
    }
}
