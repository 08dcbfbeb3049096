//! Why a rule set does not do what another does.

use crate::proofs::{Model, RuleRef, Sets};

use super::Question;

/// A rule that has to do with it, and what it has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Blame {
    /// The rule.
    pub rule: RuleRef,
    /// What it does.
    pub because: Because,
}

/// What a rule has to do with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Because {
    /// A block keeps the two apart.
    Blocked,
    /// A route connects them, but not for such updates.
    OtherUpdates,
    /// A route of the same name does not connect them.
    SameName,
}

/// The rules of `model` by which it does not connect two users: none of them, if no rule is about the two.
pub(super) fn blame(
    sets: &mut Sets,
    model: &Model,
    question: &Question,
    (sender, recipient): (Option<&str>, &str),
    name: Option<&str>,
) -> Vec<Blame> {
    let Some(sender) = sender else {
        return Vec::new();
    };
    if let Some(block) = model.blocked(sets, sender, recipient) {
        let rule = block.rule;
        return vec![Blame {
            rule,
            because: Because::Blocked,
        }];
    }
    if let Question::Route {
        recipient_receives, ..
    } = question
    {
        let between = model.routes_between(sets, sender, recipient, *recipient_receives);
        if let Some(route) = between.first() {
            let rule = route.rule;
            return vec![Blame {
                rule,
                because: Because::OtherUpdates,
            }];
        }
    }
    let same = (model.routes.iter()).find(|route| name.is_some() && route.name.as_deref() == name);
    let same = same.map(|route| Blame {
        rule: route.rule,
        because: Because::SameName,
    });
    same.into_iter().collect()
}
