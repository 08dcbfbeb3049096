//! `allow`: what a rule says of the findings on itself.

use crate::finding::{Code, Finding, Location, Severity, Target};
use crate::rules::model::Allowed;
use crate::rules::{About, RuleSet};
use crate::source::FileId;

use super::proofs::CODES;

/// A rule that allows something.
struct Rule<'a> {
    file: FileId,
    about: &'a About,
    /// Whether each of its `allow`s had something to do.
    used: Vec<bool>,
}

/// Takes away the findings that their rule allows, and reports the `allow`s that had nothing to do.
/// `are_proven` says whether all checks by proof came to their end.
pub(super) fn apply(rule_set: &RuleSet, findings: &mut Vec<Finding>, are_proven: bool) {
    let mut rules: Vec<_> = (rule_set.files.iter())
        .flat_map(|rules| rules.abouts().map(|about| (rules.file, about)))
        .filter(|(_, about)| !about.allow.is_empty())
        .map(|(file, about)| Rule {
            file,
            about,
            used: vec![false; about.allow.len()],
        })
        .collect();
    if rules.is_empty() {
        return;
    }
    rules.sort_by_key(|rule| (rule.file, rule.about.at));
    findings.retain(|finding| {
        let (file, span) = (finding.location.file, finding.location.span());
        let after =
            rules.partition_point(|rule| (rule.file, rule.about.at.start) <= (file, span.start));
        let rule = after.checked_sub(1).map(|at| &mut rules[at]);
        let Some(rule) = rule.filter(|rule| {
            finding.severity < Severity::Error
                && finding.location.target != Target::File
                && rule.file == file
                && rule.about.at.contains(span)
        }) else {
            return true;
        };
        let allowed = rule.about.allow.iter().zip(&mut rule.used);
        let mut is_allowed = false;
        for (_, used) in allowed.filter(|(allowed, _)| allowed.code == finding.code) {
            *used = true;
            is_allowed = true;
        }
        !is_allowed
    });
    // Checks that conclude from what is missing say nothing of faulty rules, so nothing can be said of their `allow`s.
    if rule_set.is_faulty {
        return;
    }
    let is_decided = |code| are_proven || !CODES.contains(&code);
    for rule in rules {
        for (Allowed { code, at, .. }, used) in rule.about.allow.iter().zip(rule.used) {
            if !used
                && !depends_on_more(*code)
                && is_decided(*code)
                && !rule.about.allows(Code::UnusedAllow)
            {
                let message = format!("`{code}` is allowed, and there is nothing to allow");
                let location = Location::part(rule.file, *at);
                findings.push(
                    Finding::new(Code::UnusedAllow, location, message)
                        .help("remove this line, so that it cannot hide a finding to come"),
                );
            }
        }
    }
}

/// Whether it takes more than the rules to say whether a code is found: a rule set may be checked with and without known
/// users, with and without what is found on request, and its `allow` has to fit all of these.
fn depends_on_more(code: Code) -> bool {
    code.is_on_request()
        || matches!(
            code,
            Code::UnusedAllow | Code::NeedsKnownUsers | Code::MatchesNobody | Code::DeactivatedUser
        )
}
