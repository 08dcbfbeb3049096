//! `needless-exclude`: an item under `exclude` that meets nobody of `include`.

use super::{Proving, SideReader, UserSet, written};
use crate::finding::{Code, Finding, Location};
use crate::proofs::{SetId, Sets};
use crate::rules::Item;
use crate::source::FileId;

/// An item under `exclude`.
struct Excluded<'a> {
    listed: Listed<'a>,
    include: SetId,
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
                let mut listed = Vec::new();
                items(reader, file, exclude, &mut listed);
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
pub(super) fn items<'a>(
    reader: &mut SideReader<'_>,
    file: FileId,
    users: &'a UserSet,
    found: &mut Vec<Listed<'a>>,
) {
    match users {
        UserSet::Item(item, at) => {
            let side = reader.side(users);
            if !side.has_templates() {
                found.push(Listed {
                    location: Location::part(file, at.whole),
                    item,
                    set: side.matched,
                });
            }
        }
        UserSet::Union(members, _) => {
            for member in members {
                items(reader, file, member, found);
            }
        }
        UserSet::Difference { .. } => {}
    }
}
