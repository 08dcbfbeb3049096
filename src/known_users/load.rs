//! Reading the files of known users.

use std::collections::{HashMap, HashSet};
use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::{Fault, KnownUsers, is_json};
use crate::finding::{Code, Finding, Location};
use crate::pattern::characters::{self, Kind};
use crate::rules::files::STDIN_NAME;
use crate::rules::model::{UserSource, UserSources};
use crate::rules::open::{self, NamedBy, OpenError};
use crate::rules::{Column, RuleSet, UserList};
use crate::source::{FileId, Sources, decode};
use crate::user_id::UserId;

/// The greatest file of known users that is read.
pub(crate) const MAX_FILE_BYTES: u64 = 1024 * 1024 * 1024;

const NO_FILE_HELP: &str = "a file may name regular files only, which are there whenever it is read; a pipe can be named on the command line, \
                            with `--known-users`";

const TOO_LARGE_HELP: &str =
    "is it the right file? a user ID takes a line, and there is room for 20 million";

const UNREADABLE_HELP: &str = "a file is named relative to the file that names it; a user is named by its whole ID, which begins with `@`";

/// What to do where a file cannot be read.
pub(super) fn help_for(error: &OpenError) -> &'static str {
    match error {
        OpenError::Kind(_) => NO_FILE_HELP,
        OpenError::TooLarge(_) => TOO_LARGE_HELP,
        OpenError::System(_) => UNREADABLE_HELP,
    }
}

/// A file named by `--known-users` that cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("cannot read the known users `{path}`: {error}")]
pub struct Unreadable {
    /// As the user gave it.
    pub(crate) path: String,
    /// Why.
    pub error: OpenError,
}

/// The files of known users that the rules name.
pub(crate) fn files<'a>(
    rule_set: &'a RuleSet,
    sources: &'a Sources,
) -> impl Iterator<Item = PathBuf> + use<'a> {
    (rule_set.files.iter()).flat_map(|rules| {
        let folder = sources.get(rules.file).folder();
        let named = rules.known_users.iter();
        named.flat_map(move |named| named.files(folder))
    })
}

/// A file of users that a set names, and the column of it.
pub(super) type Named = (PathBuf, Option<Column>);

/// What is in a file.
type Contents<'a> = &'a dyn Fn(&Path) -> Result<Vec<u8>, OpenError>;

/// Reads known users from several places, one after another. There are none (`None`) if no place is named, which is another
/// thing than an empty file. What names no user, and a file of `known_users:` that cannot be read, becomes a finding; the
/// sources of the findings are added.
pub(crate) struct Loader<'a> {
    /// Those read so far.
    pub known: Option<KnownUsers>,
    /// A file that is named twice says nothing new the second time.
    read: HashSet<PathBuf>,
    /// The first list that lacks users, unless one that is read later has them.
    lacking: Option<FileId>,
    /// The files that sets name; `None` for those with which something is wrong.
    pub(super) lists: HashMap<Named, Option<Arc<UserList>>>,
    /// What is in these.
    pub(super) contents: Contents<'a>,
    pub(super) sources: &'a mut Sources,
    pub(super) findings: &'a mut Vec<Finding>,
}

impl<'a> Loader<'a> {
    pub fn new(sources: &'a mut Sources, findings: &'a mut Vec<Finding>) -> Self {
        Self {
            known: None,
            read: HashSet::new(),
            lacking: None,
            lists: HashMap::new(),
            contents: &|path| open::read(path, NamedBy::File, MAX_FILE_BYTES),
            sources,
            findings,
        }
    }

    /// Reads what the rules name.
    pub fn rules(&mut self, rule_set: &mut RuleSet) {
        self.lists(rule_set);
        for rules in &rule_set.files {
            let Some(named) = &rules.known_users else {
                continue;
            };
            let folder = self.sources.get(rules.file).folder().to_owned();
            let faults = self.named(rules.file, named, &folder);
            self.findings.extend(faults);
        }
    }

