//! One recipient, and all whose updates reach it.

use std::collections::HashSet;

use crate::known_users::Role;
use crate::router::{Interested, NeedsKnownUsers, Scratch};
use crate::rules::{Item, When};
use crate::sets::{Kind, SiteId};
use crate::user_id::UserId;

use super::seen::SeenBy;
use super::{Explainer, RuleRef, Standing, Step, Stop};

/// Whose updates reach one user, and by which rules.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Received {
    /// The user.
    pub recipient: String,
    /// The role of the user, if it is known.
    pub role: Option<Role>,
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
#[non_exhaustive]
pub struct ReceivedBy {
    /// The rule.
    pub rule: RuleRef,
    /// Where the recipient stands in it: in `recipients`, or in `users` of an interest. `None` if the rule is a block
    /// that is about all recipients.
    pub standing: Option<Standing>,
    /// If the rule is a route whose patterns match the recipient: why they do not take it in, if they do not.
    pub stop: Option<Stop>,
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
#[non_exhaustive]
pub struct Senders {
    /// Whom it takes. None at all means everyone.
    pub included: Vec<Listed>,
    /// Whom it leaves out.
    pub excluded: Vec<Listed>,
}

/// An item of a user set.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
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
        let standing = self.standing.as_ref();
        self.by_template || self.stop.is_none() && standing.is_none_or(Standing::is_in)
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
        let role = self.role(recipient);
        let mut routes = Vec::new();
        for (_, route) in self.routes() {
            let rule = route.rule;
            let mut standing = standings.of(route.sides.seer_at);
            let by_template = self.may_make(route.sides.seer_at, recipient);
            if standing == Standing::Out && !by_template {
                continue;
            }
            routes.push(ReceivedBy {
                rule: route.reference.clone(),
                stop: Stop::by_role(role, &mut standing),
                standing: Some(standing),
                by_template,
                when: rule.when.clone(),
                lets_see: route.derives_interests,
                senders: self.listed(route.sides.seen_at, &mut HashSet::new()),
            });
        }
        let mut interests = Vec::new();
        for (_, interest) in self.interests() {
            let standing = standings.of(interest.sides.seer_at);
            if standing == Standing::Out {
                continue;
            }
            interests.push(ReceivedBy {
                rule: interest.reference.clone(),
                standing: Some(standing),
                stop: None,
                by_template: false,
                when: When::default(),
                lets_see: true,
                senders: self.listed(interest.sides.seen_at, &mut HashSet::new()),
            });
        }
        let blocks = to.seen.blocked_recipient_of.iter().map(|block| {
            let block = self.block(*block);
            let rule = block.rule;
            let standing = (rule.recipients.as_ref()).map(|_| standings.of(block.sides.seer_at));
            ReceivedBy {
                rule: block.reference.clone(),
                standing,
                stop: None,
                by_template: false,
                when: When::default(),
                lets_see: false,
                senders: (rule.senders.as_ref()).map_or_else(Senders::default, |_| {
                    self.listed(block.sides.seen_at, &mut HashSet::new())
                }),
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
            role,
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

impl Explainer<'_> {
    /// Whether a template in a set makes the user from some other one.
    fn may_make(&self, site: SiteId, user: UserId<'_>) -> bool {
        self.sites
            .items(site)
            .any(|item| match self.sites.kind(item) {
                Kind::Item(Item::Template(template)) => template.makes(user) != Some(false),
                _ => false,
            })
    }

    /// The items of a user set.
    fn listed(&self, site: SiteId, opened: &mut HashSet<SiteId>) -> Senders {
        let mut senders = Senders::default();
        for item in self.sites.items(site) {
            let members = match self.sites.kind(item) {
                Kind::Group(users) if opened.insert(users) => Some(self.listed(users, opened)),
                _ => None,
            };
            // What is excluded from an exclusion is in again.
            let list = if self.sites.get(item).excludes {
                &mut senders.excluded
            } else {
                &mut senders.included
            };
            let step = Step::of(&self.sites, item);
            list.push(Listed { step, members });
        }
        senders
    }
}
