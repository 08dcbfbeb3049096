//! One sender, and all whom its updates reach.

use std::collections::{HashMap, HashSet};

use crate::router::{NeedsKnownUsers, RouteId, Scratch, UserIndex};
use crate::rules::When;
use crate::user_id::UserId;

use super::pair::Way;
use super::{Circumstances, Explainer, RuleRef, Standing, User};

/// Who gets one user's updates, and by which rules.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Sent {
    /// Whose updates.
    pub sender: String,
    /// How many users get them.
    pub delivered: usize,
    /// The routes that are about the sender, or would be if nothing were excluded: first those that reach somebody, each
    /// by their order.
    pub routes: Vec<SentBy>,
}

/// What a route does with the sender's updates.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SentBy {
    /// The route.
    pub rule: RuleRef,
    /// Where the sender stands in `senders`.
    pub senders: Standing,
    /// The route's condition.
    pub when: When,
    /// Whether `when` takes any of the updates that were asked about.
    pub takes: bool,
    /// Whom it reaches, by the order of the route.
    pub recipients: Vec<SentTo>,
}

/// A user whom a route reaches.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SentTo {
    /// The user ID.
    pub user: String,
    /// What becomes of the update.
    pub fate: Fate,
}

/// What becomes of an update on its way to one user.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fate {
    /// It arrives.
    Delivered,
    /// This block keeps it back.
    Blocked(RuleRef),
    /// The user may not see the sender, so that Synapse drops it.
    Unseen,
}

impl Explainer<'_> {
    /// Who gets the updates of `sender`. Without circumstances, all updates are meant.
    ///
    /// # Errors
    ///
    /// If recipients have to be looked up among known users, and there is none.
    pub fn sent(
        &self,
        sender: UserId<'_>,
        update: Option<Circumstances<'_>>,
        scratch: &mut Scratch,
    ) -> Result<Sent, NeedsKnownUsers> {
        let routing = self.router.routing()?;
        let from = self.user(sender, scratch);
        let mut way = Way::default();
        let mut answer = Vec::new();
        for case in self.cases(&from, update) {
            let (state, active) = (case.state, case.currently_active);
            answer.extend_from_slice(routing.route(sender, state, active, scratch, &mut way));
        }
        answer.sort_unstable();
        answer.dedup();
        // A route that reaches somebody reaches the same users in each case.
        let mut reached: HashMap<RouteId, Vec<UserIndex>> = HashMap::new();
        for (route, users) in way.reached {
            // A user may come up repeatedly in one.
            let mut met = HashSet::new();
            let users = users.into_iter().filter(|user| met.insert(*user));
            reached.entry(route).or_insert_with(|| users.collect());
        }
        let sought = self.router.sought(sender);
        let sees = answer.iter().map(|index| {
            let user = self.router.user(*index, scratch).to_owned();
            let user = UserId::parse(&user).expect("whom a route reaches has a valid ID");
            Ok((*index, self.router.may_see(user, &sought, scratch)?))
        });
        let sees: HashMap<UserIndex, bool> = sees.collect::<Result<_, NeedsKnownUsers>>()?;
        let mut standings = self.standings(&from, None);
        let mut routes = Vec::new();
        for (id, route) in self.routes() {
            let senders = standings.of(route.sides.seen_at);
            if senders == Standing::Out {
                continue;
            }
            let users = reached.remove(&id);
            let takes = users.is_some();
            let recipients = users.unwrap_or_default().into_iter().map(|user| SentTo {
                user: self.router.user(user, scratch).to_owned(),
                fate: Fate::Delivered,
            });
            let mut recipients: Vec<_> = recipients.collect();
            for sent in &mut recipients {
                sent.fate = self.fate(&from, &sent.user, &sees, scratch);
            }
            routes.push(SentBy {
                rule: route.reference.clone(),
                senders,
                when: route.rule.when.clone(),
                takes,
                recipients,
            });
        }
        let reaches =
            |route: &SentBy| (route.recipients.iter()).any(|to| to.fate == Fate::Delivered);
        routes.sort_by_key(|route| !reaches(route));
        Ok(Sent {
            sender: sender.as_str().to_owned(),
            delivered: sees.values().filter(|sees| **sees).count(),
            routes,
        })
    }

    fn fate(
        &self,
        from: &User<'_>,
        user: &str,
        sees: &HashMap<UserIndex, bool>,
        scratch: &mut Scratch,
    ) -> Fate {
        let id = UserId::parse(user).expect("whom a route reaches has a valid ID");
        match sees.get(&self.router.number(id, scratch)) {
            Some(true) => Fate::Delivered,
            Some(false) => Fate::Unseen,
            None => {
                let to = self.router.observe(id, scratch).blocked_recipient_of;
                let block = (from.seen.blocked_sender_of.iter())
                    .find(|block| to.binary_search(block).is_ok())
                    .expect("only blocks take recipients away");
                Fate::Blocked(self.block(*block).reference.clone())
            }
        }
    }
}
