//! Properties that rules are to have, for all user IDs there could be.

use crate::automata::Undecided;
use crate::known_users::KnownUsers;
use crate::router::{Router, Scratch};
use crate::rules::groups::Groups;
use crate::rules::{RuleSet, UserSet, When};
use crate::sets::Reader;
use crate::source::Sources;
use crate::user_id::UserId;

use super::concerned::concerned;
use super::model::{Model, RuleRef, Update};
use super::pairs::missing;
use super::products::Pairs;
use super::prover::Prover;
use super::questions::Answers;
use super::relation::Relation;
use super::sets::{SetId, Sets};
use super::side::{Side, sides};

/// What is claimed of senders and recipients.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Claim {
    /// No update of such a sender reaches such a recipient, in whichever role it is, known or not.
    Never,
    /// Every update of each such sender reaches each such recipient that receives, itself aside.
    Always,
    /// Nobody's updates but those of such senders reach such a recipient, whether it is known or not.
    Only,
}

/// Something that is to hold for all users.
///
/// ```
/// use presence_router::proofs::{Claim, Model, Property, Prover, decide};
/// use presence_router::pattern::Pattern;
/// use presence_router::rules::{self, Item, UserSet};
/// use presence_router::source::Sources;
///
/// let mut sources = Sources::default();
/// sources.add("rules.yaml", "routes: [{senders: all, recipients: '@lobby:corp.example'}]");
/// let (rule_set, _) = rules::read(&sources);
/// let hr = Pattern::server("hr.example").unwrap();
/// let stays_inside = Property {
///     claim: Claim::Never,
///     senders: Some(UserSet::Item(Item::Pattern(hr), rules::At::default())),
///     recipients: None,
///     when: rules::When::default(),
/// };
///
/// let mut prover = Prover::default();
/// let model = Model::new(&rule_set, &mut prover.sets);
/// let refuted = decide(&rule_set, &sources, &model, &mut prover, &stays_inside)?.expect("it does not hold");
/// assert_eq!((&*refuted.sender, &*refuted.recipient), ("@a:hr.example", "@lobby:corp.example"));
/// assert_eq!(refuted.rules[0].index, 0);
/// # Ok::<(), presence_router::automata::Undecided>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Property {
    /// What is claimed.
    pub claim: Claim,
    /// The senders; everyone if left out.
    pub senders: Option<UserSet>,
    /// The recipients; everyone if left out.
    pub recipients: Option<UserSet>,
    /// The updates that it is about; all if left out.
    pub when: When,
}

/// Two users of whom a property does not hold. The router says the same of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refutation {
    /// A sender, whose ID is short and good to read.
    pub sender: String,
    /// A recipient.
    pub recipient: String,
    /// Whether it takes a recipient who is known as one who receives; if not, one who is only seen, or not known.
    pub(crate) recipient_receives: bool,
    /// An update for which it does not hold.
    pub update: Update,
    /// The route that sends what it should not; or the block, or the routes with other conditions, by which nothing is
    /// sent. Empty where no rule is about the two.
    pub rules: Vec<RuleRef>,
}

/// Decides a property of a rule set that reading found no error in: `None` if it holds for all users there could be and
/// all known users, or else two users of whom it does not hold.
///
/// `model` is the rule set's, made with the sets of `prover`. Groups of the rule set may be named in the property.
///
/// # Errors
///
/// If the budget of the prover does not suffice, or if a template decides in a way that this method does not look at.
///
/// # Panics
///
/// If the router contradicts the proof, which would be a fault of this program.
pub fn decide(
    rule_set: &RuleSet,
    sources: &Sources,
    model: &Model,
    prover: &mut Prover,
    property: &Property,
) -> Result<Option<Refutation>, Undecided> {
    let users = [property.senders.as_ref(), property.recipients.as_ref()];
    let [mut senders, recipients] = asked_about(rule_set, prover, users)?;
    if property.claim == Claim::Only {
        senders = prover.sets.difference(Sets::EVERYONE, senders);
    }
    let conditions = model.routes.iter().map(|route| &route.when);
    let kinds = Update::kinds_of(conditions.chain([&property.when])).into_iter();
    for update in kinds.filter(|update| update.meets(&property.when)) {
        let worlds: &[bool] = if property.claim == Claim::Always {
            &[true]
        } else {
            &[true, false]
        };
        for &receives in worlds {
            let answers = Answers::to_route(model, &update, receives);
            let found = match property.claim {
                Claim::Always => not_sent(prover, &answers, senders, recipients)?,
                Claim::Never | Claim::Only => sent(prover, &answers, senders, recipients)?,
            };
            if let Some((sender, recipient, rule)) = found {
                let refutation = Refutation {
                    rules: match rule {
                        Some(rule) => vec![rule],
                        None => kept_apart(prover, model, &sender, &recipient),
                    },
                    sender,
                    recipient,
                    recipient_receives: receives,
                    update,
                };
                replay(rule_set, sources, property.claim, &refutation);
                return Ok(Some(refutation));
            }
        }
    }
    Ok(None)
}

