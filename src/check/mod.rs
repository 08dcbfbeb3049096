//! What can be said of a rule set that can be read: warnings and notes, one file for each.
//!
//! Errors come from reading; nothing here is one. A rule's own `allow` silences a finding on it.

mod allow;
mod bracket_in_glob;
mod duplicate_pattern;
mod glob_text;
mod ipv6_as_glob;
mod lists;
mod lookalike_server;
mod needless_glob;
mod needless_regex;
mod needs_directory;
mod pattern_text;
mod redundant_anchor;
mod regex_text;
mod subsumed_pattern;
mod unescaped_dot;
mod unknown_state;
mod unused_group;
mod uppercase_localpart;

use crate::directory::Directory;
use crate::finding::Finding;
use crate::rules::RuleSet;
use crate::rules::groups::Groups;
use crate::rules::locate::places;
use crate::source::Sources;

/// What checks look at.
struct Context<'a> {
    rule_set: &'a RuleSet,
    groups: Groups<'a>,
    /// The groups, each after those that it contains; those on a cycle may be missing or come too early.
    group_order: Vec<usize>,
    directory: Option<&'a Directory>,
    /// The homeserver that the rules run on, where a file says so.
    server_name: Option<&'a str>,
}

/// Every finding on the rules as written. `directory` holds the known users, if there will be any.
pub fn check(rule_set: &RuleSet, directory: Option<&Directory>) -> Vec<Finding> {
    let groups = Groups::new(rule_set);
    let cx = Context {
        rule_set,
        group_order: groups.order().0,
        groups,
        directory,
        server_name: (rule_set.files.iter()).find_map(|rules| rules.server_name.as_deref()),
    };
    let mut findings = Vec::new();
    for check in CHECKS {
        check(&cx, &mut findings);
    }
    allow::apply(rule_set, &mut findings);
    findings
}

/// All checks. Their order does not matter: findings are sorted by their place.
const CHECKS: &[fn(&Context<'_>, &mut Vec<Finding>)] = &[
    bracket_in_glob::check,
    duplicate_pattern::check,
    ipv6_as_glob::check,
    lookalike_server::check,
    needless_glob::check,
    needless_regex::check,
    needs_directory::check,
    redundant_anchor::check,
    subsumed_pattern::check,
    unescaped_dot::check,
    unknown_state::check,
    unused_group::check,
    uppercase_localpart::check,
];

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
