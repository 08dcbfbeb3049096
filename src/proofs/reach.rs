//! Whether anybody of one set reaches anybody of another, for all user IDs there could be.

use std::collections::HashSet;
use std::rc::Rc;

use crate::automata::Undecided;
use crate::known_users::{KnownUsers, Role};
use crate::router::{Router, Scratch};
use crate::rules::{RuleSet, UserSet};
use crate::source::Sources;
use crate::user_id::UserId;

use super::concerned::concerned;
use super::model::{Model, RuleRef, Update};
use super::pairs::missing;
use super::products::Pairs;
use super::property::asked_about;
use super::prover::Prover;
use super::questions::{Answers, Roles};
use super::relation::Relation;
use super::sets::{SetId, Sets};

/// Who is asked about.
#[derive(Debug)]
pub struct Between<'a> {
    /// Whose updates.
    pub senders: &'a UserSet,
    /// Whom they may reach.
    pub recipients: &'a UserSet,
    /// The update; all of them if left out.
    pub update: Option<Update>,
    /// Users of whom a witness is taken if there are two: known users, and those of them who receive.
    pub preferred: [Vec<Rc<str>>; 2],
    /// Known users who are only seen: as recipients, they are those whom rules name.
    pub seen_only: Vec<Rc<str>>,
}

/// Whether anybody of one set reaches anybody of another. Whoever is in both may reach itself.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reach {
    /// The recipient gets the sender's updates, and may see it.
    Delivered(TwoOf),
    /// A route sends updates between such users, as between these two. But none of them may see the sender.
    Unseen(TwoOf),
    /// Routes would send updates between such users, as between these two. But blocks keep all of them back.
    Blocked(TwoOf),
    /// No route is about any two of them.
    Nobody,
}

/// One of the senders and one of the recipients, both taken to be known, the second as one who receives, unless it is known
/// to be only seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TwoOf {
    /// The sender.
    pub sender: String,
    /// The recipient.
    pub recipient: String,
}

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoAnswer {
    /// It is undecided.
    #[error(transparent)]
    Undecided(#[from] Undecided),
    /// The router contradicts the proof: one of them is wrong, and neither can be relied on.
    #[error(
        "internal error: the proof about `{}` and `{}` is contradicted by the router; please report this with the rules",
        .0.sender, .0.recipient
    )]
    Contradicted(TwoOf),
}

/// Decides whether anybody of the senders reaches anybody of the recipients, by rules in which reading found no error.
///
/// `model` is the rule set's, made with the sets of `prover`. Groups of the rule set may be named in the sets.
///
/// # Errors
///
/// If the budget of the prover does not suffice, if a template decides in a way that this method does not look at, or if
/// the router contradicts the proof, which would be a fault of this program.
///
/// ```
/// use presence_router::pattern::Pattern;
/// use presence_router::proofs::{Between, Model, Prover, Reach, reach};
/// use presence_router::rules::{self, Item, UserSet};
/// use presence_router::source::Sources;
///
/// let mut sources = Sources::default();
/// sources.add("rules.yaml", "routes: [{senders: {server: corp.example}, recipients: '@lobby:corp.example'}]");
/// let (rule_set, _) = rules::read(&sources);
/// let users = |pattern| UserSet::Item(Item::Pattern(pattern), rules::At::default());
/// let between = Between {
///     senders: &users(Pattern::server("hr.example").unwrap()),
///     recipients: &users(Pattern::Everyone),
///     update: None,
///     preferred: Default::default(),
///     seen_only: Vec::new(),
/// };
///
/// let mut prover = Prover::default();
/// let model = Model::new(&rule_set, &mut prover.sets);
/// assert_eq!(reach(&rule_set, &sources, &model, &mut prover, &between)?, Reach::Nobody);
/// # Ok::<(), presence_router::proofs::NoAnswer>(())
/// ```
pub fn reach(
    rule_set: &RuleSet,
    sources: &Sources,
    model: &Model,
    prover: &mut Prover,
    between: &Between<'_>,
) -> Result<Reach, NoAnswer> {
    let sets = asked_about(
        rule_set,
        prover,
        [Some(between.senders), Some(between.recipients)],
    )?;
    let seen = ROLES.map(|roles| Answers::to_interested(model, prover, roles));
    let mut search = Search {
        model,
        seen,
        updates: match &between.update {
            Some(update) => vec![update.clone()],
            None => Update::kinds(&[model]),
        },
        seen_only: prover.sets.users(between.seen_only.iter().cloned()),
        are_two: false,
        prover,
    };
    let [senders, recipients] =
        (between.preferred.clone()).map(|users| search.prover.sets.users(users));
    let preferred = [
        search.prover.sets.intersection(sets[0], senders),
        search.prover.sets.intersection(sets[1], recipients),
    ];
    for of in [Of::Delivered, Of::Routed, Of::Connected] {
        // Two known users are the best witness, and somebody who reaches itself is the last. What is not decided of some
        // may be decided of all.
        let tries = [(preferred, true), (sets, true), (preferred, false)];
        let found = tries.into_iter().find_map(|(sets, are_two)| {
            search.are_two = are_two;
            search.find(of, sets).ok().flatten()
        });
        search.are_two = false;
        let found = match found {
            Some(found) => Some(found),
            None => search.find(of, sets)?,
        };
        let Some((found, update)) = found else {
            continue;
        };
        let is_seen_only = search.prover.sets.holds(search.seen_only, &found.recipient);
        if !is_confirmed(rule_set, sources, &found, is_seen_only, &update, of) {
            return Err(NoAnswer::Contradicted(found));
        }
        return Ok(match of {
            Of::Delivered => Reach::Delivered(found),
            Of::Routed => Reach::Unseen(found),
            Of::Connected => Reach::Blocked(found),
        });
    }
    Ok(Reach::Nobody)
}

