//! The files of users that sets name: `{file: …}`.

use std::ffi::OsStr;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::load::{Loader, Named, help_for};
use super::table::{columns, is_table};
use super::{Fault, Faults, KnownUsers, is_json};
use crate::finding::{Code, Finding, Location};
use crate::pattern::shortened;
use crate::rules::open::OpenError;
use crate::rules::{
    At, Column, Item, RuleSet, UserFile, UserList, UserListBuilder, UserSet, with_word, word,
};
use crate::source::{FileId, Sources, decode};

const NO_FILE_HELP: &str = "a file is named relative to the file that names it";

/// Reads the users of the files that sets of rules name, where the files are not on a disk: `text_of` has them, by their
/// path from where we are. What is wrong with them is returned.
pub fn lists_of_texts<'t>(
    rule_set: &mut RuleSet,
    sources: &mut Sources,
    text_of: impl Fn(&Path) -> Option<&'t str>,
) -> Vec<Finding> {
    let contents = |path: &Path| match text_of(path) {
        Some(text) => Ok(text.as_bytes().to_vec()),
        None => Err(io::Error::from(io::ErrorKind::NotFound).into()),
    };
    let mut findings = Vec::new();
    let mut loader = Loader::new(sources, &mut findings);
    loader.contents = &contents;
    loader.lists(rule_set);
    findings
}

/// Reads the files that a set names that stands in a text beside the rules: relative to where we are. What is wrong with
/// them is returned.
pub(crate) fn lists_of_set(
    users: &mut UserSet,
    text: FileId,
    sources: &mut Sources,
) -> Vec<Finding> {
    let (mut findings, mut of_loader) = (Vec::new(), Vec::new());
    let mut loader = Loader::new(sources, &mut of_loader);
    loader.lists_of(text, Path::new(""), users, &mut findings);
    findings
}

/// The files of users that the sets of rules name.
pub(crate) fn list_files<'a>(
    rule_set: &'a RuleSet,
    sources: &'a Sources,
) -> impl Iterator<Item = PathBuf> + use<'a> {
    rule_set.files.iter().flat_map(|rules| {
        let folder = sources.get(rules.file).folder();
        let mut files = Vec::new();
        for users in rules.sets() {
            users.items(&mut |item| {
                if let Item::File(file) = item {
                    files.push(folder.join(&file.path));
                }
            });
        }
        files
    })
}

impl Loader<'_> {
    /// Reads the files that the sets of rules name.
    pub(crate) fn lists(&mut self, rule_set: &mut RuleSet) {
        let mut findings = Vec::new();
        for rules in &mut rule_set.files {
            let folder = self.folder(rules.file);
            let file = rules.file;
            for users in rules.sets_mut() {
                self.lists_of(file, &folder, users, &mut findings);
            }
        }
        rule_set.note(&findings);
        self.findings.extend(findings);
    }

    /// The folder of a file.
    pub(crate) fn folder(&self, file: FileId) -> PathBuf {
        self.sources.get(file).folder().to_owned()
    }

    /// Reads the files that a set of a file in this folder names.
    pub fn lists_of(
        &mut self,
        file: FileId,
        folder: &Path,
        users: &mut UserSet,
        findings: &mut Vec<Finding>,
    ) {
        users.items_mut(&mut |item, at| {
            if let Item::File(named) = item {
                named.users = self.list((file, at), folder, named, findings);
            }
        });
    }

    /// The users of a file, which is read once. What is wrong with it is told where it is first named.
    fn list(
        &mut self,
        (file, at): (FileId, At),
        folder: &Path,
        named: &UserFile,
        findings: &mut Vec<Finding>,
    ) -> Option<Arc<UserList>> {
        let key = (folder.join(&named.path), named.column.clone());
        if let Some(read) = self.lists.get(&key) {
            return read.clone();
        }
        let read = self.read_list(&key, (file, at), findings);
        let read = read.map(Arc::new);
        self.lists.insert(key, read.clone());
        read
    }

    fn read_list(
        &mut self,
        (path, column): &Named,
        (named_in, named_at): (FileId, At),
        findings: &mut Vec<Finding>,
    ) -> Option<UserList> {
        let shown = shortened(&path.display().to_string());
        let named_by = Location::part(named_in, named_at.text);
        let bytes = match (self.contents)(path) {
            Ok(bytes) => bytes,
            Err(error) => {
                let help = match error {
                    OpenError::System(_) => NO_FILE_HELP,
                    _ => help_for(&error),
                };
                let message = format!("cannot read `{shown}`: {error}");
                let finding = Finding::new(Code::UnreadableUsers, named_by, message);
                let name = path.file_name().and_then(OsStr::to_str);
                findings.push(match name.and_then(word) {
                    Some(word) => with_word(finding, word, named_in, named_at),
                    None => finding.help(help),
                });
                return None;
            }
        };
        let mut report = |at: Location, message: String, help: &str| {
            let finding = Finding::new(Code::UnreadableUsers, at, message);
            findings.push(finding.help(help));
        };
        let (text, end) = decode(bytes);
        if let Some(end) = end {
            let start = text.len();
            let file = self.sources.add(path.display().to_string(), text);
            let at = Location::bytes(file, start..start);
            report(at, end.message().to_owned(), end.remedy());
            return None;
        }
        // It is kept, and the users are pieces of it.
        let text: Arc<str> = text.into();
        let mut faults = Faults::default();
        let mut users = KnownUsers {
            list: Some(UserListBuilder::new(Arc::clone(&text))),
            ..KnownUsers::default()
        };
        match column {
            // Nothing is no table yet.
            _ if text.trim().is_empty() => {}
            Some(Column { name, at }) => {
                if let Err((message, help)) = users.add_table(&text, name, &mut faults) {
                    let at = Location::part(named_in, at.text);
                    report(at, format!("in `{shown}`, {message}"), &help);
                    return None;
                }
            }
            None if is_json(&text) => users.add_json(&text, &mut faults),
            None => users.add_lines(&text, &mut faults),
        }
        let faults = faults.told();
        if column.is_none() && !faults.is_empty() && !is_json(&text) && is_table(&text) {
            report(
                named_by,
                format!("`{shown}` is a table, and nothing says which column has the user IDs"),
                &format!(
                    "write `column: …` beside `file`; the columns are {}",
                    columns(&text)
                ),
            );
            return None;
        }
        if faults.is_empty() && users.is_empty() {
            let finding = Finding::new(
                Code::EmptySet,
                named_by,
                format!("`{shown}` names no users"),
            );
            findings.push(
                finding.help("write some into it, or remove the rule or the item that names it"),
            );
            return None;
        }
        let name = path.display().to_string();
        let file = self.sources.add(name, Arc::clone(&text));
        if faults.is_empty() {
            let cut = users
                .pages
                .lacking("this set lacks")
                .map(|message| Finding::new(Code::KnownUsersCut, Location::file(file), message));
            findings.extend(cut);
            return users.list.map(|list| list.build(file));
        }
        findings.extend(faults.into_iter().map(|Fault { range, message }| {
            Finding::new(Code::InvalidUserId, Location::bytes(file, range), message)
        }));
        None
    }
}
