//! `{file: …}`: the users whom a file names.

use std::hash::{BuildHasher as _, Hash, Hasher};
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use foldhash::fast::RandomState;
use foldhash::quality::FixedState;
use hashbrown::HashTable;
use hashbrown::hash_table::Entry;

use super::at::At;
use crate::finding::Location;
use crate::source::FileId;
use crate::user_id::UserId;

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
    pieces: Pieces,
    file: FileId,
    digest: u64,
    /// Their places in the list by their IDs, made when somebody is first looked up.
    sorted: OnceLock<Box<[u32]>>,
}

/// User IDs as pieces of a text, so that a million of them take some ten megabytes beside it.
#[derive(Clone, Debug)]
struct Pieces {
    text: Arc<str>,
    /// Those that the text spells in another way, such as with escapes, as if they stood behind it, and where they are spelt.
    others: String,
    places_of_others: Vec<u32>,
    /// Where each starts, and how many bytes it has.
    starts: Vec<u32>,
    lengths: Vec<u8>,
}

impl Pieces {
    fn get(&self, index: usize) -> &str {
        let start = self.starts[index] as usize;
        let (text, start) = match start.checked_sub(self.text.len()) {
            None => (&*self.text, start),
            Some(start) => (&*self.others, start),
        };
        &text[start..start + usize::from(self.lengths[index])]
    }

    /// Where it is spelt.
    fn place(&self, index: usize) -> usize {
        let start = self.starts[index] as usize;
        if start < self.text.len() {
            return start;
        }
        let before = self.starts[..index].iter();
        let others = before.filter(|start| **start as usize >= self.text.len());
        self.places_of_others[others.count()] as usize
    }
}

/// Users as they are read, each once.
#[derive(Clone, Debug)]
pub(crate) struct UserListBuilder {
    pieces: Pieces,
    seen: HashTable<u32>,
    hasher: RandomState,
}

impl UserListBuilder {
    /// Of this text.
    pub fn new(text: Arc<str>) -> Self {
        Self {
            pieces: Pieces {
                text,
                others: String::new(),
                places_of_others: Vec::new(),
                starts: Vec::new(),
                lengths: Vec::new(),
            },
            seen: HashTable::new(),
            hasher: RandomState::default(),
        }
    }

    /// Adds a user who is named from this byte on, or from the quote there, unless it is there already.
    pub fn add(&mut self, user: UserId<'_>, place: usize) {
        let user = user.as_str();
        let Self {
            pieces,
            seen,
            hasher,
        } = self;
        let hash = |index: &u32| hasher.hash_one(pieces.get(*index as usize));
        let entry = seen.entry(
            hasher.hash_one(user),
            |index| pieces.get(*index as usize) == user,
            hash,
        );
        let Entry::Vacant(entry) = entry else { return };
        entry.insert(pieces.starts.len() as u32);
        let rest = pieces.text.as_bytes().get(place..).unwrap_or_default();
        let place = place + usize::from(rest.starts_with(b"\""));
        let rest = pieces.text.as_bytes().get(place..).unwrap_or_default();
        let start = if rest.starts_with(user.as_bytes()) {
            place
        } else {
            pieces.others.push_str(user);
            pieces.places_of_others.push(place as u32);
            pieces.text.len() + pieces.others.len() - user.len()
        };
        pieces.starts.push(start as u32);
        pieces.lengths.push(user.len() as u8);
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.pieces.starts.len()
    }

    /// The list, of a file.
    pub fn build(mut self, file: FileId) -> UserList {
        self.pieces.starts.shrink_to_fit();
        self.pieces.lengths.shrink_to_fit();
        let mut list = UserList {
            pieces: self.pieces,
            file,
            digest: 0,
            sorted: OnceLock::new(),
        };
        let mut hasher = FixedState::default().build_hasher();
        list.iter().for_each(|user| user.hash(&mut hasher));
        list.digest = hasher.finish();
        list
    }
}

impl UserList {
    /// All of them.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &str> {
        (0..self.len()).map(|index| self.pieces.get(index))
    }

    /// All of them, as the valid IDs that they are.
    pub(crate) fn ids(&self) -> impl Iterator<Item = UserId<'_>> {
        (self.iter()).map(|user| UserId::parse(user).expect("lists hold valid user IDs"))
    }

    /// Where the user of this place in the list is named.
    pub(crate) fn location(&self, index: usize) -> Location {
        let start = self.pieces.place(index);
        let length = usize::from(self.pieces.lengths[index]);
        Location::bytes(self.file, start..start + length)
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.pieces.starts.len()
    }

    /// Whether there is nobody.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether a user is one of them.
    pub fn has(&self, user: &str) -> bool {
        let sorted = self.sorted.get_or_init(|| {
            let mut sorted: Box<[u32]> = (0..self.len() as u32).collect();
            sorted.sort_unstable_by_key(|index| self.pieces.get(*index as usize));
            sorted
        });
        (sorted.binary_search_by_key(&user, |index| self.pieces.get(*index as usize))).is_ok()
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
