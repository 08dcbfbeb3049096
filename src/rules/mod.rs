//! Rule files: found, read into the rules as written, and every fault on the way as a finding.

mod asked;
mod at;
mod digest;
pub mod files;
mod found;
pub mod groups;
mod item;
pub(crate) mod keys;
pub mod model;
mod names;
pub mod open;
mod read;
pub(crate) mod reader;
pub(crate) mod rule;
mod set;
pub(crate) mod shapes;
mod slips;
mod syntax;
mod user_file;
pub(crate) mod user_set;
pub mod when;

pub use asked::read_users;
pub(crate) use asked::unknown_groups;
pub use at::At;
pub use digest::Digest;
pub(crate) use item::{with_word, word};
pub(crate) use keys::did_you_mean;
pub(crate) use model::SetOf;
pub use model::{About, Block, Interest, Route, RuleFile, RuleSet, Side};
pub(crate) use names::{check_names, missing_server_name};
pub(crate) use read::{only_of, read_file, read_yaml};
pub use set::{Item, Placed, UserSet};
pub(crate) use user_file::UserListBuilder;
pub use user_file::{Column, UserFile, UserList};
pub use when::When;

use crate::finding::{Finding, Severity};
use crate::source::Sources;

/// Reads rule files into one rule set, in their order, with every finding that reading them brings.
///
/// What could not be read is missing from the rule set, so one with errors cannot be compiled.
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
    read_for(sources, None)
}

/// The same, for rules that run on a homeserver which the files need not name, and which none may contradict.
pub fn read_for(sources: &Sources, server_name: Option<&str>) -> (RuleSet, Vec<Finding>) {
    let mut findings = Vec::new();
    let files = (sources.iter())
        .map(|(file, source)| read_file(file, source, &mut findings))
        .collect();
    let mut rule_set = RuleSet {
        files,
        server_name: server_name.map(str::to_owned),
        is_faulty: false,
        faults: Vec::new(),
    };
    check_names(&mut rule_set, sources, &mut findings);
    rule_set.note(&findings);
    (rule_set, findings)
}

impl RuleSet {
    /// How many routes, interests and blocks there are.
    pub fn count(&self) -> usize {
        let files = self.files.iter();
        files.map(|file| file.abouts().count()).sum()
    }

    /// Notes where errors are.
    pub(crate) fn note(&mut self, findings: &[Finding]) {
        let errors = (findings.iter()).filter(|finding| finding.severity == Severity::Error);
        self.faults.extend(errors.map(|finding| finding.location));
        self.is_faulty = !self.faults.is_empty();
    }
}
