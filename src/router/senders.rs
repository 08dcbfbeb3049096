//! Many updates of the same senders: what is found out about a sender once is remembered.

use std::collections::HashMap;

use foldhash::fast::RandomState;
use indexmap::IndexSet;

use crate::user_id::UserId;

use super::route::Sent;
use super::{BlockId, Recipients, RouteId, Router, Routing, Scratch, UserIndex};

/// The most senders who are remembered without being known users.
const MOST_OTHERS: usize = 100_000;

/// Names a class of a [`Senders`]: senders about whom the same routes and blocks are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ClassId(u32);

/// Remembers which rules are about a sender, for a program that routes updates of the same senders again and again.
///
/// It belongs to one router, which may grow. A known user takes at most four bytes here.
///
/// ```
/// use presence_router::router::{Router, Scratch, Senders};
/// use presence_router::rules;
/// use presence_router::source::Sources;
/// use presence_router::user_id::UserId;
///
/// let mut sources = Sources::default();
/// sources.add("rules.yaml", "routes: [{senders: {server: corp.example}, recipients: '@lobby:corp.example'}]");
/// let (rule_set, _) = rules::read(&sources);
/// let router = Router::new(&rule_set, &sources, None)?;
/// let (mut scratch, mut senders) = (Scratch::default(), Senders::new(&router));
///
/// let routing = router.routing()?;
/// let class = senders.class("@alice:corp.example", routing, &mut scratch).expect("a valid ID");
/// assert_eq!(Some(class), senders.class("@bob:corp.example", routing, &mut scratch));
/// assert!(!senders.needs_state(class) && !senders.needs_sender(class));
/// let alice = UserId::parse("@alice:corp.example")?;
/// assert_eq!(senders.route(class, routing, alice, "", None, &mut scratch).len(), 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Senders {
    classes: IndexSet<Class, RandomState>,
    /// For each user with an index the number of its class, from 1; 0 if it was not asked for.
    known: Vec<u32>,
    others: HashMap<Box<str>, ClassId, RandomState>,
    /// The presence states that conditions name.
    states: IndexSet<Box<str>, RandomState>,
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct Class {
    routes: Box<[RouteId]>,
    blocks: Box<[BlockId]>,
    needs_state: bool,
    needs_sender: bool,
}

impl Senders {
    /// Remembers nothing yet.
    pub fn new(router: &Router) -> Self {
        let states = router
            .routes
            .iter()
            .filter_map(|route| route.when.states.as_ref());
        let names = states.flat_map(|states| &states.names);
        Self {
            classes: IndexSet::default(),
            known: Vec::new(),
            others: HashMap::default(),
            states: names.map(|name| name.as_str().into()).collect(),
        }
    }

    /// The class of a sender, if it was asked for before.
    pub fn remembered(&self, sender: &str, router: &Router) -> Option<ClassId> {
        match router.index_of(sender) {
            Some(index) => {
                let class = self.known.get(index.0 as usize)?;
                class.checked_sub(1).map(ClassId)
            }
            None => self.others.get(sender).copied(),
        }
    }

    /// The class of a sender. `None` if that is no user ID.
    pub fn class(
        &mut self,
        sender: &str,
        routing: Routing<'_>,
        scratch: &mut Scratch,
    ) -> Option<ClassId> {
        if let Some(class) = self.remembered(sender, routing.router()) {
            return Some(class);
        }
        let class = self.find(UserId::parse(sender).ok()?, routing, scratch);
        if let Some(index) = routing.router().index_of(sender) {
            let index = index.0 as usize;
            if index >= self.known.len() {
                self.known.resize(index + 1, 0);
            }
            self.known[index] = class.0 + 1;
        } else {
            if self.others.len() == MOST_OTHERS {
                self.others.clear();
            }
            self.others.insert(sender.into(), class);
        }
        Some(class)
    }

    /// Whether no route takes updates of these senders.
    pub fn reaches_nobody(&self, class: ClassId) -> bool {
        self.class_of(class).routes.is_empty()
    }

    /// Whether it depends on the presence state, or on `currently_active`, whom an update of these senders reaches.
    pub fn needs_state(&self, class: ClassId) -> bool {
        self.class_of(class).needs_state
    }

    /// Whether it depends on the sender, since recipients are made by a template.
    pub fn needs_sender(&self, class: ClassId) -> bool {
        self.class_of(class).needs_sender
    }

    /// A number for a presence state. Those that no condition names have the same number.
    pub fn state_number(&self, state: &str) -> usize {
        (self.states.get_index_of(state)).unwrap_or(self.states.len())
    }

    /// Whom an update of a sender of this class reaches: as [`Routing::route`] answers.
    pub fn route<'s>(
        &self,
        class: ClassId,
        routing: Routing<'_>,
        sender: UserId<'_>,
        state: &str,
        currently_active: Option<bool>,
        scratch: &'s mut Scratch,
    ) -> &'s [UserIndex] {
        let class = self.class_of(class);
        let update = Sent {
            sender,
            state,
            currently_active,
        };
        scratch.start();
        routing.send_by(&class.routes, &class.blocks, update, scratch, &mut ());
        &scratch.users
    }

    fn class_of(&self, class: ClassId) -> &Class {
        &self.classes[class.0 as usize]
    }

    fn find(&mut self, sender: UserId<'_>, routing: Routing<'_>, scratch: &mut Scratch) -> ClassId {
        routing.find_rules(sender, scratch);
        let routes = || (scratch.routes.iter()).map(|route| routing.router().route(*route));
        let class = Class {
            needs_state: routes()
                .any(|route| route.when.states.is_some() || route.when.currently_active.is_some()),
            needs_sender: routes().any(|route| matches!(route.recipients, Recipients::Made(_))),
            routes: scratch.routes.as_slice().into(),
            blocks: scratch.blocks.as_slice().into(),
        };
        ClassId(self.classes.insert_full(class).0 as u32)
    }
}
