//! The groups of all files by name, and which of them contain which.

use std::collections::HashMap;

use super::model::RuleSet;
use super::set::{Item, UserSet};
use crate::finding::Location;
use crate::source::{FileId, Span};

/// How deep groups may be nested. Nobody writes such rules by hand, and going through them takes stack.
pub(crate) const MAX_DEPTH: usize = 100;

/// Every group of a rule set. Of several definitions of a name, the first counts.
pub(crate) struct Groups<'a> {
    /// The groups, file by file.
    pub all: Vec<DefinedGroup<'a>>,
    by_name: HashMap<&'a str, usize>,
}

/// A group where it is defined.
pub(crate) struct DefinedGroup<'a> {
    /// Its name.
    pub name: &'a str,
    /// The file that defines it.
    pub file: FileId,
    /// Where its name is written there.
    pub key: Span,
    /// Its users.
    pub users: &'a UserSet,
    /// Who they are, if that is said.
    pub(crate) description: Option<&'a str>,
}

impl DefinedGroup<'_> {
    /// The place of its name.
    pub(crate) fn location(&self) -> Location {
        Location::part(self.file, self.key)
    }
}

/// Groups that contain each other, from each to the next, and from the last to the first again.
pub(crate) type Cycle = Vec<usize>;

impl<'a> Groups<'a> {
    /// Collects the groups of a rule set.
    pub fn new(rule_set: &'a RuleSet) -> Self {
        let mut all = Vec::new();
        let mut by_name = HashMap::new();
        for rules in &rule_set.files {
            for (name, group) in &rules.groups {
                by_name.entry(&**name).or_insert(all.len());
                all.push(DefinedGroup {
                    name,
                    file: rules.file,
                    key: group.key,
                    users: &group.users,
                    description: group.description.as_deref(),
                });
            }
        }
        Self { all, by_name }
    }

    /// The place in [`Self::all`] of the group of this name.
    pub(crate) fn index_of(&self, name: &str) -> Option<usize> {
        self.by_name.get(name).copied()
    }

    /// An order in which each group comes after those that it contains, and the cycles that leave no such order.
    ///
    /// Groups may be nested as deep as there are groups, so this keeps its own stack.
    pub(crate) fn order(&self) -> (Vec<usize>, Vec<Cycle>) {
        #[derive(Clone, Copy, PartialEq)]
        enum Visit {
            Unseen,
            Open,
            Done,
        }
        let contained: Vec<Vec<usize>> = (self.all.iter())
            .map(|group| self.contained_in(group.users))
            .collect();
        let mut visits = vec![Visit::Unseen; self.all.len()];
        let (mut order, mut cycles) = (Vec::new(), Vec::new());
        for start in 0..self.all.len() {
            if visits[start] != Visit::Unseen {
                continue;
            }
            // The groups that are open, each with how many of those it contains were looked at.
            let mut stack = vec![(start, 0)];
            visits[start] = Visit::Open;
            while let Some((group, next)) = stack.last_mut() {
                let Some(&inner) = contained[*group].get(*next) else {
                    visits[*group] = Visit::Done;
                    order.push(*group);
                    stack.pop();
                    continue;
                };
                *next += 1;
                match visits[inner] {
                    Visit::Unseen => {
                        visits[inner] = Visit::Open;
                        stack.push((inner, 0));
                    }
                    Visit::Open => {
                        let open = stack.iter().map(|(group, _)| *group);
                        cycles.push(open.skip_while(|group| *group != inner).collect());
                    }
                    Visit::Done => {}
                }
            }
        }
        (order, cycles)
    }

    /// The first group, in an order as [`Self::order`] gives it, that is nested deeper than [`MAX_DEPTH`].
    pub(crate) fn too_deep(&self, order: &[usize]) -> Option<usize> {
        let mut depths = vec![0; self.all.len()];
        for &group in order {
            let inner = self.contained_in(self.all[group].users);
            let deepest = inner.into_iter().map(|inner| depths[inner]).max();
            depths[group] = deepest.map_or(0, |depth| depth + 1);
            if depths[group] > MAX_DEPTH {
                return Some(group);
            }
        }
        None
    }

    fn contained_in(&self, users: &UserSet) -> Vec<usize> {
        let mut contained = Vec::new();
        users.items(&mut |item| {
            if let Item::Group(name) = item {
                contained.extend(self.index_of(name));
            }
        });
        contained.sort_unstable();
        contained.dedup();
        contained
    }
}
