//! Finding and reading rule files.

use std::collections::HashSet;
use std::fs::Metadata;
use std::io;
use std::path::{Path, PathBuf};

use super::found::{self, Found, Kind};
use super::open::{self, NamedBy};
use crate::finding::{Code, Finding, Location};
use crate::source::{Sources, decode};

pub(crate) use super::found::LoadError;

/// The greatest file of rules or tests that is read.
pub(crate) const MAX_FILE_BYTES: u64 = 64 * 1024 * 1024;

/// What messages call standard input.
pub(crate) const STDIN_NAME: &str = "<stdin>";

/// Reads rule files, and all rule files in folders, sorted by path, except tests (`*.test.yaml`, `*.test.yml`) and what
/// has a name that begins with a dot. A file that is named twice, or named and in a folder, is read once. `-` is standard
/// input.
///
/// Paths that a command line names may be pipes. What comes from a pipe or from standard input is relative to where one
/// is; with `stands_for`, it is checked in place of that file, with the others of its folder.
///
/// # Errors
///
/// If something is not a regular file or cannot be read, or if there is no rule file at all.
pub(crate) fn load(
    paths: &[PathBuf],
    by: NamedBy,
    stands_for: Option<&Path>,
) -> Result<Sources, LoadError> {
    let mut loader = Loader::new(by);
    loader.stands_for = stands_for;
    rules(loader, paths)
}

/// Reads test files, and all test files (`*.test.yaml`, `*.test.yml`) in folders, sorted by path. There may be none. The
/// paths are those of a command line, and may be pipes.
///
/// # Errors
///
/// If something cannot be read.
pub fn load_tests(paths: &[PathBuf]) -> Result<Sources, LoadError> {
    Loader::new(NamedBy::CommandLine).load(paths, Kind::Tests)
}

/// The rule files that a path stands for: itself, or if it is a folder, those below, sorted.
///
/// # Errors
///
/// If there is nothing at the path, or it is not for us to read.
pub fn rule_files(path: &Path) -> Result<Vec<PathBuf>, LoadError> {
    Ok(found::below(path, Kind::Rules)?.files)
}

/// Whether a file may be rules or tests, by its name.
pub fn is_yaml(path: &Path) -> bool {
    found::is_yaml(path)
}

/// Whether a path is something that is read once, such as a pipe, and has no folder that anything could be relative to.
pub(crate) fn is_stream(path: &Path) -> bool {
    path.as_os_str() == "-"
        || path.as_os_str() == "/dev/stdin"
        || path.starts_with("/dev/fd")
        || (path.starts_with("/proc") && path.parent().is_some_and(|parent| parent.ends_with("fd")))
        || open::is_pipe(path)
}

/// Adds a note for each file that looks like rules and was passed over, and the files to the sources.
pub(crate) fn note_passed_over(sources: &mut Sources, findings: &mut Vec<Finding>) {
    for passed in sources.passed_over().to_vec() {
        let file = sources.add(passed.path.display().to_string(), "");
        let message = format!("this file is not read: {}", passed.reason);
        let finding = Finding::new(Code::PassedOver, Location::file(file), message);
        findings.push(finding.help(passed.reason.remedy()));
    }
}

fn rules(loader: Loader<'_>, paths: &[PathBuf]) -> Result<Sources, LoadError> {
    let sources = loader.load(paths, Kind::Rules)?;
    if sources.iter().next().is_some() {
        return Ok(sources);
    }
    let quoted = |path: &Path| format!("`{}`", path.display());
    let named: Vec<_> = paths.iter().map(|path| quoted(path)).collect();
    let first = sources.passed_over().first();
    Err(LoadError::NoRuleFile {
        paths: named.join(", "),
        passed_over: first.map_or_else(String::new, |passed| {
            format!("; {} is not read: {}", quoted(&passed.path), passed.reason)
        }),
    })
}

struct Loader<'a> {
    by: NamedBy,
    stands_for: Option<&'a Path>,
    sources: Sources,
    seen: HashSet<Seen>,
}