/// Both are known: whoever is not reached so is not reached at all, since rules list a known user wherever they list an
/// unknown one. Recipients receive; and those who are known to be only seen do not.
const ROLES: [Roles; 2] = [
    Roles::BOTH_KNOWN,
    Roles {
        recipient_receives: false,
        sender_is_known: true,
    },
];

/// Pairs of users: those that routes connect, of these those that no block separates, and of these those who may see.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Of {
    Delivered,
    Routed,
    Connected,
}

struct Search<'a> {
    model: &'a Model,
    /// Who may see whom, in each of the roles.
    seen: [Answers; 2],
    updates: Vec<Update>,
    /// Known users who are only seen.
    seen_only: SetId,
    /// Whether nobody counts who reaches itself.
    are_two: bool,
    prover: &'a mut Prover,
}

impl Search<'_> {
    fn find(&mut self, of: Of, sets: [SetId; 2]) -> Result<Option<(TwoOf, Update)>, Undecided> {
        // A pair that is found answers whatever another question leaves open.
        let mut open = None;
        let receive = self.prover.sets.difference(sets[1], self.seen_only);
        let seen_only = self.prover.sets.intersection(sets[1], self.seen_only);
        for (roles, recipients) in ROLES.iter().zip([receive, seen_only]) {
            let receives = roles.recipient_receives;
            for update in self.updates.clone() {
                match self.find_by(of, &update, [sets[0], recipients], receives) {
                    Ok(None) => {}
                    Ok(Some(found)) => return Ok(Some((found, update))),
                    Err(undecided) => open = Some(undecided),
                }
            }
        }
        open.map_or(Ok(None), Err)
    }

    fn find_by(
        &mut self,
        of: Of,
        update: &Update,
        [senders, recipients]: [SetId; 2],
        receives: bool,
    ) -> Result<Option<TwoOf>, Undecided> {
        if recipients == Sets::NOBODY {
            return Ok(None);
        }
        let routed = Answers::to_route(self.model, update, receives);
        let mut pairs = routed.relation.pairs().to_vec();
        for pairs in &mut pairs {
            pairs.from = self.prover.sets.intersection(pairs.from, senders);
            pairs.to = self.prover.sets.intersection(pairs.to, recipients);
        }
        let mut open = None;
        if of == Of::Delivered {
            (pairs, open) = self.seen_among(pairs, &routed.rules, receives)?;
        }
        let blocks = match of {
            Of::Connected => Vec::new(),
            _ => routed.relation.blocks().to_vec(),
        };
        let mut found = Relation::new(pairs, blocks);
        found.is_of_two = self.are_two;
        let nothing = found.with(Vec::new());
        for at in 0..found.pairs().len() {
            match missing(self.prover, &found, at, &nothing) {
                Ok(None) => {}
                Ok(Some((sender, recipient))) => {
                    return Ok(Some(TwoOf {
                        sender: (*sender).into(),
                        recipient: (*recipient).into(),
                    }));
                }
                Err(undecided) => open = Some(undecided),
            }
        }
        open.map_or(Ok(None), Err)
    }

    /// Of pairs that are routed, those of which the second may see the first; and what is open if there are none.
    fn seen_among(
        &mut self,
        routed: Vec<Pairs>,
        rules: &[RuleRef],
        receives: bool,
    ) -> Result<(Vec<Pairs>, Option<Undecided>), Undecided> {
        let derives = self
            .model
            .routes
            .iter()
            .filter(|route| route.derives_interest);
        let derives: HashSet<_> = derives.map(|route| route.rule).collect();
        let seen = &self.seen[usize::from(!receives)];
        let (mut among, mut open) = (Vec::new(), None);
        for (pairs, rule) in routed.into_iter().zip(rules) {
            if derives.contains(rule) {
                // By the very interest that derives from it.
                among.push(pairs);
                continue;
            }
            let everyone = Pairs {
                to: self.prover.sets.intersection(pairs.to, seen.everyone),
                ..pairs.clone()
            };
            among.push(everyone);
            for seen in seen.relation.pairs() {
                self.prover.count(1)?;
                match both(self.prover, &pairs, &seen.turned()) {
                    Some(both) => among.push(both),
                    None => open = Some(Undecided::Beyond(TWO_TEMPLATES.to_owned())),
                }
            }
        }
        Ok((among, open))
    }
}

