//! What a router finds out about a user before it answers: for whoever explains its answers.

use crate::sets::Held;
use crate::user_id::UserId;

use super::{BlockId, InterestId, RouteId, Router, Scratch, Use, UserIndex};

/// What the rules say of one user, as the router found it. All lists are in rising order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Observation {
    /// The sets that hold the user.
    pub(crate) held: Held,
    /// The routes that take the user's updates, if `when` allows it.
    pub(crate) sender_of: Vec<RouteId>,
    /// The routes that may reach the user: `recipients` match it, or depend on the sender.
    pub(crate) recipient_of: Vec<RouteId>,
    /// The interests that answer for the user.
    pub user_of: Vec<InterestId>,
    /// The blocks that are about the user's updates.
    pub(crate) blocked_sender_of: Vec<BlockId>,
    /// The blocks that are about what reaches the user.
    pub(crate) blocked_recipient_of: Vec<BlockId>,
}

impl Router {
    /// What the rules say of a user.
    pub(crate) fn observe(&self, user: UserId<'_>, scratch: &mut Scratch) -> Observation {
        let mut seen = Observation {
            held: self.sets.held(user, &mut scratch.membership),
            ..Observation::default()
        };
        for set in seen.held.sets() {
            for decided in self.uses.get(set.0) {
                match *decided {
                    Use::Senders(route) => seen.sender_of.push(route),
                    Use::Recipients(route) => seen.recipient_of.push(route),
                    Use::Users(interest) => seen.user_of.push(interest),
                    Use::BlockSenders(block) => seen.blocked_sender_of.push(block),
                    Use::BlockRecipients(block) => seen.blocked_recipient_of.push(block),
                }
            }
        }
        seen.sender_of.sort_unstable();
        seen.recipient_of.extend_from_slice(&self.made);
        seen.recipient_of.sort_unstable();
        seen.user_of.sort_unstable();
        seen.blocked_sender_of.sort_unstable();
        seen.blocked_recipient_of.sort_unstable();
        seen
    }

    /// The number that a user has in answers made with `scratch`, be it known or not.
    pub fn number(&self, user: UserId<'_>, scratch: &mut Scratch) -> UserIndex {
        self.sets.number(user.as_str(), &mut scratch.others)
    }
}
