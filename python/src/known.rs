//! The users whom a homeserver knows: one table, which rule sets follow.

use std::sync::{Mutex, MutexGuard, PoisonError};

use presence_router::known_users::Role;
use presence_router::user_id::UserId;
use presence_router::user_ids::UserIds;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyString, PyTuple};

/// Users whom the homeserver knows, in the order in which they came, and in which roles.
///
/// The table is a list of changes, which only grows, so whoever follows it remembers how far it has come.
#[pyclass(frozen, module = "presence_router")]
#[derive(Debug, Default)]
pub struct KnownUsers {
    table: Mutex<Table>,
}

#[derive(Debug, Default)]
struct Table {
    users: UserIds,
    /// By the numbers of the users. Who is not known any more keeps the number.
    roles: Vec<Option<Role>>,
    /// The users whose roles have changed, by their numbers, in this order.
    changes: Vec<u32>,
    /// How many are known.
    known: usize,
}

impl Table {
    fn role(&self, number: u32) -> Option<Role> {
        self.roles.get(number as usize).copied().flatten()
    }

    /// What the homeserver says of a user from now on; says whether that is something new.
    fn set(&mut self, user: UserId<'_>, role: Option<Role>) -> bool {
        let Some((number, is_new)) = self.users.insert(user) else {
            return false;
        };
        if is_new {
            self.roles.push(None);
        }
        let was = std::mem::replace(&mut self.roles[number as usize], role);
        if was == role {
            return false;
        }
        self.known = self.known + usize::from(role.is_some()) - usize::from(was.is_some());
        self.changes.push(number);
        true
    }
}

impl KnownUsers {
    /// Adds a user whom its presence makes known, and says whether it is new. Whoever has a role, or is known to be
    /// deactivated, stays what it is. What is not a user ID is no user.
    pub fn meet(&self, user: &str) -> bool {
        let Ok(user) = UserId::parse(user) else {
            return false;
        };
        let mut table = self.lock();
        let is_new = table.users.number_of(user.as_str()).is_none();
        is_new && table.set(user, Some(Role::Stranger))
    }

    /// Tells the changes from a number on, `most` at a time, to `visit`; says the number to go on with.
    pub fn visit(
        &self,
        from: usize,
        most: usize,
        mut visit: impl FnMut(UserId<'_>, Option<Role>),
    ) -> usize {
        let table = self.lock();
        let until = table.changes.len().min(from + most);
        for number in &table.changes[from..until] {
            let user = table.users.get(*number).expect("numbers have no gaps");
            let user = UserId::parse(user).expect("only user IDs were added");
            visit(user, table.role(*number));
        }
        until
    }

    /// The same for one user, if anything is said of it.
    pub fn visit_one(&self, user: UserId<'_>, visit: impl FnOnce(UserId<'_>, Option<Role>)) {
        let table = self.lock();
        if let Some(number) = table.users.number_of(user.as_str()) {
            visit(user, table.role(number));
        }
    }

    fn set(&self, user: &str, role: Option<Role>) -> bool {
        UserId::parse(user).is_ok_and(|user| self.lock().set(user, role))
    }

    /// The lock is held over Rust alone, which neither waits for Python nor can fail half-way.
    fn lock(&self) -> MutexGuard<'_, Table> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[pymethods]
impl KnownUsers {
    #[new]
    fn new() -> Self {
        Self::default()
    }

    /// Adds users who receive, and says of how many that is new. What is not a user ID is passed over.
    fn add(&self, users: &Bound<'_, PyAny>) -> PyResult<usize> {
        count(users, |user| self.set(user, Some(Role::Receives)))
    }

    /// Adds users whom their presence makes known: they are only seen. Says how many are new.
    fn add_seen(&self, users: &Bound<'_, PyAny>) -> PyResult<usize> {
        count(users, |user| self.meet(user))
    }

    /// Takes accounts as they are in the homeserver's database: rows of `name`, `deactivated`, `is_guest`, `appservice_id`
    /// and `user_type`. Says of how many users the role is new.
    fn add_accounts(&self, rows: &Bound<'_, PyAny>) -> PyResult<usize> {
        let mut changed = 0;
        for row in rows.try_iter()? {
            let row = row?.cast_into::<PyTuple>()?;
            let name = row.get_item(0)?.cast_into::<PyString>()?;
            let role = role(&row)?;
            changed += usize::from(name.to_str().is_ok_and(|name| self.set(name, role)));
        }
        Ok(changed)
    }

    /// The role of a user, if it is known: `receives`, or, if it is only seen, why.
    fn role<'py>(&self, user: &Bound<'py, PyString>) -> Option<Bound<'py, PyString>> {
        let role = {
            let table = self.lock();
            let number = table.users.number_of(user.to_str().ok()?)?;
            table.role(number)
        };
        role.map(|role| PyString::intern(user.py(), role.name()))
    }

    fn __len__(&self) -> usize {
        self.lock().known
    }

    fn __contains__(&self, user: &Bound<'_, PyString>) -> bool {
        self.role(user).is_some()
    }
}

/// How many of the users are new to `is_new`. A text that UTF-8 cannot say is not a user ID.
fn count(users: &Bound<'_, PyAny>, is_new: impl Fn(&str) -> bool) -> PyResult<usize> {
    let mut new = 0;
    for user in users.try_iter()? {
        new += usize::from(user?.cast::<PyString>()?.to_str().is_ok_and(&is_new));
    }
    Ok(new)
}

/// The role of an account; nothing if it is deactivated. Databases have flags as numbers or as truth values.
fn role(row: &Bound<'_, PyTuple>) -> PyResult<Option<Role>> {
    let is_true = |column| row.get_item(column)?.is_truthy();
    Ok(if is_true(1)? {
        None
    } else if !row.get_item(3)?.is_none() {
        Some(Role::ApplicationService)
    } else if is_true(2)? {
        Some(Role::Guest)
    } else if row.get_item(4)?.eq(intern!(row.py(), "support"))? {
        Some(Role::Support)
    } else {
        Some(Role::Receives)
    })
}
