//! Rules from a path to an answer, one call a step.
//!
//! What a program mostly asks is asked here, and answers are texts. A program that asks millions of times takes
//! [`Router::engine`], whose answers are numbers and cost no allocation.

use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use crate::automata::Budget;
use crate::check::{Proofs, check_and_prove};
use crate::diff::{self, Comparison, compare};
use crate::explain::{Explainer, Pair};
use crate::finding::{Finding, Severity};
use crate::known_users::{self, KnownUsers, Unreadable};
use crate::output::findings::{Report, plain};
use crate::router::{self, CompileError, NeedsKnownUsers, Scratch};
use crate::rules::files::LoadError;
use crate::rules::{self, RuleSet, files};
use crate::source::Sources;
use crate::update::Update;
use crate::user_id::UserId;

/// Rules as written, and whoever their files say is known. They may have errors: see [`findings`](Self::findings).
#[derive(Debug)]
pub struct Rules {
    sources: Sources,
    rule_set: RuleSet,
    known_users: Option<KnownUsers>,
    /// What reading found.
    findings: Vec<Finding>,
}

/// Why rules cannot be read at all.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RulesError {
    /// A path that names no rules, or a file that cannot be read.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// A file of known users that cannot be read.
    #[error(transparent)]
    KnownUsers(#[from] Unreadable),
}

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
    /// Reads rule files, and folders of rule files, as the command line does with `--rules`.
    ///
    /// ```
    /// let rules = presence_router::Rules::load(["rules"])?;
    /// assert!(rules.findings().is_empty());
    /// # Ok::<(), presence_router::RulesError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// If a path cannot be read. Whatever is wrong with what stands in the files becomes a finding.
    pub fn load(paths: impl IntoIterator<Item = impl Into<PathBuf>>) -> Result<Self, RulesError> {
        let paths: Vec<_> = paths.into_iter().map(Into::into).collect();
        Ok(Self::of(files::load(&paths)?)?)
    }

    /// Reads rules from a text, which findings call by `name`. Files that it names are looked for from where the program
    /// runs.
    pub fn parse(name: impl Into<String>, text: impl Into<String>) -> Self {
        let mut sources = Sources::default();
        sources.add(name, text);
        Self::of(sources).expect("no file of known users was named beside the rules")
    }

    fn of(mut sources: Sources) -> Result<Self, Unreadable> {
        let (mut rule_set, mut findings) = rules::read(&sources);
        let known_users = known_users::load(&mut rule_set, &[], &mut sources, &mut findings)?;
        files::note_passed_over(&mut sources, &mut findings);
        Ok(Self {
            sources,
            rule_set,
            known_users,
            findings,
        })
    }

    /// Everything that `presence-router check` says of the rules, proofs included. With errors there is no router.
    pub fn findings(&self) -> Vec<Finding> {
        let known_users = self.known_users.as_ref();
        let proofs = Proofs::default();
        let checked = check_and_prove(&self.rule_set, &self.sources, known_users, &proofs);
        self.findings
            .iter()
            .cloned()
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
        let is_error = |finding: &&Finding| finding.severity == Severity::Error;
        let errors: Vec<_> = self.findings.iter().filter(is_error).cloned().collect();
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

    /// What other rules do differently from these, for every user there could be.
    ///
    /// # Errors
    ///
    /// If a difference that was proven is none for the router, which would be a bug.
    pub fn diff(&self, new: &Self) -> Result<Comparison, diff::Mismatch> {
        let [old, new] = [self, new].map(|rules| diff::Rules {
            rule_set: &rules.rule_set,
            sources: &rules.sources,
        });
        compare(old, new, Budget::default())
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
