//! Many updates of the same senders: what is found out about a sender once is remembered.

use std::hash::{Hash, Hasher};

use foldhash::fast::RandomState;
use indexmap::{Equivalent, IndexSet};

use crate::presence_state::PresenceState;
use crate::rules::when::States;
use crate::user_id::{UserId, UserIdError};

use super::memo::Memo;
use super::route::Sent;
use super::{BlockId, Recipients, RouteId, Router, Routing, Scratch, Trace, UserIndex};

/// How many rules the remembered classes have, all together, before [`Senders::trim`] forgets them.
const MOST_RULES: usize = 1 << 20;

/// Names a class of a [`Senders`]: senders about whom the same routes and blocks are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ClassId(pub(super) u32);

/// Remembers which rules are about a sender, for a program that routes updates of the same senders again and again.
///
/// It belongs to one router, which may grow. There is room for 262,144 senders, in about 25 MB.
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
/// let class = senders.class("@alice:corp.example", routing, &mut scratch)?;
/// assert_eq!(class, senders.class("@bob:corp.example", routing, &mut scratch)?);
/// assert!(!senders.needs_state(class) && !senders.needs_sender(class));
/// let alice = UserId::parse("@alice:corp.example")?;
/// assert_eq!(senders.route(class, routing, alice, "", None, &mut scratch).len(), 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Senders {
    classes: IndexSet<Class, RandomState>,
    /// How many rules these have.
    rules: usize,
    /// The class of each sender.
    memo: Memo,
    /// The presence states that conditions name.
    states: IndexSet<Box<str>, RandomState>,
}

#[derive(Debug, PartialEq, Eq)]
struct Class {
    routes: Box<[RouteId]>,
    blocks: Box<[BlockId]>,
    needs_state: bool,
    needs_sender: bool,
}

/// The rules of a class, which tell it from others.
#[derive(Hash)]
struct Rules<'a> {
    routes: &'a [RouteId],
    blocks: &'a [BlockId],
}

impl Class {
    fn rules(&self) -> Rules<'_> {
        Rules {
            routes: &self.routes,
            blocks: &self.blocks,
        }
    }
}

impl Hash for Class {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.rules().hash(state);
    }
}

impl Equivalent<Class> for Rules<'_> {
    fn equivalent(&self, class: &Class) -> bool {
        self.routes == &*class.routes && self.blocks == &*class.blocks
    }
}

impl Senders {
    /// Remembers nothing yet.
    pub fn new(router: &Router) -> Self {
        let states = router
            .routes
            .iter()
            .filter_map(|route| route.when.states.as_ref());
        let names = states.flat_map(States::names);
        Self {
            classes: IndexSet::default(),
            rules: 0,
            memo: Memo::default(),
            states: names
                .map(|name| PresenceState::new(name).name().into())
                .collect(),
        }
    }

    /// The class of a sender, if it is remembered.
    pub fn remembered(&self, sender: &str) -> Option<ClassId> {
        self.memo.get(sender).map(ClassId)
    }

    /// The classes of many senders, in their order, as far as they are remembered. This is quicker than to ask for one
    /// after another: it waits for memory only once for some tens of them.
    pub fn remembered_all(&self, senders: &[&str], mut each: impl FnMut(Option<ClassId>)) {
        (self.memo).get_all(senders, |number| each(number.map(ClassId)));
    }

    /// The class of a sender.
    ///
    /// # Errors
    ///
    /// If the sender is not a user ID.
    pub fn class(
        &mut self,
        sender: &str,
        routing: Routing<'_>,
        scratch: &mut Scratch,
    ) -> Result<ClassId, UserIdError> {
        if let Some(class) = self.remembered(sender) {
            return Ok(class);
        }
        let class = self.find(UserId::parse(sender)?, routing, scratch);
        self.memo.insert(sender, class.0);
        Ok(class)
    }

    /// Whether there is room for as many senders more as are remembered: then some may be remembered before they send.
    pub fn have_room(&self) -> bool {
        self.memo.is_half_empty() && 2 * self.rules < MOST_RULES
    }

    /// Forgets everything if no further sender can be remembered, and says whether it did: all classes mean nothing
    /// from then on. So it should be called again and again while no class is in use.
    pub fn trim(&mut self) -> bool {
        let is_full = self.memo.is_full() || self.rules >= MOST_RULES;
        if is_full {
            self.memo.clear();
            self.classes.clear();
            self.rules = 0;
        }
        is_full
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
        let state = PresenceState::new(state).name();
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
        let update = Sent {
            sender,
            state,
            currently_active,
        };
        self.route_traced(class, routing, update, scratch, &mut ())
    }

    /// The same, watched.
    pub(super) fn route_traced<'s>(
        &self,
        class: ClassId,
        routing: Routing<'_>,
        update: Sent<'_>,
        scratch: &'s mut Scratch,
        trace: &mut impl Trace,
    ) -> &'s [UserIndex] {
        let class = self.class_of(class);
        scratch.start();
        routing.send_by(&class.routes, &class.blocks, update, scratch, trace);
        &scratch.users
    }

    /// How many classes there are. Their numbers are below.
    pub(super) fn class_count(&self) -> usize {
        self.classes.len()
    }

    fn class_of(&self, class: ClassId) -> &Class {
        &self.classes[class.0 as usize]
    }

    fn find(&mut self, sender: UserId<'_>, routing: Routing<'_>, scratch: &mut Scratch) -> ClassId {
        routing.find_rules(sender, scratch);
        let rules = Rules {
            routes: &scratch.routes,
            blocks: &scratch.blocks,
        };
        if let Some(number) = self.classes.get_index_of(&rules) {
            return ClassId(number as u32);
        }
        let routes = || (scratch.routes.iter()).map(|route| routing.router().route(*route));
        let class = Class {
            needs_state: routes()
                .any(|route| route.when.states.is_some() || route.when.currently_active.is_some()),
            needs_sender: routes().any(|route| matches!(route.recipients, Recipients::Made(_))),
            routes: scratch.routes.as_slice().into(),
            blocks: scratch.blocks.as_slice().into(),
        };
        self.rules += class.routes.len() + class.blocks.len();
        ClassId(self.classes.insert_full(class).0 as u32)
    }
}
