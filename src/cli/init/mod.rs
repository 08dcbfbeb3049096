//! `init`: a folder of rules to start from.

use std::io::{self, BufRead as _, IsTerminal as _, Read as _, Write as _};
use std::path::{Path, PathBuf};

use anyhow::Context as _;

use crate::finding::Severity;
use crate::loading::Rules;
use crate::output::harmless::visible;
use crate::rules::files;

use super::Exit;
use super::load;
use super::terminal::{self, CANNOT_WRITE};
use super::test::DEFAULT_PATHS;
use super::written;

/// Set up a folder of rules, with tests and CI
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// The folder, which is made if it is not there
    #[arg(value_name = "DIR", default_value = ".")]
    folder: PathBuf,
    /// The homeserver that the rules run on; on a terminal, it is asked for
    #[arg(long, value_name = "NAME", value_parser = server_name)]
    server_name: Option<String>,
}

const EXAMPLES: &str = "\
Examples:
  presence-router init                         here, and asks for the homeserver
  presence-router init presence --server-name corp.example

Files that are there already stay as they are, and rules that are there get no others beside them. Then nobody is asked for
the homeserver.

Exit codes: 0 all is written, 1 something was there already, 2 could not run";

/// The server name in the files below.
const EXAMPLE: &str = "example.org";

/// A file, what it says, and what it is for.
struct File {
    path: &'static str,
    text: &'static str,
    purpose: &'static str,
}

/// Files that belong together: if one of them is there, the others would not fit it.
const RULES: [File; 3] = [
    File {
        path: "rules/presence.yaml",
        text: include_str!("presence.yaml"),
        purpose: "who receives whose presence",
    },
    File {
        path: "rules/users.txt",
        text: include_str!("users.txt"),
        purpose: "the known users",
    },
    File {
        path: "tests/presence.test.yaml",
        text: include_str!("presence.test.yaml"),
        purpose: "tests of the rules",
    },
];
const WORKFLOW: [File; 1] = [File {
    path: ".github/workflows/presence.yaml",
    text: include_str!("workflow.yaml"),
    purpose: "checks and tests the rules on GitHub",
}];
const PRE_COMMIT: [File; 1] = [File {
    path: ".pre-commit-config.yaml",
    text: include_str!("pre-commit.yaml"),
    purpose: "checks and tests them before each commit",
}];

fn server_name(text: &str) -> Result<String, String> {
    let name = load::server_name(text)?;
    if name.starts_with('[') {
        return Err("the example rules need a host name; rules for an IPv6 address have to be written by hand".to_owned());
    }
    Ok(name)
}

/// Asks a person on which homeserver the rules run.
fn ask() -> anyhow::Result<String> {
    anyhow::ensure!(
        io::stdin().is_terminal() && io::stderr().is_terminal(),
        "say on which homeserver the rules run: `--server-name corp.example`"
    );
    terminal::say(
        "On which homeserver do the rules run? Write its server name, such as corp.example:",
    )?;
    let mut line = String::new();
    let most = io::stdin().lock().take(MOST_TYPED).read_line(&mut line);
    most.context("cannot read the server name")?;
    server_name(line.trim()).map_err(anyhow::Error::msg)
}

/// A line that is typed is no longer than this.
const MOST_TYPED: u64 = 1024;

/// Rules that are there already: those of `init` would be one rule set with them.
struct RulesThere {
    /// The first of their files.
    first: PathBuf,
    /// The homeserver that they name, if they do.
    server_name: Option<String>,
    /// Whether nothing is wrong with them.
    are_sound: bool,
}

impl RulesThere {
    fn below(folder: &Path) -> Option<Self> {
        let rules = folder.join("rules");
        let first = files::rule_files(&rules).ok()?.into_iter().next()?;
        // What is wrong with them, `check` says.
        let rules = Rules::load([rules]).ok();
        let rule_set = rules.as_ref().map(Rules::rule_set);
        Some(Self {
            first,
            server_name: rule_set.and_then(|rules| rules.server_name.clone()),
            are_sound: rule_set.is_some_and(|rules| !rules.is_faulty),
        })
    }

