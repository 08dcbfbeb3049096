//! Finding and reading rule files.

use std::collections::HashSet;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use walkdir::WalkDir;

use crate::source::Sources;

/// The greatest rule file that is read.
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
    /// A file of hundreds of megabytes is no rule file.
    #[error("`{path}` is larger than {} MiB, the most for a rule file", MAX_FILE_BYTES / 1024 / 1024)]
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
    let mut sources = Sources::default();
    let mut seen = HashSet::new();
    for path in paths {
        if path.as_os_str() == "-" {
            add(&mut sources, STDIN_NAME, io::stdin().lock())?;
            continue;
        }
        for file in rule_files(path)? {
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

/// The rule files that a path stands for: itself, or if it is a folder, those below, sorted.
///
/// # Errors
///
/// If there is nothing at the path, or it is not for us to read.
pub fn rule_files(path: &Path) -> Result<Vec<PathBuf>, LoadError> {
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
        if entry.file_type().is_file() && is_rule_file(entry.path()) {
            files.push(entry.into_path());
        }
    }
    files.sort();
    Ok(files)
}

fn is_rule_file(path: &Path) -> bool {
    let name = path.file_name().map(|name| name.to_string_lossy());
    let Some(stem) = name.as_deref().and_then(|name| {
        name.strip_suffix(".yaml")
            .or_else(|| name.strip_suffix(".yml"))
    }) else {
        return false;
    };
    Path::new(stem)
        .extension()
        .is_none_or(|extension| extension != "test")
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
