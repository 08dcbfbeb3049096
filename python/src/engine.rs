//! A router with what it remembers, behind a lock.
//!
//! The lock is held over Rust alone: nothing under it runs Python code or waits for Python's own lock, so that whoever
//! waits for it holds up nobody for long.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;

use foldhash::fast::RandomState;
use presence_router::router::{
    AnswerId, ClassId, Interested, KeptAnswers, NeedsKnownUsers, Router, Routing, Scratch, Since,
    UserIndex, View, Viewed,
};
use presence_router::user_id::UserId;

use crate::known::KnownUsers;
use crate::parcels::{Deliveries, Parcels};

/// How many changes of the known users are followed before others may ask.
const CHANGES_AT_A_TIME: usize = 256;

/// How many are followed at most by who only wants an answer, and must not keep others waiting.
const CHANGES_IN_PASSING: usize = 512;

/// A router, and what asking it takes.
pub struct Engine {
    state: Mutex<State>,
    /// How many wait for an answer.
    waiting: AtomicUsize,
    needs_states: bool,
}

/// What the lock is about.
pub struct State {
    router: Router,
    scratch: Scratch,
    answers: KeptAnswers,
    parcels: Parcels,
    /// How many changes of the homeserver's known users were followed.
    followed: usize,
}

/// Whom a user may see.
#[derive(PartialEq, Eq, Hash)]
pub enum Sees {
    Everyone,
    /// These lists, and nobody else.
    View(View),
    /// More than lists say.
    Others,
}

/// How far known users are followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Follow {
    /// In passing: the rest may come later.
    InPassing,
    All,
}

/// An update, as far as it matters to whom it goes.
#[derive(Clone, Copy)]
pub struct Update<'a> {
    pub sender: &'a str,
    /// Only if the rules [need states](Engine::needs_states).
    pub state: &'a str,
    pub currently_active: Option<bool>,
}

/// What an answer that is not kept depends on: the state and what is said of `currently_active`, or the sender, where
/// these matter.
type Once<'a> = (ClassId, Option<(usize, Option<bool>)>, Option<&'a str>);

/// The answers that a batch of updates has, each of which makes a group.
#[derive(Default)]
struct Groups<'a> {
    answers: Vec<Result<AnswerId, Range<usize>>>,
    /// By the numbers of the answers that are kept: the group, from 1.
    of_kept: Vec<u32>,
    /// The groups of the others.
    of_once: HashMap<Once<'a>, u32, RandomState>,
    /// The users of those.
    once: Vec<UserIndex>,
}

impl Engine {
    pub fn new(router: Router) -> Self {
        Self {
            needs_states: router.needs_states(),
            waiting: AtomicUsize::new(0),
            state: Mutex::new(State {
                answers: KeptAnswers::new(&router),
                router,
                scratch: Scratch::default(),
                parcels: Parcels::default(),
                followed: 0,
            }),
        }
    }

    /// Whether whom updates reach depends on anything but their senders.
    pub fn needs_states(&self) -> bool {
        self.needs_states
    }

    pub fn lock(&self) -> MutexGuard<'_, State> {
        self.waiting.fetch_add(1, Ordering::Relaxed);
        let state = self.locked();
        self.waiting.fetch_sub(1, Ordering::Relaxed);
        state
    }

    /// The same for who can wait until nobody else does: a lock by itself would be had again by who has just let go of
    /// it.
    pub fn lock_at_leisure(&self) -> MutexGuard<'_, State> {
        while self.waiting.load(Ordering::Relaxed) > 0 {
            thread::yield_now();
        }
        self.locked()
    }

    fn locked(&self) -> MutexGuard<'_, State> {
        // What a panic left half-done is a list without its last user at worst.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Follows the homeserver's known users, a part at a time, so that others may ask in between.
    pub fn follow(&self, known: &KnownUsers) {
        while self.lock_at_leisure().follow_some(known) {}
    }
}

impl State {
    /// Follows the next changes of the known users, and remembers what is found out about them as senders; says whether there are more.
    fn follow_some(&mut self, known: &KnownUsers) -> bool {
        let Self {
            router,
            scratch,
            answers,
            followed,
            ..
        } = self;
        let changes = router.changes_of_recipients();
        let until = known.visit(*followed, CHANGES_AT_A_TIME, |user, role| {
            // It has known users, and what is full takes no more.
            let _ = router.set_known(user, role, scratch);
            let senders = answers.senders_mut();
            if senders.have_room()
                && let Ok(routing) = router.routing()
            {
                let _ = senders.class(user.as_str(), routing, scratch);
            }
        });
        if changes != router.changes_of_recipients() {
            answers.forget();
        }
        let more = until - *followed == CHANGES_AT_A_TIME;
        *followed = until;
        more
    }

    /// Follows the known users.
    pub fn follow(&mut self, known: &KnownUsers, how: Follow) {
        let until = match how {
            Follow::InPassing => self.followed + CHANGES_IN_PASSING,
            Follow::All => usize::MAX,
        };
        while self.followed < until && self.follow_some(known) {}
    }

    /// Takes what is known of one user, whose turn may come later.
    pub fn follow_one(&mut self, known: &KnownUsers, user: UserId<'_>) {
        let changes = self.router.changes_of_recipients();
        known.visit_one(user, |user, role| {
            let _ = self.router.set_known(user, role, &mut self.scratch);
        });
        if changes != self.router.changes_of_recipients() {
            self.answers.forget();
        }
    }

