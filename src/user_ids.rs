//! Many user IDs, each once, numbered in the order in which they came.

use std::fmt;

use foldhash::fast::RandomState;
use string_interner::StringInterner;
use string_interner::backend::StringBackend;
use string_interner::symbol::{Symbol as _, SymbolU32};

use crate::user_id::UserId;

/// The greatest number of user IDs that are held.
pub(crate) const MAX_USERS: usize = u32::MAX as usize / 2;

/// User IDs by number, from 0 on, and numbers by user ID.
///
/// All IDs stand in one text, so that a million of them take some ten megabytes more than their characters.
///
/// ```
/// use presence_router::user_id::UserId;
/// use presence_router::user_ids::UserIds;
///
/// let mut users = UserIds::default();
/// let alice = UserId::parse("@alice:example.org")?;
/// assert_eq!(users.insert(alice), Some((0, true)));
/// assert_eq!(users.insert(alice), Some((0, false)));
/// assert_eq!(users.get(0), Some("@alice:example.org"));
/// assert_eq!(users.number_of("@bob:example.org"), None);
/// # Ok::<(), presence_router::user_id::UserIdError>(())
/// ```
#[derive(Clone)]
pub struct UserIds {
    interned: StringInterner<StringBackend<SymbolU32>, RandomState>,
}

impl Default for UserIds {
    fn default() -> Self {
        Self {
            interned: StringInterner::with_hasher(RandomState::default()),
        }
    }
}

impl UserIds {
    /// The number of a user, and whether it is new. `None` if it is, and there are two thousand million already.
    pub fn insert(&mut self, user: UserId<'_>) -> Option<(u32, bool)> {
        let known = self.len();
        if known == MAX_USERS {
            return self.number_of(user.as_str()).map(|number| (number, false));
        }
        let symbol = self.interned.get_or_intern(user.as_str());
        Some((symbol.to_usize() as u32, self.len() > known))
    }

    /// Gives back the memory that was kept for more users.
    pub(crate) fn shrink(&mut self) {
        self.interned.shrink_to_fit();
    }

    /// The number of a user.
    pub fn number_of(&self, user: &str) -> Option<u32> {
        let symbol = self.interned.get(user)?;
        Some(symbol.to_usize() as u32)
    }

    /// The user of a number.
    pub fn get(&self, number: u32) -> Option<&str> {
        let symbol = SymbolU32::try_from_usize(number as usize)?;
        self.interned.resolve(symbol)
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.interned.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.interned.is_empty()
    }

    /// All in the order of their numbers.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &str> {
        (0..self.len() as u32).map(|number| self.get(number).expect("numbers have no gaps"))
    }
}

impl fmt::Debug for UserIds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}
