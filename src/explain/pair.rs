//! One sender, one recipient.

use std::collections::HashSet;

use crate::known_users::Role;
use crate::presence_state::{BUSY, PresenceState, SPECIFIED};
use crate::router::{BlockId, NeedsKnownUsers, RouteId, Routing, Scratch, Trace, UserIndex};
use crate::rules::when::{self, When};
use crate::user_id::UserId;

use super::seen::Seen;
use super::{Circumstances, Explainer, RuleRef, Standing, Trail, User};

/// Why one user's updates reach another, or why not.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Pair {
    /// Whose updates.
    pub sender: String,
    /// The user whom they reach or not.
    pub recipient: String,
    /// The role of that user, if it is known.
    pub recipient_role: Option<Role>,
    /// The presence state that was asked about; `None` if all updates are meant.
    pub state: Option<String>,
    /// The answer.
    pub verdict: Verdict,
    /// Whether the routes send the updates to the recipient.
    pub sends: Sends,
    /// Where they send some of them: of each state, whether they send its updates.
    pub states: Vec<(String, Sends)>,
    /// The routes that are about one of the two users, or would be if nothing were excluded, by their order.
    pub routes: Vec<RouteFacts>,
    /// The blocks that match the pair.
    pub blocks: Vec<BlockFacts>,
    /// The other half: whose presence the recipient may see.
    pub seen: Seen,
}

/// So many states are looked at one by one.
const MOST_STATES: usize = 12;

/// Whether updates arrive. Synapse delivers an update if a route sends it and the recipient may see the sender.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Verdict {
    /// Routed, and seen.
    Delivered,
    /// A route would send them, and a block keeps them back.
    Blocked,
    /// Routed, but the recipient may not see the sender, so that Synapse drops them.
    Unseen,
    /// Not routed, but the recipient may see the sender: Synapse shows the sender's presence late, at the next sync.
    Late,
    /// No route sends them.
    NotRouted,
}

/// Whether something sends the updates of a sender.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sends {
    /// All that were asked about.
    All,
    /// Some of them: `when` decides.
    Some,
    /// None.
    None,
}

/// A route's part in the answer.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RouteFacts {
    /// The route.
    pub rule: RuleRef,
    /// Where the sender stands in `senders`.
    pub senders: Standing,
    /// Where the recipient stands in `recipients`.
    pub recipients: Standing,
    /// The route's condition.
    pub when: When,
    /// Whether the recipient can see the sender by this route alone: `derive_interests` of the file.
    pub derives_interest: bool,
    /// What the route does, blocks aside.
    pub sends: Sends,
    /// Why it does not do more: empty if it sends all.
    pub stops: Vec<Stop>,
}

/// What keeps a route from sending an update to a recipient.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Stop {
    /// `senders` do not hold the sender.
    Sender,
    /// `recipients` do not hold the recipient.
    Recipient,
    /// A pattern matches the recipient, but nobody knows it: it is not known.
    Unknown,
    /// A pattern matches the recipient, which is known, but only seen.
    OnlySeen,
    /// `when` leaves updates out.
    When,
}

impl Stop {
    /// Why patterns do not take in a recipient of this role, whom they match. Where something names it beside them,
    /// that is what takes it in, and they are left out.
    pub(super) fn by_role(role: Option<Role>, recipients: &mut Standing) -> Option<Self> {
        let stop = match role {
            None => Self::Unknown,
            Some(role) if role.receives() => return None,
            Some(_) => Self::OnlySeen,
        };
        let Standing::In(ways) = recipients else {
            return None;
        };
        if !ways.trails.iter().any(Trail::is_name) {
            return Some(stop);
        }
        ways.trails.retain(Trail::is_name);
        None
    }
}

/// A block that matches the pair.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct BlockFacts {
    /// The block.
    pub rule: RuleRef,
    /// Where the sender stands; `None` if the block is about all senders.
    pub senders: Option<Standing>,
    /// Where the recipient stands; `None` if the block is about all recipients.
    pub recipients: Option<Standing>,
}

/// What was seen of one update on its way.
#[derive(Default)]
pub(super) struct Way {
    /// The routes that took the update, each with those whom it reaches.
    pub reached: Vec<(RouteId, Vec<UserIndex>)>,
}

