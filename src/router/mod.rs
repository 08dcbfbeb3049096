//! The compiled rule set: cheap to share between threads, and quick to ask.
//!
//! A [`Router`] is made from the rules as written by `compile`: it has the sides of all rules read into one graph of sets
//! (`crate::sets`), and says which of these are to be enumerated. Users are numbers.
//!
//! What a question needs to remember on its way lives in a [`Scratch`] of the caller's.

mod answers;
mod asking;
mod blocks;
mod compile;
mod derivation;
mod grow;
mod interested;
mod memo;
mod names;
mod observe;
mod route;
mod scratch;
mod senders;
mod view;

use std::sync::Arc;

use crate::known_users::Role;
use crate::rules::When;
use crate::sets::{Listing, Made, SetId, Sets, Table};

use blocks::Blocks;
use names::Names;

pub use crate::sets::{GrowError, UserIndex};

pub use answers::{Answer, AnswerId, Answers, KeptAnswers};
pub use asking::Sought;
pub use compile::CompileError;
pub use interested::{Interested, Rule};
pub use names::RuleName;
pub(crate) use observe::Observation;
pub use route::{NeedsKnownUsers, Routing, Trace};
pub use scratch::Scratch;
pub use senders::{ClassId, Senders};
pub use view::{Progress, Read, Shares, Since, View, Viewed};

/// Names a route, counted from 0 over all files in their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RouteId(pub u32);

/// Names an interest, counted from 0 over all files in their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct InterestId(pub u32);

/// Names a block, counted from 0 over all files in their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct BlockId(pub u32);

/// A compiled rule set.
///
/// ```
/// use presence_router::router::{Router, Scratch};
/// use presence_router::rules;
/// use presence_router::source::Sources;
/// use presence_router::user_id::UserId;
///
/// let mut sources = Sources::default();
/// sources.add("rules.yaml", r#"
/// routes:
///   - senders: {server: corp.example}
///     recipients: "@lobby:corp.example"
/// "#);
/// let (rule_set, findings) = rules::read(&sources);
/// assert!(findings.is_empty());
///
/// let router = Router::new(&rule_set, &sources, None)?;
/// let mut scratch = Scratch::default();
/// let alice = UserId::parse("@alice:corp.example")?;
/// let recipients = router.routing()?.route(alice, "online", None, &mut scratch, &mut ());
/// assert_eq!(recipients.len(), 1);
/// let first = recipients[0];
/// assert_eq!(router.user(first, &scratch), "@lobby:corp.example");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Router {
    sets: Sets,
    /// What each set decides.
    uses: Table<Use>,
    routes: Vec<Route>,
    interests: Vec<Interest>,
    blocks: Blocks,
    route_names: Names,
    interest_names: Names,
    /// The routes whose recipients a template makes; they are asked one by one who may reach a user.
    made: Vec<RouteId>,
    /// The routes whose recipients are to be looked up among known users, and there are none.
    unroutable: Vec<RouteId>,
    /// The rules by which it cannot be told whom somebody sees, for the same reason.
    unanswerable: Vec<Rule>,
}

/// What it means that a set holds a user.
#[derive(Clone, Copy, Debug)]
enum Use {
    /// The route takes its updates.
    Senders(RouteId),
    /// The route reaches it (if it is among the enumerated recipients).
    Recipients(RouteId),
    /// The interest answers for it.
    Users(InterestId),
    /// The block is about its updates.
    BlockSenders(BlockId),
    /// The block is about what reaches it.
    BlockRecipients(BlockId),
}

#[derive(Debug)]
struct Route {
    /// Routes one after another often have the same condition, and share it.
    when: Arc<When>,
    recipients: Recipients,
    senders: SetId,
    /// Whom the recipients see by this route; `None` if no interest derives from it.
    derived: Option<Seen>,
}

#[derive(Debug)]
enum Recipients {
    Listed(Listing),
    Made(Box<MadeRecipients>),
}

/// Recipients who depend on the sender.
#[derive(Debug)]
struct MadeRecipients {
    recipients: Made,
    /// The server name that all senders have, where there is only one.
    senders_server: Option<Box<str>>,
}

#[derive(Debug)]
struct Interest {
    sees: Seen,
}

/// Whom a rule lets somebody see.
#[derive(Debug)]
enum Seen {
    /// Everyone, by the word `all`.
    Everyone {
        /// Who that is, where it has to be enumerated all the same, because a template leaves somebody out.
        listed: Option<Listing>,
    },
    /// Those whom a pattern matches, and there are no known users to find them in.
    Unknown,
    Listed(Listing),
    Made(Made),
}

impl Router {
    /// The user ID of a user in an answer. `scratch` is the one that the answer was made with.
    pub fn user<'a>(&'a self, user: UserIndex, scratch: &'a Scratch) -> &'a str {
        self.sets.user(user, &scratch.others)
    }

    /// Builds the automata that would be built when they are first needed, so that no later question has to wait.
    pub fn prepare(&self) {
        self.sets.matcher.prepare();
    }

    /// How many users the rules and the files of known users name. Indexes from here on are users whom a template made.
    pub fn user_count(&self) -> usize {
        self.sets.users().len()
    }

    /// Whether whom updates reach depends on anything but their senders: some route has a condition.
    pub fn needs_states(&self) -> bool {
        let mut conditions = self.routes.iter().map(|route| &route.when);
        conditions.any(|when| when.states.is_some() || when.currently_active.is_some())
    }

    /// What to call a route.
    pub fn route_name(&self, route: RouteId) -> RuleName {
        self.route_names.get(route.0)
    }

    /// What to call an interest.
    pub(crate) fn interest_name(&self, interest: InterestId) -> RuleName {
        self.interest_names.get(interest.0)
    }

    /// The role of a user, if it is known.
    pub(crate) fn role(&self, user: UserIndex) -> Option<Role> {
        self.sets.role(user)
    }

    /// Whether patterns take a user in as a recipient.
    pub fn receives(&self, user: UserIndex) -> bool {
        self.role(user).is_some_and(Role::receives)
    }

    /// Whether an index is that of a known user.
    pub(crate) fn is_known(&self, user: UserIndex) -> bool {
        self.role(user).is_some()
    }

    /// The number of a user whom the rules or the files of known users name.
    pub(crate) fn index_of(&self, user: &str) -> Option<UserIndex> {
        self.sets.index_of(user)
    }

    fn route(&self, route: RouteId) -> &Route {
        &self.routes[route.0 as usize]
    }
}
