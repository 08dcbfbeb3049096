//! One recipient, and all whose updates reach it.

use std::collections::HashSet;

use crate::router::{Interested, NeedsKnownUsers, Scratch};
use crate::rules::{Item, UserSet, When};
use crate::source::FileId;
use crate::user_id::UserId;

use super::seen::SeenBy;
use super::{Explainer, Matched, RuleRef, Standing, Step, Written};

/// Whose updates reach one user, and by which rules.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Received {
    /// The user.
    pub recipient: String,
    /// Whether the user is known.
    pub is_known: bool,
    /// The routes that reach the user, or would if nothing were excluded, by their order.
    pub routes: Vec<ReceivedBy>,
    /// The interests that are about the user, or would be if nothing were excluded, by their order.
    pub interests: Vec<ReceivedBy>,
    /// The blocks that are about what reaches the user.
    pub blocks: Vec<ReceivedBy>,
    /// The rule that lets the user see everyone, if one does.
    pub all: Option<SeenBy>,
    /// Otherwise, the users whom it may see.
    pub users: Vec<String>,
}

/// A rule that is about a recipient.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReceivedBy {
    /// The rule.
    pub rule: RuleRef,
    /// Where the recipient stands in it: in `recipients`, or in `users` of an interest. `None` if the rule is a block
    /// that is about all recipients.
    pub standing: Option<Standing>,
    /// Whether a template may make the recipient, from a sender that fits.
    pub by_template: bool,
    /// Which updates the rule takes, if it is a route.
    pub when: When,
    /// Whether the user can see the senders by this rule alone.
    pub lets_see: bool,
    /// Whose updates the rule is about.
    pub senders: Senders,
}

/// The items of a user set as written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Senders {
    /// Whom it takes. None at all means everyone.
    pub included: Vec<Listed>,
    /// Whom it leaves out.
    pub excluded: Vec<Listed>,
}

/// An item of a user set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// The item.
    pub step: Step,
    /// What is in it, if it is a group. A group that comes a second time is not opened again.
    pub members: Option<Senders>,
}

impl Received {
    /// Whether some route reaches the user, or may reach it by a template.
    pub fn is_reached(&self) -> bool {
        self.routes.iter().any(ReceivedBy::reaches)
    }
}

impl ReceivedBy {
    /// Whether the rule is about the recipient, or may be by a template.
    pub fn reaches(&self) -> bool {
        self.by_template || self.standing.as_ref().is_none_or(Standing::is_in)
    }
}

impl Explainer<'_> {
    /// Whose updates reach `recipient`.
    ///
    /// # Errors
    ///
    /// If whom it may see has to be looked up among known users, and there are none.
    pub fn received(
        &self,
        recipient: UserId<'_>,
        scratch: &mut Scratch,
    ) -> Result<Received, NeedsKnownUsers> {
        let to = self.user(recipient, scratch);
        let mut standings = self.standings(&to, None);
        let mut routes = Vec::new();
        for (_, route) in self.routes() {
            let rule = route.rule;
            let standing = route.standing(&rule.recipients, &mut standings);
            let by_template = may_make(&rule.recipients, recipient);
            if standing == Standing::Out && !by_template {
                continue;
            }
            routes.push(ReceivedBy {
                rule: route.reference.clone(),
                standing: Some(standing),
                by_template,
                when: rule.when.clone(),
                lets_see: route.derives_interests,
                senders: self.items(route, Some(&rule.senders)),
            });
        }
        let mut interests = Vec::new();
        for (_, interest) in self.interests() {
            let rule = interest.rule;
            let standing = interest.standing(&rule.users, &mut standings);
            if standing == Standing::Out {
                continue;
            }
            interests.push(ReceivedBy {
                rule: interest.reference.clone(),
                standing: Some(standing),
                by_template: false,
                when: When::default(),
                lets_see: true,
                senders: self.items(interest, Some(&rule.sees)),
            });
        }
        let blocks = to.seen.blocked_recipient_of.iter().map(|block| {
            let block = self.block(*block);
            let rule = block.rule;
            let standing =
                (rule.recipients.as_ref()).map(|users| block.standing(users, &mut standings));
            ReceivedBy {
                rule: block.reference.clone(),
                standing,
                by_template: false,
                when: When::default(),
                lets_see: false,
                senders: self.items(block, rule.senders.as_ref()),
            }
        });
        let blocks = blocks.collect();
        let (all, users) = match self.router.interested(recipient, scratch)? {
            Interested::All(by) => {
                let by = SeenBy {
                    rule: self.reference(by).clone(),
                    all: true,
                };
                (Some(by), Vec::new())
            }
            Interested::Users(users) => (None, users.to_vec()),
        };
        Ok(Received {
            recipient: recipient.as_str().to_owned(),
            is_known: self.is_known(recipient),
            routes,
            interests,
            blocks,
            all,
            users: (users.into_iter())
                .map(|user| self.router.user(user, scratch).to_owned())
                .collect(),
        })
    }
}

/// Whether a template in the set makes the user from some other one.
fn may_make(users: &UserSet, user: UserId<'_>) -> bool {
    let mut makes = false;
    users.items(&mut |item| {
        makes |= matches!(item, Item::Template(template) if template.makes(user) != Some(false));
    });
    makes
}

impl Explainer<'_> {
    /// The items of a user set of a rule.
    fn items<R>(&self, rule: &Written<'_, R>, users: Option<&UserSet>) -> Senders {
        let file = rule.reference.file;
        users.map_or_else(Senders::default, |users| {
            self.listed(users, file, &mut HashSet::new())
        })
    }

    fn listed(&self, users: &UserSet, file: FileId, opened: &mut HashSet<usize>) -> Senders {
        let mut senders = Senders::default();
        users.walk(&mut |placed| {
            // What is excluded from an exclusion is in again.
            let list = if placed.excludes % 2 == 1 {
                &mut senders.excluded
            } else {
                &mut senders.included
            };
            let item = match placed.item {
                Item::Pattern(pattern) => Matched::Pattern(pattern.clone()),
                Item::Group(name) => Matched::Group(name.clone()),
                Item::Template(_) => Matched::Template,
            };
            let members = match &item {
                Matched::Group(name) => self.members(name, opened),
                _ => None,
            };
            let at = placed.at.whole;
            let step = Step { file, at, item };
            list.push(Listed { step, members });
        });
        senders
    }

    fn members(&self, name: &str, opened: &mut HashSet<usize>) -> Option<Senders> {
        let index = self.groups.index_of(name)?;
        if !opened.insert(index) {
            return None;
        }
        let group = &self.groups.all[index];
        Some(self.listed(group.users, group.file, opened))
    }
}
