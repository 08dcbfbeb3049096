//! The other half: whose presence the recipient may see.

use crate::router::{Interested, NeedsKnownUsers, Rule, Scratch};

use super::{Explainer, RuleRef, Standing, User};

/// Whether `interested` answers with the sender for the recipient.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Seen {
    /// Whether the answer holds the sender.
    pub holds: bool,
    /// The rule that makes the answer ALL, if it is that.
    pub all: Option<SeenBy>,
    /// The rules that give the sender to the recipient, blocks aside.
    pub by: Vec<SeenBy>,
    /// The interests that are about the recipient, or would be if nothing were excluded, by their order.
    pub interests: Vec<InterestFacts>,
}

/// A rule that lets the recipient see.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SeenBy {
    /// The rule: an interest, or a route from which one derives.
    pub rule: RuleRef,
    /// Whether it gives everyone.
    pub all: bool,
}

/// An interest's part in the answer.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct InterestFacts {
    /// The interest.
    pub rule: RuleRef,
    /// Where the recipient stands in `users`.
    pub users: Standing,
    /// Where the sender stands in `in`.
    pub sees: Standing,
    /// Whether it gives the sender to the recipient.
    pub gives: bool,
}

impl Explainer<'_> {
    pub(super) fn seen(
        &self,
        from: &User<'_>,
        to: &User<'_>,
        scratch: &mut Scratch,
    ) -> Result<Seen, NeedsKnownUsers> {
        let sender = self.router.number(from.id, scratch);
        let (holds, all) = match self.router.interested(to.id, scratch)? {
            Interested::All(by) => (true, Some(by)),
            Interested::Users(users) => (users.contains(&sender), None),
        };
        let all = all.map(|by| SeenBy {
            rule: self.reference(by).clone(),
            all: true,
        });
        let mut by = Vec::new();
        let mut gives = |rule: Rule, scratch: &mut Scratch| {
            let all = match self.router.interested_by(rule, to.id, scratch)? {
                Interested::All(_) => Some(true),
                Interested::Users(users) => users.contains(&sender).then_some(false),
            };
            by.extend(all.map(|all| SeenBy {
                rule: self.reference(rule).clone(),
                all,
            }));
            Ok(all.is_some())
        };
        let mut interests = Vec::new();
        let mut of_recipient = self.standings(to, None);
        let mut of_sender = self.standings(from, Some(to.id));
        for (id, interest) in self.interests() {
            let users = of_recipient.of(interest.sides.seer_at);
            if users == Standing::Out {
                continue;
            }
            let gives = users.is_in() && gives(Rule::Interest(id), scratch)?;
            interests.push(InterestFacts {
                rule: interest.reference.clone(),
                users,
                sees: of_sender.of(interest.sides.seen_at),
                gives,
            });
        }
        for (id, _) in self.routes() {
            if to.seen.recipient_of.binary_search(&id).is_ok() {
                gives(Rule::Route(id), scratch)?;
            }
        }
        Ok(Seen {
            holds,
            all,
            by,
            interests,
        })
    }

    pub(super) fn reference(&self, rule: Rule) -> &RuleRef {
        match rule {
            Rule::Interest(id) => &self.interests[id.0 as usize].reference,
            Rule::Route(id) => &self.routes[id.0 as usize].reference,
        }
    }
}
