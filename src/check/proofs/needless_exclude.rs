//! `needless-exclude`: an item under `exclude` that meets nobody of `include`.

use super::{Proving, SideReader, UserSet, written};
use crate::finding::{Code, Finding, Location};
use crate::proofs::{SetId, Sets};
use crate::rules::Item;
use crate::source::FileId;

/// An item under `exclude`.
struct Excluded<'a> {
    location: Location,
    item: &'a Item,
    include: SetId,
    set: SetId,
}

pub(super) fn check(proving: &mut Proving<'_, '_>) {
    let mut found = Vec::new();
    {
        let mut reader = SideReader::new(proving.cx.groups, &mut proving.prover.sets);
        for rules in &proving.cx.rule_set.files {
            for users in rules.sets() {
                collect(&mut reader, rules.file, users, &mut found);
            }
        }
    }
    for Excluded {
        location,
        item,
        include,
        set,
    } in found
    {
        if proving.is_known(&location) {
            continue;
        }
        let both = proving.prover.sets.intersection(include, set);
        let is_empty = proving.prover.is_empty(both);
        if let Some(true) = proving.answer(Code::NeedlessExclude, &location, is_empty) {
            let message = format!(
                "{} leaves nobody out: none of them is included",
                written(item)
            );
            proving.findings.push(
                Finding::new(Code::NeedlessExclude, location, message)
                    .help("remove it, or correct it if it has a slip"),
            );
        }
    }
}

fn collect<'a>(
    reader: &mut SideReader<'_>,
    file: FileId,
    users: &'a UserSet,
    found: &mut Vec<Excluded<'a>>,
) {
    match users {
        UserSet::Item(..) => {}
        UserSet::Union(members, _) => {
            for member in members {
                collect(reader, file, member, found);
            }
        }
        UserSet::Difference {
            include, exclude, ..
        } => {
            let side = include.as_deref().map(|include| reader.side(include));
            for part in [include, exclude].into_iter().flatten() {
                collect(reader, file, part, found);
            }
            // Whom a template includes is not known here.
            let is_static = side.as_ref().is_none_or(|side| !side.has_templates());
            if let (Some(exclude), true) = (exclude, is_static) {
                let include = side.as_ref().map_or(Sets::EVERYONE, |side| side.matched);
                items(reader, file, exclude, include, found);
            }
        }
    }
}

/// The items of a list under `exclude`.
fn items<'a>(
    reader: &mut SideReader<'_>,
    file: FileId,
    users: &'a UserSet,
    include: SetId,
    found: &mut Vec<Excluded<'a>>,
) {
    match users {
        UserSet::Item(item, at) => {
            let side = reader.side(users);
            if !side.has_templates() {
                found.push(Excluded {
                    location: Location::part(file, at.whole),
                    item,
                    include,
                    set: side.matched,
                });
            }
        }
        UserSet::Union(members, _) => {
            for member in members {
                items(reader, file, member, include, found);
            }
        }
        UserSet::Difference { .. } => {}
    }
}
