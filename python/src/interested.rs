//! Whose presence a user may see. Synapse asks at nearly every sync, so large answers are kept.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use foldhash::fast::RandomState;
use pyo3::prelude::*;
use pyo3::types::{PySet, PyString};

use crate::error::RulesError;
use crate::rules::RuleSet;

/// The word for everyone, as Synapse has it.
const ALL: &str = "ALL";

/// Answers with fewer users are made as quickly as they are found.
const FEWEST_KEPT: usize = 32;

/// How many users the answers have that are kept, all together: some ten megabytes.
const MOST_KEPT: usize = 100_000;

/// Large answers, as long as nobody came who could be in them.
#[derive(Default)]
pub struct Answers(Mutex<Kept>);

#[derive(Default)]
struct Kept {
    /// How many known users there were.
    known: usize,
    users: usize,
    answers: HashMap<Box<str>, Py<PySet>, RandomState>,
}

impl Answers {
    fn get(&self, py: Python<'_>, user: &str, known: usize) -> Option<Py<PySet>> {
        let kept = self.lock();
        let answer = kept.answers.get(user).filter(|_| kept.known == known);
        answer.map(|answer| answer.clone_ref(py))
    }

    fn keep(&self, user: &str, answer: Py<PySet>, size: usize, known: usize) {
        let mut outdated = HashMap::default();
        let mut kept = self.lock();
        if kept.known != known || kept.users + size > MOST_KEPT {
            // Python's objects are let go of when the lock is.
            std::mem::swap(&mut outdated, &mut kept.answers);
            kept.known = known;
            kept.users = 0;
        }
        kept.users += size;
        let before = kept.answers.insert(user.into(), answer);
        drop(kept);
        drop((before, outdated));
    }

    /// Held over no code of Python's.
    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whose presence a user may see: a set of user IDs that may be given out again, or the word for everyone.
pub fn interested<'py>(
    rules: &RuleSet,
    py: Python<'py>,
    user: &str,
) -> PyResult<Bound<'py, PyAny>> {
    let mut state = rules.engine.lock();
    if let Some(known) = rules.homeserver.as_ref().map(Py::get) {
        // Whoever asks is there.
        known.insert(user);
        state.follow(known);
    }
    let known = state.followed();
    if let Some(answer) = rules.answers.get(py, user, known) {
        return Ok(answer.into_bound(py).into_any());
    }
    // A text is made without running any code of Python's.
    let users = state.interested(user, |user| PyString::new(py, user));
    drop(state);
    let Some(users) = users.map_err(RulesError::from)? else {
        return Ok(PyString::intern(py, ALL).into_any());
    };
    let size = users.len();
    let answer = PySet::new(py, users)?;
    if (FEWEST_KEPT..=MOST_KEPT).contains(&size) {
        let kept = answer.clone().unbind();
        rules.answers.keep(user, kept, size, known);
    }
    Ok(answer.into_any())
}
