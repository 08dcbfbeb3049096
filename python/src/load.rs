//! From paths to a compiled rule set, and whether the files there are still the same.

use std::fs::Metadata;
use std::hash::{BuildHasher as _, Hash, Hasher};
use std::path::{Path, PathBuf};

use foldhash::quality::FixedState;
use presence_router::Rules;
use presence_router::router::Router;
use presence_router::rules::files;
use pyo3::prelude::*;

use crate::error::{Finding, RulesError};
use crate::explain::Written;

/// A compiled rule set, and where it came from.
pub struct Loaded {
    pub router: Router,
    pub written: Written,
    /// The rule files.
    pub files: Vec<PathBuf>,
    /// The files of users: those that the rules name first, as known users and in `{file: …}`.
    pub known_users: Vec<PathBuf>,
    /// How many routes, interests and blocks there are.
    pub rules: usize,
    pub digest: String,
    /// What [`snapshot`] was before the files were read.
    pub snapshot: u64,
}

/// Reads and compiles rules. With `has_homeserver`, there are known users in any case, to which those of a homeserver
/// are added. `server_name` is that of the homeserver, if the rules run on one: rules of another are refused.
pub fn load(
    paths: &[PathBuf],
    more: &[PathBuf],
    has_homeserver: bool,
    server_name: Option<&str>,
) -> Result<Loaded, RulesError> {
    let mut hasher = FixedState::default().build_hasher();
    add_rules(paths, &mut hasher);
    let mut options = Rules::options().known_users(more);
    if let Some(name) = server_name {
        options = options.server_name(name);
    }
    let loaded = options.load_telling(paths, |user_files| add(user_files, &mut hasher));
    let mut rules = loaded.map_err(|error| RulesError::new(&error))?;
    let errors = rules.errors();
    if !errors.is_empty() {
        return Err(RulesError::rules(Finding::all(&errors, rules.sources())));
    }
    if has_homeserver {
        rules.know([]);
    }
    let router = rules.compile().map_err(|error| RulesError::new(&error))?;
    router.prepare();
    let count = rules.rule_set().count();
    let digest = rules.rule_set().digest().to_string();
    let files = rules.rule_files().map(Path::to_owned).collect();
    let known_users = rules.user_files().to_vec();
    let has_known_users = rules.known_users().is_some();
    let (rule_set, sources) = rules.into_written();
    Ok(Loaded {
        router,
        written: Written {
            rule_set,
            sources,
            has_known_users,
        },
        files,
        known_users,
        rules: count,
        digest,
        snapshot: hasher.finish(),
    })
}

/// A number that changes when rule files at these paths, or other `files`, come, go or change. Equal numbers mean that
/// sizes, times and places of all files are the same; no file is opened.
#[pyfunction]
pub fn snapshot(py: Python<'_>, paths: Vec<PathBuf>, files: Vec<PathBuf>) -> u64 {
    py.detach(|| {
        let mut hasher = FixedState::default().build_hasher();
        add_rules(&paths, &mut hasher);
        add(&files, &mut hasher);
        hasher.finish()
    })
}

fn add_rules(paths: &[PathBuf], hasher: &mut impl Hasher) {
    for path in paths {
        match files::rule_files(path) {
            Ok(files) => add(&files, hasher),
            Err(error) => error.to_string().hash(hasher),
        }
    }
}

fn add(files: &[PathBuf], hasher: &mut impl Hasher) {
    for file in files {
        file.hash(hasher);
        match file.metadata() {
            Ok(metadata) => {
                metadata.len().hash(hasher);
                metadata.modified().ok().hash(hasher);
                place(&metadata).hash(hasher);
            }
            Err(error) => error.to_string().hash(hasher),
        }
    }
}

/// A file that is moved into the place of another one may have its size and time.
#[cfg(unix)]
fn place(metadata: &Metadata) -> impl Hash + use<> {
    use std::os::unix::fs::MetadataExt as _;
    (
        metadata.dev(),
        metadata.ino(),
        metadata.ctime_nsec(),
        metadata.ctime(),
    )
}

#[cfg(not(unix))]
fn place(_: &Metadata) -> impl Hash + use<> {}
