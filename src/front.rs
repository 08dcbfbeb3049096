//! Rules from a path to an answer, one call a step.
//!
//! What a program mostly asks is asked here, and answers are texts. A program that asks millions of times takes
//! [`Router::engine`], whose answers are numbers and cost no allocation.

use std::sync::{Mutex, PoisonError};

use crate::automata::Budget;
use crate::check::{Proofs, check_and_prove};
use crate::diff::{self, Comparison, Written, compare};
use crate::explain::{Explainer, Pair};
use crate::finding::Finding;
use crate::loading::Rules;
use crate::output::findings::{Report, plain};
use crate::router::{self, CompileError, NeedsKnownUsers, Scratch};
use crate::update::Update;
use crate::user_id::UserId;

/// Why there is no router for some rules.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RouterError {
    /// The rules have errors, a line each.
    #[error("{0}")]
    Findings(String),
    /// They have none, and are too large.
    #[error(transparent)]
    Compile(#[from] CompileError),
}

impl Rules {
    /// Everything that `presence-router check` says of the rules, proofs included. With errors there is no router.
    pub fn findings(&self) -> Vec<Finding> {
        let known_users = self.known_users.as_ref();
        let proofs = Proofs::default();
        let checked = check_and_prove(&self.rule_set, &self.sources, known_users, &proofs);
        (self.found.iter().cloned())
            .chain(checked.findings)
            .collect()
    }

    /// Findings as text, a line each: `FILE:LINE:COLUMN: warning[code]: message; remedy`.
    pub fn told(&self, findings: &[Finding]) -> String {
        plain(&Report::new(findings, &self.sources, &[]))
    }

    /// Compiles the rules. Patterns find recipients, and those who are seen, among the known users: those whom the rule
    /// files name, and these.
    ///
    /// # Errors
    ///
    /// If the rules have errors, or are too large.
    pub fn router<'u>(
        &self,
        known_users: impl IntoIterator<Item = UserId<'u>>,
    ) -> Result<Router, RouterError> {
        let errors = self.errors();
        if !errors.is_empty() {
            return Err(RouterError::Findings(self.told(&errors)));
        }
        let mut known = self.known_users.clone();
        for user in known_users {
            known.get_or_insert_default().add(user);
        }
        Ok(Router {
            engine: router::Router::new(&self.rule_set, &self.sources, known.as_ref())?,
            scratches: Mutex::default(),
        })
    }

    /// Why the updates of one user reach another, or why not.
    ///
    /// # Errors
    ///
    /// As for [`Router::recipients`].
    pub fn explain(
        &self,
        router: &Router,
        sender: UserId<'_>,
        recipient: UserId<'_>,
    ) -> Result<Pair, NeedsKnownUsers> {
        let explainer = Explainer::new(&self.rule_set, &self.sources, &router.engine);
        router.asking(|scratch| explainer.pair(sender, recipient, None, scratch))
    }

    /// The rules as written, for [`compare`].
    pub fn written(&self) -> Written<'_> {
        Written {
            rule_set: &self.rule_set,
            sources: &self.sources,
        }
    }

    /// What other rules do differently from these, for every user there could be.
    ///
    /// # Errors
    ///
    /// If a difference that was proven is none for the router, which would be a bug.
    pub fn diff(&self, new: &Self) -> Result<Comparison, diff::Mismatch> {
        compare(self.written(), new.written(), Budget::default())
    }
}

/// Compiled rules, which any number of threads may ask at once.
#[derive(Debug)]
pub struct Router {
    engine: router::Router,
    /// One for each question that is asked at the same time as others.
    scratches: Mutex<Vec<Scratch>>,
}

/// Whose presence a user may see.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Interested {
    /// Everyone's: what Synapse calls `PresenceRouter.ALL_USERS`.
    All,
    /// These users', each once, by the order of the rules.
    Users(Vec<String>),
}

impl Router {
    /// Who gets an update, each once, by the order of the rules: what Synapse asks with `get_users_for_states`.
    ///
    /// # Errors
    ///
    /// If the recipients of a route have to be looked up among known users, and nobody says who is known.
    pub fn recipients(&self, update: &Update<'_>) -> Result<Vec<String>, NeedsKnownUsers> {
        let routing = self.engine.routing()?;
        Ok(self.asking(|scratch| {
            let (state, active) = (&update.state, update.currently_active);
            let recipients = routing.route(update.sender(), state, active, scratch, &mut ());
            let recipients = recipients.to_vec();
            self.texts(&recipients, scratch)
        }))
    }

    /// Whose presence a user may see: what Synapse asks with `get_interested_users`.
    ///
    /// # Errors
    ///
    /// If those who are seen have to be looked up among known users, and nobody says who is known.
    pub fn interested(&self, user: UserId<'_>) -> Result<Interested, NeedsKnownUsers> {
        self.asking(|scratch| match self.engine.interested(user, scratch)? {
            router::Interested::All(_) => Ok(Interested::All),
            router::Interested::Users(users) => {
                let users = users.to_vec();
                Ok(Interested::Users(self.texts(&users, scratch)))
            }
        })
    }

    /// What answers: by numbers, without an allocation, and by which rules.
    pub fn engine(&self) -> &router::Router {
        &self.engine
    }

    fn texts(&self, users: &[router::UserIndex], scratch: &Scratch) -> Vec<String> {
        let users = users.iter();
        users
            .map(|user| self.engine.user(*user, scratch).to_owned())
            .collect()
    }

    fn asking<T>(&self, ask: impl FnOnce(&mut Scratch) -> T) -> T {
        let scratches = || {
            self.scratches
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
        };
        let mut scratch = scratches().pop().unwrap_or_default();
        let answer = ask(&mut scratch);
        scratches().push(scratch);
        answer
    }
}
