//! What a question remembers on its way. One for each thread, used again and again.

use crate::sets::{ListId, Listing, Marks, Membership, Others};

use super::{BlockId, RouteId, Rule, UserIndex};

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
    /// If an answer is to be told as the lists that it is made of.
    pub(super) viewing: Option<Viewing>,
}

/// An answer while it is found out, as lists.
#[derive(Debug, Default)]
pub(super) struct Viewing {
    /// The lists whose users are all in it.
    pub(crate) lists: Vec<Listing>,
    /// How many users each rule had gone through, of those that look for some in a list, and how many it has now.
    pub before: Vec<(Rule, usize)>,
    pub read: Vec<(Rule, usize)>,
    /// The rule that looks.
    pub rule: Option<Rule>,
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

    /// How many of the `count` users in a list need not be gone through again by the rule that looks for some in it.
    pub(super) fn gone_through(&mut self, count: usize) -> usize {
        let Some(Viewing {
            before,
            read,
            rule: Some(rule),
            ..
        }) = &mut self.viewing
        else {
            return 0;
        };
        read.push((*rule, count));
        let before = before.iter().find(|(of, _)| of == rule);
        before.map_or(0, |(_, count)| *count)
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