impl Trace for Way {
    fn sent(&mut self, _: RouteId, _: usize) {}

    fn takes(&mut self, route: RouteId) {
        self.reached.push((route, Vec::new()));
    }

    fn reached(&mut self, _: RouteId, recipient: UserIndex) {
        if let Some((_, recipients)) = self.reached.last_mut() {
            recipients.push(recipient);
        }
    }
}

/// Watches for one recipient.
struct Reaches {
    recipient: UserIndex,
    /// The update that is on its way.
    case: usize,
    /// The routes that reach the recipient, each with the update.
    routes: HashSet<(usize, RouteId)>,
}

impl Trace for Reaches {
    fn sent(&mut self, _: RouteId, _: usize) {}

    fn reached(&mut self, route: RouteId, recipient: UserIndex) {
        if recipient == self.recipient {
            self.routes.insert((self.case, route));
        }
    }
}

impl Explainer<'_> {
    /// Why updates of `sender` reach `recipient`, or why not. Without circumstances, all updates are meant.
    ///
    /// # Errors
    ///
    /// If recipients have to be looked up among known users, and there is none.
    pub fn pair(
        &self,
        sender: UserId<'_>,
        recipient: UserId<'_>,
        update: Option<Circumstances<'_>>,
        scratch: &mut Scratch,
    ) -> Result<Pair, NeedsKnownUsers> {
        let routing = self.router.routing()?;
        let (from, to) = (self.user(sender, scratch), self.user(recipient, scratch));
        let index = self.router.number(recipient, scratch);
        let cases = self.cases(&from, update);
        let routed = routed(routing, &from, index, &cases, scratch);
        let routes = self.route_facts(&from, &to, &routed);
        let seen = self.seen(&from, &to, scratch)?;
        let blocks = self.block_facts(&from, &to);
        let would_send = routes.iter().any(|route| route.sends != Sends::None);
        let verdict = match (routed.sends, seen.holds) {
            (Sends::All | Sends::Some, true) => Verdict::Delivered,
            (Sends::All | Sends::Some, false) => Verdict::Unseen,
            (Sends::None, _) if would_send => Verdict::Blocked,
            (Sends::None, true) if seen.all.is_none() => Verdict::Late,
            (Sends::None, _) => Verdict::NotRouted,
        };
        let states = match routed.sends {
            Sends::Some => self.states(routing, &from, index, scratch),
            _ => Vec::new(),
        };
        Ok(Pair {
            states,
            sender: sender.as_str().to_owned(),
            recipient: recipient.as_str().to_owned(),
            recipient_role: self.role(recipient),
            state: update.map(|update| update.state.to_owned()),
            verdict,
            sends: routed.sends,
            routes,
            blocks,
            seen,
        })
    }

    /// One update for each way in which the routes of the sender can tell its updates apart.
    pub(super) fn cases<'c>(
        &'c self,
        sender: &User<'_>,
        update: Option<Circumstances<'c>>,
    ) -> Vec<Circumstances<'c>> {
        if let Some(update) = update {
            return vec![update];
        }
        let routes = sender.seen.sender_of.iter();
        let kinds = when::kinds(routes.map(|id| &self.route(*id).rule.when));
        let cases = kinds.into_iter().map(|kind| Circumstances {
            // No state that a client sets is empty, so this stands for all that no rule names.
            state: kind.state.unwrap_or_default(),
            currently_active: kind.currently_active,
        });
        cases.collect()
    }

    /// What is sent of each state that Matrix knows, and of those that the routes of the sender name.
    fn states(
        &self,
        routing: Routing<'_>,
        from: &User<'_>,
        recipient: UserIndex,
        scratch: &mut Scratch,
    ) -> Vec<(String, Sends)> {
        let conditions: Vec<_> = (from.seen.sender_of.iter())
            .map(|id| &self.route(*id).rule.when)
            .collect();
        let named = conditions.iter().filter_map(|when| when.states.as_ref());
        let named = named.flat_map(when::States::names);
        let mut met = HashSet::new();
        let states = SPECIFIED.into_iter().chain([BUSY]).chain(named);
        let states = states.filter(|state| met.insert(PresenceState::new(state)));
        let decides = (conditions.iter()).any(|when| when.currently_active.is_some());
        let activities: &[_] = if decides {
            &[None, Some(true), Some(false)]
        } else {
            &[None]
        };
        let sent = states.take(MOST_STATES).map(|state| {
            let cases = activities.iter().map(|active| Circumstances {
                state,
                currently_active: *active,
            });
            let cases: Vec<_> = cases.collect();
            let sent = routed(routing, from, recipient, &cases, scratch).sends;
            (state.to_owned(), sent)
        });
        sent.collect()
    }

    fn route_facts(&self, from: &User<'_>, to: &User<'_>, routed: &Routed) -> Vec<RouteFacts> {
        let mut of_sender = self.standings(from, None);
        let mut of_recipient = self.standings(to, Some(from.id));
        let role = self.role(to.id);
        let mut facts = Vec::new();
        for (id, route) in self.routes() {
            let senders = of_sender.of(route.sides.seen_at);
            let mut recipients = of_recipient.of(route.sides.seer_at);
            if senders == Standing::Out && recipients == Standing::Out {
                continue;
            }
            let sends = routed.by(id);
            let mut stops = Vec::new();
            if !senders.is_in() {
                stops.push(Stop::Sender);
            }
            if !recipients.is_in() {
                stops.push(Stop::Recipient);
            }
            stops.extend(Stop::by_role(role, &mut recipients));
            // Whatever else could stop it is in the list, and the router says that something did.
            if stops.is_empty() && sends != Sends::All {
                stops.push(Stop::When);
            }
            facts.push(RouteFacts {
                rule: route.reference.clone(),
                senders,
                recipients,
                when: route.rule.when.clone(),
                derives_interest: route.derives_interests,
                sends,
                stops,
            });
        }
        facts
    }

    pub(super) fn role(&self, user: UserId<'_>) -> Option<Role> {
        self.router.role(self.router.index_of(user.as_str())?)
    }

    fn block_facts(&self, from: &User<'_>, to: &User<'_>) -> Vec<BlockFacts> {
        let about_recipient = &to.seen.blocked_recipient_of;
        let blocks = (from.seen.blocked_sender_of.iter())
            .filter(|block| about_recipient.binary_search(block).is_ok());
        blocks
            .map(|block| self.block_fact(*block, from, to))
            .collect()
    }

    fn block_fact(&self, block: BlockId, from: &User<'_>, to: &User<'_>) -> BlockFacts {
        let block = self.block(block);
        let (rule, sides) = (block.rule, block.sides);
        let side = |site, user| self.standings(user, None).of(site);
        BlockFacts {
            rule: block.reference.clone(),
            senders: (rule.senders.as_ref()).map(|_| side(sides.seen_at, from)),
            recipients: (rule.recipients.as_ref()).map(|_| side(sides.seer_at, to)),
        }
    }
}

