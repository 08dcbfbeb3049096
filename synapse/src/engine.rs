//! A router with what it remembers, behind a lock.
//!
//! The lock is held over Rust alone: nothing under it runs Python code or waits for Python's own lock, so that whoever
//! waits for it holds up nobody for long.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use foldhash::fast::RandomState;
use presence_router::router::{
    ClassId, Interested, NeedsDirectory, Router, Scratch, Senders, UserIndex,
};
use presence_router::user_id::UserId;

use crate::known::KnownUsers;

/// How many known users are added before others may ask.
const USERS_AT_A_TIME: usize = 4096;

/// A router, and what asking it takes.
pub struct Engine(Mutex<State>);

/// What the lock is about.
pub struct State {
    router: Router,
    scratch: Scratch,
    senders: Senders,
    /// How often these forgot all classes.
    forgot: u64,
    /// How many of the homeserver's known users were added.
    followed: usize,
    /// While updates are delivered, the parcel of each recipient, by its index; empty ones in between.
    parcel_of: Vec<u32>,
    /// The recipients who have one, in the order in which they are reached.
    reached: Vec<UserIndex>,
}

/// What has to be known of an update besides its sender.
#[derive(Clone, Copy)]
pub struct About {
    class: ClassId,
    /// How often classes had been forgotten when this one was found.
    forgot: u64,
    /// Whether the presence state matters.
    pub needs_state: bool,
    needs_sender: bool,
}

/// An update, as far as it matters to whom it goes.
pub struct Update<'a> {
    pub about: About,
    pub sender: &'a str,
    pub state: &'a str,
    pub currently_active: Option<bool>,
}

/// Who gets which updates.
pub struct Deliveries<R> {
    /// The updates that go to the same users, by their numbers.
    pub groups: Vec<Vec<u32>>,
    /// What recipients get.
    parcels: Vec<Parcel>,
    /// The recipients in the order in which they are reached, each with its parcel.
    pub recipients: Vec<(R, u32)>,
}

/// A group of updates, after those of another parcel. The first parcel is the empty one.
#[derive(Clone, Copy)]
struct Parcel {
    after: u32,
    group: u32,
    /// The last parcel that was made by adding a group to this one, and that group.
    next: u32,
    next_group: u32,
}

/// The parcel with nothing in it.
const EMPTY: u32 = 0;
const NO_GROUP: u32 = u32::MAX;

impl Parcel {
    fn new(after: u32, group: u32) -> Self {
        Self {
            after,
            group,
            next: EMPTY,
            next_group: NO_GROUP,
        }
    }
}

impl<R> Deliveries<R> {
    /// The groups of a parcel.
    pub fn parcel(&self, parcel: u32) -> Vec<u32> {
        let mut groups = Vec::new();
        let mut parcel = parcel;
        while parcel != EMPTY {
            let Parcel { after, group, .. } = self.parcels[parcel as usize];
            groups.push(group);
            parcel = after;
        }
        groups
    }

    /// What a recipient has who had a parcel and gets a group. Those who had the same before get the same now.
    fn add(&mut self, parcel: u32, group: u32) -> u32 {
        let Parcel {
            next, next_group, ..
        } = self.parcels[parcel as usize];
        if next_group == group {
            return next;
        }
        let next = self.parcels.len() as u32;
        self.parcels.push(Parcel::new(parcel, group));
        let before = &mut self.parcels[parcel as usize];
        before.next = next;
        before.next_group = group;
        next
    }

    /// How many parcels there are. Some are only the beginning of others.
    pub fn parcel_count(&self) -> usize {
        self.parcels.len()
    }
}

impl Engine {
    pub fn new(router: Router) -> Self {
        let senders = Senders::new(&router);
        Self(Mutex::new(State {
            router,
            scratch: Scratch::default(),
            senders,
            forgot: 0,
            followed: 0,
            parcel_of: Vec::new(),
            reached: Vec::new(),
        }))
    }

    pub fn lock(&self) -> MutexGuard<'_, State> {
        // What a panic left half-done is a list without its last user at worst.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds the homeserver's known users, a part at a time, so that others may ask in between.
    pub fn follow(&self, known: &KnownUsers) {
        while self.lock().follow_some(known) {}
    }
}

impl State {
    /// Adds the next known users; says whether there are more.
    fn follow_some(&mut self, known: &KnownUsers) -> bool {
        let Self {
            router,
            scratch,
            followed,
            ..
        } = self;
        let until = known.visit(*followed, USERS_AT_A_TIME, |user| {
            // It has a directory, and what is full takes no more.
            let _ = router.add_known(user, scratch);
        });
        let more = until - *followed == USERS_AT_A_TIME;
        *followed = until;
        more
    }

