//! Blocks: pairs of senders and recipients that nothing connects.

use crate::sets::{ListId, Others, SetId, Sets};

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
    /// A set, and the list of those of its users who have a number.
    Users(SetId, ListId),
}

impl BlockSide {
    fn holds(&self, sets: &Sets, user: UserIndex, others: &mut Others) -> bool {
        match self {
            Self::Everyone => true,
            Self::Users(set, list) => sets.holds_number((*set, *list), user, others),
        }
    }
}

impl Router {
    /// Whether one of these blocks, which are about the sender, keeps its updates from a user.
    pub(super) fn blocked_recipient(
        &self,
        blocks: &[BlockId],
        recipient: UserIndex,
        others: &mut Others,
    ) -> bool {
        self.blocked(blocks, |block| &block.recipients, recipient, others)
    }

    /// Whether one of these blocks, which are about the recipient, keeps a user's updates from it.
    pub(super) fn blocked_sender(
        &self,
        blocks: &[BlockId],
        sender: UserIndex,
        others: &mut Others,
    ) -> bool {
        self.blocked(blocks, |block| &block.senders, sender, others)
    }

    fn blocked(
        &self,
        blocks: &[BlockId],
        side: impl Fn(&Block) -> &BlockSide,
        user: UserIndex,
        others: &mut Others,
    ) -> bool {
        let mut blocks = blocks
            .iter()
            .map(|block| &self.blocks.blocks[block.0 as usize]);
        blocks.any(|block| side(block).holds(&self.sets, user, others))
    }
}