/// What the router did with a sender's updates, as far as one recipient goes.
struct Routed {
    sends: Sends,
    cases: usize,
    /// The routes that reach the recipient, each with the case.
    routes: HashSet<(usize, RouteId)>,
}

impl Routed {
    fn by(&self, route: RouteId) -> Sends {
        Sends::of(
            self.routes.iter().filter(|(_, id)| *id == route).count(),
            self.cases,
        )
    }
}

impl Sends {
    fn of(sent: usize, cases: usize) -> Self {
        match sent {
            0 => Self::None,
            sent if sent == cases => Self::All,
            _ => Self::Some,
        }
    }
}

fn routed(
    routing: Routing<'_>,
    from: &User<'_>,
    recipient: UserIndex,
    cases: &[Circumstances<'_>],
    scratch: &mut Scratch,
) -> Routed {
    let mut reaches = Reaches {
        recipient,
        case: 0,
        routes: HashSet::new(),
    };
    let mut sent = 0;
    for (number, case) in cases.iter().enumerate() {
        reaches.case = number;
        let (state, active) = (case.state, case.currently_active);
        let answer = routing.route(from.id, state, active, scratch, &mut reaches);
        sent += usize::from(answer.contains(&recipient));
    }
    Routed {
        sends: Sends::of(sent, cases.len()),
        cases: cases.len(),
        routes: reaches.routes,
    }
}
