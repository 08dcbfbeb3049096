//! Rules and known users, as the options of a command name them.

use std::io;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};

use crate::finding::Severity;
use crate::loading::{Rules, RulesError};
use crate::output::findings::{Report, count, full};
use crate::pattern::shortened;
use crate::router::{NeedsKnownUsers, Router};
use crate::rules::files::{self, LoadError};
use crate::user_id::validate_server_name;

use super::terminal;
use super::written::{self, Identity, streams_are_not_read};

/// Where rules are looked for if none are named.
const DEFAULT_RULES: &str = "rules";

fn is_missing_default(path: &str) -> bool {
    path == DEFAULT_RULES && !Path::new(path).exists()
}

/// The rules to go by.
#[derive(Debug, clap::Args)]
pub struct RuleArguments {
    /// Rule file, or folder of rule files (*.yaml and *.yml, without *.test.yaml); may be repeated
    #[arg(short, long, value_name = "PATH", default_value = "rules")]
    pub rules: Vec<PathBuf>,
    #[command(flatten)]
    pub around: AroundArguments,
}

/// What is around the rules, as far as their files do not say.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct AroundArguments {
    /// File of known users: one user ID a line, or JSON; may be repeated
    #[arg(short = 'u', long, value_name = "PATH")]
    pub known_users: Vec<PathBuf>,
    /// The homeserver that the rules run on, where they do not say so themselves
    #[arg(long, value_name = "NAME", value_parser = server_name)]
    pub server_name: Option<String>,
}

/// Reads the name of a homeserver.
pub fn server_name(text: &str) -> Result<String, String> {
    match validate_server_name(text) {
        Ok(()) => Ok(text.to_owned()),
        Err(error) => Err(format!(
            "`{}` is not a server name: {error}",
            shortened(text)
        )),
    }
}

/// What to do where rules need known users, and there are none.
pub fn without_known_users(error: &NeedsKnownUsers) -> anyhow::Error {
    anyhow::anyhow!(
        "{error}; name known users with `known_users:` in a rule file, or a file of them with `--known-users`"
    )
}

/// Says whom an answer takes to be known, where nobody says who is.
pub fn tell_assumed(users: &str) -> io::Result<()> {
    let message = format!(
        "there are no known users, so {users} are taken to be known, as Synapse knows its users"
    );
    terminal::tell(Severity::Note, &message)
}

/// Refuses to read standard input, or another pipe, for two purposes, the second of which would find it empty.
pub fn stdin_is_read_once<'a>(paths: impl IntoIterator<Item = &'a Path>) -> anyhow::Result<()> {
    let mut read: Vec<(&Path, Option<Identity>)> = Vec::new();
    for path in paths {
        let is_stdin = path.as_os_str() == "-";
        let pipe = written::pipe(path);
        if !is_stdin && pipe.is_none() {
            continue;
        }
        let again = read.iter().find(|(other, of)| {
            (is_stdin && other.as_os_str() == "-") || (pipe.is_some() && *of == pipe)
        });
        if let Some((first, _)) = again {
            anyhow::ensure!(
                !is_stdin && first.as_os_str() != "-",
                "standard input can be read only once: name a file for all but one of rules, known users and input"
            );
            anyhow::bail!(
                "`{}` is a pipe, which can be read only once",
                path.display()
            );
        }
        read.push((path, pipe));
    }
    Ok(())
}

impl RuleArguments {
    /// All files that are named.
    pub fn paths(&self) -> impl Iterator<Item = &Path> {
        (self.rules.iter().chain(&self.around.known_users)).map(PathBuf::as_path)
    }
}

/// The file that the one pipe among these paths stands for.
pub fn stands_for<'a>(
    file: Option<&'a Path>,
    paths: &[PathBuf],
) -> anyhow::Result<Option<&'a Path>> {
    let pipes = paths.iter().filter(|path| files::is_stream(path)).count();
    anyhow::ensure!(
        file.is_none() || pipes == 1,
        "`--stdin-filename` says which file standard input, or one pipe, stands for: name `-` for it"
    );
    Ok(file)
}

/// Reads rules and known users. Errors in them are findings.
///
/// Where a pipe `stands_for` a file, it is read in place of that file.
pub fn load(
    paths: &[PathBuf],
    stands_for: Option<&Path>,
    around: &AroundArguments,
) -> anyhow::Result<Rules> {
    let mut files = paths.iter().chain(&around.known_users);
    terminal::tell_waiting(files.clone().map(PathBuf::as_path))?;
    if files.any(|path| path.as_os_str() == "-") {
        // A person may be typing.
        return load_now(paths, stands_for, around);
    }
    terminal::working("reading rules and known users", || {
        load_now(paths, stands_for, around)
    })
}

fn load_now(
    paths: &[PathBuf],
    stands_for: Option<&Path>,
    around: &AroundArguments,
) -> anyhow::Result<Rules> {
    let mut options = Rules::options().of_command_line(stands_for);
    options = options.known_users(&around.known_users);
    if let Some(name) = &around.server_name {
        options = options.server_name(name);
    }
    let rules = options.load(paths).map_err(|error| match error {
        RulesError::Load(LoadError::Unreadable { path, .. }) if is_missing_default(&path) => anyhow::anyhow!(
            "there is no folder `{DEFAULT_RULES}` here: name your rules, or have a folder made by `presence-router init`"
        ),
        error => error.into(),
    })?;
    streams_are_not_read(rules.files())?;
    Ok(rules)
}

/// Rules without errors.
///
/// Errors in the rules are written to standard error: with them, nothing can be done.
pub fn load_sound(paths: &[PathBuf], around: &AroundArguments) -> anyhow::Result<Rules> {
    sound(load(paths, None, around)?)
}

/// The same of rules that were loaded.
pub fn sound(rules: Rules) -> anyhow::Result<Rules> {
    let errors = rules.errors();
    if !errors.is_empty() {
        let report = Report::new(&errors, &rules.sources, &[]);
        full(&report, &mut terminal::stderr())?;
        bail!("the rules cannot be used: {}", count(&errors));
    }
    Ok(rules)
}

/// A router for these rules, and the files that they were read from.
pub fn router(arguments: &RuleArguments) -> anyhow::Result<(Router, Vec<PathBuf>)> {
    let rules = load_sound(&arguments.rules, &arguments.around)?;
    let router = terminal::working("compiling rules", || rules.compile());
    Ok((router.context("the rules cannot be used")?, rules.files()))
}
