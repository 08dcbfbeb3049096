//! The known users, over whom patterns are enumerated, and the role that each of them has.

mod lists;
mod load;
mod pages;
mod role;
mod table;

use std::collections::HashSet;
use std::ops::Range;

use serde_json::value::RawValue;

use crate::pattern::shortened;
use crate::rules::UserListBuilder;
use crate::user_id::UserId;
use crate::user_ids::UserIds;

pub use lists::lists_of_texts;
pub(crate) use lists::{list_files, lists_of_set};
pub use load::Unreadable;
pub(crate) use load::{Loader, files};
use pages::{Page, Pages};
use role::Account;
pub use role::Role;

/// The most known users that files may name, all together.
pub(crate) const MAX_LISTED: usize = 20_000_000;

/// So many faults of a list are told one by one; the others are counted.
const MOST_FAULTS: usize = 100;

/// Known users, each once, in the order in which they were first named.
///
/// ```
/// use presence_router::known_users::KnownUsers;
///
/// let mut known = KnownUsers::default();
/// let faults = known.add_text("# the team\n@alice:example.org\n@bob:example.org\nbob\n");
///
/// assert_eq!(known.iter().collect::<Vec<_>>(), ["@alice:example.org", "@bob:example.org"]);
/// assert_eq!(faults[0].message, "`bob` is not a user ID: it does not start with `@`");
/// ```
#[derive(Clone, Debug, Default)]
pub struct KnownUsers {
    users: UserIds,
    /// By their numbers.
    roles: Vec<Role>,
    /// Those of whom a list of accounts says that they are deactivated.
    deactivated: HashSet<Box<str>>,
    /// Whether something that names more of them could not be read.
    lacks_some: bool,
    pages: Pages,
    /// The users instead, where they are those of a file that a set names.
    list: Option<UserListBuilder>,
}

/// Something in a list of known users that names none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The bytes at fault.
    pub range: Range<usize>,
    /// What is wrong.
    pub message: String,
}

impl KnownUsers {
    /// Adds a user who receives, and says whether it is new. There is room for two thousand million.
    pub fn add(&mut self, user: UserId<'_>) -> bool {
        self.add_as(user, Role::Receives)
    }

    /// Adds the users of a list, either one user ID a line (`#` starts a comment line), or JSON: an array or a
    /// line-per-value file of strings or of objects with `user_id` or `name`, or an object with an array `users` of
    /// these, which is what the "List Accounts" call of Synapse's admin API answers.
    ///
    /// An object says in which role its user is known, by the fields that Synapse has for it (`is_guest`, `appservice_id`,
    /// and `user_type`), or by `role`, which is `receives` or `seen`. One that is `deactivated` makes nobody known.
    ///
    /// What names no user is passed over and told.
    pub fn add_text(&mut self, text: &str) -> Vec<Fault> {
        let mut faults = Faults::default();
        if is_json(text) {
            self.add_json(text, &mut faults);
        } else {
            self.add_lines(text, &mut faults);
        }
        faults.told()
    }

    /// Whether all that names known users could be read, and every page of them is there.
    pub fn is_whole(&self) -> bool {
        !self.lacks_some && !self.pages.lack_some()
    }

