//! From the rules that match to those who receive something, for engines that answer with the numbers of rules.

use std::collections::BTreeSet;

use crate::rule::{Rule, recipient_name};

/// The recipients of each rule, and those of the last answer.
pub struct Recipients {
    of_rules: Vec<usize>,
    found: Vec<usize>,
}

impl Recipients {
    pub fn of(rules: &[Rule]) -> Self {
        Self {
            of_rules: rules.iter().map(|rule| rule.recipient).collect(),
            found: Vec::new(),
        }
    }

    /// The recipients of these rules, each once.
    pub fn of_matched(&mut self, rules: impl Iterator<Item = usize>) -> &[usize] {
        self.found.clear();
        self.found.extend(rules.map(|rule| self.of_rules[rule]));
        self.found.sort_unstable();
        self.found.dedup();
        &self.found
    }

    /// The recipients of the last answer by name.
    pub fn names(&self) -> BTreeSet<String> {
        self.found
            .iter()
            .map(|found| recipient_name(*found))
            .collect()
    }
}
