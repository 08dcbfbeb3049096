//! What a change of the rules gives to whom.

use std::collections::HashSet;
use std::hash::BuildHasher as _;

use foldhash::fast::RandomState;
use presence_router::router::NeedsKnownUsers;
use presence_router::user_id::UserId;

use crate::engine::Engine;

/// The users of a server who may see somebody by the `new` rules whom the `old` ones did not let them see.
///
/// Both can be asked in between: they are locked for one user at a time.
pub fn gained(
    new: &Engine,
    old: &Engine,
    server_name: &str,
) -> Result<Vec<String>, NeedsKnownUsers> {
    // Users have other numbers in the other router; a number made of the name is the same in both.
    let hasher = RandomState::default();
    let hash = |user: &str| hasher.hash_one(user);
    let mut gained = Vec::new();
    let mut number = 0;
    loop {
        let mut state = new.lock();
        let Some(user) = state.router().users().get(number) else {
            return Ok(gained);
        };
        number += 1;
        let is_local = UserId::parse(user).is_ok_and(|user| user.server_name() == server_name);
        if !is_local {
            continue;
        }
        let user = user.to_owned();
        let sees = state.interested(&user, hash)?;
        drop(state);
        let saw = old.lock().interested(&user, hash)?;
        let gains = match (saw, sees) {
            // ALL is what the routes send, and these may be others now.
            (_, None) => true,
            (None, Some(sees)) => !sees.is_empty(),
            (Some(saw), Some(sees)) => {
                saw != sees && {
                    let saw: HashSet<u64, RandomState> = saw.into_iter().collect();
                    sees.iter().any(|user| !saw.contains(user))
                }
            }
        };
        if gains {
            gained.push(user);
        }
    }
}
