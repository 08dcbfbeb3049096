//! Users of sets who are found without a walk through automata. Most questions are answered so.

use std::rc::Rc;

use crate::automata::Undecided;

use super::prover::Prover;
use super::sets::{Set, SetId};

/// So many steps are made to see something plainly.
const MOST_STEPS: usize = 32;

impl Prover {
    /// Whether nobody is in a set. It is answered sooner than who is.
    ///
    /// # Errors
    ///
    /// If the budget does not suffice to tell.
    pub fn is_empty(&mut self, set: SetId) -> Result<bool, Undecided> {
        Ok(self.any(set).is_none() && self.find(set)?.is_none())
    }

    /// A user of a set, whoever it is, where that is plain to see.
    pub(super) fn any(&mut self, set: SetId) -> Option<Rc<str>> {
        self.any_within(set, &mut { MOST_STEPS })
    }

    fn any_within(&mut self, set: SetId, steps: &mut usize) -> Option<Rc<str>> {
        *steps = steps.checked_sub(1)?;
        if let Some(Ok(found)) = self.known.get(&set) {
            return found.clone();
        }
        match self.sets.get(set).clone() {
            Set::Union(parts) => parts.iter().find_map(|part| self.any_within(*part, steps)),
            Set::Intersection(one, other) => {
                let sides = [(one, other), (other, one)];
                sides.into_iter().find_map(|(one, other)| {
                    let any = self.any_within(one, steps);
                    any.filter(|user| self.sets.holds(other, user))
                })
            }
            Set::Difference(include, exclude) => {
                let any = self.any_within(include, steps);
                any.filter(|user| !self.sets.holds(exclude, user))
            }
            // What is asked about one pattern is asked again.
            Set::Nobody | Set::Everyone | Set::Users(_) | Set::Pattern(_) => self.find(set).ok()?,
        }
    }

    /// The user whom [`Prover::find`] finds, where that is plain to see.
    pub(super) fn best(&mut self, set: SetId) -> Option<Rc<str>> {
        self.best_within(set, &mut { MOST_STEPS })
    }

    fn best_within(&mut self, set: SetId, steps: &mut usize) -> Option<Rc<str>> {
        *steps = steps.checked_sub(1)?;
        match *self.sets.get(set) {
            Set::Pattern(automaton) => {
                let servers = self.sets.bounds(set).servers?;
                let server = servers.first()?;
                self.sets.automata.best(automaton, server).map(Into::into)
            }
            // The best of all of them is the best of some, if it is one of these.
            Set::Intersection(one, other) => {
                let sides = [(one, other), (other, one)];
                sides.into_iter().find_map(|(one, other)| {
                    let best = self.best_within(one, steps);
                    best.filter(|user| self.sets.holds(other, user))
                })
            }
            Set::Difference(include, exclude) => {
                let best = self.best_within(include, steps);
                best.filter(|user| !self.sets.holds(exclude, user))
            }
            Set::Nobody | Set::Everyone | Set::Users(_) | Set::Union(_) => None,
        }
    }
}