    /// Refuses another homeserver than theirs, and says where to write that of rules that name none.
    fn judge(&self, given: &str) -> anyhow::Result<()> {
        let shown = visible(&self.first.display().to_string()).into_owned();
        match &self.server_name {
            Some(named) => anyhow::ensure!(
                named == given,
                "the rules that are there are for the homeserver `{named}`, and not for `{given}`: leave out `--server-name`, or \
                 name another folder"
            ),
            None if !self.are_sound => {}
            None => terminal::tell(
                Severity::Note,
                &format!(
                    "the rules that are there do not say on which homeserver they run: write `server_name: {given}` at the top \
                     of `{shown}`"
                ),
            )?,
        }
        Ok(())
    }
}

/// What the workflow says of tests, and the hook that runs them: both are left out where there are none.
const TESTS: &str = "          tests: tests\n";
const HOOK: &str = "\n      - id: presence-router-test\n";

/// The folders below this one in which there are tests, as `test` looks for them.
fn tests_there(folder: &Path) -> Vec<&'static str> {
    let has_tests = |name: &&str| {
        let found = files::load_tests(&[folder.join(name)]);
        found.is_ok_and(|tests| tests.iter().next().is_some())
    };
    DEFAULT_PATHS.into_iter().filter(has_tests).collect()
}

impl File {
    /// Its text, for rules of a homeserver, with tests in these folders.
    fn text(&self, server_name: &str, tests: &[&str]) -> String {
        let text = self.text.replace(EXAMPLE, server_name);
        if !tests.is_empty() {
            let others = format!("          tests: {}\n", tests.join(" "));
            return text.replace(TESTS, &others);
        }
        let hook = text.find(HOOK).unwrap_or(text.len());
        with_tests(&text[..hook], tests).replace(TESTS, "")
    }
}

/// Says of tests only where there are some.
fn with_tests(text: &str, tests: &[&str]) -> String {
    let words = if tests.is_empty() { "" } else { AND_TESTS };
    text.replace(AND_TESTS, words)
}

const AND_TESTS: &str = " and tests";

/// Runs the command.
pub fn run(arguments: &Arguments) -> anyhow::Result<Exit> {
    let there = RulesThere::below(&arguments.folder);
    let server_name = match (&arguments.server_name, &there) {
        (Some(name), Some(there)) => {
            there.judge(name)?;
            name.clone()
        }
        (Some(name), None) => name.clone(),
        // Nothing is written that would name it.
        (None, Some(_)) => EXAMPLE.to_owned(),
        (None, None) => ask()?,
    };
    let mut exit = Exit::Done;
    let mut out = terminal::stdout();
    for files in [&RULES[..], &WORKFLOW, &PRE_COMMIT] {
        let is_there = |file: &&File| arguments.folder.join(file.path).symlink_metadata().is_ok();
        let kept = (files.iter().find(is_there)).map(|kept| show(&arguments.folder, kept));
        let are_rules = files[0].path == RULES[0].path;
        let rules = (there.as_ref().filter(|_| are_rules))
            .map(|there| visible(&there.first.display().to_string()).into_owned());
        if let Some(kept) = kept.or(rules) {
            let others = match files.len() {
                1 => "",
                _ => ", and the files that belong to it are not written",
            };
            writeln!(out, "kept   {kept}: it is there already{others}").context(CANNOT_WRITE)?;
            exit = Exit::Refused;
            continue;
        }
        let tests = if are_rules {
            vec!["tests"]
        } else {
            tests_there(&arguments.folder)
        };
        let new: Vec<_> = (files.iter())
            .map(|file| {
                let text = file.text(&server_name, &tests);
                (arguments.folder.join(file.path), text.into_bytes())
            })
            .collect();
        written::create(&new)?;
        for file in files {
            let name = show(&arguments.folder, file);
            let purpose = with_tests(file.purpose, &tests);
            writeln!(out, "wrote  {name}: {purpose}").context(CANNOT_WRITE)?;
        }
    }
    out.flush().context(CANNOT_WRITE)?;
    if exit != Exit::Done {
        return Ok(exit);
    }
    let folder = &arguments.folder;
    let go = if folder == Path::new(".") {
        String::new()
    } else {
        format!("`cd {}`, ", folder.display())
    };
    terminal::say(&format!(
        "next: {go}`presence-router check` and `presence-router test`"
    ))?;
    Ok(exit)
}

fn show(folder: &Path, file: &File) -> String {
    let path = if folder == Path::new(".") {
        PathBuf::from(file.path)
    } else {
        folder.join(file.path)
    };
    visible(&path.display().to_string()).into_owned()
}
