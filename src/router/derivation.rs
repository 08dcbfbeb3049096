//! The interest that derives from a route whose recipients have templates.

use crate::pattern::{Inverse, Template};
use crate::sets::{Holds, Listing, Membership, Node, Purpose, SetId, ways_into};
use crate::user_id::UserId;

use super::asking::{Asking, Given};
use super::scratch::Scratch;
use super::{Route, Router, Seen};

/// Deriving an interest from a route whose recipients have templates: first the senders whom templates tell, and then
/// those listed senders for whom other items of the recipients reach the asking user.
pub(super) struct Derivation<'a> {
    router: &'a Router,
    route: &'a Route,
    senders: &'a Seen,
    /// The server name that all senders have, where there is only one.
    senders_server: Option<&'a str>,
    asking: Asking<'a>,
    searches: Vec<Search<'a>>,
    /// Whether an item reaches the user if it is known, and there are no known users.
    is_unknown: bool,
}

/// An item that reaches the asking user for senders who have to be looked for.
struct Search<'a> {
    /// Those of whom this makes the user, or else all
    template: Option<&'a Template>,
    /// for whom each of these is so.
    conditions: Vec<Condition>,
}

/// What has to be so for a sender: that a set, as it is for this sender, holds the asking user, or does not.
#[derive(Clone, Copy)]
struct Condition {
    set: SetId,
    holds: bool,
}

impl<'a> Derivation<'a> {
    pub fn new(
        router: &'a Router,
        route: &'a Route,
        senders: &'a Seen,
        senders_server: Option<&'a str>,
        asking: Asking<'a>,
    ) -> Self {
        Self {
            router,
            route,
            senders,
            senders_server,
            asking,
            searches: Vec::new(),
            is_unknown: false,
        }
    }

    /// Puts the senders into the answer.
    pub fn derive(mut self, recipients: SetId, scratch: &mut Scratch) -> Given {
        self.item(recipients, &mut Vec::new(), scratch);
        let is_for_all =
            |search: &Search<'_>| search.template.is_none() && search.conditions.is_empty();
        let listed = match self.senders {
            Seen::Listed(listed) => Some(*listed),
            Seen::Everyone { listed } => *listed,
            Seen::Unknown | Seen::Made(_) => None,
        };
        if self.is_unknown || listed.is_none() && !self.searches.iter().all(is_for_all) {
            return Given::Unknown;
        }
        if self.searches.iter().any(is_for_all) {
            return self.router.give(self.senders, self.asking, scratch);
        }
        if let Some(listed) = listed
            && !self.searches.is_empty()
        {
            self.search(listed, scratch);
        }
        Given::Users
    }

    /// `conditions` are those of the sets around the item that depend on the sender.
    fn item(&mut self, recipients: SetId, conditions: &mut Vec<Condition>, scratch: &mut Scratch) {
        let mut search = |template| {
            self.searches.push(Search {
                template,
                conditions: conditions.clone(),
            });
        };
        let sets = &self.router.sets;
        match sets.graph.dependent(recipients) {
            None | Some(Node::Listed(_)) => {
                if scratch.membership.holds(recipients)
                    && let Some(part) = sets.lists.part(recipients, Purpose::Recipients)
                {
                    match self.router.reaches(part, self.asking) {
                        Some(true) => search(None),
                        Some(false) => {}
                        None => self.is_unknown = true,
                    }
                }
            }
            Some(Node::Template(template)) => {
                match template.invert(self.asking.user, self.senders_server) {
                    Inverse::These(senders) => {
                        for sender in senders {
                            self.give_sender(&sender, conditions, scratch);
                        }
                    }
                    Inverse::Unbounded => search(Some(template)),
                }
            }
            Some(Node::Union(members)) => {
                for member in members {
                    self.item(*member, conditions, scratch);
                }
            }
            Some(Node::Intersection(both)) => {
                let names_all = |set| sets.names_all(set, Purpose::Recipients);
                for (set, beside) in ways_into(*both, names_all) {
                    let condition = Condition {
                        set: beside,
                        holds: true,
                    };
                    self.item_if(set, condition, conditions, scratch);
                }
            }
            Some(Node::Difference { include, exclude }) => {
                let condition = Condition {
                    set: *exclude,
                    holds: false,
                };
                self.item_if(*include, condition, conditions, scratch);
            }
        }
    }

    /// The same under one more condition.
    fn item_if(
        &mut self,
        recipients: SetId,
        condition: Condition,
        conditions: &mut Vec<Condition>,
        scratch: &mut Scratch,
    ) {
        let user = (self.asking.user, &scratch.membership);
        let holds = self.router.sets.graph.holds(condition.set, user, None);
        match (holds, condition.holds) {
            (Holds::Yes, false) | (Holds::No, true) => {}
            (Holds::Yes, true) | (Holds::No, false) => self.item(recipients, conditions, scratch),
            // Who asks may be among those whom a view has: it sees itself in any case. ALL would be something else.
            (Holds::Maybe, false)
                if scratch.viewing.is_some()
                    && matches!(self.senders, Seen::Listed(_))
                    && self.is_oneself(condition.set) =>
            {
                self.item(recipients, conditions, scratch);
            }
            (Holds::Maybe, _) => {
                conditions.push(condition);
                self.item(recipients, conditions, scratch);
                conditions.pop();
            }
        }
    }

    /// Whether who asks is in a set for nobody but itself as the sender: that of the template `@{localpart}:{server}`.
    fn is_oneself(&self, set: SetId) -> bool {
        let user = self.asking.user;
        let Some(Node::Template(template)) = self.router.sets.graph.dependent(set) else {
            return false;
        };
        let inverse = template.invert(user, self.senders_server);
        matches!(inverse, Inverse::These(senders) if senders.iter().all(|sender| *sender == user.as_str()))
    }

    /// Gives a sender that a template's inverse names, if it is one.
    fn give_sender(&self, sender: &str, conditions: &[Condition], scratch: &mut Scratch) {
        let Ok(id) = UserId::parse(sender) else {
            return;
        };
        let router = self.router;
        let is_sender = (router.sets).holds(self.route.senders, id, &mut scratch.others.membership);
        if is_sender && self.are_met(conditions, id, &scratch.membership) {
            let index = router.sets.number(sender, &mut scratch.others);
            scratch.answer(index);
        }
    }

    /// Goes through the listed senders, and gives those for whom one of the items reaches the asking user.
    fn search(&self, listed: Listing, scratch: &mut Scratch) {
        let from = scratch.gone_through(self.router.sets.lists.count(listed));
        for sender in self.router.listed_from(listed, from, self.asking) {
            let Ok(id) = UserId::parse(self.router.user(sender, scratch)) else {
                continue;
            };
            let reaches = |search: &Search<'_>| {
                let makes = |template: &Template| {
                    template.make(id).as_deref() == Some(self.asking.user.as_str())
                };
                search.template.is_none_or(makes)
                    && self.are_met(&search.conditions, id, &scratch.membership)
            };
            if self.searches.iter().any(reaches) {
                scratch.answer(sender);
            }
        }
    }

    fn are_met(
        &self,
        conditions: &[Condition],
        sender: UserId<'_>,
        membership: &Membership,
    ) -> bool {
        let user = (self.asking.user, membership);
        let graph = &self.router.sets.graph;
        let holds = |set| graph.holds(set, user, Some(sender)) == Holds::Yes;
        (conditions.iter()).all(|condition| holds(condition.set) == condition.holds)
    }
}
