//! From a user to the sets that hold it.

use std::collections::{BTreeSet, HashMap};
use std::rc::Rc;

use super::build::without;
use super::{Holds, Kind, Node, Sets, Side};

/// The sets that judge a user otherwise than somebody who is named nowhere.
#[derive(Default)]
pub(super) struct Deviations {
    pub nodes: HashMap<Node, Holds>,
    pub routes: Vec<usize>,
    pub interests: Vec<usize>,
    pub blocks: Vec<usize>,
}

impl Sets<'_> {
    /// Whether a set holds a user.
    pub fn holds(&self, node: Node, user: &str) -> Holds {
        self.value(node, &self.look_up(user))
    }

    pub(super) fn value(&self, node: Node, user: &Deviations) -> Holds {
        let deviation = user.nodes.get(&node).copied();
        deviation.unwrap_or(self.nodes[node as usize].default)
    }

    /// Whether there were so many questions that the rest should not be asked.
    pub fn is_exhausted(&self) -> bool {
        self.budget.get() == 0
    }

    pub(super) fn take(&self, steps: usize) {
        self.budget.set(self.budget.get().saturating_sub(steps));
    }

    pub(super) fn look_up(&self, user: &str) -> Rc<Deviations> {
        if let Some(known) = self.known.borrow().get(user) {
            return Rc::clone(known);
        }
        let mut direct: HashMap<Node, Holds> = HashMap::new();
        let steps = self.patterns.find(user, |node, holds| {
            let before = direct.entry(node).or_insert(Holds::No);
            *before = holds.max(*before);
        });
        self.take(steps);
        // A node comes after all that it is made of, so the lowest one that is due can be decided.
        let mut due: BTreeSet<Node> = direct.keys().copied().collect();
        let mut user_is = Deviations::default();
        while let Some(node) = due.pop_first() {
            let data = &self.nodes[node as usize];
            let holds = match &data.kind {
                Kind::Union {
                    direct: items,
                    parts,
                } => {
                    self.take(parts.len());
                    let items = direct.get(&node).copied().unwrap_or(Holds::No).max(*items);
                    let parts = parts.iter().map(|part| self.value(*part, &user_is));
                    parts.fold(items, Holds::max)
                }
                Kind::Difference { include, exclude } => without(
                    self.value(*include, &user_is),
                    exclude.map(|exclude| self.value(exclude, &user_is)),
                ),
            };
            if holds == data.default {
                continue;
            }
            user_is.nodes.insert(node, holds);
            due.extend(&data.parents);
            self.take(1 + data.parents.len());
            match data.side {
                Some(Side::Route(route)) => user_is.routes.push(route),
                Some(Side::Interest(interest)) => user_is.interests.push(interest),
                Some(Side::Block(block)) => user_is.blocks.push(block),
                None => {}
            }
        }
        let user_is = Rc::new(user_is);
        let mut known = self.known.borrow_mut();
        known.insert(user.into(), Rc::clone(&user_is));
        user_is
    }
}
