//! A compiled rule set, as Python asks it.

use std::ops::Deref;
use std::path::PathBuf;
use std::thread;
use std::time::Instant;

use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PySet, PyString};

use crate::changes::changes;
use crate::deliver::{self, Delivered};
use crate::engine::{Engine, Follow};
use crate::error::RulesError;
use crate::explain::{self, Question, Written};
use crate::interested::{self, Answers};
use crate::known::KnownUsers;
use crate::load::{self, Loaded};

/// A compiled rule set.
#[pyclass(frozen, module = "presence_router")]
pub struct RuleSet {
    pub(crate) engine: Discarded<Engine>,
    pub(crate) homeserver: Option<Py<KnownUsers>>,
    pub(crate) answers: Answers,
    /// Only if it explains.
    written: Option<Written>,
    files: Vec<PathBuf>,
    known_users: Vec<PathBuf>,
    rules: usize,
    digest: String,
    snapshot: u64,
    seconds: f64,
}

/// What takes long to let go of: that is done in a thread of its own.
pub(crate) struct Discarded<T: Send + 'static>(Option<T>);

impl<T: Send> Deref for Discarded<T> {
    type Target = T;

    fn deref(&self) -> &T {
        self.0.as_ref().expect("it is there until it is dropped")
    }
}

impl<T: Send> Drop for Discarded<T> {
    fn drop(&mut self) {
        let value = self.0.take();
        // Without a thread, it goes here and now.
        let _ = thread::Builder::new().spawn(move || drop(value));
    }
}

#[pymethods]
impl RuleSet {
    /// Reads and compiles rules: files, or folders of them. `known_users` names files of known users. The
    /// users of a `homeserver` are known as well, also those who are added later. `server_name` says on which homeserver the
    /// rules run, where they do not. `explains=False` saves memory: the rules as written, which only `explain` needs, are
    /// not kept.
    ///
    /// Raises `RulesError` if something cannot be read or has errors. Other threads run meanwhile.
    #[staticmethod]
    #[pyo3(signature = (paths, known_users=Vec::new(), homeserver=None, *, server_name=None, explains=true))]
    fn load(
        py: Python<'_>,
        paths: Vec<PathBuf>,
        known_users: Vec<PathBuf>,
        homeserver: Option<Py<KnownUsers>>,
        server_name: Option<String>,
        explains: bool,
    ) -> PyResult<Self> {
        let made = py.detach(|| {
            let started = Instant::now();
            let Loaded {
                router,
                written,
                files,
                known_users,
                rules,
                digest,
                snapshot,
            } = load::load(
                &paths,
                &known_users,
                homeserver.is_some(),
                server_name.as_deref(),
            )?;
            let engine = Engine::new(router);
            if let Some(users) = &homeserver {
                engine.follow(users.get());
            }
            Ok::<_, RulesError>(Self {
                engine: Discarded(Some(engine)),
                homeserver,
                answers: Answers::default(),
                written: explains.then_some(written),
                files,
                known_users,
                rules,
                digest,
                snapshot,
                seconds: started.elapsed().as_secs_f64(),
            })
        })?;
        Ok(made)
    }

    /// The rule files that were read.
    #[getter]
    fn files(&self) -> Vec<PathBuf> {
        self.files.clone()
    }

    /// The files of users that were read: of known users, and those that rules name.
    #[getter]
    fn known_users(&self) -> Vec<PathBuf> {
        self.known_users.clone()
    }

    /// How many routes, interests and blocks there are.
    #[getter]
    fn rules(&self) -> usize {
        self.rules
    }

    /// What the rules say, as a SHA-256: two processes with the same digest have the same rules.
    #[getter]
    fn digest(&self) -> &str {
        &self.digest
    }

    /// What `snapshot(paths, known_users)` was before the files were read.
    #[getter]
    fn snapshot(&self) -> u64 {
        self.snapshot
    }

    /// How long reading and compiling took.
    #[getter]
    fn seconds(&self) -> f64 {
        self.seconds
    }

    /// The rules, in words, that `route` and `interested` cannot answer by: they have patterns, and nobody is known who
    /// could match them.
    #[getter]
    fn rules_without_known_users(&self) -> Vec<String> {
        self.engine.lock().router().rules_without_known_users()
    }

    /// Takes over what is new of the homeserver's users. Asking does so as well. Other threads run meanwhile.
    fn follow(&self, py: Python<'_>) {
        if let Some(users) = &self.homeserver {
            py.detach(|| self.engine.follow(users.get()));
        }
    }

