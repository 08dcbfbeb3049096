//! Every witness is put to the routers of both rule sets before it is reported.

use std::collections::BTreeSet;

use crate::known_users::KnownUsers;
use crate::proofs::concerned;
use crate::router::{Interested, Router, Scratch};
use crate::user_id::UserId;

use super::run::Rules;
use super::{Comparison, Difference, Mismatch, Question, Standing, Which};

/// Differences that the same known users will do for.
#[derive(Default)]
struct Group {
    known: BTreeSet<String>,
    unknown: BTreeSet<String>,
    differences: Vec<Difference>,
}

/// Asks the routers about each difference.
pub(super) fn replay(comparison: &mut Comparison, rules: [Rules<'_>; 2]) -> Result<(), Mismatch> {
    let mut groups: Vec<Group> = Vec::new();
    for difference in std::mem::take(&mut comparison.differences) {
        let (known, unknown) = known_users_of(&difference);
        let fits =
            |group: &Group| group.known.is_disjoint(&unknown) && group.unknown.is_disjoint(&known);
        let at = groups.iter().position(fits).unwrap_or_else(|| {
            groups.push(Group::default());
            groups.len() - 1
        });
        let group = &mut groups[at];
        group.known.extend(known);
        group.unknown.extend(unknown);
        group.differences.push(difference);
    }
    for group in groups {
        let mut known_users = KnownUsers::default();
        for user in group
            .known
            .iter()
            .filter_map(|user| UserId::parse(user).ok())
        {
            known_users.add(user);
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
            let [old, new] = routers.each_ref().map(|router| does(router, &difference));
            let expected = difference.only_in == Which::New;
            if (old, new) == (!expected, expected) {
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

/// Who is known, and who is not.
fn known_users_of(difference: &Difference) -> (BTreeSet<String>, BTreeSet<String>) {
    let recipient = difference.recipient.clone();
    let (recipient_is_known, sender_is_known) = match &difference.question {
        Question::Route {
            recipient_is_known, ..
        }
        | Question::SeesEveryone { recipient_is_known } => (*recipient_is_known, None),
        Question::Interested { known } => (known.recipient, Some(known.sender)),
    };
    let mut users = [BTreeSet::new(), BTreeSet::new()];
    users[usize::from(!recipient_is_known)].insert(recipient);
    if let (Some(is_known), Some(sender)) = (sender_is_known, &difference.sender) {
        users[usize::from(!is_known)].insert(sender.clone());
    }
    users.into()
}

/// What a router answers.
fn does(router: &Router, difference: &Difference) -> bool {
    let mut scratch = Scratch::default();
    let recipient = &difference.recipient;
    let sender = difference.sender.as_deref().unwrap_or_default();
    match &difference.question {
        Question::Route { update, .. } => {
            let (Ok(routing), Ok(sender)) = (router.routing(), UserId::parse(sender)) else {
                return false;
            };
            let active = update.currently_active;
            let users = routing.route(sender, &update.state, active, &mut scratch, &mut ());
            let users = users.to_vec();
            users
                .iter()
                .any(|user| router.user(*user, &scratch) == recipient)
        }
        Question::Interested { .. } | Question::SeesEveryone { .. } => {
            let Ok(recipient) = UserId::parse(recipient) else {
                return false;
            };
            match (router.interested(recipient, &mut scratch)).expect("there are known users") {
                Interested::All(_) => true,
                Interested::Users(users) => {
                    let users = users.to_vec();
                    difference.sender.is_some()
                        && users
                            .iter()
                            .any(|user| router.user(*user, &scratch) == sender)
                }
            }
        }
    }
}
