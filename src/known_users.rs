//! The known users, over whom patterns are enumerated.

use std::collections::HashSet;
use std::fs;
use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::finding::{Code, Finding, Location};
use crate::pattern::shortened;
use crate::rules::RuleSet;
use crate::rules::files::STDIN_NAME;
use crate::rules::model::{UserSource, UserSources};
use crate::source::{FileId, Sources};
use crate::user_id::UserId;
use crate::user_ids::UserIds;

const UNREADABLE_HELP: &str = "a file is named relative to the file that names it; a user is named by its whole ID, which begins with `@`";

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
    /// Those of whom a list of accounts says that they are deactivated.
    deactivated: HashSet<Box<str>>,
}

/// Something in a list of known users that names none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The bytes at fault.
    pub range: Range<usize>,
    /// What is wrong.
    pub message: String,
}

/// A file named by `--known-users` that cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("cannot read the known users `{path}`: {error}")]
pub struct Unreadable {
    /// As the user gave it.
    pub path: String,
    /// What the system says.
    pub error: io::Error,
}

/// Reads the known users of a rule set: what its rule files name, in order, and then the files of `more`. `None` if
/// nothing names any, which is another thing than an empty file.
///
/// What names no user, and a file of `known_users:` that cannot be read, becomes a finding. The sources of the findings
/// are added to `sources`.
///
/// # Errors
///
/// If a file of `more` cannot be read.
pub fn load(
    rule_set: &RuleSet,
    more: &[PathBuf],
    sources: &mut Sources,
    findings: &mut Vec<Finding>,
) -> Result<Option<KnownUsers>, Unreadable> {
    let mut loader = Loader::new(sources, findings);
    loader.rules(rule_set);
    loader.files(more)?;
    Ok(loader.known)
}

/// The files of known users that the rules name.
pub fn files<'a>(
    rule_set: &'a RuleSet,
    sources: &'a Sources,
) -> impl Iterator<Item = PathBuf> + use<'a> {
    (rule_set.files.iter()).flat_map(|rules| {
        let folder = folder(sources.get(rules.file).name());
        let named = rules.known_users.iter();
        named.flat_map(move |named| named.files(folder))
    })
}

/// What a file names is relative to the folder that it is in.
fn folder(name: &str) -> &Path {
    Path::new(name).parent().unwrap_or(Path::new(""))
}

/// Reads known users from several places, one after another.
pub(crate) struct Loader<'a> {
    /// Those read so far.
    pub known: Option<KnownUsers>,
    /// A file that is named twice says nothing new the second time.
    read: HashSet<PathBuf>,
    sources: &'a mut Sources,
    findings: &'a mut Vec<Finding>,
}

impl<'a> Loader<'a> {
    pub fn new(sources: &'a mut Sources, findings: &'a mut Vec<Finding>) -> Self {
        Self {
            known: None,
            read: HashSet::new(),
            sources,
            findings,
        }
    }

    /// Reads what the rules name.
    pub fn rules(&mut self, rule_set: &RuleSet) {
        for rules in &rule_set.files {
            let Some(named) = &rules.known_users else {
                continue;
            };
            let folder = folder(self.sources.get(rules.file).name()).to_owned();
            let faults = self.named(rules.file, named, &folder);
            self.findings.extend(faults);
        }
    }

    /// Reads what a file in this folder names, and returns what is wrong with that file for it.
    pub fn named(&mut self, file: FileId, named: &UserSources, folder: &Path) -> Vec<Finding> {
        let mut faults = Vec::new();
        self.known.get_or_insert_default();
        for (item, at) in &named.items {
            match item {
                UserSource::User(user) => {
                    let user = UserId::parse(user).expect("reading checked it");
                    self.known.get_or_insert_default().add(user);
                }
                UserSource::File(path) => {
                    let path = folder.join(path);
                    if let Err(error) = self.file(&path) {
                        let location = Location::part(file, at.whole);
                        let message = format!("cannot read `{}`: {error}", path.display());
                        let fault = Finding::new(Code::UnreadableKnownUsers, location, message);
                        faults.push(fault.help(UNREADABLE_HELP));
                    }
                }
            }
        }
        faults
    }

    /// Reads files that a command line names.
    pub fn files(&mut self, paths: &[PathBuf]) -> Result<(), Unreadable> {
        for path in paths {
            let read = if path.as_os_str() == "-" {
                io::read_to_string(io::stdin()).map(|text| self.text(STDIN_NAME.to_owned(), &text))
            } else {
                self.file(path)
            };
            read.map_err(|error| Unreadable {
                path: path.display().to_string(),
                error,
            })?;
        }
        Ok(())
    }

    fn file(&mut self, path: &Path) -> io::Result<()> {
        if path
            .canonicalize()
            .map_or(true, |path| self.read.insert(path))
        {
            let text = fs::read_to_string(path)?;
            self.text(path.display().to_string(), &text);
        }
        Ok(())
    }

    fn text(&mut self, name: String, text: &str) {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let faults = self.known.get_or_insert_default().add_text(text);
        if !faults.is_empty() {
            let file = self.sources.add(name, text);
            self.findings.extend(faults.into_iter().map(|fault| {
                let location = Location::bytes(file, fault.range);
                Finding::new(Code::InvalidKnownUser, location, fault.message)
            }));
        }
    }
}

