//! Blocks: pairs of senders and recipients that nothing connects.

use crate::user_id::UserId;

use super::lists::ListId;
use super::sets::{Membership, SetId};
use super::{BlockId, Router, UserIndex};

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
        /// Those users of the set who have a number.
        held: ListId,
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
            Self::Users { held, .. } if (index.0 as usize) < router.users.len() => {
                router.lists.holds(*held, index)
            }
            Self::Users { set, .. } => {
                // Templates make valid IDs only.
                UserId::parse(user).is_ok_and(|user| router.holds(*set, user, membership))
            }
        }
    }
}

impl Router {
    /// Whether one of these blocks, which are about the sender, keeps its updates from a user.
    pub(super) fn blocked_recipient(
        &self,
        blocks: &[BlockId],
        recipient: (UserIndex, &str),
        membership: &mut Membership,
    ) -> bool {
        self.blocked(blocks, |block| &block.recipients, recipient, membership)
    }

    /// Whether one of these blocks, which are about the recipient, keeps a user's updates from it.
    pub(super) fn blocked_sender(
        &self,
        blocks: &[BlockId],
        sender: (UserIndex, &str),
        membership: &mut Membership,
    ) -> bool {
        self.blocked(blocks, |block| &block.senders, sender, membership)
    }

    fn blocked(
        &self,
        blocks: &[BlockId],
        side: impl Fn(&Block) -> &BlockSide,
        user: (UserIndex, &str),
        membership: &mut Membership,
    ) -> bool {
        let mut blocks = blocks
            .iter()
            .map(|block| &self.blocks.blocks[block.0 as usize]);
        blocks.any(|block| side(block).holds(self, user, membership))
    }
}
