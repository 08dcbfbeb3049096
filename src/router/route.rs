//! Whom an update reaches: the question that Synapse asks as `get_users_for_states`.

use std::collections::HashSet;

use foldhash::fast::RandomState;

use crate::user_id::UserId;

use super::{BlockId, Recipients, RouteId, Router, Scratch, Use, UserIndex};

/// A router that has every user it needs to route.
#[derive(Clone, Copy, Debug)]
pub struct Routing<'r> {
    router: &'r Router,
}

/// Some routes cannot be told whom they reach: a pattern stands among their recipients, and there is no directory of
/// known users that it could be looked up in.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "the recipients of {} are patterns, and without a directory of known users nobody can be found whom they match",
    list(.0)
)]
pub struct NeedsDirectory(pub Vec<String>);

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

    /// A route takes the update, and these are its recipients, each once, before any block keeps it from them.
    fn reached(&mut self, _route: RouteId, _recipients: &[UserIndex]) {}
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

impl Router {
    /// The router for updates.
    ///
    /// # Errors
    ///
    /// If recipients have to be looked up in a directory, and there is none.
    pub fn routing(&self) -> Result<Routing<'_>, NeedsDirectory> {
        if self.unroutable.is_empty() {
            return Ok(Routing { router: self });
        }
        let names = (self.unroutable.iter()).map(|route| self.route_name(*route).to_string());
        Err(NeedsDirectory(names.collect()))
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
        let router = self.router;
        scratch.start();
        let Scratch {
            membership,
            routes,
            blocks,
            ..
        } = &mut *scratch;
        router
            .sets
            .walk(&router.matcher, sender, membership, |set| {
                for decided in router.uses.get(set.0) {
                    match decided {
                        Use::Senders(route) => routes.push(*route),
                        Use::BlockSenders(block) => blocks.push(*block),
                        _ => {}
                    }
                }
            });
        routes.sort_unstable();
        let routes = std::mem::take(&mut scratch.routes);
        let blocks = std::mem::take(&mut scratch.blocks);
        for &id in &routes {
            let route = router.route(id);
            if !route.when.holds(state, currently_active) {
                continue;
            }
            let sent = match &route.recipients {
                Recipients::Listed(users) => {
                    trace.reached(id, users);
                    self.send(users, &blocks, scratch)
                }
                Recipients::Made(dynamic) => {
                    let mut users = Vec::new();
                    dynamic.enumerate(router, sender, scratch, &mut users);
                    keep_first(&mut users);
                    trace.reached(id, &users);
                    self.send(&users, &blocks, scratch)
                }
            };
            if sent > 0 {
                trace.sent(id, sent);
            }
        }
        // Back where they came from, so that the next update finds their space.
        scratch.routes = routes;
        scratch.blocks = blocks;
        &scratch.users
    }

    /// Adds the users whom no block keeps the update from, and says how many these are.
    fn send(self, users: &[UserIndex], blocks: &[BlockId], scratch: &mut Scratch) -> usize {
        if blocks.is_empty() {
            for user in users {
                scratch.answer(*user);
            }
            return users.len();
        }
        let mut membership = std::mem::take(&mut scratch.other);
        let mut sent = 0;
        for &user in users {
            let recipient = (user, self.router.user(user, scratch));
            if !(self.router).blocked_recipient(blocks, recipient, &mut membership) {
                sent += 1;
                scratch.answer(user);
            }
        }
        scratch.other = membership;
        sent
    }
}

/// Leaves each user where it comes first.
fn keep_first(users: &mut Vec<UserIndex>) {
    let mut seen = HashSet::with_hasher(RandomState::default());
    users.retain(|user| seen.insert(*user));
}