    /// Reads what a file in this folder names, and returns what is wrong with that file for it.
    pub(crate) fn named(
        &mut self,
        file: FileId,
        named: &UserSources,
        folder: &Path,
    ) -> Vec<Finding> {
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
                    if let Err(error) = self.file(&path, NamedBy::File) {
                        self.known.get_or_insert_default().lacks_some = true;
                        let location = Location::part(file, at.whole);
                        let message = format!("cannot read `{}`: {error}", path.display());
                        let fault = Finding::new(Code::UnreadableKnownUsers, location, message);
                        faults.push(fault.help(help_for(&error)));
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
                open::read_from(io::stdin().lock(), MAX_FILE_BYTES)
                    .map(|bytes| self.text(STDIN_NAME.to_owned(), bytes))
            } else {
                self.file(path, NamedBy::CommandLine)
            };
            read.map_err(|error| Unreadable {
                path: path.display().to_string(),
                error,
            })?;
        }
        Ok(())
    }

    /// Those read, all in all.
    pub fn finish(self) -> Option<KnownUsers> {
        let lacking = self
            .known
            .as_ref()
            .and_then(|known| known.pages.lacking("patterns miss"));
        if let (Some(message), Some(file)) = (lacking, self.lacking) {
            let finding = Finding::new(Code::KnownUsersCut, Location::file(file), message);
            self.findings.push(finding.help(
                "ask the homeserver for all of them, with a larger `limit`, or name the other pages, too",
            ));
        }
        self.known
    }

    fn file(&mut self, path: &Path, by: NamedBy) -> Result<(), OpenError> {
        if path
            .canonicalize()
            .map_or(true, |path| self.read.insert(path))
        {
            let bytes = open::read(path, by, MAX_FILE_BYTES)?;
            self.text(path.display().to_string(), bytes);
        }
        Ok(())
    }

    fn text(&mut self, name: String, bytes: Vec<u8>) {
        let (text, end) = decode(bytes);
        let known = self.known.get_or_insert_default();
        let before = known.len();
        let mut faults = match end {
            None => known.add_text(&text),
            // What the last line would have been, nobody knows, nor what a JSON text would.
            Some(_) if is_json(&text) => Vec::new(),
            Some(_) => known.add_text(&text[..text.rfind('\n').unwrap_or(0)]),
        };
        if let Some(end) = end {
            known.lacks_some = true;
            let message = format!("{}; {}", end.message(), end.remedy());
            let range = text.len()..text.len();
            faults.push(Fault { range, message });
        }
        let odd = odd_users(known, before, &text);
        let is_lacking = self.lacking.is_none() && known.pages.lack_some();
        if is_lacking || !faults.is_empty() || !odd.is_empty() {
            let file = self.sources.add(name, text);
            if is_lacking {
                self.lacking = Some(file);
            }
            self.findings.extend(faults.into_iter().map(|fault| {
                let location = Location::bytes(file, fault.range);
                Finding::new(Code::InvalidKnownUser, location, fault.message)
            }));
            self.findings
                .extend(odd.into_iter().map(|(range, message, help)| {
                    let location = Location::bytes(file, range);
                    Finding::new(Code::HiddenCharacter, location, message).help(help)
                }));
        }
    }
}

/// So many users are told whose IDs have a character that nobody sees, or that looks like another one.
const MOST_ODD: usize = 20;

/// The users of a text from this number on whose IDs have such a character: where each is, what to say and what to write.
fn odd_users(known: &KnownUsers, from: usize, text: &str) -> Vec<(Range<usize>, String, String)> {
    // In JSON, such a character may be an escape.
    if text.is_ascii() && !text.contains("\\u") {
        return Vec::new();
    }
    let users = known.iter().skip(from).filter(|user| !user.is_ascii());
    let odd = users.filter_map(|user| {
        let odd = characters::odd(user, Kind::Users)?;
        let help = odd.help();
        let range = match text.find(user) {
            Some(at) => at + odd.range.start..at + odd.range.end,
            None => 0..0,
        };
        Some((range, odd.message, help))
    });
    odd.take(MOST_ODD).collect()
}
