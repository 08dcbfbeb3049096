//! What a change of the rules gives to whom, and what it takes away.

use std::collections::{HashMap, HashSet};
use std::hash::BuildHasher as _;

use foldhash::fast::RandomState;
use presence_router::router::NeedsKnownUsers;
use presence_router::user_id::UserId;

use crate::engine::{Engine, Sees};

/// The users of a server for whom a change of the rules matters.
#[derive(Default)]
pub struct Changes {
    /// Those who may see somebody whom the old rules did not let them see.
    pub gained: Vec<String>,
    /// Those who may no longer see somebody.
    pub lost: Vec<String>,
}

/// What changes from the `old` rules to the `new` ones for the users of a server.
///
/// Both can be asked in between: they are locked for one user at a time.
pub fn changes(new: &Engine, old: &Engine, server_name: &str) -> Result<Changes, NeedsKnownUsers> {
    // Users have other numbers in the other router; a number made of the name is the same in both.
    let hasher = RandomState::default();
    let hash = |user: &str| hasher.hash_one(user);
    let mut changes = Changes::default();
    // What is true of one user is true of all who see the same.
    let mut of_views: HashMap<_, _, RandomState> = HashMap::default();
    // Who is named in rules alone may be a user of one router only.
    for (engine, other) in [(new, None), (old, Some(new))] {
        let mut number = 0;
        while let Some(user) = user(engine, number) {
            number += 1;
            let is_local = UserId::parse(&user).is_ok_and(|user| user.server_name() == server_name);
            if !is_local || other.is_some_and(|other| has_user(other, &user)) {
                continue;
            }
            // One lock after the other: both may be of the same rules.
            let saw = old.lock_at_leisure().sees(&user)?;
            let pair = (saw, new.lock_at_leisure().sees(&user)?);
            let (gains, loses) = if let Some(change) = of_views.get(&pair) {
                *change
            } else {
                let saw = old.lock_at_leisure().interested(&user, hash)?;
                let sees = new.lock_at_leisure().interested(&user, hash)?;
                let change = compare(saw.as_deref(), sees.as_deref());
                if !matches!(pair, (Sees::Others, _) | (_, Sees::Others)) {
                    of_views.insert(pair, change);
                }
                change
            };
            if gains {
                changes.gained.push(user.clone());
            }
            if loses {
                changes.lost.push(user);
            }
        }
    }
    Ok(changes)
}

/// Whether somebody sees more, and whether it sees less; everyone, where there is no list.
fn compare(saw: Option<&[u64]>, sees: Option<&[u64]>) -> (bool, bool) {
    match (saw, sees) {
        (Some(saw), Some(sees)) if saw == sees => (false, false),
        (Some(saw), Some(sees)) => (has_more(sees, saw), has_more(saw, sees)),
        // ALL is what the routes send, and these may be others now.
        (None, None) => (true, true),
        (None, Some(sees)) => (!sees.is_empty(), true),
        (Some(saw), None) => (true, !saw.is_empty()),
    }
}

fn user(engine: &Engine, number: u32) -> Option<String> {
    let state = engine.lock_at_leisure();
    state.router().users().get(number).map(str::to_owned)
}

fn has_user(engine: &Engine, user: &str) -> bool {
    engine
        .lock_at_leisure()
        .router()
        .users()
        .number_of(user)
        .is_some()
}

/// Whether the first has somebody whom the second has not.
fn has_more(users: &[u64], others: &[u64]) -> bool {
    let others: HashSet<u64, RandomState> = others.iter().copied().collect();
    users.iter().any(|user| !others.contains(user))
}
