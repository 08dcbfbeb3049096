//! `eaten-include`: an item under `include` that the `exclude` beside it takes out again.

use super::beside::{excludes, items};
use super::{Proving, written};
use crate::finding::{Code, Finding};
use crate::pattern::Pattern;

pub(super) fn check(proving: &mut Proving<'_, '_>) {
    // Nobody's name has a line break, which `.` leaves out.
    let breaks = Pattern::regex("(?s).*\n.*").expect("a valid expression");
    let breaks = proving.prover.sets.pattern(&breaks);
    for (include, exclude) in excludes(proving) {
        let place = proving.cx.sets.sites.get(exclude);
        let (exclude_at, side) = (place.location(), proving.side(place.set));
        // Whom a template leaves out is not known here.
        let (Some(include), false) = (include, side.has_templates()) else {
            continue;
        };
        let excluded = side.matched;
        let all = proving.prover.sets.union([excluded, breaks]);
        let included = items(proving, include);
        let mut eaten = Vec::new();
        for listed in &included {
            // Nobody is taken out where nobody is.
            if proving.is_known(&listed.location) || proving.prover.is_empty(listed.set) == Ok(true)
            {
                continue;
            }
            let left = proving.prover.is_within(listed.set, all);
            let left = left.map(|left| left.is_none());
            if let Some(true) = proving.answer(Code::EatenInclude, &listed.location, left) {
                let is_whole = proving.prover.is_within(listed.set, excluded) == Ok(None);
                eaten.push((listed, is_whole));
            }
        }
        // A set without anybody is told where it is used.
        let whole = proving.side(proving.cx.sets.sites.get(include).set);
        if !eaten.is_empty()
            && !whole.has_templates()
            && proving.prover.is_within(whole.matched, excluded) == Ok(None)
        {
            continue;
        }
        for (listed, is_whole) in eaten {
            let but = if is_whole {
                ""
            } else {
                ", but for names with a line break, which no account of today has"
            };
            let message = format!(
                "{} adds nobody: the `exclude` beside it takes all of them out{but}",
                written(listed.item)
            );
            proving.findings.push(
                Finding::new(Code::EatenInclude, listed.location, message)
                    .label(exclude_at, "taken out here")
                    .help("remove it, or add it beside this set: `[{include: …, exclude: …}, …]`"),
            );
        }
    }
}
