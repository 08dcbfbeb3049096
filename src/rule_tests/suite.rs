//! The rules under test: loaded once for all test files that name the same.

use std::path::{Component, Path, PathBuf};

use super::assume::assumed;
use super::model::{Case, TestFile};
use super::sets::Sets;
use crate::finding::{Code, Finding, Location};
use crate::known_users::{Loader, Unreadable};
use crate::loading::Rules;
use crate::router::{CompileError, Router};
use crate::rules::files::{self, LoadError};
use crate::rules::missing_server_name;
use crate::rules::model::UserSources;
use crate::rules::open::NamedBy;
use crate::source::Sources;

/// Rules and known users that take the place of those that test files name, or come to them.
#[derive(Clone, Debug, Default)]
pub struct Instead {
    /// The rules under test, if not those that each file names.
    pub rules: Vec<PathBuf>,
    /// More files of known users.
    pub known_users: Vec<PathBuf>,
    /// The homeserver that the rules run on, where they do not say so.
    pub server_name: Option<String>,
}

/// A rule set, the users that are known to it, and the test files that are about both.
#[derive(Debug)]
pub struct Suite {
    /// The rules, and the users that are known to them.
    pub rules: Rules,
    /// Whether there are none, and the users whom cases name are taken to be known.
    pub(crate) assumed: bool,
    /// The rules, compiled. `None` if they have errors.
    pub router: Option<Router>,
    /// The test files, by their index.
    pub files: Vec<usize>,
}

