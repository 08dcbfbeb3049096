//! `eaten-include`: an item under `include` that the `exclude` beside it takes out again.

use super::needless_exclude::{Listed, items};
use super::{Proving, written};
use crate::finding::{Code, Finding, Location};
use crate::proofs::SetId;
use crate::sets::{Kind, SiteId};

/// An `include` beside an `exclude`.
struct Beside<'a> {
    items: Vec<Listed<'a>>,
    exclude: SetId,
    exclude_at: Location,
}

pub(super) fn check(proving: &mut Proving<'_, '_>) {
    let mut found = Vec::new();
    for root in &proving.cx.sets.sites.rules.roots {
        collect(proving, *root, &mut found);
    }
    for beside in found {
        let mut eaten = Vec::new();
        for listed in &beside.items {
            // Nobody is taken out where nobody is.
            if proving.is_known(&listed.location) || proving.prover.is_empty(listed.set) == Ok(true)
            {
                continue;
            }
            let left = proving.prover.is_within(listed.set, beside.exclude);
            let left = left.map(|left| left.is_none());
            if let Some(true) = proving.answer(Code::EatenInclude, &listed.location, left) {
                eaten.push(listed);
            }
        }
        // A set without anybody is told where it is used.
        if eaten.len() == beside.items.len() {
            continue;
        }
        for listed in eaten {
            let message = format!(
                "{} adds nobody: the `exclude` beside it takes all of them out",
                written(listed.item)
            );
            proving.findings.push(
                Finding::new(Code::EatenInclude, listed.location, message)
                    .label(beside.exclude_at, "taken out here")
                    .help("remove it, or add it beside this set: `[{include: …, exclude: …}, …]`"),
            );
        }
    }
}

fn collect<'a>(proving: &Proving<'_, 'a>, site: SiteId, found: &mut Vec<Beside<'a>>) {
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
            if let (Some(include), Some(exclude)) = (include, exclude) {
                let place = sites.get(exclude);
                let side = proving.side(place.set);
                // Whom a template leaves out is not known here.
                if !side.has_templates() {
                    let mut listed = Vec::new();
                    items(proving, include, &mut listed);
                    found.push(Beside {
                        items: listed,
                        exclude: side.matched,
                        exclude_at: place.location(),
                    });
                }
            }
        }
    }
}
