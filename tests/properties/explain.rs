//! What `explain` tells is what the rules do: compared with the plain evaluator on random rule sets.

use presence_router::explain::{
    Circumstances, Explainer, Fate, Matched, Pair, Sends, Standing, Stop, Verdict,
};
use presence_router::router::{Router, Scratch};
use presence_router::user_id::UserId;
use proptest::prelude::*;

use super::random::{self, files, known_users};
use super::{Asked, cases, updates_of};
use crate::plain::{Interested, Plain};

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: cases() / 6, ..ProptestConfig::default() })]

    #[test]
    fn pairs_are_explained_as_they_are_routed(
        files in files(),
        known_users in known_users(),
        shift in 0_usize..7,
    ) {
        let asked = Asked::new(&files, Some(&known_users));
        let plain = Plain::new(&asked.sources, &asked.rules, asked.known_users.as_ref());
        let router = Router::new(&asked.rules, &asked.sources, asked.known_users.as_ref()).expect("no errors");
        let explainer = Explainer::new(&asked.rules, &asked.sources, &router);
        let mut scratch = Scratch::default();
        let everybody: Vec<_> = random::everybody().collect();
        for (index, sender) in everybody.iter().enumerate().skip(shift).step_by(5) {
            for update in updates_of(sender) {
                let routed = plain.route(&update);
                let circumstances = Some(Circumstances {
                    state: &update.state,
                    currently_active: update.currently_active,
                });
                let from = UserId::parse(sender).expect("a user ID");
                let sought = router.sought(from);
                let mut gets = Vec::new();
                for recipient in everybody.iter().skip(index % 3).step_by(3) {
                    let to = UserId::parse(recipient).expect("a user ID");
                    let pair = explainer.pair(from, to, circumstances, &mut scratch).expect("known users");
                    let interested = plain.interested(recipient);
                    let sees = match &interested {
                        Interested::All => true,
                        Interested::These(seen) => seen.contains(sender),
                        Interested::NeedsKnownUsers => unreachable!("there are known users"),
                    };
                    let is_sent = routed.recipients.contains(recipient);
                    prop_assert_eq!(pair.sends != Sends::None, is_sent);
                    prop_assert_eq!(pair.seen.holds, sees);
                    prop_assert_eq!(router.may_see(to, &sought, &mut scratch), Ok(sees));
                    prop_assert_eq!(pair.seen.all.is_some(), interested == Interested::All);
                    prop_assert_eq!(!pair.blocks.is_empty(), plain.blocked(sender, recipient));
                    prop_assert_eq!(pair.verdict == Verdict::Delivered, is_sent && sees);
                    agrees_with_itself(&pair)?;
                    if pair.verdict == Verdict::Delivered {
                        gets.push(recipient);
                    }
                }
                let sent = explainer.sent(from, circumstances, &mut scratch).expect("known users");
                let delivered: Vec<_> = (sent.routes.iter())
                    .flat_map(|route| &route.recipients)
                    .filter(|to| to.fate == Fate::Delivered)
                    .map(|to| &to.user)
                    .collect();
                for recipient in gets {
                    prop_assert!(delivered.contains(&recipient), "{} gets {}", recipient, sender);
                }
                for recipient in delivered {
                    prop_assert!(routed.recipients.contains(recipient), "{} gets {}", recipient, sender);
                }
            }
        }
    }

    /// Without a state, the answer is the sum of the answers for all updates.
    #[test]
    fn all_updates_are_the_sum_of_each(files in files(), known_users in known_users()) {
        let asked = Asked::new(&files, Some(&known_users));
        let router = Router::new(&asked.rules, &asked.sources, asked.known_users.as_ref()).expect("no errors");
        let explainer = Explainer::new(&asked.rules, &asked.sources, &router);
        let mut scratch = Scratch::default();
        let everybody: Vec<_> = random::everybody().collect();
        for (sender, recipient) in everybody.iter().zip(everybody.iter().rev()).step_by(2) {
            let ids = [sender, recipient].map(|user| UserId::parse(user).expect("a user ID"));
            let all = explainer.pair(ids[0], ids[1], None, &mut scratch).expect("known users");
            let mut sent = Vec::new();
            for state in ["online", "offline", "busy", "unavailable", "named nowhere"] {
                for currently_active in [None, Some(true), Some(false)] {
                    let update = Circumstances { state, currently_active };
                    let one = explainer.pair(ids[0], ids[1], Some(update), &mut scratch).expect("known users");
                    sent.push(one.sends != Sends::None);
                }
            }
            let sum = match (sent.contains(&true), sent.contains(&false)) {
                (true, false) => Sends::All,
                (true, true) => Sends::Some,
                (false, _) => Sends::None,
            };
            prop_assert_eq!(all.sends, sum, "{} to {}", sender, recipient);
            agrees_with_itself(&all)?;
        }
    }
}

/// The reasons lead to the answer.
fn agrees_with_itself(pair: &Pair) -> Result<(), TestCaseError> {
    for route in &pair.routes {
        let stops = &route.stops;
        prop_assert_eq!(stops.is_empty(), route.sends == Sends::All);
        prop_assert_eq!(stops.contains(&Stop::Sender), !route.senders.is_in());
        prop_assert_eq!(stops.contains(&Stop::Recipient), !route.recipients.is_in());
        if stops.contains(&Stop::When) {
            let when = &route.when;
            prop_assert!(when.states.is_some() || when.currently_active.is_some());
        }
        if route.sends == Sends::Some {
            prop_assert_eq!(stops.as_slice(), &[Stop::When]);
        }
        items_match(&route.senders, &pair.sender)?;
        items_match(&route.recipients, &pair.recipient)?;
    }
    let sends = pair.routes.iter().any(|route| route.sends != Sends::None);
    prop_assert_eq!(
        pair.verdict == Verdict::Blocked,
        sends && pair.sends == Sends::None
    );
    if pair.verdict == Verdict::Blocked {
        prop_assert!(!pair.blocks.is_empty());
    }
    let gives = !pair.seen.by.is_empty();
    prop_assert_eq!(
        pair.seen.holds,
        gives && (pair.seen.all.is_some() || pair.blocks.is_empty())
    );
    Ok(())
}

/// The patterns that are named match the user, asked one by one.
fn items_match(standing: &Standing, user: &str) -> Result<(), TestCaseError> {
    let ways = match standing {
        Standing::In(ways) => (ways.kept_in.iter())
            .flat_map(|exclusion| [&exclusion.included, &exclusion.excluded])
            .chain([ways])
            .collect(),
        Standing::Excluded(exclusions) => (exclusions.iter())
            .flat_map(|exclusion| [&exclusion.included, &exclusion.excluded])
            .collect(),
        Standing::Out => Vec::new(),
    };
    for trail in ways.into_iter().flat_map(|ways| &ways.trails) {
        if let Matched::Pattern(pattern) = &trail.last().item {
            prop_assert!(
                pattern.compile().is_match(user),
                "{:?} and {}",
                pattern,
                user
            );
        }
    }
    Ok(())
}
