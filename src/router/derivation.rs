//! The interest that derives from a route whose recipients have templates.

use crate::pattern::{Inverse, Template};
use crate::sets::{Holds, Listing, Membership, Node, Purpose, SetId};
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
    /// for whom none of these holds the user.
    excludes: Vec<SetId>,
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
            |search: &Search<'_>| search.template.is_none() && search.excludes.is_empty();
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

    /// `excludes` are the sets that the item is without, each of which may depend on the sender.
    fn item(&mut self, recipients: SetId, excludes: &mut Vec<SetId>, scratch: &mut Scratch) {
        let mut search = |template| {
            self.searches.push(Search {
                template,
                excludes: excludes.clone(),
            });
        };
        let sets = &self.router.sets;
        match sets.graph.dependent(recipients) {
            None => {
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
                            self.give_sender(&sender, excludes, scratch);
                        }
                    }
                    Inverse::Unbounded => search(Some(template)),
                }
            }
            Some(Node::Union(members)) => {
                for member in members {
                    self.item(*member, excludes, scratch);
                }
            }
            Some(Node::Difference { include, exclude }) => {
                let user = (self.asking.user, &scratch.membership);
                match sets.graph.holds(*exclude, user, None) {
                    Holds::Yes => {}
                    Holds::No => self.item(*include, excludes, scratch),
                    // Who asks may be among those whom a view has: it sees itself in any case. ALL would be something else.
                    Holds::Maybe
                        if scratch.viewing.is_some()
                            && matches!(self.senders, Seen::Listed(_))
                            && self.is_oneself(*exclude) =>
                    {
                        self.item(*include, excludes, scratch);
                    }
                    Holds::Maybe => {
                        excludes.push(*exclude);
                        self.item(*include, excludes, scratch);
                        excludes.pop();
                    }
                }
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
    fn give_sender(&self, sender: &str, excludes: &[SetId], scratch: &mut Scratch) {
        let Ok(id) = UserId::parse(sender) else {
            return;
        };
        let router = self.router;
        let is_sender = (router.sets).holds(self.route.senders, id, &mut scratch.others.membership);
        if is_sender && !self.excluded(id, excludes, &scratch.membership) {
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
                    && !self.excluded(id, &search.excludes, &scratch.membership)
            };
            if self.searches.iter().any(reaches) {
                scratch.answer(sender);
            }
        }
    }

    fn excluded(&self, sender: UserId<'_>, excludes: &[SetId], membership: &Membership) -> bool {
        let user = (self.asking.user, membership);
        let graph = &self.router.sets.graph;
        (excludes.iter()).any(|exclude| graph.holds(*exclude, user, Some(sender)) == Holds::Yes)
    }
}
