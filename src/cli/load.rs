//! Rules and known users, as the options of a command name them.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};

use crate::directory::{self, Directory};
use crate::finding::{Finding, Severity};
use crate::output::findings::{Report, count, full};
use crate::router::Router;
use crate::rules::{self, RuleSet, files};
use crate::source::Sources;

use super::terminal;

/// The rules to go by.
#[derive(Debug, clap::Args)]
pub struct RuleArguments {
    /// Rule file, or folder of rule files (*.yaml and *.yml, without *.test.yaml); may be repeated
    #[arg(short, long, value_name = "PATH", default_value = "rules")]
    pub rules: Vec<PathBuf>,
    #[command(flatten)]
    pub directory: DirectoryArguments,
}

/// The users that are known.
#[derive(Debug, Default, clap::Args)]
pub struct DirectoryArguments {
    /// File of known users: one user ID a line, or JSON; may be repeated
    #[arg(short, long, value_name = "PATH")]
    pub directory: Vec<PathBuf>,
}

/// What was loaded, whether it has errors or not.
pub struct Loaded {
    pub sources: Sources,
    pub rule_set: RuleSet,
    pub directory: Option<Directory>,
    pub findings: Vec<Finding>,
}

/// Refuses to read standard input for two purposes, the second of which would find it empty.
pub fn stdin_is_read_once<'a>(paths: impl IntoIterator<Item = &'a Path>) -> anyhow::Result<()> {
    let uses = paths.into_iter().filter(|path| path.as_os_str() == "-");
    anyhow::ensure!(
        uses.count() <= 1,
        "standard input can be read only once: name a file for all but one of rules, directory and input"
    );
    Ok(())
}

/// Refuses to write to a file that is read: opening it would destroy it.
pub fn is_not_read(target: &Path, read: impl IntoIterator<Item = PathBuf>) -> anyhow::Result<()> {
    // What is not there yet is not read.
    let Ok(written) = target.canonicalize() else {
        return Ok(());
    };
    let is_read = |path: PathBuf| path.canonicalize().is_ok_and(|path| path == written);
    anyhow::ensure!(
        !read.into_iter().any(is_read),
        "`{}` is read as well, and writing to it would destroy it: name another file",
        target.display()
    );
    Ok(())
}

impl Loaded {
    /// All files that were read: rules, and known users.
    pub fn files(&self, directories: &DirectoryArguments) -> Vec<PathBuf> {
        let mut files = directories.directory.clone();
        for rules in &self.rule_set.files {
            let path = Path::new(self.sources.get(rules.file).name());
            let folder = path.parent().unwrap_or(Path::new(""));
            files.extend(
                rules
                    .directories
                    .paths
                    .iter()
                    .map(|named| folder.join(named)),
            );
            files.push(path.to_owned());
        }
        files
    }
}

impl RuleArguments {
    /// All files that are named.
    pub fn paths(&self) -> impl Iterator<Item = &Path> {
        (self.rules.iter().chain(&self.directory.directory)).map(PathBuf::as_path)
    }
}

/// Reads rules and directories. Errors in them are findings.
pub fn load(paths: &[PathBuf], directories: &DirectoryArguments) -> anyhow::Result<Loaded> {
    let mut files = paths.iter().chain(&directories.directory);
    if files.any(|path| path.as_os_str() == "-") {
        // A person may be typing.
        return load_now(paths, directories);
    }
    terminal::working("reading rules and known users", || {
        load_now(paths, directories)
    })
}

fn load_now(paths: &[PathBuf], directories: &DirectoryArguments) -> anyhow::Result<Loaded> {
    let mut sources = files::load(paths)?;
    let (rule_set, mut findings) = rules::read(&sources);
    let more = &directories.directory;
    let directory = directory::load(&rule_set, more, &mut sources, &mut findings)?;
    Ok(Loaded {
        sources,
        rule_set,
        directory,
        findings,
    })
}

/// Rules without errors.
///
/// Errors in the rules are written to standard error: with them, nothing can be done.
pub fn load_sound(paths: &[PathBuf], directories: &DirectoryArguments) -> anyhow::Result<Loaded> {
    let mut loaded = load(paths, directories)?;
    (loaded.findings).retain(|finding| finding.severity == Severity::Error);
    if !loaded.findings.is_empty() {
        let report = Report::new(&loaded.findings, &loaded.sources, &[]);
        full(&report, &mut terminal::stderr())?;
        bail!("the rules cannot be used: {}", count(&loaded.findings));
    }
    Ok(loaded)
}

/// A router for these rules, and the files that they were read from.
pub fn router(arguments: &RuleArguments) -> anyhow::Result<(Router, Vec<PathBuf>)> {
    let loaded = load_sound(&arguments.rules, &arguments.directory)?;
    let compile = || Router::new(&loaded.rule_set, &loaded.sources, loaded.directory.as_ref());
    let router =
        terminal::working("compiling rules", compile).context("the rules cannot be used")?;
    Ok((router, loaded.files(&arguments.directory)))
}