    /// Whom updates reach. `name` makes what stands for a recipient from its user ID. New senders become known.
    pub fn deliver<R>(
        &mut self,
        updates: &[Update<'_>],
        known: Option<&KnownUsers>,
        how: Follow,
        name: impl Fn(&str) -> R,
    ) -> Result<Deliveries<R>, NeedsKnownUsers> {
        known.inspect(|known| self.follow(known, how));
        self.answers.trim();
        // All senders are known before anything is routed, so that answers stay what they are.
        let classes = self.classes(updates, known)?;
        let Self {
            router,
            scratch,
            answers,
            parcels,
            ..
        } = self;
        scratch.forget_made_users();
        let routing = router.routing()?;
        let mut groups = Groups::default();
        parcels.start();
        for (update, class) in updates.iter().zip(classes) {
            parcels.put(class.map(|class| groups.group(class, *update, answers, routing, scratch)));
        }
        for (number, users) in (0..).zip(groups.users(answers, scratch)) {
            parcels.give(number, users);
        }
        let users = groups.users(answers, scratch);
        Ok(parcels.deliveries(users, |user| name(router.user(user, scratch))))
    }

    /// What the senders of updates are; nothing for those whose updates nobody gets.
    fn classes(
        &mut self,
        updates: &[Update<'_>],
        known: Option<&KnownUsers>,
    ) -> Result<Vec<Option<ClassId>>, NeedsKnownUsers> {
        let senders: Vec<_> = updates.iter().map(|update| update.sender).collect();
        let mut classes = Vec::with_capacity(updates.len());
        (self.answers.senders()).remembered_all(&senders, |class| classes.push(class));
        for (class, sender) in classes.iter_mut().zip(senders) {
            if class.is_none() {
                *class = self.class(sender, known)?;
            }
            *class = class.filter(|class| !self.answers.senders().reaches_nobody(*class));
        }
        Ok(classes)
    }

    /// What a sender is; nothing if it is not a user ID. A new one becomes known.
    fn class(
        &mut self,
        sender: &str,
        known: Option<&KnownUsers>,
    ) -> Result<Option<ClassId>, NeedsKnownUsers> {
        if let Some(class) = self.answers.senders().remembered(sender) {
            return Ok(Some(class));
        }
        // It is only seen, so to whom updates go is the same before it is followed.
        if let Some(known) = known {
            known.meet(sender);
        }
        let routing = self.router.routing()?;
        let senders = self.answers.senders_mut();
        Ok(senders.class(sender, routing, &mut self.scratch).ok())
    }

    /// The lists of those whose presence a user may see.
    pub fn sees(&mut self, user: &str) -> Result<Sees, NeedsKnownUsers> {
        let (router, scratch) = self.router_and_scratch();
        let Ok(user) = UserId::parse(user) else {
            return Ok(Sees::Others);
        };
        Ok(match router.view(user, Since::default(), scratch)? {
            Viewed::Users(shares) if shares.own.is_empty() => Sees::View(shares.view),
            Viewed::Users(_) => Sees::Others,
            Viewed::All(_) => Sees::Everyone,
        })
    }

    /// Whose presence a user may see; `None` if it is everyone's.
    pub fn interested<R>(
        &mut self,
        user: &str,
        name: impl Fn(&str) -> R,
    ) -> Result<Option<Vec<R>>, NeedsKnownUsers> {
        let Self {
            router, scratch, ..
        } = self;
        scratch.forget_made_users();
        let Ok(id) = UserId::parse(user) else {
            return Ok(Some(Vec::new()));
        };
        let users = match router.interested(id, scratch)? {
            Interested::All(_) => return Ok(None),
            Interested::Users(users) => users.to_vec(),
        };
        let names = users.iter().map(|user| name(router.user(*user, scratch)));
        Ok(Some(names.collect()))
    }

    /// How many changes of the homeserver's known users were followed.
    pub fn followed(&self) -> usize {
        self.followed
    }

    pub fn router(&self) -> &Router {
        &self.router
    }

    /// The router, and space for asking it.
    pub fn router_and_scratch(&mut self) -> (&Router, &mut Scratch) {
        self.scratch.forget_made_users();
        (&self.router, &mut self.scratch)
    }
}

impl<'a> Groups<'a> {
    /// The group of an update whose sender is of this class.
    fn group(
        &mut self,
        class: ClassId,
        update: Update<'a>,
        answers: &mut KeptAnswers,
        routing: Routing<'_>,
        scratch: &mut Scratch,
    ) -> u32 {
        let next = self.answers.len() as u32;
        let Update {
            sender,
            state,
            currently_active,
        } = update;
        let senders = answers.senders();
        let condition =
            (senders.needs_state(class)).then(|| (senders.state_number(state), currently_active));
        let once = (
            class,
            condition,
            senders.needs_sender(class).then_some(sender),
        );
        if !self.of_once.is_empty()
            && let Some(group) = self.of_once.get(&once)
        {
            return *group;
        }
        let sent = (sender, state, currently_active);
        let Some(id) = answers.route(class, sent, routing, scratch) else {
            let start = self.once.len();
            let users = answers.answer(None, scratch).users;
            self.once.extend_from_slice(users);
            self.answers.push(Err(start..self.once.len()));
            self.of_once.insert(once, next);
            return next;
        };
        self.of_kept
            .resize(self.of_kept.len().max(answers.len()), 0);
        let group = &mut self.of_kept[id.0 as usize];
        if *group == 0 {
            self.answers.push(Ok(id));
            *group = next + 1;
        }
        *group - 1
    }

    /// Whom each group reaches.
    fn users<'s>(
        &'s self,
        answers: &'s KeptAnswers,
        scratch: &'s Scratch,
    ) -> impl ExactSizeIterator<Item = &'s [UserIndex]> {
        self.answers.iter().map(move |answer| match answer {
            Ok(id) => answers.answer(Some(*id), scratch).users,
            Err(range) => &self.once[range.clone()],
        })
    }
}
