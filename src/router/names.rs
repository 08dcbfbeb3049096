//! What messages call the rules.

use std::fmt;
use std::sync::Arc;

use crate::rules::About;

/// What messages call a rule: its name, or its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RuleName {
    /// The name that the rule gives itself.
    Given(Box<str>),
    /// `FILE#routes[0]`.
    Place {
        /// The file, as messages name it.
        file: Arc<str>,
        /// The list: `routes`, `interests`.
        list: &'static str,
        /// The index in the list.
        index: usize,
    },
}

impl RuleName {
    /// What to call a rule of the list `list`, by what it says of itself.
    pub fn of(about: &About, list: &'static str, file: &str) -> Self {
        match &about.name {
            Some(name) => Self::Given(name.as_str().into()),
            None => Self::Place {
                file: file.into(),
                list,
                index: about.index,
            },
        }
    }
}

impl fmt::Display for RuleName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Given(name) => f.write_str(name),
            Self::Place { file, list, index } => write!(f, "{file}#{list}[{index}]"),
        }
    }
}

/// The names of all rules of one kind, by their numbers. Rules without a name take no memory.
#[derive(Debug)]
pub(super) struct Names {
    list: &'static str,
    /// Each file, and the number of its first rule.
    files: Vec<(u32, Arc<str>)>,
    given: Vec<(u32, Box<str>)>,
    rules: u32,
}

impl Names {
    pub fn new(list: &'static str) -> Self {
        Self {
            list,
            files: Vec::new(),
            given: Vec::new(),
            rules: 0,
        }
    }

    /// Adds the rules of the next file. Each stands at its index, since a rule set with errors is not compiled.
    pub fn add_file<'a>(&mut self, file: &str, rules: impl Iterator<Item = &'a About>) {
        self.files.push((self.rules, file.into()));
        for about in rules {
            if let Some(name) = &about.name {
                self.given.push((self.rules, name.as_str().into()));
            }
            self.rules += 1;
        }
    }

    pub fn get(&self, rule: u32) -> RuleName {
        let given = self.given.binary_search_by_key(&rule, |(of, _)| *of);
        if let Ok(at) = given {
            return RuleName::Given(self.given[at].1.clone());
        }
        let after = self.files.partition_point(|(first, _)| *first <= rule);
        let (first, file) = &self.files[after - 1];
        RuleName::Place {
            file: Arc::clone(file),
            list: self.list,
            index: (rule - first) as usize,
        }
    }
}
