//! `excluding-group`: everybody but some, by a group or by an `include`, in a list with others.
//!
//! An `{exclude: …}` that stands in the list itself is an error of reading.

use super::Context;
use crate::finding::{Code, Finding};
use crate::pattern::shortened;
use crate::rules::{Item, UserSet};
use crate::sets::{Kind, SiteId, Sites};

pub(super) fn check(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    let sites = &cx.sets.sites;
    for root in &sites.rules.roots {
        each_list(sites, *root, findings);
    }
}

/// Looks at every list in a place, those in groups not included.
fn each_list(sites: &Sites<'_>, site: SiteId, findings: &mut Vec<Finding>) {
    match sites.kind(site) {
        Kind::Item(_) | Kind::Group(_) => {}
        Kind::List(members) => {
            for member in &members {
                each_list(sites, *member, findings);
            }
            // Alone in its list, it is what the list means.
            if members.len() > 1 {
                let excluding = members.into_iter().filter(|it| is_by_others(sites, *it));
                findings.extend(excluding.map(|member| finding(sites, member)));
            }
        }
        Kind::AllOf(members) => {
            for member in members {
                each_list(sites, member, findings);
            }
        }
        Kind::Without { include, exclude } => {
            for part in [include, exclude].into_iter().flatten() {
                each_list(sites, part, findings);
            }
        }
    }
}

/// Whether an item of a list is everybody but some, and no error of reading.
fn is_by_others(sites: &Sites<'_>, member: SiteId) -> bool {
    !sites.get(member).users.is_exclude_only() && is_excluding(sites, member)
}

/// Whether what stands in a place is everybody but some.
fn is_excluding(sites: &Sites<'_>, site: SiteId) -> bool {
    match sites.kind(site) {
        Kind::Item(_) => false,
        Kind::Group(users) => is_excluding(sites, users),
        // Of a longer list it is said there.
        Kind::List(members) => matches!(members.as_slice(), [one] if is_by_others(sites, *one)),
        Kind::AllOf(members) => members.into_iter().all(|it| is_excluding(sites, it)),
        Kind::Without { include, exclude } => match include {
            None => exclude.is_some(),
            Some(include) => is_excluding(sites, include),
        },
    }
}

fn finding(sites: &Sites<'_>, member: SiteId) -> Finding {
    let place = sites.get(member);
    let (what, whose) = match place.users {
        UserSet::Item(Item::Group(name), _) => {
            (format!("the group `{}`", shortened(name)), "the group")
        }
        _ => ("this".to_owned(), "it"),
    };
    let message =
        format!("{what} is everybody in the world but some, and so this list adds all of them");
    Finding::new(Code::ExcludingGroup, place.location(), message).help(format!(
        "give {whose} an `include` that says of whom, or write `{{include: …, exclude: …}}` in place of this list"
    ))
}
