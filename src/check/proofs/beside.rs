//! What stands under `include` and `exclude`, side by side.

use super::{Proving, UserSet};
use crate::finding::Location;
use crate::proofs::SetId;
use crate::rules::Item;
use crate::sets::{Kind, SiteId};

/// An item of a list, and whom it matches.
pub(super) struct Listed<'a> {
    pub(crate) location: Location,
    pub item: &'a Item,
    pub set: SetId,
}

/// Every `exclude` of all sets with the `include` beside it, if there is one, inner ones first.
pub(super) fn excludes(proving: &Proving<'_, '_>) -> Vec<(Option<SiteId>, SiteId)> {
    let mut found = Vec::new();
    for root in &proving.cx.sets.sites.rules.roots {
        collect(proving, *root, &mut found);
    }
    found
}

fn collect(proving: &Proving<'_, '_>, site: SiteId, found: &mut Vec<(Option<SiteId>, SiteId)>) {
    match proving.cx.sets.sites.kind(site) {
        Kind::Item(_) | Kind::Group(_) => {}
        Kind::List(members) | Kind::AllOf(members) => {
            for member in members {
                collect(proving, member, found);
            }
        }
        Kind::Without { include, exclude } => {
            for part in [include, exclude].into_iter().flatten() {
                collect(proving, part, found);
            }
            found.extend(exclude.map(|exclude| (include, exclude)));
        }
    }
}

/// The items of a list of which it is known whom they match.
pub(super) fn items<'a>(proving: &Proving<'_, 'a>, site: SiteId) -> Vec<Listed<'a>> {
    let mut found = Vec::new();
    add_items(proving, site, &mut found);
    found
}

fn add_items<'a>(proving: &Proving<'_, 'a>, site: SiteId, found: &mut Vec<Listed<'a>>) {
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
                add_items(proving, member, found);
            }
        }
        _ => {}
    }
}
