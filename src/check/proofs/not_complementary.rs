//! `not-complementary`: somebody is sent updates and may not see the sender, or the reverse.

use std::collections::HashSet;

use super::Proving;
use crate::finding::{Code, Finding};
use crate::known_users::KnownUsers;
use crate::pattern::{Pattern, shortened};
use crate::proofs::{Answers, Pairs, Relation, Roles, RuleRef, Sets, concerned, missing};
use crate::router::{Interested, Router, Scratch};
use crate::user_id::UserId;

/// Somebody of whom the two answers do not fit.
struct Unfit {
    rule: RuleRef,
    sender: String,
    recipient: String,
    is_sent: bool,
}

pub(super) fn check(proving: &mut Proving<'_, '_>) {
    let files = &proving.cx.rule_set.files;
    let is_complementary = (files.iter())
        .all(|file| file.interests.is_empty() && (file.derive_interests || file.routes.is_empty()));
    if is_complementary || proving.is_unclear(Code::NotComplementary) {
        return;
    }
    let unfit = find(proving);
    let unfit = replayed(proving, unfit);
    for Unfit {
        rule,
        sender,
        recipient,
        is_sent,
    } in unfit
    {
        let (sender, recipient) = (shortened(&sender), shortened(&recipient));
        let finding = if is_sent {
            let message = format!(
                "`{recipient}` is sent the updates of `{sender}`, and no interest lets it see that user: when it comes \
                 online, it is not told the state"
            );
            Finding::new(Code::NotComplementary, rule.location(), message)
                .help("add an interest, or narrow the route")
        } else {
            let message = format!(
                "`{recipient}` may see `{sender}`, and no route sends it that user's updates: it sees the state when it \
                 comes online, and no later change"
            );
            Finding::new(Code::NotComplementary, rule.location(), message)
                .help("add a route, or narrow the interest")
        };
        proving.findings.push(finding);
    }
}

/// A pair for each rule that has one.
fn find(proving: &mut Proving<'_, '_>) -> Vec<Unfit> {
    let roles = Roles::BOTH_KNOWN;
    let (routed, routes) = routed(proving);
    let interested = Answers::to_interested(&proving.model, &mut proving.prover, roles);
    // The homeserver asks for the interests of its own users only.
    let asking = match proving.cx.server_name.map(Pattern::server) {
        Some(Ok(own)) => proving.prover.sets.pattern(&own),
        _ => Sets::EVERYONE,
    };
    // Users who see everyone see whoever is routed to them, and no more.
    let everyone = interested.everyone;
    let [pairs, blocks] = [interested.relation.pairs(), interested.relation.blocks()]
        .map(|all| all.iter().map(Pairs::turned).collect());
    let asking = proving.prover.sets.difference(asking, everyone);
    let [routed, seen] = [routed, Relation::new(pairs, blocks)].map(|relation| {
        let mut pairs = relation.pairs().to_vec();
        for pairs in &mut pairs {
            pairs.to = proving.prover.sets.intersection(pairs.to, asking);
        }
        let mut relation = relation.with(pairs);
        relation.is_of_two = true;
        relation
    });
    let mut found_of = HashSet::new();
    let mut unfit = Vec::new();
    for (is_sent, one, other, rules) in [
        (true, &routed, &seen, &routes),
        (false, &seen, &routed, &interested.rules),
    ] {
        for (at, rule) in rules.iter().enumerate() {
            if proving.told.is_of(*rule) || found_of.contains(rule) {
                continue;
            }
            let found = missing(&mut proving.prover, one, at, other);
            if let Some(Some((sender, recipient))) =
                proving.answer(Code::NotComplementary, &rule.location(), found)
            {
                found_of.insert(*rule);
                unfit.push(Unfit {
                    rule: *rule,
                    sender: (*sender).to_owned(),
                    recipient: (*recipient).to_owned(),
                    is_sent,
                });
            }
        }
    }
    unfit
}

/// Who is sent whose updates, whatever these say.
fn routed(proving: &Proving<'_, '_>) -> (Relation, Vec<RuleRef>) {
    let (mut pairs, mut rules) = (Vec::new(), Vec::new());
    for route in &proving.model.routes {
        let mut answers = Answers::of_route(route);
        rules.extend(answers.iter().map(|_| route.rule));
        pairs.append(&mut answers);
    }
    let blocks = (proving.model.blocks.iter())
        .map(|block| Pairs::new(block.senders, block.recipients))
        .collect();
    (Relation::new(pairs, blocks), rules)
}

/// Those that the router confirms. That it does not would be a fault of this program, and is told as one.
fn replayed(proving: &mut Proving<'_, '_>, unfit: Vec<Unfit>) -> Vec<Unfit> {
    if unfit.is_empty() {
        return unfit;
    }
    let mut known_users = KnownUsers::default();
    for user in unfit
        .iter()
        .flat_map(|unfit| [&unfit.sender, &unfit.recipient])
    {
        if let Ok(user) = UserId::parse(user) {
            known_users.add(user);
        }
    }
    let recipients = unfit.iter().map(|unfit| &*unfit.recipient).collect();
    let rule_set = concerned(proving.cx.rule_set, &recipients);
    let router = Router::new(&rule_set, proving.sources, Some(&known_users))
        .expect("faulty rule sets are not proven");
    for unfit in &unfit {
        let (Ok(sender), Ok(recipient)) = (
            UserId::parse(&unfit.sender),
            UserId::parse(&unfit.recipient),
        ) else {
            unreachable!("witnesses are valid user IDs");
        };
        let mut scratch = Scratch::default();
        let sees =
            match (router.interested(recipient, &mut scratch)).expect("there are known users") {
                Interested::All(_) => true,
                Interested::Users(users) => {
                    let users = users.to_vec();
                    users
                        .iter()
                        .any(|user| router.user(*user, &scratch) == sender.as_str())
                }
            };
        assert!(
            sees != unfit.is_sent,
            "internal error: the proof that `{}` and `{}` do not fit is contradicted by the router; please report this \
             with the rules",
            unfit.sender,
            unfit.recipient
        );
    }
    unfit
}
