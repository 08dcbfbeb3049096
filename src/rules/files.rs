//! Finding and reading rule files.

use std::collections::HashSet;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use walkdir::WalkDir;

use crate::source::Sources;

/// The greatest file of rules or tests that is read.
pub const MAX_FILE_BYTES: u64 = 64 * 1024 * 1024;

/// What messages call standard input.
pub const STDIN_NAME: &str = "<stdin>";

/// Why rule files could not be read at all.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// A file or folder that is not there, or not for us to read.
    #[error("cannot read `{path}`: {error}")]
    Unreadable {
        /// As the user gave it.
        path: String,
        /// What the system says.
        error: io::Error,
    },
    /// A file of hundreds of megabytes is no file of rules.
    #[error("`{path}` is larger than {} MiB, the most for a file of rules or tests", MAX_FILE_BYTES / 1024 / 1024)]
    TooLarge {
        /// As the user gave it.
        path: String,
    },
    /// Folders without a single rule file.
    #[error("no rule file (`*.yaml` or `*.yml`) found in {paths}")]
    NoRuleFile {
        /// As the user gave them.
        paths: String,
    },
}

/// Reads rule files, and all rule files in folders, sorted by path, except tests (`*.test.yaml`, `*.test.yml`). `-` is
/// standard input. A file that is named twice, or named and in a folder, is read once.
///
/// # Errors
///
/// If something cannot be read, or if there is no rule file at all.
pub fn load(paths: &[PathBuf]) -> Result<Sources, LoadError> {
    let sources = load_kind(paths, Kind::Rules)?;
    if sources.iter().next().is_none() {
        let paths: Vec<_> = paths
            .iter()
            .map(|path| format!("`{}`", path.display()))
            .collect();
        return Err(LoadError::NoRuleFile {
            paths: paths.join(", "),
        });
    }
    Ok(sources)
}

/// Reads test files, and all test files (`*.test.yaml`, `*.test.yml`) in folders, sorted by path. There may be none.
///
/// # Errors
///
/// If something cannot be read.
pub fn load_tests(paths: &[PathBuf]) -> Result<Sources, LoadError> {
    load_kind(paths, Kind::Tests)
}

/// Which files of a folder are meant.
#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Rules,
    Tests,
}

fn load_kind(paths: &[PathBuf], kind: Kind) -> Result<Sources, LoadError> {
    let mut sources = Sources::default();
    let mut seen = HashSet::new();
    for path in paths {
        if path.as_os_str() == "-" {
            add(&mut sources, STDIN_NAME, io::stdin().lock())?;
            continue;
        }
        for file in files_of(path, kind)? {
            let unreadable = |error| LoadError::Unreadable {
                path: file.display().to_string(),
                error,
            };
            if seen.insert(file.canonicalize().map_err(unreadable)?) {
                let open = File::open(&file).map_err(unreadable)?;
                add(&mut sources, &file.display().to_string(), open)?;
            }
        }
    }
    Ok(sources)
}

/// The rule files that a path stands for: itself, or if it is a folder, those below, sorted.
///
/// # Errors
///
/// If there is nothing at the path, or it is not for us to read.
pub fn rule_files(path: &Path) -> Result<Vec<PathBuf>, LoadError> {
    files_of(path, Kind::Rules)
}

/// The files that a path stands for: itself, or if it is a folder, those of this kind below.
fn files_of(path: &Path, kind: Kind) -> Result<Vec<PathBuf>, LoadError> {
    let unreadable = |path: &Path, error| LoadError::Unreadable {
        path: path.display().to_string(),
        error,
    };
    let metadata = path.metadata().map_err(|error| unreadable(path, error))?;
    if !metadata.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let mut files = Vec::new();
    for entry in WalkDir::new(path).follow_links(true) {
        let entry = entry.map_err(|error| {
            let at = error.path().unwrap_or(path).to_owned();
            unreadable(&at, error.into())
        })?;
        if entry.file_type().is_file() && kind_of(entry.path()) == Some(kind) {
            files.push(entry.into_path());
        }
    }
    files.sort();
    Ok(files)
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

fn add(sources: &mut Sources, name: &str, file: impl Read) -> Result<(), LoadError> {
    let mut bytes = Vec::new();
    file.take(MAX_FILE_BYTES + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| LoadError::Unreadable {
            path: name.to_owned(),
            error,
        })?;
    if bytes.len() as u64 > MAX_FILE_BYTES {
        return Err(LoadError::TooLarge {
            path: name.to_owned(),
        });
    }
    // A byte order mark is no part of the text.
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&bytes);
    match std::str::from_utf8(bytes) {
        Ok(text) => sources.add(name, text),
        Err(error) => {
            let beginning = String::from_utf8_lossy(&bytes[..error.valid_up_to()]);
            sources.add_beginning(name, beginning)
        }
    };
    Ok(())
}
