//! Blocks: pairs of senders and recipients that nothing connects.

use std::sync::Arc;

use crate::user_id::UserId;

use super::sets::{Membership, SetId};
use super::{Router, UserIndex};

#[derive(Debug, Default)]
pub(super) struct Blocks {
    pub blocks: Vec<Block>,
}

#[derive(Debug)]
pub(super) struct Block {
    pub senders: BlockSide,
    pub recipients: BlockSide,
}

#[derive(Debug)]
pub(super) enum BlockSide {
    Everyone,
    Users {
        set: SetId,
        /// Those users of the set who have an index, by rising index.
        known: Arc<[UserIndex]>,
    },
}

impl BlockSide {
    fn holds(
        &self,
        router: &Router,
        (index, user): (UserIndex, &str),
        membership: &mut Membership,
    ) -> bool {
        match self {
            Self::Everyone => true,
            Self::Users { known, .. } if (index.0 as usize) < router.users.len() => {
                known.binary_search(&index).is_ok()
            }
            Self::Users { set, .. } => {
                // Templates make valid IDs only.
                UserId::parse(user).is_ok_and(|user| {
                    router.sets.walk(&router.matcher, user, membership, |_| {});
                    membership.holds(*set)
                })
            }
        }
    }
}

impl Router {
    /// Whether one of these blocks, which are about the sender, keeps its updates from a user.
    pub(super) fn blocked_recipient(
        &self,
        blocks: &[u32],
        recipient: (UserIndex, &str),
        membership: &mut Membership,
    ) -> bool {
        (blocks.iter()).any(|block| {
            let recipients = &self.blocks.blocks[*block as usize].recipients;
            recipients.holds(self, recipient, membership)
        })
    }

    /// Whether one of these blocks, which are about the recipient, keeps a user's updates from it.
    pub(super) fn blocked_sender(
        &self,
        blocks: &[u32],
        sender: (UserIndex, &str),
        membership: &mut Membership,
    ) -> bool {
        (blocks.iter()).any(|block| {
            let senders = &self.blocks.blocks[*block as usize].senders;
            senders.holds(self, sender, membership)
        })
    }
}