    /// All users in their order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &str> {
        self.users.iter()
    }

    /// How many users there are.
    pub fn len(&self) -> usize {
        (self.list.as_ref()).map_or_else(|| self.users.len(), UserListBuilder::len)
    }

    /// Whether there is no user at all.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether a list of accounts says of a user that it is deactivated. The last list that has the user counts.
    pub(crate) fn is_deactivated(&self, user: &str) -> bool {
        self.deactivated.contains(user)
    }

    fn add_lines(&mut self, text: &str, faults: &mut Faults) {
        let mut start = 0;
        for line in text.split('\n') {
            let entry = line.trim();
            let at = start + (line.len() - line.trim_start().len());
            start += line.len() + 1;
            if !entry.is_empty() && !entry.starts_with('#') {
                self.add_entry(entry, at..at + entry.len(), Some(Role::Receives), faults);
            }
            if faults.are_final {
                return;
            }
        }
    }

    /// Without a role, nobody becomes known by it.
    fn add_entry(
        &mut self,
        entry: &str,
        range: Range<usize>,
        role: Option<Role>,
        faults: &mut Faults,
    ) {
        match (UserId::parse(entry), role) {
            (Ok(_), _) if self.len() >= MAX_LISTED => {
                self.lacks_some = true;
                faults.end(range, || {
                    format!("there are more than {MAX_LISTED} known users")
                });
            }
            (Ok(user), Some(role)) => match &mut self.list {
                Some(list) => list.add(user, range.start),
                None => {
                    self.add_as(user, role);
                }
            },
            (Ok(_), None) => {}
            (Err(error), _) => faults.push(range, || {
                if entry.contains(" #") {
                    "a comment stands on a line of its own".to_owned()
                } else {
                    format!("`{}` is not a user ID: {error}", shortened(entry))
                }
            }),
        }
    }

    fn add_json(&mut self, text: &str, faults: &mut Faults) {
        let mut values = serde_json::Deserializer::from_str(text).into_iter::<&RawValue>();
        loop {
            match values.next() {
                None => return,
                Some(Ok(value)) => self.add_json_value(text, value.get(), faults),
                Some(Err(error)) => {
                    // Who comes after it is not known.
                    self.lacks_some = true;
                    let at = byte_of(text, error.line(), error.column());
                    return faults.end(at..at + 1, || {
                        let reason = json_reason(&error);
                        if error.is_eof() {
                            format!(
                                "the file ends in the middle of its JSON: {reason}; copy it again"
                            )
                        } else {
                            format!("this is not JSON: {reason}")
                        }
                    });
                }
            }
        }
    }

    /// A value of a file: an entry, or a list of entries.
    fn add_json_value(&mut self, text: &str, value: &str, faults: &mut Faults) {
        let list = if value.starts_with('[') {
            serde_json::from_str(value).ok()
        } else {
            let page: Option<Page<'_>> = serde_json::from_str(value).ok();
            page.and_then(|page| {
                self.pages.add(&page);
                page.users
            })
        };
        let Some(list) = list else {
            return self.add_json_entry(text, value, faults);
        };
        let list: Vec<&RawValue> = list;
        for entry in list {
            self.add_json_entry(text, entry.get(), faults);
            if faults.are_final {
                return;
            }
        }
    }

    fn add_json_entry(&mut self, text: &str, entry: &str, faults: &mut Faults) {
        let account = if entry.starts_with('{') {
            serde_json::from_str::<Account<'_>>(entry).ok()
        } else {
            None
        };
        let named = match &account {
            Some(account) => account.user_id.or(account.name).map(RawValue::get),
            None => Some(entry),
        };
        let range = |part: &str| {
            // Both are slices of the same text.
            let start = part.as_ptr() as usize - text.as_ptr() as usize;
            start..start + part.len()
        };
        let user: Option<String> = named.and_then(|named| serde_json::from_str(named).ok());
        let (Some(user), Some(named)) = (user, named) else {
            return faults.push(range(entry), || {
                "this names no user: write a user ID, or an object with `user_id` or `name`".into()
            });
        };
        let account = account.unwrap_or_default();
        match account.role() {
            Ok(role) => {
                if account.deactivated.is_some() {
                    if role.is_none() {
                        self.deactivated.insert(user.as_str().into());
                    } else {
                        self.deactivated.remove(user.as_str());
                    }
                }
                self.add_entry(&user, range(named), role, faults);
            }
            Err((text, what)) => {
                faults.push(range(text), || format!("`{}` is {what}", shortened(text)));
            }
        }
    }
}

/// The faults of a list. A list of something else may have one in each line, and the first of them say it all.
#[derive(Default)]
struct Faults {
    told: Vec<Fault>,
    /// The first that is only counted, and how many there are.
    more: Option<(Range<usize>, usize)>,
    /// Whether what follows is not looked at.
    are_final: bool,
}

impl Faults {
    fn push(&mut self, range: Range<usize>, message: impl FnOnce() -> String) {
        if self.told.len() < MOST_FAULTS {
            let message = message();
            self.told.push(Fault { range, message });
        } else {
            self.more.get_or_insert((range, 0)).1 += 1;
        }
    }

    fn end(&mut self, range: Range<usize>, message: impl FnOnce() -> String) {
        if !self.are_final {
            let message = message();
            self.told.push(Fault { range, message });
        }
        self.are_final = true;
    }

    fn told(mut self) -> Vec<Fault> {
        if let Some((range, count)) = self.more {
            let entries = if count == 1 {
                "entry names"
            } else {
                "entries name"
            };
            let message = format!("{count} more {entries} no user, from here on");
            self.told.push(Fault { range, message });
        }
        self.told
    }
}

fn is_json(text: &str) -> bool {
    text.trim_start().starts_with(['[', '{', '"'])
}

/// `serde_json` tells its place in its message; the finding has a better one.
fn json_reason(error: &serde_json::Error) -> String {
    let full = error.to_string();
    full.split(" at line ").next().unwrap_or(&full).to_owned()
}

fn byte_of(text: &str, line: usize, column: usize) -> usize {
    let start: usize = (text.split_inclusive('\n').take(line.saturating_sub(1)))
        .map(str::len)
        .sum();
    (start + column.saturating_sub(1)).min(text.len())
}
