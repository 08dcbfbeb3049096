//! `eaten-include`: an item under `include` that the `exclude` beside it takes out again.

use super::needless_exclude::{Listed, items};
use super::{Proving, SideReader, UserSet, written};
use crate::finding::{Code, Finding, Location};
use crate::proofs::SetId;
use crate::source::FileId;

/// An `include` beside an `exclude`.
struct Beside<'a> {
    items: Vec<Listed<'a>>,
    exclude: SetId,
    exclude_at: Location,
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
    for beside in found {
        let mut eaten = Vec::new();
        for listed in &beside.items {
            if proving.is_known(&listed.location) {
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

fn collect<'a>(
    reader: &mut SideReader<'_>,
    file: FileId,
    users: &'a UserSet,
    found: &mut Vec<Beside<'a>>,
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
            for part in [include, exclude].into_iter().flatten() {
                collect(reader, file, part, found);
            }
            if let (Some(include), Some(exclude)) = (include, exclude) {
                let side = reader.side(exclude);
                // Whom a template leaves out is not known here.
                if !side.has_templates() {
                    let mut listed = Vec::new();
                    items(reader, file, include, &mut listed);
                    found.push(Beside {
                        items: listed,
                        exclude: side.matched,
                        exclude_at: Location::part(file, exclude.at().whole),
                    });
                }
            }
        }
    }
}
