//! The lists of user sets. A list in a list is one list with it; what stands under `include` is another.

use super::Context;
use crate::finding::Location;
use crate::rules::{Item, RuleFile, SetOf, Side, UserSet};
use crate::sets::{Kind, SetId, SiteId, Sites};

/// Items whose union is taken.
pub(super) struct List<'a> {
    pub(crate) members: Vec<Member<'a>>,
    pub usage: Usage,
}

/// An item of a list, where it stands, and its set.
pub(super) struct Member<'a> {
    pub item: &'a Item,
    pub(crate) location: Location,
    pub set: SetId,
}

/// What becomes of a list.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Usage {
    /// Users are compared with it.
    Matched,
    /// Its users are listed: those named by their ID, known or not, and the known ones that patterns match.
    Listed,
    /// The same, but `all` in it says everything.
    Seen,
}

/// Visits every list of more than one item.
pub(super) fn for_each<'a>(cx: &Context<'a>, mut visit: impl FnMut(&List<'a>)) {
    for (root, usage) in roots(cx) {
        list(&cx.sets.sites, root, usage, &mut visit);
    }
}

/// Where the sets of rules and groups stand, and what becomes of them.
pub(super) fn roots(cx: &Context<'_>) -> impl Iterator<Item = (SiteId, Usage)> {
    let files = cx.rule_set.files.iter();
    let usages = files.flat_map(|file| {
        let usage = |(of, _)| usage(of, file.derive_interests);
        RuleFile::user_sets(file).map(usage)
    });
    cx.sets.sites.rules.roots.iter().copied().zip(usages)
}

fn usage(of: SetOf<'_>, derive_interests: bool) -> Usage {
    match of {
        SetOf::Block | SetOf::Interest(Side::Users) => Usage::Matched,
        SetOf::Route(_, Side::Senders) if !derive_interests => Usage::Matched,
        // Of whom a template makes somebody, `all` does not say, so the senders are listed.
        SetOf::Route(route, Side::Senders) if has_templates(&route.recipients) => Usage::Listed,
        SetOf::Route(_, Side::Senders) | SetOf::Interest(..) => Usage::Seen,
        // A group may be used for anything.
        SetOf::Route(..) | SetOf::Group(_) => Usage::Listed,
    }
}

fn has_templates(users: &UserSet) -> bool {
    let mut found = false;
    users.items(&mut |item| found |= matches!(item, Item::Template(_)));
    found
}

fn list<'a>(sites: &Sites<'a>, site: SiteId, usage: Usage, visit: &mut impl FnMut(&List<'a>)) {
    let mut members = Vec::new();
    collect(sites, site, usage, &mut members, visit);
    if members.len() > 1 {
        visit(&List { members, usage });
    }
}

fn collect<'a>(
    sites: &Sites<'a>,
    site: SiteId,
    usage: Usage,
    members: &mut Vec<Member<'a>>,
    visit: &mut impl FnMut(&List<'a>),
) {
    let place = sites.get(site);
    let included = match usage {
        Usage::Matched => Usage::Matched,
        _ => Usage::Listed,
    };
    match (place.users, sites.kind(site)) {
        (UserSet::Item(item, _), _) => members.push(Member {
            item,
            location: place.location(),
            set: place.set,
        }),
        (_, Kind::List(inner)) => {
            for site in inner {
                collect(sites, site, usage, members, visit);
            }
        }
        (_, Kind::AllOf(members)) => {
            for site in members {
                list(sites, site, included, visit);
            }
        }
        (_, Kind::Without { include, exclude }) => {
            for (part, usage) in [(include, included), (exclude, Usage::Matched)] {
                if let Some(site) = part {
                    list(sites, site, usage, visit);
                }
            }
        }
        (_, Kind::Item(_) | Kind::Group(_)) => unreachable!("these are items"),
    }
}
