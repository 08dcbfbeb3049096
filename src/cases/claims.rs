//! Deciding claims: proofs, and not questions to the router.

use super::model::Case;
use super::outcome::{Failure, Mismatch};
use super::suite::Suite;
use crate::finding::Location;
use crate::key_path::KeyPath;
use crate::proofs::{Model, Property, Prover, RuleRef, decide};
use crate::router::RuleName;
use crate::rules::locate::places;
use crate::rules::{About, RuleFile};

/// The rules of a suite, as proofs see them.
pub(super) struct Claims<'s> {
    suite: &'s Suite,
    prover: Prover,
    model: Model,
}

impl<'s> Claims<'s> {
    /// For a suite whose rules have no errors.
    pub fn new(suite: &'s Suite) -> Self {
        let mut prover = Prover::default();
        let model = Model::new(&suite.rule_set, &mut prover.sets);
        Self {
            suite,
            prover,
            model,
        }
    }

    /// What keeps a claim from holding.
    pub fn failures(&mut self, case: &Case, property: &Property) -> Vec<Failure> {
        let Suite {
            rule_set, sources, ..
        } = self.suite;
        let decided = decide(rule_set, sources, &self.model, &mut self.prover, property);
        let mismatch = match decided {
            Ok(None) => return Vec::new(),
            Ok(Some(witness)) => Mismatch::Refuted {
                rules: witness.rules.iter().map(|rule| self.rule(*rule)).collect(),
                witness,
            },
            Err(undecided) => Mismatch::Undecided {
                reason: undecided.to_string(),
            },
        };
        let path = case.path.clone().key(case.exactly_key());
        vec![Failure { path, mismatch }]
    }

    /// "route `lobby` at rules.yaml:3:5".
    fn rule(&self, rule: RuleRef) -> String {
        let path = KeyPath::default().key(rule.list).item(rule.index);
        let location = Location::value(rule.file, path);
        let place = &places(&self.suite.sources, &[&location])[0];
        let file = self.suite.sources.get(rule.file).name();
        let rules = self.suite.rule_set.files.iter();
        let about = rules
            .filter(|rules| rules.file == rule.file)
            .find_map(|rules| about(rules, rule));
        let name = about.map_or_else(String::new, |about| {
            format!("`{}` ", RuleName::of(about, rule.list, file))
        });
        let kind = rule.list.trim_end_matches('s');
        format!("{kind} {name}at {file}:{}:{}", place.line, place.column)
    }
}

fn about(rules: &RuleFile, rule: RuleRef) -> Option<&About> {
    let routes = rules.routes.iter().map(|route| ("routes", &route.about));
    let interests = (rules.interests.iter()).map(|interest| ("interests", &interest.about));
    let blocks = rules.blocks.iter().map(|block| ("blocks", &block.about));
    let mut all = routes.chain(interests).chain(blocks);
    let found = all.find(|(list, about)| *list == rule.list && about.index == rule.index);
    found.map(|(_, about)| about)
}
