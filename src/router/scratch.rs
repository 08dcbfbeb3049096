//! What a question remembers on its way. One for each thread, used again and again.

use crate::sets::{ListId, Listing, Marks, Membership, Others};

use super::{BlockId, RouteId, UserIndex};

/// Scratch space for asking a [`Router`](super::Router). It grows to what the largest answer needs, and then allocates no more.
///
/// It belongs to one router: what it holds means nothing to another.
#[derive(Debug, Default)]
pub struct Scratch {
    /// Which sets hold the user whom the question is about.
    pub(super) membership: Membership,
    /// The users whom templates made, and the same for one of them, while the first user's is still needed.
    pub(super) others: Others,
    /// The routes or interests that the question concerns.
    pub(super) routes: Vec<RouteId>,
    pub(super) interests: Vec<super::InterestId>,
    pub(super) blocks: Vec<BlockId>,
    /// The lists that a new user may be added to.
    pub(super) lists: Vec<ListId>,
    /// The answer.
    pub(super) users: Vec<UserIndex>,
    /// Who is in it.
    answered: Marks,
    /// Who came up in the list that is gone through.
    pub(super) met: Marks,
    /// If the lists that an answer is made of are to be told, and not their users, those lists.
    pub(super) lists_of_view: Option<Vec<Listing>>,
}

impl Scratch {
    /// Forgets the users whom templates made, so that a stream without end needs no memory without end. Indexes of
    /// such users mean nothing from then on.
    pub fn forget_made_users(&mut self) {
        self.others.forget();
    }

    /// The last answer.
    pub(super) fn answered(&self) -> &[UserIndex] {
        &self.users
    }

    /// Starts a new answer.
    pub(super) fn start(&mut self) {
        self.routes.clear();
        self.interests.clear();
        self.blocks.clear();
        self.users.clear();
        self.answered.start();
    }

    /// Puts a user into the answer, if it is not there yet. Answers are made of many of these calls.
    #[inline]
    pub(super) fn answer(&mut self, user: UserIndex) {
        if self.answered.mark(user.0) {
            self.users.push(user);
        }
    }
}
