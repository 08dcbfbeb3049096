//! Why updates reach a user, or why not, as the command `explain` tells it in JSON.

use presence_router::explain::{Circumstances, Explainer};
use presence_router::known_users::KnownUsers;
use presence_router::output::explain::Explained;
use presence_router::output::harmless::visible;
use presence_router::router::{Router, Scratch};
use presence_router::rules::RuleSet;
use presence_router::source::Sources;
use presence_router::user_id::UserId;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

use crate::engine::Engine;
use crate::error::RulesError;

/// The rules as they were written.
pub struct Written {
    pub rule_set: RuleSet,
    pub sources: Sources,
    /// Whether users can be known at all.
    pub has_known_users: bool,
}

/// What is asked.
#[derive(Clone, Copy)]
pub struct Question<'q> {
    pub sender: Option<&'q str>,
    pub recipient: Option<&'q str>,
    pub state: Option<&'q str>,
    pub currently_active: Option<bool>,
}

/// Why there is no explanation.
pub enum Unexplained {
    /// This is wrong with the question.
    Question(String),
    /// The rules cannot answer it.
    Rules(RulesError),
}

/// The explanation as JSON.
pub fn explain(
    written: &Written,
    engine: &Engine,
    question: Question<'_>,
) -> Result<Vec<u8>, Unexplained> {
    let sender = question.sender.map(user).transpose()?;
    let recipient = question.recipient.map(user).transpose()?;
    if question.state.is_some() && sender.is_none() {
        return Err("`state` is about the update of a `sender`, so name one".into());
    }
    if question.currently_active.is_some() && question.state.is_none() {
        return Err("`currently_active` needs a `state`".into());
    }
    match (sender, recipient) {
        // As on the command line: where nobody can be known, it is enough that these two are.
        (Some(sender), Some(recipient)) if !written.has_known_users => {
            let mut known_users = KnownUsers::default();
            known_users.add(sender);
            known_users.add(recipient);
            let router = Router::new(&written.rule_set, &written.sources, Some(&known_users))
                .map_err(|error| RulesError::new(&error))?;
            let scratch = &mut Scratch::default();
            written.explain(&router, scratch, Some(sender), Some(recipient), question)
        }
        _ => {
            let mut state = engine.lock();
            let (router, scratch) = state.router_and_scratch();
            written.explain(router, scratch, sender, recipient, question)
        }
    }
}

fn user(text: &str) -> Result<UserId<'_>, Unexplained> {
    UserId::parse(text).map_err(|error| {
        Unexplained::Question(format!("`{}` is not a user ID: {error}", visible(text)))
    })
}

impl From<&str> for Unexplained {
    fn from(message: &str) -> Self {
        Self::Question(message.to_owned())
    }
}

impl<E: Into<RulesError>> From<E> for Unexplained {
    fn from(error: E) -> Self {
        Self::Rules(error.into())
    }
}

/// Runs Python's code, so no lock may be held.
impl From<Unexplained> for PyErr {
    fn from(error: Unexplained) -> Self {
        match error {
            Unexplained::Question(message) => PyValueError::new_err(message),
            Unexplained::Rules(error) => error.into(),
        }
    }
}

impl Written {
    fn explain(
        &self,
        router: &Router,
        scratch: &mut Scratch,
        sender: Option<UserId<'_>>,
        recipient: Option<UserId<'_>>,
        question: Question<'_>,
    ) -> Result<Vec<u8>, Unexplained> {
        let update = question.state.map(|state| Circumstances {
            state,
            currently_active: question.currently_active,
        });
        let explainer = Explainer::new(&self.rule_set, &self.sources, router);
        let mut json = Vec::new();
        let written = match (sender, recipient) {
            (Some(sender), Some(recipient)) => {
                let pair = explainer.pair(sender, recipient, update, scratch)?;
                Explained::Pair(&pair).json(&self.sources, &mut json)
            }
            (Some(sender), None) => {
                let sent = explainer.sent(sender, update, scratch)?;
                Explained::Sent(&sent).json(&self.sources, &mut json)
            }
            (None, Some(recipient)) => {
                let received = explainer.received(recipient, scratch)?;
                Explained::Received(&received).json(&self.sources, &mut json)
            }
            (None, None) => return Err("name a `sender`, a `recipient`, or both".into()),
        };
        written.expect("memory takes what is written");
        Ok(json)
    }
}
