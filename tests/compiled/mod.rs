//! The router, asked in the way in which the plain evaluator is asked.

use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap};

use presence_router::known_users::{KnownUsers, Role};
use presence_router::router::{
    self, Answers, NeedsKnownUsers, Progress, RouteId, Router, Scratch, Senders, Since, View,
    Viewed,
};
use presence_router::rules::RuleSet;
use presence_router::source::Sources;
use presence_router::user_id::UserId;

use crate::plain::{Interested, Routed, Update};

pub struct Compiled {
    router: Router,
    /// One for all questions, as in earnest: an answer must not depend on those before it.
    scratch: RefCell<Scratch>,
}

impl Compiled {
    pub fn new(sources: &Sources, rules: &RuleSet, known_users: Option<&KnownUsers>) -> Self {
        let router = Router::new(rules, sources, known_users).expect("rules without errors");
        let scratch = RefCell::default();
        Self { router, scratch }
    }

    pub fn routes_without_known_users(&self) -> Vec<String> {
        self.router.routing().map_or_else(named, |_| Vec::new())
    }

    /// Adds a known user, as while a homeserver runs; says whether that changes anything.
    pub fn add_known(&mut self, user: &str, role: Role) -> bool {
        let scratch = self.scratch.get_mut();
        let added = self.router.add_known(user_id(user), role, scratch);
        added.expect("a router with known users")
    }

    /// Takes what a homeserver says of a user; says whether that changes anything.
    pub fn set_known(&mut self, user: &str, role: Option<Role>) -> bool {
        let scratch = self.scratch.get_mut();
        let changed = self.router.set_known(user_id(user), role, scratch);
        changed.expect("a router with known users")
    }

    pub fn changes_of_recipients(&self) -> u64 {
        self.router.changes_of_recipients()
    }

    /// Whom an update reaches, as a program asks that remembers its senders.
    pub fn route_remembered(&self, update: &Update, senders: &mut Senders) -> Vec<String> {
        let routing = self.router.routing().expect("a router with known users");
        let mut scratch = self.scratch.borrow_mut();
        let class = senders
            .class(&update.sender, routing, &mut scratch)
            .expect("a valid user ID");
        let (state, active) = if senders.needs_state(class) {
            (update.state.as_str(), update.currently_active)
        } else {
            ("", None)
        };
        let sender = if senders.needs_sender(class) {
            user_id(&update.sender)
        } else {
            user_id("@another:elsewhere.example")
        };
        let users = senders
            .route(class, routing, sender, state, active, &mut scratch)
            .to_vec();
        assert!(users.is_empty() || !senders.reaches_nobody(class));
        let name = |user| self.router.user(user, &scratch).to_owned();
        users.into_iter().map(name).collect()
    }

    /// Whom updates reach, as a program asks that keeps the answers.
    pub fn route_all<'u>(&self, updates: impl IntoIterator<Item = &'u Update>) -> Vec<Routed> {
        let routing = self.router.routing().expect("a router with known users");
        let mut answers = Answers::new(routing);
        let route = |update: &Update| {
            answers.trim();
            let class = answers.class(&update.sender).expect("a valid user ID");
            let (state, active) = (&update.state, update.currently_active);
            let id = answers.route(class, &update.sender, state, active);
            let answer = answers.answer(id);
            Routed {
                recipients: (answer.users.iter())
                    .map(|user| answers.name(*user).to_owned())
                    .collect(),
                routes: (answer.sent.iter())
                    .map(|(route, _)| self.router.route_name(*route).to_string())
                    .collect(),
            }
        };
        updates.into_iter().map(route).collect()
    }

    pub fn senders(&self) -> Senders {
        Senders::new(&self.router)
    }

    /// Whom an update reaches; nobody where routing is refused.
    pub fn route(&self, update: &Update) -> Routed {
        let Ok(routing) = self.router.routing() else {
            return Routed::default();
        };
        let mut scratch = self.scratch.borrow_mut();
        let mut sent: Vec<RouteId> = Vec::new();
        let sender = user_id(&update.sender);
        let (state, active) = (&update.state, update.currently_active);
        let users = routing
            .route(sender, state, active, &mut scratch, &mut sent)
            .to_vec();
        Routed {
            recipients: (users.iter())
                .map(|user| self.router.user(*user, &scratch).to_owned())
                .collect(),
            routes: (sent.iter())
                .map(|route| self.router.route_name(*route).to_string())
                .collect(),
        }
    }

    /// Whose presence a user may see, sorted, as a program asks that keeps large answers.
    pub fn viewed(&self, user: &str, kept: &mut Kept) -> Interested {
        let mut scratch = self.scratch.borrow_mut();
        let (told, since) = kept.own.remove(user).unwrap_or_default();
        let (view, own, since) = match self.router.view(user_id(user), since, &mut scratch) {
            Err(_) => return Interested::NeedsKnownUsers,
            Ok(Viewed::All(_)) => return Interested::All,
            Ok(Viewed::Users(shares)) => {
                let told = if shares.is_anew {
                    BTreeSet::new()
                } else {
                    told
                };
                (shares.view, (told, shares.own.to_vec()), shares.since)
            }
        };
        let name = |user| self.router.user(user, &scratch).to_owned();
        let own: BTreeSet<String> = own
            .0
            .into_iter()
            .chain(own.1.into_iter().map(name))
            .collect();
        kept.own.insert(user.to_owned(), (own.clone(), since));
        let mut seen = Vec::new();
        let (progress, users) = kept.views.entry(view.clone()).or_default();
        // As well a few at a time as all at once.
        let most = if user.len().is_multiple_of(2) {
            2
        } else {
            usize::MAX
        };
        loop {
            let read = self.router.seen(&view, progress, most, &mut seen);
            if read.is_anew {
                users.clear();
            }
            users.extend(seen.drain(..).map(name));
            if read.is_whole {
                break;
            }
        }
        let all: BTreeSet<_> = users.iter().cloned().chain(own).collect();
        Interested::These(all.into_iter().collect())
    }

    pub fn interested(&self, user: &str) -> Interested {
        let mut scratch = self.scratch.borrow_mut();
        match self.router.interested(user_id(user), &mut scratch) {
            Err(_) => Interested::NeedsKnownUsers,
            Ok(router::Interested::All(_)) => Interested::All,
            Ok(router::Interested::Users(users)) => {
                let users = users.to_vec();
                let name = |user| self.router.user(user, &scratch).to_owned();
                Interested::These(users.into_iter().map(name).collect())
            }
        }
    }
}

/// What is kept of views.
#[derive(Default)]
pub struct Kept {
    /// Their users, as far as they were read.
    views: HashMap<View, (Progress, BTreeSet<String>)>,
    /// Whom each user sees beside them.
    own: HashMap<String, (BTreeSet<String>, Since)>,
}

/// The routes that need known users.
fn named(needs: NeedsKnownUsers) -> Vec<String> {
    match needs {
        NeedsKnownUsers::Recipients(names) => names,
        NeedsKnownUsers::Seen { .. } => unreachable!("routing asks about recipients"),
    }
}

fn user_id(text: &str) -> UserId<'_> {
    UserId::parse(text).expect("a valid user ID")
}
