//! `exclude-of-exclude`: who is in two sets, said by leaving out everybody but some.

use std::collections::HashSet;

use super::Context;
use super::lists::{Usage, roots};
use super::pattern_text::yaml;
use crate::finding::{Code, Effect, Finding, Fix};
use crate::pattern::Pattern;
use crate::rules::{Item, UserSet};
use crate::sets::{Kind, SiteId, Sites};

pub(super) fn check(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    for (root, usage) in roots(cx) {
        look(&cx.sets.sites, root, usage, findings);
    }
}

fn look(sites: &Sites<'_>, site: SiteId, usage: Usage, findings: &mut Vec<Finding>) {
    match sites.kind(site) {
        Kind::Item(_) | Kind::Group(_) => {}
        Kind::List(members) | Kind::AllOf(members) => {
            for member in members {
                look(sites, member, usage, findings);
            }
        }
        Kind::Without { include, exclude } => {
            if let Some(excluded) = exclude
                && let Kind::Without {
                    include: None,
                    exclude: Some(left),
                } = sites.kind(excluded)
            {
                findings.push(finding(sites, (site, include, excluded, left), usage));
            }
            for (part, usage) in [(include, usage), (exclude, Usage::Matched)] {
                if let Some(part) = part {
                    look(sites, part, usage, findings);
                }
            }
        }
    }
}

/// What is said of a set, of what it includes and excludes, and of what that leaves.
fn finding(
    sites: &Sites<'_>,
    (site, include, excluded, left): (SiteId, Option<SiteId>, SiteId, SiteId),
    usage: Usage,
) -> Finding {
    let left_users = sites.get(left).users;
    let (message, advice, meant) = match include {
        Some(include) => {
            let include = sites.get(include).users.clone();
            let both = UserSet::Intersection(vec![include, left_users.clone()], left_users.at());
            (
                "leaving out everybody but these leaves those who are in both sets",
                "write `{all_of: [A, B]}`, A being the set under `include`, and B the one under the inner `exclude`",
                yaml(&both),
            )
        }
        None => (
            "leaving out everybody but these leaves these",
            "write the set under the inner `exclude`, and nothing around it",
            yaml(left_users),
        ),
    };
    // By an `exclude`, nobody is named, and by what takes its place somebody may be.
    let names_more = usage != Usage::Matched && names_users(sites, left);
    let (effect, more) = if names_more {
        let more =
            "; then those whom it names by their IDs are listed even where they are not known";
        (Effect::More, more)
    } else {
        (Effect::Same, "")
    };
    let place = sites.get(excluded).location();
    let finding = Finding::new(Code::ExcludeOfExclude, place, message);
    match meant {
        Some(meant) => {
            let fix = Fix::write(sites.get(site).location(), &*meant, effect);
            finding.help(format!("write `{meant}`{more}")).fix(fix)
        }
        None => finding.help(format!("{advice}{more}")),
    }
}

/// Whether a set takes in users by their IDs, or some who are made by a template.
fn names_users(sites: &Sites<'_>, site: SiteId) -> bool {
    sites.included(site, &mut HashSet::new(), &mut |_, item| {
        matches!(
            item,
            Item::Pattern(Pattern::User(_)) | Item::File(_) | Item::Template(_)
        )
    })
}
