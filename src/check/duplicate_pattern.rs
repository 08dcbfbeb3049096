//! `duplicate-pattern`: what stands twice in one list, or in one `all_of`.

use std::collections::HashMap;

use super::Context;
use super::pattern_text::{written, yaml};
use crate::finding::{Code, Effect, Finding, Fix};
use crate::pattern::{Pattern, Template};
use crate::rules::{Item, UserFile, UserSet};
use crate::sets::{Kind, SiteId, Sites};

pub(super) fn check(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    let sites = &cx.sets.sites;
    for root in &sites.rules.roots {
        look(sites, *root, findings);
    }
}

/// Looks at each list and each `all_of` in a place, those in groups not included.
fn look(sites: &Sites<'_>, site: SiteId, findings: &mut Vec<Finding>) {
    let is_all_of = match sites.kind(site) {
        Kind::Item(_) | Kind::Group(_) => return,
        Kind::Without { include, exclude } => {
            for part in [include, exclude].into_iter().flatten() {
                look(sites, part, findings);
            }
            return;
        }
        Kind::List(_) => false,
        Kind::AllOf(_) => true,
    };
    let mut members = Vec::new();
    collect(sites, site, is_all_of, &mut members);
    let mut seen = HashMap::new();
    for (parent, member) in members {
        look(sites, member, findings);
        let place = sites.get(member);
        let Some(key) = Key::of_set(place.users) else {
            continue;
        };
        let first = *seen.entry(key).or_insert(member);
        if first == member {
            continue;
        }
        let what = match place.users {
            UserSet::Item(item, _) => written(item),
            _ => "this set".to_owned(),
        };
        let whole = if is_all_of { "`all_of`" } else { "list" };
        let message = format!("{what} stands in this {whole} already");
        let finding = Finding::new(Code::DuplicatePattern, place.location(), message)
            .label(sites.get(first).location(), "first named");
        findings.push(if is_all_of {
            without(sites, parent, member, finding)
        } else {
            (finding.help("remove one of the two")).fix(Fix::remove(place.location()))
        });
    }
}

/// The members of a list or of an `all_of`, each with what it stands right in. What is in another one of its kind is as if it
/// stood in this one.
fn collect(
    sites: &Sites<'_>,
    parent: SiteId,
    is_all_of: bool,
    members: &mut Vec<(SiteId, SiteId)>,
) {
    match (sites.kind(parent), is_all_of) {
        (Kind::List(inner), false) | (Kind::AllOf(inner), true) => {
            for member in inner {
                match (sites.kind(member), is_all_of) {
                    (Kind::List(_), false) | (Kind::AllOf(_), true) => {
                        collect(sites, member, is_all_of, members);
                    }
                    _ => members.push((parent, member)),
                }
            }
        }
        _ => {}
    }
}

/// The finding with the remedy to take a member out of an `all_of`, which has two at least.
pub(super) fn without(
    sites: &Sites<'_>,
    all_of: SiteId,
    member: SiteId,
    finding: Finding,
) -> Finding {
    let Kind::AllOf(mut others) = sites.kind(all_of) else {
        return finding;
    };
    others.retain(|other| *other != member);
    let [other] = others.as_slice() else {
        let remedy = Fix::remove(sites.get(member).location());
        return finding.help("remove it").fix(remedy);
    };
    let other = sites.get(*other).users;
    match yaml(other).filter(|_| !other.is_exclude_only()) {
        Some(yaml) => {
            let fix = Fix::write(sites.get(all_of).location(), &*yaml, Effect::Same);
            finding
                .help(format!("write `{yaml}`, without `all_of`"))
                .fix(fix)
        }
        None => finding.help("write the other set, without `all_of`"),
    }
}

/// What tells items apart, and sets.
#[derive(PartialEq, Eq, Hash)]
pub(super) enum Key<'a> {
    Pattern(&'a Pattern),
    Local,
    File(&'a UserFile),
    Group(&'a str),
    Template(&'a Template),
    Set(&'a UserSet),
}

impl<'a> Key<'a> {
    pub fn of(item: &'a Item) -> Self {
        match item {
            Item::Pattern(pattern) | Item::Local(Some(pattern)) => Self::Pattern(pattern),
            Item::Local(None) => Self::Local,
            Item::File(file) => Self::File(file),
            Item::Group(name) => Self::Group(name),
            Item::Template(template) => Self::Template(template),
        }
    }

    /// Of a set that could be read.
    fn of_set(users: &'a UserSet) -> Option<Self> {
        match users {
            UserSet::Item(item, _) => Some(Self::of(item)),
            _ => is_read(users).then_some(Self::Set(users)),
        }
    }
}

fn is_read(users: &UserSet) -> bool {
    match users {
        UserSet::Union(members, _) if members.is_empty() => false,
        _ => users.parts().all(is_read),
    }
}
