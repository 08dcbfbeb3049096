//! `needless-exclude`: an item under `exclude` that meets nobody of `include`.

use super::beside::{Listed, excludes, items};
use super::{Proving, written};
use crate::finding::{Code, Finding, Fix};
use crate::proofs::Sets;

pub(super) fn check(proving: &mut Proving<'_, '_>) {
    let mut found = Vec::new();
    for (include, exclude) in excludes(proving) {
        let include = include.map(|include| proving.side(proving.cx.sets.sites.get(include).set));
        // Whom a template includes is not known here.
        if include.is_none_or(|include| !include.has_templates()) {
            let include = include.map_or(Sets::EVERYONE, |include| include.matched);
            let listed = items(proving, exclude).into_iter();
            found.extend(listed.map(|listed| (listed, include)));
        }
    }
    for (listed, include) in found {
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
            let finding = Finding::new(Code::NeedlessExclude, location, message);
            proving.findings.push(if include == Sets::EVERYONE {
                finding.help(
                    "correct it if it has a slip; without any `exclude`, this is everyone, and whoever is to see \
                     everyone is answered ALL",
                )
            } else {
                finding
                    .help("remove it, or correct it if it has a slip")
                    .fix(Fix::remove(location))
            });
        }
    }
}
