//! Symbolic places in a rule file: `routes[3].senders[1]`.
//!
//! The rules as written carry no byte ranges; [`crate::rules::locate`] turns a key path into a place when something is
//! to be shown.

use std::borrow::Cow;
use std::fmt;

/// One step down into a YAML document.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Step {
    /// The value of a key. The same key may be written twice (which is a finding): `nth` counts from 0.
    Key {
        /// The key's text.
        name: Cow<'static, str>,
        /// How many entries of the same key come before it in the mapping.
        nth: u32,
    },
    /// An item of a list, from 0.
    Item(u32),
}

/// The steps that lead from the top of a file to something in it.
///
/// ```
/// use presence_router::key_path::KeyPath;
///
/// let path = KeyPath::default().key("routes").item(3).key("senders");
/// assert_eq!(path.to_string(), "routes[3].senders");
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct KeyPath(Vec<Step>);

impl KeyPath {
    /// This path, and then the value of a key.
    #[must_use]
    pub fn key(mut self, name: impl Into<Cow<'static, str>>) -> Self {
        self.push_key(name.into(), 0);
        self
    }

    /// This path, and then an item of a list, from 0.
    #[must_use]
    pub fn item(mut self, index: usize) -> Self {
        self.push_item(index);
        self
    }

    /// Goes down to the value of a key's `nth` entry, from 0.
    pub fn push_key(&mut self, name: Cow<'static, str>, nth: u32) {
        self.0.push(Step::Key { name, nth });
    }

    /// Goes down to an item of a list, from 0.
    pub fn push_item(&mut self, index: usize) {
        self.0.push(Step::Item(index as u32));
    }

    /// Goes up again, unless this is the top.
    pub fn pop(&mut self) -> bool {
        self.0.pop().is_some()
    }

    /// The index of the item that the path ends in, if it ends in one.
    pub fn last_item(&self) -> Option<usize> {
        match self.0.last() {
            Some(Step::Item(index)) => Some(*index as usize),
            _ => None,
        }
    }

    /// The steps from the top.
    pub fn steps(&self) -> &[Step] {
        &self.0
    }
}

impl fmt::Display for KeyPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, step) in self.0.iter().enumerate() {
            match step {
                Step::Key { name, .. } if index == 0 => f.write_str(name)?,
                Step::Key { name, .. } => write!(f, ".{name}")?,
                Step::Item(item) => write!(f, "[{item}]")?,
            }
        }
        Ok(())
    }
}
