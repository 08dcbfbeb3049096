//! Whom an update reaches: the question that Synapse asks as `get_users_for_states`.

use crate::user_id::UserId;

use super::{BlockId, Recipients, RouteId, Router, Scratch, Use, UserIndex};

/// A router that has every user it needs to route.
#[derive(Clone, Copy, Debug)]
pub struct Routing<'r> {
    router: &'r Router,
}

/// Rules have patterns that stand for concrete users, and there are no known users to look them up among.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NeedsKnownUsers {
    /// These routes cannot be told whom they reach, as in `recipients: {server: corp.example}`.
    #[error(
        "the recipients of {} are patterns, and without known users nobody can be found whom they match",
        list(.0)
    )]
    Recipients(Vec<String>),
    /// This user cannot be told whom it may see, as in `in: {server: corp.example}`.
    #[error(
        "whose presence `{user}` may see cannot be told: the {rule} has patterns to look up among known users, and there \
         are none"
    )]
    Seen {
        /// The user who asks.
        user: String,
        /// The rule that is about it, in words.
        rule: String,
    },
}

fn list(names: &[String]) -> String {
    const MOST: usize = 5;
    let mut quoted: Vec<_> = names
        .iter()
        .take(MOST)
        .map(|name| format!("`{name}`"))
        .collect();
    if names.len() > MOST {
        quoted.push(format!("{} more routes", names.len() - MOST));
    }
    quoted.join(", ")
}

/// Watches an update on its way. `()` watches nothing and costs nothing.
pub trait Trace {
    /// A route sent the update to so many users, be they new to it or not.
    fn sent(&mut self, route: RouteId, recipients: usize);

    /// A route takes the update: `senders` hold the sender, and `when` holds.
    fn takes(&mut self, _route: RouteId) {}

    /// A route that takes the update reaches a user, whom a block may still keep it from. It may do so repeatedly.
    fn reached(&mut self, _route: RouteId, _recipient: UserIndex) {}
}

impl Trace for () {
    fn sent(&mut self, _: RouteId, _: usize) {}
}

/// The routes that sent the update, in their order.
impl Trace for Vec<RouteId> {
    fn sent(&mut self, route: RouteId, _: usize) {
        self.push(route);
    }
}

/// The same, each with the number of users.
impl Trace for Vec<(RouteId, usize)> {
    fn sent(&mut self, route: RouteId, recipients: usize) {
        self.push((route, recipients));
    }
}

impl Router {
    /// The router for updates.
    ///
    /// # Errors
    ///
    /// If recipients have to be looked up among known users, and there is none.
    pub fn routing(&self) -> Result<Routing<'_>, NeedsKnownUsers> {
        if self.unroutable.is_empty() {
            return Ok(Routing { router: self });
        }
        let names = (self.unroutable.iter()).map(|route| self.route_name(*route).to_string());
        Err(NeedsKnownUsers::Recipients(names.collect()))
    }
}

impl<'r> Routing<'r> {
    /// The router that this is a view of.
    pub fn router(self) -> &'r Router {
        self.router
    }

    /// Whom an update reaches, each user once, in the order of the routes and of their recipients.
    ///
    /// `state` is the presence state, and `currently_active` what the update says of it, if it says anything.
    pub fn route<'s>(
        self,
        sender: UserId<'_>,
        state: &str,
        currently_active: Option<bool>,
        scratch: &'s mut Scratch,
        trace: &mut impl Trace,
    ) -> &'s [UserIndex] {
        self.find_rules(sender, scratch);
        let routes = std::mem::take(&mut scratch.routes);
        let blocks = std::mem::take(&mut scratch.blocks);
        let update = Sent {
            sender,
            state,
            currently_active,
        };
        self.send_by(&routes, &blocks, update, scratch, trace);
        // Back where they came from, so that the next update finds their space.
        scratch.routes = routes;
        scratch.blocks = blocks;
        &scratch.users
    }

    /// Finds the routes and blocks that are about a sender, in their order.
    pub(super) fn find_rules(self, sender: UserId<'_>, scratch: &mut Scratch) {
        let router = self.router;
        scratch.start();
        let Scratch {
            membership,
            routes,
            blocks,
            ..
        } = scratch;
        router.sets.walk(sender, membership, |set| {
            for decided in router.uses.get(set.0) {
                match decided {
                    Use::Senders(route) => routes.push(*route),
                    Use::BlockSenders(block) => blocks.push(*block),
                    _ => {}
                }
            }
        });
        routes.sort_unstable();
        blocks.sort_unstable();
    }

    /// Puts into the answer whom these routes send an update to, and no block keeps it from.
    pub(super) fn send_by(
        self,
        routes: &[RouteId],
        blocks: &[BlockId],
        update: Sent<'_>,
        scratch: &mut Scratch,
        trace: &mut impl Trace,
    ) {
        let router = self.router;
        for &id in routes {
            let route = router.route(id);
            if !route.when.holds(update.state, update.currently_active) {
                continue;
            }
            trace.takes(id);
            let sent = match &route.recipients {
                Recipients::Listed(listing) => {
                    let users = router.sets.lists.users(*listing);
                    let users = users.inspect(|user| trace.reached(id, *user));
                    self.send(users, router.sets.lists.repeats(*listing), blocks, scratch)
                }
                Recipients::Made(made) => {
                    let (sets, others) = (&router.sets, &mut scratch.others);
                    let users = sets.enumerate_for((made.recipients, 0), update.sender, others);
                    let users = users.into_iter().inspect(|user| trace.reached(id, *user));
                    self.send(users, true, blocks, scratch)
                }
            };
            if sent > 0 {
                trace.sent(id, sent);
            }
        }
    }

    /// Adds the users whom no block keeps the update from, and says how many these are. One who `repeats` is one.
    fn send(
        self,
        users: impl Iterator<Item = UserIndex>,
        repeats: bool,
        blocks: &[BlockId],
        scratch: &mut Scratch,
    ) -> usize {
        scratch.met.start();
        let mut sent = 0;
        for user in users {
            if repeats && !scratch.met.mark(user.0) {
                continue;
            }
            if !blocks.is_empty()
                && (self.router).blocked_recipient(blocks, user, &mut scratch.others)
            {
                continue;
            }
            sent += 1;
            scratch.answer(user);
        }
        sent
    }
}

/// What routes ask of an update.
#[derive(Clone, Copy)]
pub(super) struct Sent<'a> {
    pub sender: UserId<'a>,
    pub state: &'a str,
    pub currently_active: Option<bool>,
}