/// Why rules under test cannot be had, although no test file is at fault.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SuiteError {
    /// Rules that are named beside the tests.
    #[error(transparent)]
    Rules(#[from] LoadError),
    /// Known users that are named beside the tests.
    #[error(transparent)]
    KnownUsers(#[from] Unreadable),
    /// Rules without errors that are too large.
    #[error("the rules cannot be used: {0}")]
    Compile(#[from] CompileError),
}

/// What makes two test files be about the same.
#[derive(PartialEq)]
struct Named {
    rules: Vec<PathBuf>,
    /// The files under their paths from where we are, so that folders play no part.
    known_users: Option<UserSources>,
}

/// Loads the rules that these test files are about. What a test file names wrongly becomes a finding about it, and
/// none of its cases can be run then.
///
/// # Errors
///
/// If rules or known users of `instead` cannot be read.
pub fn suites(
    files: &mut [TestFile],
    sources: &mut Sources,
    instead: &Instead,
    findings: &mut Vec<Finding>,
) -> Result<Vec<Suite>, SuiteError> {
    read_lists(files, sources, findings);
    let mut suites: Vec<(Named, Suite)> = Vec::new();
    for (index, test) in files.iter().enumerate() {
        if test.is_about_unknown {
            continue;
        }
        let named = Named::of(test, sources.get(test.file).folder(), instead);
        if let Some((_, suite)) = suites.iter_mut().find(|(known, _)| *known == named) {
            suite.files.push(index);
            continue;
        }
        if let Some(mut suite) = load(test, &named, instead, findings)? {
            suite.files.push(index);
            suites.push((named, suite));
        }
    }
    let mut suites: Vec<_> = suites.into_iter().map(|(_, suite)| suite).collect();
    for suite in &mut suites {
        settle_local(suite, files, findings);
        assume(suite, files, findings)?;
        for &index in &suite.files {
            if suite.router.is_some() {
                let known = suite.rules.known_users();
                Sets::check(&files[index], &suite.rules.rule_set, known, findings);
            }
        }
    }
    Ok(suites)
}

/// Reads the files of users that the sets of test files name.
fn read_lists(files: &mut [TestFile], sources: &mut Sources, findings: &mut Vec<Finding>) {
    let mut found = Vec::new();
    let mut loader = Loader::new(sources, findings);
    for test in files {
        let folder = loader.folder(test.file);
        for users in test.cases.iter_mut().flat_map(Case::sets_mut) {
            loader.lists_of(test.file, &folder, users, &mut found);
        }
    }
    findings.extend(found);
}

/// Tells each `local` of test files which server it means: that of the rules under test.
fn settle_local(suite: &Suite, files: &mut [TestFile], findings: &mut Vec<Finding>) {
    let server_name = suite.rules.rule_set.server_name.as_deref();
    for &index in &suite.files {
        let test = &mut files[index];
        let mut first = None;
        for users in test.cases.iter_mut().flat_map(Case::sets_mut) {
            first = first.or(users.settle_local(server_name));
        }
        if let (Some(at), None) = (first, server_name) {
            findings.push(missing_server_name(Location::part(test.file, at.whole)));
        }
    }
}

impl Named {
    fn of(test: &TestFile, folder: &Path, instead: &Instead) -> Self {
        let below = |path: &Path| simplified(folder.join(path));
        let rules = match &test.rules {
            _ if !instead.rules.is_empty() => instead.rules.clone(),
            Some(rules) => rules.iter().map(|path| below(path.as_ref())).collect(),
            None if folder.as_os_str().is_empty() => vec![PathBuf::from(".")],
            None => vec![folder.to_owned()],
        };
        Self {
            rules,
            known_users: (test.known_users.as_ref()).map(|known| known.resolved(below)),
        }
    }
}

/// The path without `x/..`, where it leads to the same.
fn simplified(path: PathBuf) -> PathBuf {
    let mut simple = PathBuf::new();
    for component in path.components() {
        let last = simple.components().next_back();
        match (component, last) {
            (Component::ParentDir, Some(Component::Normal(_))) => {
                simple.pop();
            }
            (Component::CurDir, _) => {}
            _ => simple.push(component),
        }
    }
    if simple.as_os_str().is_empty() {
        simple.push(".");
    }
    match (path.canonicalize(), simple.canonicalize()) {
        // What is not there cannot be elsewhere.
        (Err(_), Err(_)) => simple,
        (Ok(long), Ok(short)) if long == short => simple,
        // A folder that is a link to elsewhere.
        _ => path,
    }
}

fn load(
    test: &TestFile,
    named: &Named,
    instead: &Instead,
    findings: &mut Vec<Finding>,
) -> Result<Option<Suite>, SuiteError> {
    let by = if instead.rules.is_empty() {
        NamedBy::File
    } else {
        NamedBy::CommandLine
    };
    let sources = match files::load(&named.rules, by, None) {
        Ok(sources) => sources,
        Err(error) if !instead.rules.is_empty() => return Err(error.into()),
        Err(error) => {
            let location = match &test.rules {
                Some(_) => Location::part(test.file, test.rules_at),
                None => Location::file(test.file),
            };
            let finding = Finding::new(Code::UnreadableRules, location, error.to_string());
            findings.push(finding.help(
                "name the rules under test with `rules`: a rule file or folder, relative to this file",
            ));
            return Ok(None);
        }
    };
    let mut rules = Rules::read(sources, instead.server_name.as_deref());
    rules.named.clone_from(&named.rules);
    let known_users = named.known_users.as_ref().map(|users| (test.file, users));
    let faults = rules.read_users(known_users, &instead.known_users)?;
    let is_usable = faults.is_empty() && rules.errors().is_empty();
    findings.extend(faults);
    let router = is_usable.then(|| rules.compile()).transpose()?;
    Ok(Some(Suite {
        rules,
        assumed: false,
        router,
        files: Vec::new(),
    }))
}

/// Has a suite without known users take those to be known whom its cases about pairs name.
fn assume(
    suite: &mut Suite,
    files: &[TestFile],
    findings: &mut Vec<Finding>,
) -> Result<(), CompileError> {
    let Some(router) = &suite.router else {
        return Ok(());
    };
    if suite.rules.known_users.is_some() || router.rules_without_known_users().is_empty() {
        return Ok(());
    }
    let tests = suite.files.iter().map(|index| &files[*index]);
    let known = assumed(router, tests, findings);
    if !known.is_empty() {
        let router = Router::new(&suite.rules.rule_set, &suite.rules.sources, Some(&known))?;
        suite.router = Some(router);
        suite.assumed = true;
    }
    Ok(())
}
