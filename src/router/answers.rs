//! Answers that are given again: whom the updates of a class of senders reach is found out once.

use std::collections::HashMap;
use std::ops::Range;

use foldhash::fast::RandomState;

use crate::user_id::{UserId, UserIdError};

use super::route::Sent;
use super::{ClassId, RouteId, Router, Routing, Scratch, Senders, UserIndex};

/// How many users and routes the answers name that are kept, all together.
const MOST_KEPT: usize = 1 << 20;

/// Names an answer of an [`Answers`], counted from 0, until it [trims](Answers::trim).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct AnswerId(pub u32);

/// Whom an update reaches.
#[derive(Clone, Copy, Debug)]
pub struct Answer<'a> {
    /// The users, each once.
    pub users: &'a [UserIndex],
    /// The routes that send the update, each with the number of users, be they new to it or not.
    pub sent: &'a [(RouteId, usize)],
}

/// Routes many updates, and keeps the answers.
///
/// It is for one thread; others have their own. What it keeps is bounded.
///
/// ```
/// use presence_router::router::{Answers, Router};
/// use presence_router::rules;
/// use presence_router::source::Sources;
///
/// let mut sources = Sources::default();
/// sources.add("rules.yaml", "routes: [{senders: {server: corp.example}, recipients: '@lobby:corp.example'}]");
/// let (rule_set, _) = rules::read(&sources);
/// let router = Router::new(&rule_set, &sources, None)?;
///
/// let mut answers = Answers::new(router.routing()?);
/// let mut route = |sender| {
///     let class = answers.class(sender)?;
///     let id = answers.route(class, sender, "online", Some(true));
///     let users = answers.answer(id).users.iter();
///     let names = users.map(|user| answers.name(*user).to_owned());
///     Ok::<_, Box<dyn std::error::Error>>((id, names.collect::<Vec<_>>()))
/// };
/// assert_eq!(route("@alice:corp.example")?, route("@bob:corp.example")?);
/// assert_eq!(route("@alice:corp.example")?.1, ["@lobby:corp.example"]);
/// assert!(route("@alice:elsewhere.example")?.1.is_empty());
/// assert!(route("alice").is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Answers<'r> {
    routing: Routing<'r>,
    scratch: Scratch,
    kept: KeptAnswers,
}

/// The answers of [`Answers`] without the router, for a program whose router grows. Every call is given the same router
/// and the same scratch space.
#[derive(Debug)]
pub struct KeptAnswers {
    senders: Senders,
    /// For each class the number of its answer, from 1; 0 if there is none, or one for each state.
    of_class: Vec<u32>,
    of_state: HashMap<(ClassId, usize, Option<bool>), AnswerId, RandomState>,
    kept: Vec<Kept>,
    users: Vec<UserIndex>,
    sent: Vec<(RouteId, usize)>,
    /// The routes of an answer that is not kept.
    sent_once: Vec<(RouteId, usize)>,
}

#[derive(Debug)]
struct Kept {
    users: Range<usize>,
    sent: Range<usize>,
}

impl<'r> Answers<'r> {
    /// Keeps nothing yet.
    pub fn new(routing: Routing<'r>) -> Self {
        Self {
            routing,
            scratch: Scratch::default(),
            kept: KeptAnswers::new(routing.router()),
        }
    }

    /// The router that answers.
    pub fn routing(&self) -> Routing<'r> {
        self.routing
    }

    /// The user ID of a user in an answer. One whom a template made has it until the next [trim](Self::trim).
    pub fn name(&self, user: UserIndex) -> &str {
        self.routing.router().user(user, &self.scratch)
    }

    /// The classes of many senders: see [`Senders::remembered_all`].
    pub fn remembered_all(&self, senders: &[&str], each: impl FnMut(Option<ClassId>)) {
        self.kept.senders.remembered_all(senders, each);
    }

    /// The class of a sender.
    ///
    /// # Errors
    ///
    /// If the sender is not a user ID.
    pub fn class(&mut self, sender: &str) -> Result<ClassId, UserIdError> {
        let senders = &mut self.kept.senders;
        senders.class(sender, self.routing, &mut self.scratch)
    }

    /// Finds out whom an update of a sender of this class reaches, as [`Routing::route`] does, and names the answer;
    /// `None` is the last one that is not kept.
    ///
    /// # Panics
    ///
    /// If `sender` is not the one whose class this is.
    pub fn route(
        &mut self,
        class: ClassId,
        sender: &str,
        state: &str,
        currently_active: Option<bool>,
    ) -> Option<AnswerId> {
        let sent = (sender, state, currently_active);
        (self.kept).route(class, sent, self.routing, &mut self.scratch)
    }

    /// The answer of this name.
    pub fn answer(&self, id: Option<AnswerId>) -> Answer<'_> {
        self.kept.answer(id, &self.scratch)
    }

    /// Forgets the users whom templates made, and, if there is no room for more, senders and answers too; says whether
    /// it did the latter. Classes, answers and such users mean nothing from then on.
    pub fn trim(&mut self) -> bool {
        self.scratch.forget_made_users();
        self.kept.trim()
    }
}

