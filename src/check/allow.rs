//! `allow`: what a rule says of the findings on itself.

use std::collections::HashMap;

use crate::finding::{Code, Finding, Location, Severity, Target};
use crate::key_path::{KeyPath, Step};
use crate::rules::{About, RuleSet};
use crate::source::FileId;

use super::proofs::CODES;

/// A rule, by its file, its list and its place there.
type Rule = (FileId, &'static str, usize);

/// Takes away the findings that their rule allows, and reports the `allow`s that had nothing to do.
/// `are_proven` says whether all checks by proof came to their end.
pub(super) fn apply(rule_set: &RuleSet, findings: &mut Vec<Finding>, are_proven: bool) {
    let mut used: HashMap<(Rule, Code), bool> = HashMap::new();
    for_each_rule(rule_set, |rule, about| {
        for (code, _) in &about.allow {
            used.insert((rule, *code), false);
        }
    });
    if used.is_empty() {
        return;
    }
    findings.retain(|finding| {
        let allowed = rule_of(&finding.location)
            .filter(|_| finding.severity < Severity::Error)
            .and_then(|rule| used.get_mut(&(rule, finding.code)));
        match allowed {
            Some(used) => {
                *used = true;
                false
            }
            None => true,
        }
    });
    // Checks that conclude from what is missing say nothing of faulty rules, so nothing can be said of their `allow`s.
    if rule_set.is_faulty {
        return;
    }
    let is_decided = |code| are_proven || !CODES.contains(&code);
    let unused = |rule, code| {
        used.get(&(rule, code)) == Some(&false) && !depends_on_more(code) && is_decided(code)
    };
    for_each_rule(rule_set, |rule, about| {
        let keeps_unused = about.allows(Code::UnusedAllow);
        for (code, _) in &about.allow {
            if unused(rule, *code) && !keeps_unused {
                let path = KeyPath::default().key(rule.1).item(rule.2);
                let path = path.key("allow").key(code.name());
                let message = format!("`{code}` is allowed, and there is nothing to allow");
                findings.push(
                    Finding::new(Code::UnusedAllow, Location::key(rule.0, path), message)
                        .help("remove this line, so that it cannot hide a finding to come"),
                );
            }
        }
    });
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

fn for_each_rule(rule_set: &RuleSet, mut each: impl FnMut(Rule, &About)) {
    for rules in &rule_set.files {
        let routes = rules.routes.iter().map(|rule| ("routes", &rule.about));
        let interests = rules
            .interests
            .iter()
            .map(|rule| ("interests", &rule.about));
        let blocks = rules.blocks.iter().map(|rule| ("blocks", &rule.about));
        for (list, about) in routes.chain(interests).chain(blocks) {
            each((rules.file, list, about.index), about);
        }
    }
}

/// The rule that a finding is about, if it is about one.
fn rule_of(location: &Location) -> Option<Rule> {
    let (Target::Key(path) | Target::Value(path) | Target::Inside(path, _)) = &location.target
    else {
        return None;
    };
    match path.steps() {
        [Step::Key { name, .. }, Step::Item(index), ..] => {
            let lists = ["routes", "interests", "blocks"];
            let list = lists.into_iter().find(|list| list == name)?;
            Some((location.file, list, *index as usize))
        }
        _ => None,
    }
}