const TWO_TEMPLATES: &str =
    "whether a template of a route and one of an interest make the same users";

/// The pairs that are in both; `None` if two templates decide that.
fn both(prover: &mut Prover, one: &Pairs, other: &Pairs) -> Option<Pairs> {
    let is_told = (one.made.is_none() || other.made.is_none() || one.made == other.made)
        && (one.except.is_none() || other.except.is_none() || one.except == other.except);
    if !is_told {
        return None;
    }
    Some(Pairs {
        from: prover.sets.intersection(one.from, other.from),
        to: prover.sets.intersection(one.to, other.to),
        made: one.made.clone().or_else(|| other.made.clone()),
        except: one.except.clone().or_else(|| other.except.clone()),
    })
}

/// Whether the router says the same of two users as a proof did.
fn is_confirmed(
    rule_set: &RuleSet,
    sources: &Sources,
    found: &TwoOf,
    is_seen_only: bool,
    update: &Update,
    of: Of,
) -> bool {
    if of == Of::Connected {
        // The router has no answer without blocks.
        return true;
    }
    let TwoOf { sender, recipient } = found;
    let (Ok(from), Ok(to)) = (UserId::parse(sender), UserId::parse(recipient)) else {
        return false;
    };
    let mut known_users = KnownUsers::default();
    let role = if is_seen_only {
        Role::Seen
    } else {
        Role::Receives
    };
    known_users.add_as(to, role);
    if from != to {
        known_users.add(from);
    }
    let rule_set = concerned(rule_set, &[&**recipient].into());
    let router = Router::new(&rule_set, sources, Some(&known_users))
        .expect("it is decided of rules without errors");
    let mut scratch = Scratch::default();
    let routing = router.routing().expect("there are known users");
    let active = update.currently_active;
    let users = routing.route(from, &update.state, active, &mut scratch, &mut ());
    let users = users.to_vec();
    let is_sent = (users.iter()).any(|user| router.user(*user, &scratch) == recipient);
    let sees =
        (router.may_see(to, &router.sought(from), &mut scratch)).expect("there are known users");
    is_sent && (sees || of != Of::Delivered)
}
