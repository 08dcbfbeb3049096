//! The users whom a homeserver knows: one table, which rule sets follow.

use std::sync::{Mutex, MutexGuard, PoisonError};

use presence_router::user_id::UserId;
use presence_router::user_ids::UserIds;
use pyo3::prelude::*;
use pyo3::types::PyString;

/// Users whom the homeserver knows, each once, in the order in which they came.
///
/// The table only grows, so whoever follows it remembers how far it has come.
#[pyclass(frozen, module = "presence_router")]
#[derive(Debug, Default)]
pub struct KnownUsers {
    users: Mutex<UserIds>,
}

impl KnownUsers {
    /// Adds a user, and says whether it is new. What is no user ID is no user.
    pub fn insert(&self, user: &str) -> bool {
        let Ok(user) = UserId::parse(user) else {
            return false;
        };
        (self.lock().insert(user)).is_some_and(|(_, is_new)| is_new)
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.lock().len()
    }

    /// Tells the users from a number on, `most` at a time, to `visit`; says the number to go on with.
    pub fn visit(&self, from: usize, most: usize, mut visit: impl FnMut(UserId<'_>)) -> usize {
        let users = self.lock();
        let until = users.len().min(from + most);
        for number in from..until {
            let user = users.get(number as u32).expect("numbers have no gaps");
            visit(UserId::parse(user).expect("only user IDs were added"));
        }
        until
    }

    /// The lock is held over Rust alone, which neither waits for Python nor can fail half-way.
    fn lock(&self) -> MutexGuard<'_, UserIds> {
        self.users.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[pymethods]
impl KnownUsers {
    #[new]
    fn new() -> Self {
        Self::default()
    }

    /// Adds users, and says how many of them are new. What is no user ID is passed over.
    fn add(&self, users: &Bound<'_, PyAny>) -> PyResult<usize> {
        let mut new = 0;
        for user in users.try_iter()? {
            // A text that UTF-8 cannot say is no user ID.
            if let Ok(user) = user?.cast::<PyString>()?.to_str() {
                new += usize::from(self.insert(user));
            }
        }
        Ok(new)
    }

    fn __len__(&self) -> usize {
        self.len()
    }

    fn __contains__(&self, user: &Bound<'_, PyString>) -> bool {
        let number = |user| self.lock().number_of(user);
        user.to_str().is_ok_and(|user| number(user).is_some())
    }
}
