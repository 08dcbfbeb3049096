//! Which rules and items decide what a case asserts.
//!
//! The router decides; this looks at the rules as written to say by which of them. A case asserts something about pairs
//! of a sender and a recipient:
//!
//! - if the one gets to see the other, each rule that connects them has a part in it, with the items that hold them;
//! - if not, each block that holds both has, whether a rule would connect them or not: blocks are there to be sure;
//! - what takes one of them out of a set has a part wherever the other side of the rule holds the other one.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeSet, HashMap, HashSet};
use std::rc::Rc;

use foldhash::fast::RandomState;

use super::model::Sent;
use super::points::{PointId, Points, Say};
use crate::router::{Router, Scratch, UserIndex};
use crate::sets::{Asked, Held, SiteId};
use crate::user_id::UserId;

/// A rule set whose decisions are watched.
pub(super) struct Observer<'r> {
    router: &'r Router,
    has_known_users: bool,
    scratch: Scratch,
    pub(crate) points: Points<'r>,
    held: HashMap<Box<str>, Held, RandomState>,
    /// What was said of users, by the set: many cases are about the same ones.
    said: RefCell<HashMap<SiteId, OfSet, RandomState>>,
    /// How much is in that.
    kept: Cell<usize>,
}

/// What is said of each user whom a set was asked about.
type OfSet = HashMap<Box<str>, Rc<Say>, RandomState>;

/// So much is kept of what was said before all of it is let go of.
const MOST_KEPT: usize = 2_000_000;

/// The users about whom a case says whether they are in the answer.
pub(super) enum Asserted<'a> {
    /// All, by giving the whole answer.
    Everyone,
    /// These.
    Users(&'a [String]),
}

/// An answer of the router.
pub(super) enum Got<'a> {
    All,
    Users(&'a [String]),
}

impl<'r> Observer<'r> {
    pub fn new(points: Points<'r>, router: &'r Router, has_known_users: bool) -> Self {
        Self {
            router,
            has_known_users,
            scratch: Scratch::default(),
            points,
            held: HashMap::default(),
            said: RefCell::default(),
            kept: Cell::new(0),
        }
    }

    /// What the items of a set say of a user. Where that depends on the rule's other side, it is asked each time.
    fn ask(&self, set: Option<SiteId>, asked: Asked<'_>) -> Rc<Say> {
        let sites = &self.points.sites;
        let depends = |set: SiteId| sites.graph.dependent(sites.get(set).set).is_some();
        let Some(site) = set.filter(|set| !depends(*set)) else {
            return Rc::new(self.points.ask(set, asked));
        };
        let user = asked.user.as_str();
        let said = self.said.borrow();
        if let Some(said) = said.get(&site).and_then(|said| said.get(user)) {
            return Rc::clone(said);
        }
        drop(said);
        let say = Rc::new(self.points.ask(set, asked));
        let kept = self.kept.get() + 1 + say.held.len() + say.kept_out.len();
        let mut said = self.said.borrow_mut();
        if kept > MOST_KEPT {
            said.clear();
        }
        self.kept.set(if kept > MOST_KEPT { 0 } else { kept });
        let of_set = said.entry(site).or_default();
        of_set.insert(user.into(), Rc::clone(&say));
        say
    }

    /// Adds to `marks` what decided that `got` are the recipients of an update, as far as that is asserted.
    pub fn update(
        &mut self,
        sent: &Sent,
        got: &[String],
        asserted: &Asserted<'_>,
        marks: &mut BTreeSet<PointId>,
    ) {
        let users = self.users(asserted, got, None);
        self.look_up(
            users
                .iter()
                .map(String::as_str)
                .chain([sent.sender.as_str()]),
        );
        let got: HashSet<&str> = got.iter().map(String::as_str).collect();
        let sender = self.who(&sent.sender, None);
        let routes: Vec<_> = (self.points.routes.iter())
            .filter(|route| route.when.holds(&sent.state, sent.currently_active))
            .map(|route| (route, self.ask(Some(route.senders), sender)))
            .filter(|(_, answer)| answer.holds || !answer.kept_out.is_empty())
            .collect();
        for user in &users {
            let who = self.who(user, Some(sender.user));
            let seen = got.contains(user.as_str());
            for (route, senders) in &routes {
                let recipients = self.ask(Some(route.recipients), who);
                Self::pair(
                    route.point,
                    (senders, true),
                    (&recipients, self.is_recipient(user, &recipients)),
                    seen,
                    marks,
                );
            }
            self.blocks((sender, who), seen, marks);
        }
    }

