//! Who asks whose presence it may see, and what a rule gives it.

use crate::sets::Membership;
use crate::user_id::UserId;

use super::UserIndex;

/// What a rule gives to a user: the users it may see are put into the answer, or it is ALL.
pub(super) enum Given {
    Users,
    All,
    /// It takes known users to tell, and there are none.
    Unknown,
}

/// A user who is looked for among those whom others may see: see [`Router::may_see`](super::Router::may_see).
#[derive(Debug)]
pub struct Sought<'u> {
    pub(super) user: UserId<'u>,
    pub(super) index: Option<UserIndex>,
    pub(super) membership: Membership,
}

/// The user who asks.
#[derive(Clone, Copy)]
pub(super) struct Asking<'a> {
    pub user: UserId<'a>,
    pub(super) index: Option<UserIndex>,
    /// If only one user matters, that one: lists are not gone through then.
    pub(super) only: Option<&'a Sought<'a>>,
}
