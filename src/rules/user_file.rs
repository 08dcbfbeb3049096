//! `{file: …}`: the users whom a file names.

use std::hash::{BuildHasher as _, Hash, Hasher};
use std::path::PathBuf;
use std::sync::Arc;

use foldhash::quality::FixedState;

use super::at::At;
use crate::finding::Location;
use crate::source::FileId;
use crate::user_id::UserId;
use crate::user_ids::UserIds;

/// A file of users, as a rule names it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct UserFile {
    /// As written: relative to the file that names it.
    pub(crate) path: PathBuf,
    /// The column that has the users, if it is a table.
    pub column: Option<Column>,
    /// Who is in it; `None` before it is read, and if something is wrong with it.
    pub users: Option<Arc<UserList>>,
}

/// A column of a table, as a rule names it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Column {
    /// Its name.
    pub name: Box<str>,
    /// Where this is written.
    pub(crate) at: At,
}

/// The users of a file, each once, in their order. Two lists are equal if they have the same users in the same order.
#[derive(Debug)]
pub struct UserList {
    users: UserIds,
    digest: u64,
    /// The text that they come from.
    file: FileId,
    /// Where in it each of them is first named.
    places: Box<[u32]>,
}

impl UserList {
    /// The users of a text, who are named from these bytes on.
    pub fn new(mut users: UserIds, file: FileId, places: Box<[u32]>) -> Self {
        users.shrink();
        let mut hasher = FixedState::default().build_hasher();
        users.iter().for_each(|user| user.hash(&mut hasher));
        Self {
            digest: hasher.finish(),
            users,
            file,
            places,
        }
    }

    /// All of them.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &str> {
        self.users.iter()
    }

    /// All of them, as the valid IDs that they are.
    pub(crate) fn ids(&self) -> impl Iterator<Item = UserId<'_>> {
        (self.users.iter()).map(|user| UserId::parse(user).expect("lists hold valid user IDs"))
    }

    /// Where the user of this place in the list is named.
    pub(crate) fn location(&self, index: usize) -> Location {
        let start = self.places[index] as usize;
        let length = self.users.get(index as u32).map_or(0, str::len);
        Location::bytes(self.file, start..start + length)
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.users.len()
    }

    /// Whether there is nobody.
    pub fn is_empty(&self) -> bool {
        self.users.is_empty()
    }

    /// Whether a user is one of them.
    pub fn has(&self, user: &str) -> bool {
        self.users.number_of(user).is_some()
    }
}

impl PartialEq for UserList {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self, other) || self.digest == other.digest && self.iter().eq(other.iter())
    }
}

impl Eq for UserList {}

impl Hash for UserList {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.digest.hash(state);
    }
}