/// The users of sets that a question names beside the rules; everyone where it names none. Groups of the rule set may be in
/// them.
pub(super) fn asked_about(
    rule_set: &RuleSet,
    prover: &mut Prover,
    users: [Option<&UserSet>; 2],
) -> Result<[SetId; 2], Undecided> {
    let groups = Groups::new(rule_set);
    let in_groups = groups.all.iter().map(|group| group.users);
    let mut reader = Reader::of(in_groups.chain(users.into_iter().flatten()), &groups);
    let users = users.map(|users| users.map(|users| reader.set(users)));
    let sides = sides(&reader, &mut prover.sets);
    let users = users.map(|set| set.map(|set| &sides[set.0 as usize]));
    if users.into_iter().flatten().any(Side::has_templates) {
        let beyond = "a template in a property, where there is nobody to make an ID from";
        return Err(Undecided::Beyond(beyond.to_owned()));
    }
    Ok(users.map(|side| side.map_or(Sets::EVERYONE, |side| side.matched)))
}

type Found = Option<(String, String, Option<RuleRef>)>;

/// Two users of these sets whom a route connects.
fn sent(
    prover: &mut Prover,
    answers: &Answers,
    senders: SetId,
    recipients: SetId,
) -> Result<Found, Undecided> {
    let mut pairs = answers.relation.pairs().to_vec();
    for pairs in &mut pairs {
        pairs.from = prover.sets.intersection(pairs.from, senders);
        pairs.to = prover.sets.intersection(pairs.to, recipients);
    }
    let sent = answers.relation.with(pairs);
    // Whoever is blocked is not sent anything, and of the others nobody should be.
    let nothing = sent.with(Vec::new());
    for (at, rule) in answers.rules.iter().enumerate() {
        if let Some((sender, recipient)) = missing(prover, &sent, at, &nothing)? {
            return Ok(Some(((*sender).into(), (*recipient).into(), Some(*rule))));
        }
    }
    Ok(None)
}

/// Two users of these sets whom no route connects.
fn not_sent(
    prover: &mut Prover,
    answers: &Answers,
    senders: SetId,
    recipients: SetId,
) -> Result<Found, Undecided> {
    let mut wanted = Relation::new(vec![Pairs::new(senders, recipients)], Vec::new());
    wanted.is_of_two = true;
    let found = missing(prover, &wanted, 0, &answers.relation)?;
    Ok(found.map(|(sender, recipient)| ((*sender).into(), (*recipient).into(), None)))
}

/// The rules by which two users are not connected.
fn kept_apart(prover: &mut Prover, model: &Model, sender: &str, recipient: &str) -> Vec<RuleRef> {
    if let Some(block) = model.blocked(&mut prover.sets, sender, recipient) {
        return vec![block.rule];
    }
    let routes = model.routes_between(&mut prover.sets, sender, recipient, true);
    routes.into_iter().map(|route| route.rule).collect()
}

fn replay(rule_set: &RuleSet, sources: &Sources, claim: Claim, refutation: &Refutation) {
    let Refutation {
        sender,
        recipient,
        update,
        ..
    } = refutation;
    let (Ok(sender), Ok(to)) = (UserId::parse(sender), UserId::parse(recipient)) else {
        unreachable!("witnesses are valid user IDs");
    };
    let mut known_users = KnownUsers::default();
    if refutation.recipient_receives {
        known_users.add(to);
    }
    let rule_set = concerned(rule_set, &[&**recipient].into());
    let router = Router::new(&rule_set, sources, Some(&known_users))
        .expect("properties are decided of rules without errors");
    let routing = router.routing().expect("there are known users");
    let mut scratch = Scratch::default();
    let active = update.currently_active;
    let users = routing.route(sender, &update.state, active, &mut scratch, &mut ());
    let users = users.to_vec();
    let is_sent = users
        .iter()
        .any(|user| router.user(*user, &scratch) == recipient);
    assert!(
        is_sent != (claim == Claim::Always),
        "internal error: the proof about `{}` and `{recipient}` is contradicted by the router; please report this with \
         the rules",
        sender.as_str()
    );
}