impl KnownUsers {
    /// Adds a user, and says whether it is new. There is no room for more than [`MAX_USERS`].
    ///
    /// [`MAX_USERS`]: crate::user_ids::MAX_USERS
    pub fn add(&mut self, user: UserId<'_>) -> bool {
        (self.users.insert(user)).is_some_and(|(_, is_new)| is_new)
    }

    /// Adds the users of a list, either one user ID a line (`#` starts a comment line), or JSON: an array or a
    /// line-per-value file of strings or of objects with `user_id` or `name`, or an object with an array `users` of
    /// these, which is what the "List Accounts" call of Synapse's admin API answers.
    ///
    /// What names no user is passed over and told.
    pub fn add_text(&mut self, text: &str) -> Vec<Fault> {
        let mut faults = Vec::new();
        if text.trim_start().starts_with(['[', '{', '"']) {
            self.add_json(text, &mut faults);
        } else {
            self.add_lines(text, &mut faults);
        }
        faults
    }

    /// All users in their order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &str> {
        self.users.iter()
    }

    /// How many users there are.
    pub fn len(&self) -> usize {
        self.users.len()
    }

    /// Whether there is no user at all.
    pub fn is_empty(&self) -> bool {
        self.users.is_empty()
    }

    /// Whether a list of accounts says of a user that it is deactivated. The last list that has the user counts.
    pub fn is_deactivated(&self, user: &str) -> bool {
        self.deactivated.contains(user)
    }

    fn add_lines(&mut self, text: &str, faults: &mut Vec<Fault>) {
        let mut start = 0;
        for line in text.split('\n') {
            let entry = line.trim();
            let at = start + (line.len() - line.trim_start().len());
            start += line.len() + 1;
            if !entry.is_empty() && !entry.starts_with('#') {
                self.add_entry(entry, at..at + entry.len(), faults);
            }
        }
    }

    fn add_entry(&mut self, entry: &str, range: Range<usize>, faults: &mut Vec<Fault>) {
        match UserId::parse(entry) {
            Ok(user) => {
                self.add(user);
            }
            Err(error) => faults.push(Fault {
                range,
                message: if entry.contains(" #") {
                    "a comment stands on a line of its own".to_owned()
                } else {
                    format!("`{}` is not a user ID: {error}", shortened(entry))
                },
            }),
        }
    }

    fn add_json(&mut self, text: &str, faults: &mut Vec<Fault>) {
        let mut values = serde_json::Deserializer::from_str(text).into_iter::<&RawValue>();
        loop {
            match values.next() {
                None => return,
                Some(Ok(value)) => self.add_json_value(text, value.get(), faults),
                Some(Err(error)) => {
                    let at = byte_of(text, error.line(), error.column());
                    let message = format!("this is no JSON: {}", json_reason(&error));
                    return faults.push(Fault {
                        range: at..at + 1,
                        message,
                    });
                }
            }
        }
    }

    /// A value of a file: an entry, or a list of entries.
    fn add_json_value(&mut self, text: &str, value: &str, faults: &mut Vec<Fault>) {
        let list = if value.starts_with('[') {
            serde_json::from_str(value).ok()
        } else {
            let page: Option<Page<'_>> = serde_json::from_str(value).ok();
            page.and_then(|page| page.users)
        };
        let Some(list) = list else {
            return self.add_json_entry(text, value, faults);
        };
        let list: Vec<&RawValue> = list;
        for entry in list {
            self.add_json_entry(text, entry.get(), faults);
        }
    }

    fn add_json_entry(&mut self, text: &str, entry: &str, faults: &mut Vec<Fault>) {
        let mut deactivated = None;
        let named: Option<&str> = match serde_json::from_str::<Account<'_>>(entry) {
            Ok(account) if entry.starts_with('{') => {
                deactivated = account.deactivated.map(RawValue::get);
                account.user_id.or(account.name).map(RawValue::get)
            }
            _ => Some(entry),
        };
        let range = |part: &str| {
            // Both are slices of the same text.
            let start = part.as_ptr() as usize - text.as_ptr() as usize;
            start..start + part.len()
        };
        let user: Option<String> = named.and_then(|named| serde_json::from_str(named).ok());
        match (user, named) {
            (Some(user), Some(named)) => {
                // Synapse has written it as a number, too.
                match deactivated {
                    Some("true" | "1") => {
                        self.deactivated.insert(user.as_str().into());
                    }
                    Some(_) => {
                        self.deactivated.remove(user.as_str());
                    }
                    None => {}
                }
                self.add_entry(&user, range(named), faults);
            }
            _ => faults.push(Fault {
                range: range(entry),
                message:
                    "this names no user: write a user ID, or an object with `user_id` or `name`"
                        .into(),
            }),
        }
    }
}

/// A page of Synapse's list of accounts.
#[derive(Deserialize)]
struct Page<'a> {
    #[serde(borrow)]
    users: Option<Vec<&'a RawValue>>,
}

#[derive(Deserialize)]
struct Account<'a> {
    #[serde(borrow)]
    user_id: Option<&'a RawValue>,
    #[serde(borrow)]
    name: Option<&'a RawValue>,
    #[serde(borrow)]
    deactivated: Option<&'a RawValue>,
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
