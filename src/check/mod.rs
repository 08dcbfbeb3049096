//! What can be said of a rule set that can be read: warnings and notes, one file for each.
//!
//! Errors come from reading; nothing here is one. A rule's own `allow` silences a finding on it.

mod needs_directory;
mod unknown_state;

use crate::finding::Finding;
use crate::rules::RuleSet;
use crate::rules::locate::places;
use crate::source::Sources;

/// Every finding on the rules as written. `has_directory` tells whether there will be known users.
pub fn check(rule_set: &RuleSet, has_directory: bool) -> Vec<Finding> {
    let mut findings = Vec::new();
    unknown_state::check(rule_set, &mut findings);
    if !has_directory {
        needs_directory::check(rule_set, &mut findings);
    }
    findings
}

/// Puts findings into the order in which they are read: by file, then by place.
pub fn sort(findings: &mut [Finding], sources: &Sources) {
    let locations: Vec<_> = findings.iter().map(|finding| &finding.location).collect();
    let starts: Vec<_> = (places(sources, &locations).into_iter())
        .map(|place| place.range.start)
        .collect();
    let mut keyed: Vec<_> = (findings.iter().cloned().zip(starts))
        .map(|(finding, start)| ((finding.location.file, start, finding.code), finding))
        .collect();
    keyed.sort_by_key(|(one, _)| *one);
    for (slot, (_, finding)) in findings.iter_mut().zip(keyed) {
        *slot = finding;
    }
}
