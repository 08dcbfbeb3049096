//! Whose presence a user may see: the question that Synapse asks as `get_interested_users`.

use crate::sets::{Listing, Membership};
use crate::user_id::UserId;

use super::asking::{Asking, Given, Sought};
use super::derivation::Derivation;
use super::scratch::Scratch;
use super::{
    InterestId, NeedsKnownUsers, Recipients, Route, RouteId, Router, Seen, Use, UserIndex,
};

/// Whose presence a user may see.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Interested<'s> {
    /// Everyone's, by this rule.
    All(Rule),
    /// These users', each once, by the order of the rules.
    Users(&'s [UserIndex]),
}

/// A rule that lets somebody see.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Rule {
    /// An interest as written.
    Interest(InterestId),
    /// The interest that derives from a route.
    Route(RouteId),
}

impl Router {
    /// Whose presence a user may see.
    ///
    /// # Errors
    ///
    /// If a rule that is about this user has patterns to look up among known users, and there are none.
    pub fn interested<'s>(
        &self,
        user: UserId<'_>,
        scratch: &'s mut Scratch,
    ) -> Result<Interested<'s>, NeedsKnownUsers> {
        self.start_interested(user, scratch);
        if let Some(by) = self.collect(self.asking(user, None), scratch)? {
            return Ok(Interested::All(by));
        }
        self.remove_blocked(scratch);
        Ok(Interested::Users(&scratch.users))
    }

    /// What one rule alone gives to a user, blocks aside. The rule must be about the user: an interest whose `users`
    /// hold it, or a route.
    ///
    /// # Errors
    ///
    /// As for [`interested`](Self::interested).
    pub(crate) fn interested_by<'s>(
        &self,
        rule: Rule,
        user: UserId<'_>,
        scratch: &'s mut Scratch,
    ) -> Result<Interested<'s>, NeedsKnownUsers> {
        self.start_interested(user, scratch);
        match self.apply(rule, self.asking(user, None), scratch) {
            Given::All => Ok(Interested::All(rule)),
            Given::Users => Ok(Interested::Users(&scratch.users)),
            Given::Unknown => Err(self.needs_known_users(user, rule)),
        }
    }

    /// A user who is to be looked for in many answers.
    pub fn sought<'u>(&self, user: UserId<'u>) -> Sought<'u> {
        let mut membership = Membership::default();
        self.sets.walk(user, &mut membership, |_| {});
        Sought {
            user,
            index: self.index_of(user.as_str()),
            membership,
        }
    }

    /// Whether [`interested`](Self::interested) for `user` has this one in its answer. It is found out without listing
    /// the others, who may be very many.
    ///
    /// ```
    /// use presence_router::router::{Router, Scratch};
    /// use presence_router::rules;
    /// use presence_router::source::Sources;
    /// use presence_router::user_id::UserId;
    ///
    /// let mut sources = Sources::default();
    /// sources.add("rules.yaml", "routes: [{senders: '@alice:corp.example', recipients: '@lobby:corp.example'}]");
    /// let (rule_set, _) = rules::read(&sources);
    /// let router = Router::new(&rule_set, &sources, None)?;
    ///
    /// let alice = router.sought(UserId::parse("@alice:corp.example")?);
    /// let lobby = UserId::parse("@lobby:corp.example")?;
    /// assert!(router.may_see(lobby, &alice, &mut Scratch::default())?);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As for [`interested`](Self::interested).
    pub fn may_see(
        &self,
        user: UserId<'_>,
        sought: &Sought<'_>,
        scratch: &mut Scratch,
    ) -> Result<bool, NeedsKnownUsers> {
        self.start_interested(user, scratch);
        let all = self.collect(self.asking(user, Some(sought)), scratch)?;
        if all.is_some() {
            return Ok(true);
        }
        self.remove_blocked(scratch);
        let index = self.number(sought.user, scratch);
        Ok(scratch.users.contains(&index))
    }

    fn needs_known_users(&self, user: UserId<'_>, rule: Rule) -> NeedsKnownUsers {
        NeedsKnownUsers::Seen {
            user: user.as_str().to_owned(),
            rule: self.described(rule),
        }
    }

    /// The rules that cannot be answered by, in words: their patterns have to be looked up among known users, and there
    /// are none.
    pub fn rules_without_known_users(&self) -> Vec<String> {
        (self.unroutable.iter())
            .map(|route| format!("route `{}`", self.route_name(*route)))
            .chain(self.unanswerable.iter().map(|rule| self.described(*rule)))
            .collect()
    }

    /// The rule in the words of a message.
    fn described(&self, rule: Rule) -> String {
        match rule {
            Rule::Interest(interest) => format!("interest `{}`", self.interest_name(interest)),
            Rule::Route(route) => format!(
                "interest that derives from the route `{}`",
                self.route_name(route)
            ),
        }
    }

    /// Starts a new answer, and finds the rules that are about a user.
    fn start_interested(&self, user: UserId<'_>, scratch: &mut Scratch) {
        scratch.start();
        let Scratch {
            membership,
            routes,
            interests,
            blocks,
            ..
        } = &mut *scratch;
        self.sets.walk(user, membership, |set| {
            for decided in self.uses.get(set.0) {
                match decided {
                    Use::Users(interest) => interests.push(*interest),
                    Use::Recipients(route) => routes.push(*route),
                    Use::BlockRecipients(block) => blocks.push(*block),
                    Use::Senders(_) | Use::BlockSenders(_) => {}
                }
            }
        });
        routes.extend_from_slice(&self.made);
        routes.sort_unstable();
        interests.sort_unstable();
    }

    fn asking<'a>(&self, user: UserId<'a>, only: Option<&'a Sought<'a>>) -> Asking<'a> {
        Asking {
            user,
            index: self.index_of(user.as_str()),
            only,
        }
    }

    /// The users of a listing who matter to the one who asks.
    fn listed<'s>(
        &'s self,
        listing: Listing,
        asking: Asking<'s>,
    ) -> impl Iterator<Item = UserIndex> + use<'s> {
        self.listed_from(listing, 0, asking)
    }

    /// The same without the first ones.
    pub(super) fn listed_from<'s>(
        &'s self,
        listing: Listing,
        from: usize,
        asking: Asking<'s>,
    ) -> impl Iterator<Item = UserIndex> + use<'s> {
        let one = asking.only.and_then(|sought| {
            let index = sought.index?;
            let is_known = self.is_known(index);
            let lists = &self.sets.lists;
            (lists.enumerates(listing, index, is_known, &sought.membership)).then_some(index)
        });
        let all = (asking.only.is_none()).then(|| self.sets.lists.users_from(listing, from));
        one.into_iter().chain(all.into_iter().flatten())
    }

    fn apply(&self, rule: Rule, asking: Asking<'_>, scratch: &mut Scratch) -> Given {
        if let Some(viewing) = &mut scratch.viewing {
            viewing.rule = Some(rule);
        }
        match rule {
            Rule::Interest(id) => {
                let sees = &self.interests[id.0 as usize].sees;
                self.give(sees, asking, scratch)
            }
            Rule::Route(id) => self.derive(self.route(id), asking, scratch),
        }
    }

    /// Puts into the answer whom the rules give to a user, or finds the rule that gives it everyone.
    fn collect(
        &self,
        asking: Asking<'_>,
        scratch: &mut Scratch,
    ) -> Result<Option<Rule>, NeedsKnownUsers> {
        let interests = std::mem::take(&mut scratch.interests);
        let routes = std::mem::take(&mut scratch.routes);
        let mut all = Ok(None);
        let rules = (interests.iter().map(|id| Rule::Interest(*id)))
            .chain(routes.iter().map(|id| Rule::Route(*id)));
        for by in rules {
            match self.apply(by, asking, scratch) {
                Given::Users => {}
                Given::All => {
                    all = all.map(|all| all.or(Some(by)));
                    // Another rule may still be one that cannot be answered by.
                    if self.sets.has_known_users() {
                        break;
                    }
                }
                Given::Unknown => {
                    all = Err(self.needs_known_users(asking.user, by));
                    break;
                }
            }
        }
        scratch.interests = interests;
        scratch.routes = routes;
        all
    }

    pub(super) fn give(&self, sees: &Seen, asking: Asking<'_>, scratch: &mut Scratch) -> Given {
        match sees {
            Seen::Everyone { .. } => return Given::All,
            Seen::Unknown => return Given::Unknown,
            Seen::Listed(users) => self.see(*users, asking, scratch),
            Seen::Made(made) => {
                let shared = (scratch.viewing.is_some()).then(|| self.sets.shared(*made));
                let users = if let Some(listing) = shared.flatten() {
                    self.see(listing, asking, scratch);
                    (self.sets).named_for(*made, asking.user, &mut scratch.others)
                } else {
                    let from = scratch.gone_through(self.sets.known_count(*made));
                    (self.sets).enumerate_for((*made, from), asking.user, &mut scratch.others)
                };
                for user in users {
                    scratch.answer(user);
                }
            }
        }
        Given::Users
    }

    fn see(&self, listing: Listing, asking: Asking<'_>, scratch: &mut Scratch) {
        match &mut scratch.viewing {
            Some(viewing) => viewing.lists.push(listing),
            None => (self.listed(listing, asking)).for_each(|user| scratch.answer(user)),
        }
    }

    /// The interest that derives from a route.
    fn derive(&self, route: &Route, asking: Asking<'_>, scratch: &mut Scratch) -> Given {
        let Some(senders) = &route.derived else {
            return Given::Users;
        };
        match &route.recipients {
            Recipients::Listed(listed) => match self.reaches(*listed, asking) {
                Some(true) => self.give(senders, asking, scratch),
                Some(false) => Given::Users,
                None => Given::Unknown,
            },
            Recipients::Made(made) => {
                let server = made.senders_server.as_deref();
                Derivation::new(self, route, senders, server, asking)
                    .derive(made.recipients.set, scratch)
            }
        }
    }

    /// Whether a user whom a set matches is among its enumerated recipients: one who receives, or named. `None` if it
    /// would have to be known, and there are no known users.
    pub(super) fn reaches(&self, listed: Listing, asking: Asking<'_>) -> Option<bool> {
        let is_named = |index| self.sets.lists.names(listed, index);
        let reaches = self.sets.lists.known_list(listed).is_none()
            || (asking.index).is_some_and(|index| self.receives(index) || is_named(index));
        (reaches || self.sets.has_known_users()).then_some(reaches)
    }

    fn remove_blocked(&self, scratch: &mut Scratch) {
        if scratch.blocks.is_empty() {
            return;
        }
        let Scratch {
            users,
            blocks,
            others,
            ..
        } = scratch;
        users.retain(|&user| !self.blocked_sender(blocks, user, others));
    }
}