    /// Who gets which presence states: the dictionary that Synapse's `get_users_for_states` is to return, and what was
    /// counted meanwhile. One set may stand under many keys. With `only`, what this user gets is its one entry.
    ///
    /// A state is any hashable object with `user_id`, `state` and `currently_active`. With a `homeserver`, its user
    /// is known from then on, and is only seen, if nothing else is known of it. What is no such object is left out.
    #[pyo3(signature = (states, only=None))]
    fn users_for_states<'py>(
        &self,
        py: Python<'py>,
        states: &Bound<'py, PyAny>,
        only: Option<&Bound<'py, PyString>>,
    ) -> PyResult<(Bound<'py, PyDict>, Delivered)> {
        deliver::sets(self, py, states, only)
    }

    /// Who gets which presence updates: for each recipient a list, in the order of the updates.
    ///
    /// An update is a mapping with `user_id` and `state`, and perhaps `currently_active`, or an object with these
    /// attributes. Two that are equal are one.
    ///
    /// Raises `RulesError` if the recipients of a route are patterns, and there are no known users.
    fn route<'py>(
        &self,
        py: Python<'py>,
        updates: &Bound<'py, PyAny>,
    ) -> PyResult<Bound<'py, PyDict>> {
        deliver::lists(self, py, updates)
    }

    /// Whose presence a user may see: a set of user IDs, or `ALL`. With a `homeserver`, who asks is known from then on, and
    /// is only seen, if nothing else is known of it.
    ///
    /// Raises `RulesError` if a rule that is about this user has patterns to look up among known users, and there are
    /// none.
    fn interested<'py>(
        &self,
        py: Python<'py>,
        user: &Bound<'py, PyString>,
    ) -> PyResult<Bound<'py, PyAny>> {
        // A text that UTF-8 cannot say is not a user ID.
        let user = user.to_str().unwrap_or_default();
        let seen = interested::interested(self, py, user, Follow::All)?;
        match seen.cast::<PySet>() {
            Ok(users) => Ok(PySet::new(py, users)?.into_any()),
            Err(_) => Ok(seen),
        }
    }

    /// Why the updates of `sender` reach `recipient`, or why not: what `presence-router explain --format json` prints,
    /// as dictionaries and lists. With only one of the two, who gets the sender's updates, or whose updates reach the
    /// recipient. With a `state`, it is about an update of this state, which says `currently_active`, if that is given;
    /// without one, about all updates.
    ///
    /// Raises `ValueError` if a user ID is not valid, or if something is missing, and `RulesError` if rules need known
    /// users, and there are none. If a pair is asked about, both are taken to be known then. Nobody becomes known by
    /// asking. Raises `RuntimeError` if the rules were loaded with `explains=False`.
    #[pyo3(signature = (*, sender=None, recipient=None, state=None, currently_active=None))]
    fn explain<'py>(
        &self,
        py: Python<'py>,
        sender: Option<&str>,
        recipient: Option<&str>,
        state: Option<&str>,
        currently_active: Option<bool>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let written = (self.written.as_ref()).ok_or_else(|| {
            PyRuntimeError::new_err("the rules were loaded with `explains=False`")
        })?;
        let json = py.detach(|| {
            if let Some(users) = &self.homeserver {
                self.engine.follow(users.get());
            }
            let question = Question {
                sender,
                recipient,
                state,
                currently_active,
            };
            explain::explain(written, &self.engine, question)
        });
        let json = json?;
        let loads = py.import("json")?.getattr("loads")?;
        loads.call1((PyBytes::new(py, &json),))
    }

    /// As `interested`, for a caller who does not change the set: it may be given out again, and has more users then. If
    /// very many users are new, some of them come later, so that nobody waits for long.
    fn interested_shared<'py>(
        &self,
        py: Python<'py>,
        user: &Bound<'py, PyString>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let user = user.to_str().unwrap_or_default();
        interested::interested(self, py, user, Follow::InPassing)
    }

    /// Makes the large answers that `old` rules gave to `interested_shared`, so that whoever asks next finds them. Other
    /// threads run meanwhile.
    fn make_answers_of(&self, py: Python<'_>, old: &Bound<'_, Self>) -> PyResult<()> {
        interested::make(self, py, old.get())
    }

    /// The users of a server who may see somebody by these rules whom `old` ones did not let them see, and those who may
    /// no longer see somebody.
    fn changed_since(
        &self,
        py: Python<'_>,
        old: &Bound<'_, Self>,
        server_name: &str,
    ) -> PyResult<(Vec<String>, Vec<String>)> {
        let old = old.get();
        let changes = py.detach(|| changes(&self.engine, &old.engine, server_name));
        let changes = changes.map_err(RulesError::from)?;
        Ok((changes.gained, changes.lost))
    }
}
