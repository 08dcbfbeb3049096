//! Why a case fails: what `explain` says of the users who make the difference.

use super::model::{Sent, Subject};
use super::outcome::{Answer, Failure, Mismatch};
use super::suite::Suite;
use crate::explain::{self, Circumstances, Explainer, Pair, Received};
use crate::known_users::KnownUsers;
use crate::proofs::Refutation;
use crate::router::{Router, Scratch};
use crate::user_id::UserId;

/// So many users of one expectation are explained; the others mostly have the same reason.
const MOST_USERS: usize = 1;

/// An explanation.
#[derive(Clone, Debug)]
pub(crate) enum Why {
    /// Why one user's updates reach another, or why not.
    Pair(Pair),
    /// Who gets the updates of one user.
    Sent(explain::Sent),
    /// Whose presence one user gets.
    Received(Received),
}

/// Explains a failure.
pub(crate) fn why(suite: &Suite, subject: &Subject, failure: &Failure) -> Vec<Why> {
    let Some(router) = &suite.router else {
        return Vec::new();
    };
    let asking = Asking {
        explainer: Explainer::new(&suite.rules.rule_set, &suite.rules.sources, router),
        subject,
        scratch: Scratch::default(),
    };
    match &failure.mismatch {
        Mismatch::Exactly {
            missing,
            unexpected,
            ..
        } if !missing.is_empty() || !unexpected.is_empty() => asking.pairs(missing, unexpected),
        Mismatch::Missing { missing, .. } => asking.pairs(missing, &[]),
        Mismatch::Unexpected {
            unexpected,
            got: Answer::Users(_),
        } => asking.pairs(&[], unexpected),
        Mismatch::Exactly { .. } | Mismatch::Unexpected { .. } | Mismatch::NotBy { .. } => {
            asking.whole().into_iter().collect()
        }
        Mismatch::Refuted { witness, .. } => refuted(suite, witness).into_iter().collect(),
        Mismatch::Undecided { .. } => Vec::new(),
    }
}

/// Why one of the two users of whom a claim does not hold is sent the updates of the other, or not. They are taken as the
/// proof took them, whoever is known to the test file: the sender as known, and the recipient in the witness's role.
fn refuted(suite: &Suite, witness: &Refutation) -> Option<Why> {
    let sender = UserId::parse(&witness.sender).ok()?;
    let recipient = UserId::parse(&witness.recipient).ok()?;
    let mut known_users = KnownUsers::default();
    if witness.recipient_receives {
        known_users.add(recipient);
    }
    if sender != recipient {
        known_users.add(sender);
    }
    let router = Router::new(
        &suite.rules.rule_set,
        &suite.rules.sources,
        Some(&known_users),
    )
    .ok()?;
    let update = Circumstances {
        state: &witness.update.state,
        currently_active: witness.update.currently_active,
    };
    let explainer = Explainer::new(&suite.rules.rule_set, &suite.rules.sources, &router);
    let pair = explainer.pair(sender, recipient, Some(update), &mut Scratch::default());
    pair.ok().map(Why::Pair)
}

struct Asking<'a> {
    explainer: Explainer<'a>,
    subject: &'a Subject,
    scratch: Scratch,
}

impl Asking<'_> {
    /// Why these users are not in the answer, and those are.
    fn pairs(mut self, missing: &[String], unexpected: &[String]) -> Vec<Why> {
        let users = (missing.iter().take(MOST_USERS)).chain(unexpected.iter().take(MOST_USERS));
        users.filter_map(|user| self.pair(user)).collect()
    }

    fn pair(&mut self, user: &str) -> Option<Why> {
        let user = UserId::parse(user).ok()?;
        let pair = match self.subject {
            Subject::Claim(_) => return None,
            Subject::User(asking) => {
                let asking = UserId::parse(asking).ok()?;
                (self.explainer).pair(user, asking, None, &mut self.scratch)
            }
            Subject::Updates(updates) => {
                let sent = updates.first()?;
                let sender = UserId::parse(&sent.sender).ok()?;
                let update = Some(circumstances(sent));
                (self.explainer).pair(sender, user, update, &mut self.scratch)
            }
        };
        pair.ok().map(Why::Pair)
    }

    /// All that the answer comes from.
    fn whole(mut self) -> Option<Why> {
        match self.subject {
            Subject::Claim(_) => None,
            Subject::User(user) => {
                let user = UserId::parse(user).ok()?;
                let received = self.explainer.received(user, &mut self.scratch);
                received.ok().map(Why::Received)
            }
            Subject::Updates(updates) => {
                let sent = updates.first()?;
                let sender = UserId::parse(&sent.sender).ok()?;
                let update = Some(circumstances(sent));
                let sent = self.explainer.sent(sender, update, &mut self.scratch);
                sent.ok().map(Why::Sent)
            }
        }
    }
}

fn circumstances(sent: &Sent) -> Circumstances<'_> {
    Circumstances {
        state: &sent.state,
        currently_active: sent.currently_active,
    }
}
