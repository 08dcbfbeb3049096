//! From paths to a compiled rule set, and whether the files there are still the same.

use std::fs::Metadata;
use std::hash::{BuildHasher as _, Hash, Hasher};
use std::path::{Path, PathBuf};

use foldhash::quality::FixedState;
use presence_router::finding::Severity;
use presence_router::known_users;
use presence_router::router::Router;
use presence_router::rules::{self, files};
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
    let mut sources = files::load(paths).map_err(|error| RulesError::new(&error))?;
    let (mut rule_set, mut findings) = rules::read_for(&sources, server_name);
    let files = (rule_set.files.iter()).filter_map(|rules| sources.get(rules.file).path());
    let files = files.map(Path::to_owned).collect();
    let named = known_users::files(&rule_set, &sources);
    let lists = known_users::list_files(&rule_set, &sources);
    let known_users: Vec<_> = named.chain(lists).chain(more.iter().cloned()).collect();
    add(&known_users, &mut hasher);
    let mut users = known_users::load(&mut rule_set, more, &mut sources, &mut findings)
        .map_err(|error| RulesError::new(&error))?;
    findings.retain(|finding| finding.severity == Severity::Error);
    if !findings.is_empty() {
        return Err(RulesError::rules(Finding::all(&findings, &sources)));
    }
    if has_homeserver {
        users.get_or_insert_default();
    }
    let router = Router::new(&rule_set, &sources, users.as_ref())
        .map_err(|error| RulesError::new(&error))?;
    router.prepare();
    let rules = (rule_set.files.iter())
        .map(|rules| rules.routes.len() + rules.interests.len() + rules.blocks.len())
        .sum();
    Ok(Loaded {
        router,
        written: Written {
            rule_set,
            sources,
            has_known_users: users.is_some(),
        },
        files,
        known_users,
        rules,
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
