//! Two sets of users: whether anybody of the one reaches anybody of the other.

use std::rc::Rc;

use crate::automata::{Budget, Undecided};
use crate::known_users::{KnownUsers, Role};
use crate::proofs::{self, Model, NoAnswer, Prover, Reach, TwoOf, Update};
use crate::router::{CompileError, Router, Scratch};
use crate::rules::{RuleSet, UserSet};
use crate::source::Sources;
use crate::user_id::UserId;

use super::{Circumstances, Explainer, Pair, Verdict};

/// Of more known users than this, no witness is looked for before one is made up.
const MOST_KNOWN: usize = 20_000;

/// Whether anybody of one set reaches anybody of another, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Between {
    /// The senders, as they were written.
    pub senders: String,
    /// The recipients, as they were written.
    pub recipients: String,
    /// The answer, for all user IDs there could be.
    pub answer: Result<Reach, Undecided>,
    /// Why it is so of the two users that the answer names.
    pub pair: Option<Pair>,
    /// Whether these two are known users, and not only taken to be known.
    pub are_known: bool,
}

/// The sets of a question, as they were read and as they were written.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    /// Whose updates.
    pub senders: (&'a UserSet, &'a str),
    /// Whom they may reach.
    pub recipients: (&'a UserSet, &'a str),
    /// The update; all of them if left out.
    pub update: Option<Circumstances<'a>>,
}

/// Why a question is not even left undecided.
#[derive(Clone, Debug, thiserror::Error)]
pub enum NoBetween {
    /// The rules are larger than a router can be.
    #[error(transparent)]
    Compile(#[from] CompileError),
    /// The router contradicts the proof.
    #[error(transparent)]
    Contradicted(#[from] NoAnswer),
}

/// Decides the question by rules without errors, and explains the answer by two users. `router` is the rules', with those
/// known users.
///
/// # Errors
///
/// If the rules are larger than a router can be, or if the router contradicts the proof, which would be a fault of this
/// program.
pub fn between(
    rule_set: &RuleSet,
    sources: &Sources,
    router: &Router,
    known_users: Option<&KnownUsers>,
    asked: Asked<'_>,
    budget: Budget,
) -> Result<Between, NoBetween> {
    let mut prover = Prover::new(budget);
    let model = Model::new(rule_set, &mut prover.sets);
    let known = known_users.filter(|known| known.len() <= MOST_KNOWN);
    let known: Vec<Rc<str>> =
        known.map_or_else(Vec::new, |known| known.iter().map(Rc::from).collect());
    let receives = |user: &str| {
        let index = router.index_of(user);
        index.is_some_and(|user| router.receives(user))
    };
    let receive = known.iter().filter(|user| receives(user));
    let all = known_users.into_iter().flat_map(KnownUsers::iter);
    let seen_only: Vec<Rc<str>> = all.filter(|user| !receives(user)).map(Rc::from).collect();
    let question = proofs::Between {
        senders: asked.senders.0,
        recipients: asked.recipients.0,
        update: asked.update.map(|update| Update {
            state: update.state.to_owned(),
            currently_active: update.currently_active,
        }),
        preferred: [known.clone(), receive.cloned().collect()],
        seen_only: seen_only.clone(),
    };
    let answer = match proofs::reach(rule_set, sources, &model, &mut prover, &question) {
        Ok(reach) => Ok(reach),
        Err(NoAnswer::Undecided(undecided)) => Err(undecided),
        Err(contradicted @ NoAnswer::Contradicted(_)) => return Err(contradicted.into()),
    };
    let mut between = Between {
        senders: asked.senders.1.to_owned(),
        recipients: asked.recipients.1.to_owned(),
        answer,
        pair: None,
        are_known: false,
    };
    let (two, verdict) = match &between.answer {
        Ok(Reach::Delivered(two)) => (two, Verdict::Delivered),
        Ok(Reach::Unseen(two)) => (two, Verdict::Unseen),
        Ok(Reach::Blocked(two)) => (two, Verdict::Blocked),
        Ok(Reach::Nobody) | Err(_) => return Ok(between),
    };
    let explain = |router: &Router| {
        let explainer = Explainer::new(rule_set, sources, router);
        let [sender, recipient] = ids(two);
        let mut scratch = Scratch::default();
        let pair = explainer.pair(sender, recipient, asked.update, &mut scratch);
        pair.ok().filter(|pair| pair.verdict == verdict)
    };
    between.pair = explain(router);
    between.are_known = between.pair.is_some();
    if between.pair.is_none() {
        // What holds of users who are known need not hold of strangers.
        let mut both = KnownUsers::default();
        for user in ids(two) {
            let is_seen_only = seen_only.iter().any(|seen| **seen == *user.as_str());
            both.add_as(
                user,
                if is_seen_only {
                    Role::Seen
                } else {
                    Role::Receives
                },
            );
        }
        between.pair = explain(&Router::new(rule_set, sources, Some(&both))?);
    }
    Ok(between)
}

fn ids(two: &TwoOf) -> [UserId<'_>; 2] {
    [&two.sender, &two.recipient]
        .map(|user| UserId::parse(user).expect("witnesses are valid user IDs"))
}
