//! Deciding claims: proofs, and not questions to the router.

use super::model::Case;
use super::outcome::{Failure, Mismatch};
use super::suite::Suite;
use crate::loading::Rules;
use crate::proofs::{Model, Property, Prover, RuleRef, decide};
use crate::router::RuleName;

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
        let model = Model::new(&suite.rules.rule_set, &mut prover.sets);
        Self {
            suite,
            prover,
            model,
        }
    }

    /// What keeps a claim from holding.
    pub(crate) fn failures(&mut self, case: &Case, property: &Property) -> Vec<Failure> {
        let Rules {
            rule_set, sources, ..
        } = &self.suite.rules;
        let decided = decide(rule_set, sources, &self.model, &mut self.prover, property);
        let mismatch = match decided {
            Ok(None) => return Vec::new(),
            Ok(Some(witness)) => Mismatch::Refuted {
                rules: self.named(&witness.rules),
                witness,
            },
            Err(undecided) => Mismatch::Undecided {
                reason: undecided.to_string(),
            },
        };
        let at = case.subject_at;
        vec![Failure { at, mismatch }]
    }

    /// The rules as "route `lobby` at rules.yaml:3:5".
    fn named(&self, rules: &[RuleRef]) -> Vec<String> {
        let Rules {
            rule_set, sources, ..
        } = &self.suite.rules;
        let named = rules.iter().map(|rule| {
            let place = rule.location().place(sources);
            let file = sources.get(rule.file).name();
            let name = rule.about(rule_set).map_or_else(String::new, |about| {
                format!("`{}` ", RuleName::of(about, rule.list, file))
            });
            let kind = rule.kind();
            format!("{kind} {name}at {file}:{}:{}", place.line, place.column)
        });
        named.collect()
    }
}