    /// Adds to `marks` what decided whose presence a user may see, as far as that is asserted.
    pub fn interested(
        &mut self,
        user: &str,
        got: &Got<'_>,
        asserted: &Asserted<'_>,
        marks: &mut BTreeSet<PointId>,
    ) {
        let (listed, is_all) = match got {
            Got::All => (&[][..], true),
            Got::Users(users) => (*users, false),
        };
        // ALL holds everybody, so that the asking user stands for them.
        let users = self.users(asserted, listed, is_all.then_some(user));
        self.look_up(users.iter().map(String::as_str).chain([user]));
        let listed: HashSet<&str> = listed.iter().map(String::as_str).collect();
        let asking = self.who(user, None);
        let interests: Vec<_> = (self.points.interests.iter())
            .map(|interest| (interest, self.ask(Some(interest.users), asking)))
            .filter(|(_, answer)| answer.holds || !answer.kept_out.is_empty())
            .collect();
        for sender in &users {
            let who = self.who(sender, Some(asking.user));
            let seen = is_all || listed.contains(sender.as_str());
            for (interest, asks) in &interests {
                let sees = self.ask(Some(interest.sees), who);
                let enumerated = is_all || self.is_seen(sender, &sees);
                let (near, far) = ((&**asks, true), (&*sees, enumerated));
                Self::pair(interest.point, near, far, seen, marks);
            }
            for route in self.points.routes.iter().filter(|route| route.derives) {
                let senders = self.ask(Some(route.senders), Asked { other: None, ..who });
                if !senders.holds && senders.kept_out.is_empty() {
                    continue;
                }
                let asks = Asked {
                    other: Some(who.user),
                    ..asking
                };
                let recipients = self.ask(Some(route.recipients), asks);
                let reached = !self.has_known_users || self.is_recipient(user, &recipients);
                let enumerated = is_all || self.is_seen(sender, &senders);
                let (near, far) = ((&*recipients, reached), (&*senders, enumerated));
                Self::pair(route.point, near, far, seen, marks);
            }
            if !is_all {
                self.blocks((who, asking), seen, marks);
            }
        }
    }

    /// A pair by one rule: each side's answer, and whether the user is enumerated if it holds.
    fn pair(
        rule: PointId,
        (one, one_enumerated): (&Say, bool),
        (other, other_enumerated): (&Say, bool),
        seen: bool,
        marks: &mut BTreeSet<PointId>,
    ) {
        if one.holds {
            marks.extend(&other.kept_out);
        }
        if other.holds {
            marks.extend(&one.kept_out);
        }
        if seen && one.holds && other.holds && one_enumerated && other_enumerated {
            marks.insert(rule);
            marks.extend(one.held.iter().chain(&other.held));
        }
    }

    /// What blocks say to a pair.
    fn blocks(
        &self,
        (sender, recipient): (Asked<'_>, Asked<'_>),
        seen: bool,
        marks: &mut BTreeSet<PointId>,
    ) {
        for block in &self.points.blocks {
            let senders = self.ask(block.senders, sender);
            let recipients = self.ask(block.recipients, recipient);
            let (one, other) = ((&*senders, true), (&*recipients, true));
            // Unlike other rules, a block has done its work where the two do not see each other.
            Self::pair(block.point, one, other, !seen, marks);
        }
    }

    /// Whether a user whom a set holds is among its enumerated recipients.
    fn is_recipient(&self, user: &str, answer: &Say) -> bool {
        let index = self.router.index_of(user);
        answer.named || index.is_some_and(|index| self.router.receives(index))
    }

    /// Whether a user whom a set holds is among those who are enumerated as seen.
    fn is_seen(&self, user: &str, answer: &Say) -> bool {
        let index = self.router.index_of(user);
        answer.named || index.is_some_and(|index| self.router.is_known(index))
    }

    fn users(&self, asserted: &Asserted<'_>, got: &[String], more: Option<&str>) -> Vec<String> {
        match asserted {
            Asserted::Users(users) => users.to_vec(),
            Asserted::Everyone => {
                let scratch = Scratch::default();
                let all = (0..self.router.user_count() as u32)
                    .map(|index| self.router.user(UserIndex(index), &scratch));
                let mut users: Vec<_> = all.map(str::to_owned).collect();
                let made = (got.iter().map(String::as_str).chain(more))
                    .filter(|user| self.router.index_of(user).is_none());
                users.extend(made.map(str::to_owned));
                users
            }
        }
    }

    /// Finds the sets that hold these users, once for all questions.
    fn look_up<'u>(&mut self, users: impl Iterator<Item = &'u str>) {
        for user in users {
            if !self.held.contains_key(user) {
                let id = UserId::parse(user).expect("a router knows user IDs");
                let seen = self.router.observe(id, &mut self.scratch);
                self.held.insert(user.into(), seen.held);
            }
        }
    }

    fn who<'a>(&'a self, user: &'a str, other: Option<UserId<'a>>) -> Asked<'a> {
        Asked {
            user: UserId::parse(user).expect("a router knows user IDs"),
            held: &self.held[user],
            other,
        }
    }
}
