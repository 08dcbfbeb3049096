//! Products: all pairs of a user of one set with a user of another, as far as templates do not decide about them.

use std::hash::{Hash, Hasher};
use std::rc::Rc;

use crate::pattern::Template;

use super::sets::{SetId, Sets};
use super::side::{Except, Side, leaves_out, make};

/// All pairs of a user of the one set with a user of the other; with a template only those of whom it makes the one from
/// the other.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Pairs {
    /// The first of each pair.
    pub from: SetId,
    /// The second.
    pub to: SetId,
    /// What makes the one from the other.
    pub made: Option<Made>,
    /// What leaves some pairs out, one by one.
    pub except: Option<LeftOut>,
}

/// Pairs that are left out: the user on one side is in a set that depends on the user on the other.
#[derive(Clone, Debug)]
pub struct LeftOut {
    /// Whether it is the first of each pair who is looked for in the sets.
    pub(crate) is_first: bool,
    /// The sets.
    pub except: Except,
    /// The rule that leaves them out, in words. Equal pairs of two rules are equal.
    pub(crate) by: Rc<str>,
}

impl PartialEq for LeftOut {
    fn eq(&self, other: &Self) -> bool {
        (self.is_first, &self.except) == (other.is_first, &other.except)
    }
}

impl Eq for LeftOut {}

impl Hash for LeftOut {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (self.is_first, &self.except).hash(state);
    }
}

impl LeftOut {
    fn holds(&self, sets: &mut Sets, from: &str, to: &str) -> bool {
        let (user, other) = if self.is_first {
            (from, to)
        } else {
            (to, from)
        };
        leaves_out(&self.except, sets, user, other)
    }

    /// A template that decides.
    pub(super) fn template(&self) -> Option<&Template> {
        fn first(sides: &[Side]) -> Option<&Template> {
            sides.iter().find_map(|side| {
                let made = side.made.iter().map(|(template, _)| template).next();
                made.or_else(|| {
                    let mut partial = side.partial.iter();
                    partial.find_map(|part| part.made.as_ref().or_else(|| first(&part.except)))
                })
            })
        }
        first(&self.except)
    }
}

/// A template that makes one user of a pair from the other.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Made {
    /// The first from the second.
    First(Template),
    /// The second from the first.
    Second(Template),
}

impl Made {
    /// The template.
    pub fn template(&self) -> &Template {
        match self {
            Self::First(template) | Self::Second(template) => template,
        }
    }
}

impl Pairs {
    /// All pairs of these two sets.
    pub fn new(from: SetId, to: SetId) -> Self {
        Self {
            from,
            to,
            made: None,
            except: None,
        }
    }

    /// Whether templates decide about single pairs.
    pub fn has_templates(&self) -> bool {
        self.made.is_some() || self.except.is_some()
    }

    /// The same pairs, each the other way round.
    #[must_use]
    pub(crate) fn turned(&self) -> Self {
        Self {
            from: self.to,
            to: self.from,
            made: self.made.clone().map(|made| match made {
                Made::First(template) => Made::Second(template),
                Made::Second(template) => Made::First(template),
            }),
            except: self.except.clone().map(|left_out| LeftOut {
                is_first: !left_out.is_first,
                ..left_out
            }),
        }
    }

    /// Pairs of nobody, about which the same templates decide.
    pub(super) fn templates(&self) -> Self {
        Self {
            made: self.made.clone(),
            except: self.except.clone(),
            ..Self::new(Sets::NOBODY, Sets::NOBODY)
        }
    }

    pub(super) fn holds(&self, sets: &mut Sets, from: &str, to: &str) -> bool {
        let is_made = self.made.as_ref().is_none_or(|made| match made {
            Made::First(template) => make(template, to).as_deref() == Some(from),
            Made::Second(template) => make(template, from).as_deref() == Some(to),
        });
        is_made
            && sets.holds(self.from, from)
            && sets.holds(self.to, to)
            && !(self.except.as_ref()).is_some_and(|except| except.holds(sets, from, to))
    }
}