    /// Adds all known users that are new since.
    pub fn follow(&mut self, known: &KnownUsers) {
        while self.follow_some(known) {}
    }

    /// Forgets senders if there are too many: before new ones are asked for.
    pub fn trim(&mut self) {
        self.forgot += u64::from(self.senders.trim());
    }

    /// What a sender's updates depend on; `None` if nobody gets them. A new sender becomes known.
    pub fn about(
        &mut self,
        sender: &str,
        known: Option<&KnownUsers>,
    ) -> Result<Option<About>, NeedsDirectory> {
        let class = if let Some(class) = self.senders.remembered(sender) {
            class
        } else {
            if let Some(known) = known
                && known.insert(sender)
            {
                self.follow(known);
            }
            let routing = self.router.routing()?;
            match self.senders.class(sender, routing, &mut self.scratch) {
                Ok(class) => class,
                Err(_) => return Ok(None),
            }
        };
        Ok((!self.senders.reaches_nobody(class)).then(|| About {
            class,
            forgot: self.forgot,
            needs_state: self.senders.needs_state(class),
            needs_sender: self.senders.needs_sender(class),
        }))
    }

    /// Whom updates reach. `name` makes what stands for a recipient from its user ID.
    pub fn deliver<'u, R>(
        &mut self,
        updates: impl Iterator<Item = (u32, Update<'u>)>,
        name: impl Fn(&str) -> R,
    ) -> Result<Deliveries<R>, NeedsDirectory> {
        let Self {
            router,
            scratch,
            senders,
            forgot,
            parcel_of,
            reached,
            ..
        } = self;
        scratch.forget_made_users();
        let routing = router.routing()?;
        let mut deliveries = Deliveries {
            groups: Vec::new(),
            parcels: vec![Parcel::new(EMPTY, NO_GROUP)],
            recipients: Vec::new(),
        };
        let mut group_of = HashMap::with_hasher(RandomState::default());
        reached.clear();
        for (number, update) in updates {
            let About {
                mut class,
                needs_state,
                needs_sender,
                ..
            } = update.about;
            // Another thread may have come in between.
            if update.about.forgot != *forgot {
                let Ok(again) = senders.class(update.sender, routing, scratch) else {
                    continue;
                };
                class = again;
            }
            let condition =
                needs_state.then(|| (senders.state_number(update.state), update.currently_active));
            let sender = needs_sender.then_some(update.sender);
            let next = deliveries.groups.len() as u32;
            let group = *group_of.entry((class, condition, sender)).or_insert(next);
            if group < next {
                deliveries.groups[group as usize].push(number);
                continue;
            }
            deliveries.groups.push(vec![number]);
            let Ok(id) = UserId::parse(update.sender) else {
                continue;
            };
            let Update {
                state,
                currently_active,
                ..
            } = update;
            let users = senders.route(class, routing, id, state, currently_active, scratch);
            for &user in users {
                let index = user.0 as usize;
                if index >= parcel_of.len() {
                    parcel_of.resize(index + 1, EMPTY);
                }
                let parcel = &mut parcel_of[index];
                if *parcel == EMPTY {
                    reached.push(user);
                }
                *parcel = deliveries.add(*parcel, group);
            }
        }
        let recipients = reached.iter().map(|user| {
            let parcel = std::mem::replace(&mut parcel_of[user.0 as usize], EMPTY);
            (name(router.user(*user, scratch)), parcel)
        });
        deliveries.recipients = recipients.collect();
        Ok(deliveries)
    }

    /// Whose presence a user may see; `None` if it is everyone's.
    pub fn interested<R>(&mut self, user: &str, name: impl Fn(&str) -> R) -> Option<Vec<R>> {
        let Self {
            router, scratch, ..
        } = self;
        scratch.forget_made_users();
        let Ok(id) = UserId::parse(user) else {
            return Some(Vec::new());
        };
        let users = match router.interested(id, scratch) {
            Interested::All(_) => return None,
            Interested::Users(users) => users.to_vec(),
        };
        let names = users.iter().map(|user| name(router.user(*user, scratch)));
        Some(names.collect())
    }

    /// How many of the homeserver's known users were added.
    pub fn followed(&self) -> usize {
        self.followed
    }

    pub fn router(&self) -> &Router {
        &self.router
    }
}
