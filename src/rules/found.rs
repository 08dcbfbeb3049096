//! The files of a folder: which of them are rules or tests, and which only look like it.

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use walkdir::{DirEntry, WalkDir};

use super::open::OpenError;
use crate::source::{PassedOver, Reason};

/// So much of a file that is passed over is looked at.
const MOST_PEEKED_BYTES: u64 = 64 * 1024;

/// Why rule files could not be read at all.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LoadError {
    /// A file or folder that is not there, or not for us to read.
    #[error("cannot read `{path}`: {error}")]
    Unreadable {
        /// As the user gave it.
        path: String,
        /// Why.
        error: OpenError,
    },
    /// Folders without a single rule file.
    #[error("no rule file (`*.yaml` or `*.yml`) found in {paths}{passed_over}")]
    NoRuleFile {
        /// As the user gave them.
        paths: String,
        /// What may have been meant.
        passed_over: String,
    },
}

impl LoadError {
    pub(super) fn unreadable(path: &Path, error: impl Into<OpenError>) -> Self {
        Self::Unreadable {
            path: path.display().to_string(),
            error: error.into(),
        }
    }
}

/// Which files of a folder are meant.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Kind {
    Rules,
    Tests,
}

/// What a path stands for.
#[derive(Default)]
pub(super) struct Found {
    pub files: Vec<PathBuf>,
    pub(crate) passed_over: Vec<PassedOver>,
}

/// The file that a path is, or if it is a folder, the files of this kind below, sorted.
///
/// Programs leave files beside those that people write, under names that begin with a dot: an editor a lock, which is a
/// link to nowhere, another system a file of attributes, and Kubernetes the folders that the files of a `ConfigMap` are
/// links into. These are passed over.
pub(super) fn below(path: &Path, kind: Kind) -> Result<Found, LoadError> {
    let metadata = (path.metadata()).map_err(|error| LoadError::unreadable(path, error))?;
    let mut found = Found::default();
    if !metadata.is_dir() {
        found.files.push(path.to_owned());
        return Ok(found);
    }
    let walk = WalkDir::new(path).follow_links(true).into_iter();
    for entry in walk.filter_entry(|entry| !is_hidden_folder(entry)) {
        let entry = match entry {
            Ok(entry) => entry,
            Err(error) => {
                let at = error.path().unwrap_or(path).to_owned();
                if error.depth() == 0 || !(is_hidden(&at) || leads_nowhere(&error, &at)) {
                    return Err(LoadError::unreadable(&at, std::io::Error::from(error)));
                }
                if !is_hidden(&at) && kind_of(&at) == Some(kind) {
                    found.pass_over(at, Reason::Nowhere);
                }
                continue;
            }
        };
        let at = entry.path();
        if entry.file_type().is_dir() {
            continue;
        }
        let is_hidden = entry.depth() > 0 && is_hidden(at);
        if entry.file_type().is_file() && kind_of(at) == Some(kind) && !is_hidden {
            found.files.push(entry.into_path());
        } else if kind_of(&lower_case(at)) == Some(kind) {
            let reason = if is_hidden {
                Reason::Hidden
            } else if entry.file_type().is_file() {
                Reason::Ending
            } else {
                Reason::Kind
            };
            if reason == Reason::Kind || looks_like(at, kind) {
                found.pass_over(entry.into_path(), reason);
            }
        }
    }
    found.files.sort();
    found
        .passed_over
        .sort_by(|one, other| one.path.cmp(&other.path));
    Ok(found)
}

impl Found {
    fn pass_over(&mut self, path: PathBuf, reason: Reason) {
        self.passed_over.push(PassedOver { path, reason });
    }
}

fn is_hidden_folder(entry: &DirEntry) -> bool {
    entry.depth() > 0 && entry.file_type().is_dir() && is_hidden(entry.path())
}

fn is_hidden(path: &Path) -> bool {
    (path.file_name()).is_some_and(|name| name.as_encoded_bytes().starts_with(b"."))
}

/// Whether it is a link to something that is not there, or to a folder that it is in.
fn leads_nowhere(error: &walkdir::Error, path: &Path) -> bool {
    error.loop_ancestor().is_some()
        || (path.is_symlink()
            && (path.metadata())
                .is_err_and(|error| error.kind() != std::io::ErrorKind::PermissionDenied))
}

/// What kind of file this is, by its name.
fn kind_of(path: &Path) -> Option<Kind> {
    let name = path.file_name()?.to_string_lossy();
    let stem = (name.strip_suffix(".yaml")).or_else(|| name.strip_suffix(".yml"))?;
    Some(match Path::new(stem).extension() {
        Some(extension) if extension == "test" => Kind::Tests,
        _ => Kind::Rules,
    })
}

/// Whether a file may be rules or tests, by its name.
pub(super) fn is_yaml(path: &Path) -> bool {
    kind_of(&lower_case(path)).is_some()
}

fn lower_case(path: &Path) -> PathBuf {
    let name = path.file_name().unwrap_or_default();
    path.with_file_name(name.to_string_lossy().to_lowercase())
}

/// Whether a file has a line as only files of this kind have.
fn looks_like(path: &Path, kind: Kind) -> bool {
    let mut beginning = Vec::new();
    let read = File::open(path).and_then(|file| {
        let mut file = file.take(MOST_PEEKED_BYTES);
        file.read_to_end(&mut beginning)
    });
    let keys: &[&str] = match kind {
        Kind::Rules => &["groups:", "routes:", "interests:", "blocks:"],
        Kind::Tests => &["cases:", "prove:"],
    };
    let is_key = |line: &[u8]| keys.iter().any(|key| line.starts_with(key.as_bytes()));
    read.is_ok() && beginning.split(|byte| *byte == b'\n').any(is_key)
}