impl KeptAnswers {
    /// Keeps nothing yet.
    pub fn new(router: &Router) -> Self {
        Self {
            senders: Senders::new(router),
            of_class: Vec::new(),
            of_state: HashMap::default(),
            kept: Vec::new(),
            users: Vec::new(),
            sent: Vec::new(),
            sent_once: Vec::new(),
        }
    }

    /// The senders whose answers these are.
    pub fn senders(&self) -> &Senders {
        &self.senders
    }

    /// The same, to ask for the class of one.
    pub fn senders_mut(&mut self) -> &mut Senders {
        &mut self.senders
    }

    /// As [`Answers::route`]; an update is its sender, its state, and what it says of `currently_active`.
    ///
    /// # Panics
    ///
    /// If the sender is not the one whose class this is.
    pub fn route(
        &mut self,
        class: ClassId,
        (sender, state, currently_active): (&str, &str, Option<bool>),
        routing: Routing<'_>,
        scratch: &mut Scratch,
    ) -> Option<AnswerId> {
        let of_class = self.of_class.get(class.0 as usize).copied();
        if let Some(number) = of_class.and_then(|number| number.checked_sub(1)) {
            return Some(AnswerId(number));
        }
        let needs_state = self.senders.needs_state(class);
        let key = needs_state.then(|| {
            let state = self.senders.state_number(state);
            (class, state, currently_active)
        });
        if let Some(id) = key.and_then(|key| self.of_state.get(&key)) {
            return Some(*id);
        }
        let update = Sent {
            sender: UserId::parse(sender).expect("what has a class is a user ID"),
            state,
            currently_active,
        };
        self.sent_once.clear();
        let sent = &mut self.sent_once;
        let users = (self.senders).route_traced(class, routing, update, scratch, sent);
        let kept = self.users.len() + users.len() + self.sent.len() + self.sent_once.len();
        if self.senders.needs_sender(class) || kept > MOST_KEPT {
            return None;
        }
        let (users_start, sent_start) = (self.users.len(), self.sent.len());
        self.users.extend_from_slice(users);
        self.sent.extend_from_slice(&self.sent_once);
        let id = AnswerId(self.kept.len() as u32);
        self.kept.push(Kept {
            users: users_start..self.users.len(),
            sent: sent_start..self.sent.len(),
        });
        if let Some(key) = key {
            self.of_state.insert(key, id);
        } else {
            self.of_class.resize(self.senders.class_count(), 0);
            self.of_class[class.0 as usize] = id.0 + 1;
        }
        Some(id)
    }

    /// The answer of this name. One that is not kept is in the scratch space.
    pub fn answer<'a>(&'a self, id: Option<AnswerId>, scratch: &'a Scratch) -> Answer<'a> {
        let Some(id) = id else {
            return Answer {
                users: scratch.answered(),
                sent: &self.sent_once,
            };
        };
        let kept = &self.kept[id.0 as usize];
        Answer {
            users: &self.users[kept.users.clone()],
            sent: &self.sent[kept.sent.clone()],
        }
    }

    /// How many answers are kept. Their numbers are below.
    pub fn len(&self) -> usize {
        self.kept.len()
    }

    /// Whether no answer is kept.
    pub fn is_empty(&self) -> bool {
        self.kept.is_empty()
    }

    /// Forgets senders and answers if there is no room for more, and says whether it did. Classes and answers mean
    /// nothing from then on.
    pub fn trim(&mut self) -> bool {
        let is_full = self.users.len() + self.sent.len() >= MOST_KEPT / 2;
        let trims = self.senders.trim() || is_full;
        if trims {
            self.forget();
        }
        trims
    }

    /// Forgets all answers, and no sender: for when the router has grown.
    pub fn forget(&mut self) {
        self.of_class.clear();
        self.of_state.clear();
        self.kept.clear();
        self.users.clear();
        self.sent.clear();
    }
}
