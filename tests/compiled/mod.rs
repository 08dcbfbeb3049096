//! The router, asked in the way in which the plain evaluator is asked.

use std::cell::RefCell;

use presence_router::directory::Directory;
use presence_router::router::{self, RouteId, Router, Scratch};
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
    pub fn new(sources: &Sources, rules: &RuleSet, directory: Option<&Directory>) -> Self {
        let router = Router::new(rules, sources, directory).expect("rules without errors");
        let scratch = RefCell::default();
        Self { router, scratch }
    }

    pub fn routes_without_directory(&self) -> Vec<String> {
        self.router
            .routing()
            .map_or_else(|needs| needs.0, |_| Vec::new())
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

    pub fn interested(&self, user: &str) -> Interested {
        let mut scratch = self.scratch.borrow_mut();
        match self.router.interested(user_id(user), &mut scratch) {
            router::Interested::All(_) => Interested::All,
            router::Interested::Users(users) => {
                let users = users.to_vec();
                let name = |user| self.router.user(user, &scratch).to_owned();
                Interested::These(users.into_iter().map(name).collect())
            }
        }
    }
}

fn user_id(text: &str) -> UserId<'_> {
    UserId::parse(text).expect("a valid user ID")
}
