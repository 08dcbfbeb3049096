//! What a change means for the known users: who gains and who loses whom.

use std::collections::{BTreeMap, BTreeSet};

use crate::known_users::KnownUsers;
use crate::proofs::{Model, Sets, Update};
use crate::router::{Router, Scratch};
use crate::user_id::UserId;

use super::Written;

/// Who gets updates of whom after the change, and did not before, or the reverse.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Impact {
    /// By recipient, the known senders whose updates it gets from now on.
    pub gains: BTreeMap<String, BTreeSet<String>>,
    /// By recipient, the known senders whose updates it gets no more.
    pub loses: BTreeMap<String, BTreeSet<String>>,
    /// How many users are known to the old rules, and to the new ones.
    pub known: [usize; 2],
}

/// Routes an update of each kind of each known user by both rule sets, each with the users who are known to it.
pub fn impact(old: Written<'_>, new: Written<'_>, known_users: [&KnownUsers; 2]) -> Impact {
    let mut sets = Sets::default();
    let models = [old, new].map(|rules| Model::new(rules.rule_set, &mut sets));
    let kinds = Update::kinds(&[&models[0], &models[1]]);
    let routers = [(old, known_users[0]), (new, known_users[1])].map(|(rules, known_users)| {
        Router::new(rules.rule_set, rules.sources, Some(known_users))
            .expect("rules without errors, which the command has made sure of")
    });
    let mut scratch = Scratch::default();
    let mut impact = Impact {
        known: known_users.map(KnownUsers::len),
        ..Impact::default()
    };
    let senders: BTreeSet<_> = known_users.iter().flat_map(|known| known.iter()).collect();
    for sender in senders {
        let id = UserId::parse(sender).expect("known users are valid user IDs");
        for update in &kinds {
            let [old, new] = routers.each_ref().map(|router| {
                let mut reached = BTreeSet::new();
                if let Ok(routing) = router.routing() {
                    let active = update.currently_active;
                    let users = routing.route(id, &update.state, active, &mut scratch, &mut ());
                    let users = users.to_vec();
                    for user in users {
                        reached.insert(router.user(user, &scratch).to_owned());
                    }
                }
                reached
            });
            for (one, other, into) in [
                (&new, &old, &mut impact.gains),
                (&old, &new, &mut impact.loses),
            ] {
                for recipient in one.difference(other) {
                    into.entry(recipient.clone())
                        .or_default()
                        .insert(sender.to_owned());
                }
            }
        }
    }
    impact
}
