//! Rule files: found, read into the rules as written, and every fault on the way as a finding.

pub mod files;
pub mod groups;
pub mod locate;
pub mod model;
mod names;
mod read;
mod rule;
mod shapes;
mod syntax;
mod user_set;
mod yaml;

pub use model::{About, Block, Interest, Item, Route, RuleFile, RuleSet, Side, UserSet, When};
pub use names::check_names;
pub use read::read_file;

use crate::finding::Finding;
use crate::source::Sources;

/// Reads rule files into one rule set, in their order, with every finding that reading them brings.
///
/// What a finding of severity error is about is missing from the rule set, so a set with errors must not be compiled.
///
/// ```
/// use presence_router::rules;
/// use presence_router::source::Sources;
///
/// let mut sources = Sources::default();
/// sources.add("rules.yaml", "routes:\n- {senders: all, recipient: '@a:example.org'}\n");
/// let (rule_set, findings) = rules::read(&sources);
///
/// assert_eq!(rule_set.files.len(), 1);
/// assert_eq!(findings[0].message, "unknown key `recipient` in a route");
/// ```
pub fn read(sources: &Sources) -> (RuleSet, Vec<Finding>) {
    let mut findings = Vec::new();
    let files = (sources.iter())
        .map(|(file, source)| read_file(file, source, &mut findings))
        .collect();
    let rule_set = RuleSet { files };
    check_names(&rule_set, &mut findings);
    (rule_set, findings)
}
