//! `needless-exclude`: an item under `exclude` that meets nobody of `include`.

use super::{Proving, UserSet, written};
use crate::finding::{Code, Finding, Location};
use crate::proofs::{SetId, Sets};
use crate::rules::Item;
use crate::sets::{Kind, SiteId};

/// An item under `exclude`.
struct Excluded<'a> {
    listed: Listed<'a>,
    include: SetId,
}

pub(super) fn check(proving: &mut Proving<'_, '_>) {
    let mut found = Vec::new();
    for root in &proving.cx.sets.sites.rules.roots {
        collect(proving, *root, &mut found);
    }
    for Excluded { listed, include } in found {
        let Listed {
            location,
            item,
            set,
        } = listed;
        // Where nobody is included, that has a finding of its own.
        if proving.is_known(&location) || proving.prover.is_empty(include) == Ok(true) {
            continue;
        }
        let both = proving.prover.sets.intersection(include, set);
        let is_empty = proving.prover.is_empty(both);
        if let Some(true) = proving.answer(Code::NeedlessExclude, &location, is_empty) {
            let message = format!(
                "{} leaves nobody out: none of them is included",
                written(item)
            );
            let help = if include == Sets::EVERYONE {
                "correct it if it has a slip; without any `exclude`, this is everyone, and whoever is to see everyone is \
                 answered ALL"
            } else {
                "remove it, or correct it if it has a slip"
            };
            let finding = Finding::new(Code::NeedlessExclude, location, message);
            proving.findings.push(finding.help(help));
        }
    }
}

fn collect<'a>(proving: &Proving<'_, 'a>, site: SiteId, found: &mut Vec<Excluded<'a>>) {
    let sites = &proving.cx.sets.sites;
    match sites.kind(site) {
        Kind::Item(_) | Kind::Group(_) => {}
        Kind::List(members) => {
            for member in members {
                collect(proving, member, found);
            }
        }
        Kind::Without { include, exclude } => {
            for part in [include, exclude].into_iter().flatten() {
                collect(proving, part, found);
            }
            // Whom a template includes is not known here.
            let side = include.map(|include| proving.side(sites.get(include).set));
            let is_static = side.is_none_or(|side| !side.has_templates());
            if let (Some(exclude), true) = (exclude, is_static) {
                let include = side.map_or(Sets::EVERYONE, |side| side.matched);
                let mut listed = Vec::new();
                items(proving, exclude, &mut listed);
                let listed = listed.into_iter();
                found.extend(listed.map(|listed| Excluded { listed, include }));
            }
        }
    }
}

/// An item of a list, and whom it matches.
pub(super) struct Listed<'a> {
    pub location: Location,
    pub item: &'a Item,
    pub set: SetId,
}

/// The items of a list of which it is known whom they match.
pub(super) fn items<'a>(proving: &Proving<'_, 'a>, site: SiteId, found: &mut Vec<Listed<'a>>) {
    let sites = &proving.cx.sets.sites;
    let place = sites.get(site);
    match (place.users, sites.kind(site)) {
        (UserSet::Item(item, _), _) => {
            let side = proving.side(place.set);
            if !side.has_templates() {
                found.push(Listed {
                    location: place.location(),
                    item,
                    set: side.matched,
                });
            }
        }
        (_, Kind::List(members)) => {
            for member in members {
                items(proving, member, found);
            }
        }
        _ => {}
    }
}
