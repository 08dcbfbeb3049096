//! Every witness is put to the routers of both rule sets before it is reported.

use std::collections::BTreeMap;

use crate::known_users::{KnownUsers, Role};
use crate::proofs::concerned;
use crate::router::{Interested, Router, Scratch};
use crate::user_id::UserId;

use super::{Comparison, Difference, Kind, Mismatch, Question, Standing, Which, Written};

/// Differences that the same known users will do for.
#[derive(Default)]
struct Group {
    /// The role of each user who matters; nothing for one who is not known.
    roles: BTreeMap<String, Option<Role>>,
    differences: Vec<Difference>,
}

/// Asks the routers about each difference.
pub(super) fn replay(comparison: &mut Comparison, rules: [Written<'_>; 2]) -> Result<(), Mismatch> {
    let mut groups: Vec<Group> = Vec::new();
    for difference in std::mem::take(&mut comparison.differences) {
        let roles = roles_of(&difference);
        let fits = |group: &Group| {
            let mut roles = roles.iter();
            roles.all(|(user, role)| group.roles.get(user).is_none_or(|other| other == role))
        };
        let at = groups.iter().position(fits).unwrap_or_else(|| {
            groups.push(Group::default());
            groups.len() - 1
        });
        let group = &mut groups[at];
        group.roles.extend(roles);
        group.differences.push(difference);
    }
    for group in groups {
        let mut known_users = KnownUsers::default();
        for (user, role) in &group.roles {
            if let (Ok(user), Some(role)) = (UserId::parse(user), role) {
                known_users.add_as(user, *role);
            }
        }
        let recipients = group.differences.iter();
        let recipients = recipients
            .map(|difference| &*difference.recipient)
            .collect();
        let routers = rules.map(|rules| {
            let rule_set = concerned(rules.rule_set, &recipients);
            Router::new(&rule_set, rules.sources, Some(&known_users))
                .expect("rules without errors, which the command has made sure of")
        });
        for difference in group.differences {
            let [old, new] = routers
                .each_ref()
                .map(|router| answers(router, &difference));
            let expected = difference.only_in == Which::New;
            let all = |answers: &[bool], answer| answers.iter().all(|other| *other == answer);
            if all(&old, !expected) && all(&new, expected) {
                comparison.differences.push(difference);
            } else if difference.standing == Standing::Proven {
                return Err(Mismatch {
                    sender: difference
                        .sender
                        .map_or_else(|| "everyone".to_owned(), |sender| format!("`{sender}`")),
                    recipient: difference.recipient,
                    which: if expected { "new" } else { "old" },
                });
            }
        }
    }
    Ok(())
}

/// The users of a difference in the roles in which it is there.
fn roles_of(difference: &Difference) -> BTreeMap<String, Option<Role>> {
    let (recipient_receives, sender_is_known) = match &difference.question {
        Question::Route {
            recipient_receives, ..
        }
        | Question::SeesEveryone { recipient_receives } => (*recipient_receives, None),
        Question::Interested { roles } => (roles.recipient_receives, Some(roles.sender_is_known)),
    };
    let mut roles = BTreeMap::new();
    if let (Some(is_known), Some(sender)) = (sender_is_known, &difference.sender) {
        roles.insert(sender.clone(), is_known.then_some(Role::Receives));
    }
    // Of a user who is both, a sender who is known and a recipient who does not receive, this is the role.
    let role = roles.entry(difference.recipient.clone()).or_default();
    *role = if recipient_receives {
        Some(Role::Receives)
    } else {
        role.map(|_| Role::Seen)
    };
    roles
}

/// What a router answers, to each of the questions that a difference is about.
fn answers(router: &Router, difference: &Difference) -> Vec<bool> {
    let mut scratch = Scratch::default();
    let recipient = &difference.recipient;
    let sender = difference.sender.as_deref().unwrap_or_default();
    match &difference.question {
        Question::Route { updates, .. } => {
            let (Ok(routing), Ok(sender)) = (router.routing(), UserId::parse(sender)) else {
                return vec![false];
            };
            let is_reached = |kind: &Kind| {
                let (state, active) = (&kind.update.state, kind.update.currently_active);
                let users = routing.route(sender, state, active, &mut scratch, &mut ());
                let users = users.to_vec();
                users
                    .iter()
                    .any(|user| router.user(*user, &scratch) == recipient)
            };
            updates.these().map(is_reached).collect()
        }
        Question::Interested { .. } | Question::SeesEveryone { .. } => {
            let Ok(recipient) = UserId::parse(recipient) else {
                return vec![false];
            };
            vec![
                match (router.interested(recipient, &mut scratch)).expect("there are known users") {
                    Interested::All(_) => true,
                    Interested::Users(users) => {
                        let users = users.to_vec();
                        difference.sender.is_some()
                            && users
                                .iter()
                                .any(|user| router.user(*user, &scratch) == sender)
                    }
                },
            ]
        }
    }
}
