//! Of one cause one finding: an ID that has a slip in it is not known either, and to say so twice helps nobody.

use std::collections::{BTreeMap, BTreeSet};

use crate::finding::{Code, Finding};
use crate::source::{FileId, Span};

/// What may be wrong with an item, as such. Of several of these, the first says it best.
const CAUSES: [Code; 8] = [
    Code::HiddenCharacter,
    Code::OtherNotation,
    Code::Ipv6AsGlob,
    Code::ServerNameForm,
    Code::UppercaseLocalpart,
    Code::DeactivatedUser,
    Code::DeadPattern,
    Code::UnknownState,
];

/// What follows from that.
const CONSEQUENCES: [Code; 8] = [
    Code::AnyServer,
    Code::IdleBlock,
    Code::UnknownUser,
    Code::MatchesNobody,
    Code::NeedlessGlob,
    Code::NeedlessRegex,
    Code::NeedlessExclude,
    // The unknown state may have been meant for it.
    Code::OfflineNotRouted,
];

/// What follows from a rule that does nothing.
const OF_DEAD_RULES: [Code; 4] = [
    Code::AllNarrows,
    Code::AllWithoutRoute,
    Code::InterestWithoutRoute,
    Code::RouteWithoutInterest,
];

/// What follows from a user, or users, who are not there.
const OF_UNKNOWN: [Code; 2] = [Code::IdleBlock, Code::NeedlessExclude];

/// Leaves out the findings that follow from others, and from the rules that do nothing.
pub(super) fn only(findings: &mut Vec<Finding>, dead: &BTreeSet<(FileId, Span)>) {
    findings.retain(|finding| !OF_DEAD_RULES.contains(&finding.code) || !is_in(finding, dead));
    let unknown: BTreeSet<_> = (findings.iter())
        .filter(|finding| matches!(finding.code, Code::UnknownUser | Code::MatchesNobody))
        .map(place)
        .collect();
    findings.retain(|finding| !OF_UNKNOWN.contains(&finding.code) || !has_one(finding, &unknown));
    let rank = |code: Code| CAUSES.iter().position(|cause| *cause == code);
    // Where something is wrong, and the best of what is said of it.
    let mut causes: BTreeMap<(FileId, Span), usize> = BTreeMap::new();
    for finding in &*findings {
        if let Some(rank) = rank(finding.code) {
            let best = causes.entry(place(finding)).or_insert(rank);
            *best = rank.min(*best);
        }
    }
    findings.retain(|finding| {
        let own = match rank(finding.code) {
            None if !CONSEQUENCES.contains(&finding.code) => return true,
            rank => rank.unwrap_or(CAUSES.len()),
        };
        let (file, span) = place(finding);
        let from = Span { end: 0, ..span };
        let within = causes.range((file, from)..);
        let mut within =
            within.take_while(|((in_file, cause), _)| *in_file == file && span.contains(*cause));
        within.all(|(_, cause)| *cause >= own)
    });
}

/// Whether a finding is in one of some rules, which do not overlap.
fn is_in(finding: &Finding, rules: &BTreeSet<(FileId, Span)>) -> bool {
    let (file, span) = place(finding);
    let until = Span {
        end: u32::MAX,
        ..span
    };
    let last = rules.range(..=(file, until)).next_back();
    last.is_some_and(|(of, rule)| *of == file && rule.contains(span))
}

/// Whether something is in the place of a finding.
fn has_one(finding: &Finding, places: &BTreeSet<(FileId, Span)>) -> bool {
    let (file, span) = place(finding);
    let from = Span { end: 0, ..span };
    let first = places.range((file, from)..).next();
    first.is_some_and(|(of, place)| *of == file && span.contains(*place))
}

fn place(finding: &Finding) -> (FileId, Span) {
    (finding.location.file, finding.location.span())
}