/// What a file is known by, once it was read.
#[derive(PartialEq, Eq, Hash)]
enum Seen {
    File(PathBuf),
    /// What has no path of its own.
    Stream(u64, u64),
}

impl Loader<'_> {
    fn new(by: NamedBy) -> Self {
        Self {
            by,
            stands_for: None,
            sources: Sources::default(),
            seen: HashSet::new(),
        }
    }

    fn load(mut self, paths: &[PathBuf], kind: Kind) -> Result<Sources, LoadError> {
        for path in paths {
            let is_stream =
                path.as_os_str() == "-" || (self.by == NamedBy::CommandLine && is_stream(path));
            match self.stands_for {
                Some(file) if is_stream => self.draft(path, file, kind)?,
                _ if is_stream => self.stream(path, None)?,
                _ => {
                    let Found { files, passed_over } = found::below(path, kind)?;
                    self.sources.pass_over(passed_over);
                    for file in files {
                        self.file(&file)?;
                    }
                }
            }
        }
        Ok(self.sources)
    }

    /// A draft, and the other files of the folder of the file that it stands for.
    fn draft(&mut self, draft: &Path, file: &Path, kind: Kind) -> Result<(), LoadError> {
        let folder = match file.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        };
        // There may be no such folder yet, and then nothing is beside the draft.
        let mut found = if folder.is_dir() {
            found::below(folder, kind)?
        } else {
            Found::default()
        };
        let known = |path: &Path| path.canonicalize().ok();
        let place = known(file);
        found
            .files
            .retain(|other| other != file && (place.is_none() || known(other) != place));
        found.passed_over.retain(|passed| passed.path != file);
        self.sources.pass_over(found.passed_over);
        let after = found.files.partition_point(|other| other.as_path() < file);
        let (before, after) = found.files.split_at(after);
        for file in before {
            self.file(file)?;
        }
        self.stream(draft, Some(file))?;
        self.seen.extend(place.map(Seen::File));
        after.iter().try_for_each(|file| self.file(file))
    }

    fn file(&mut self, path: &Path) -> Result<(), LoadError> {
        let unreadable = |error| LoadError::unreadable(path, error);
        let place = path
            .canonicalize()
            .map_err(|error| unreadable(error.into()))?;
        if self.seen.insert(Seen::File(place)) {
            let bytes = open::read(path, self.by, MAX_FILE_BYTES).map_err(unreadable)?;
            let name = path.display().to_string();
            self.sources
                .add_read(name, Some(path.to_owned()), decode(bytes));
        }
        Ok(())
    }

    /// Standard input, a pipe or a device; under the name of the file that it stands for, if there is one.
    fn stream(&mut self, path: &Path, stands_for: Option<&Path>) -> Result<(), LoadError> {
        let unreadable = |error| LoadError::unreadable(path, error);
        let is_stdin = path.as_os_str() == "-";
        if !is_stdin {
            let metadata = path.metadata().map_err(|error| unreadable(error.into()))?;
            if let Some(seen) = number(&metadata)
                && !self.seen.insert(seen)
            {
                return Ok(());
            }
        }
        let bytes = if is_stdin {
            open::read_from(io::stdin().lock(), MAX_FILE_BYTES)
        } else {
            open::read(path, self.by, MAX_FILE_BYTES)
        };
        let bytes = bytes.map_err(unreadable)?;
        let name = match stands_for {
            Some(file) => file.display().to_string(),
            None if is_stdin => STDIN_NAME.to_owned(),
            None => path.display().to_string(),
        };
        self.sources
            .add_read(name, stands_for.map(Path::to_owned), decode(bytes));
        Ok(())
    }
}

#[cfg(unix)]
#[expect(clippy::unnecessary_wraps, reason = "other systems tell none")]
fn number(metadata: &Metadata) -> Option<Seen> {
    use std::os::unix::fs::MetadataExt as _;
    Some(Seen::Stream(metadata.dev(), metadata.ino()))
}

#[cfg(not(unix))]
fn number(_: &Metadata) -> Option<Seen> {
    None
}
