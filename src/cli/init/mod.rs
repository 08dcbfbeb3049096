//! `init`: a folder of rules to start from.

use std::io::{self, BufRead as _, IsTerminal as _, Read as _, Write as _};
use std::path::{Path, PathBuf};

use anyhow::Context as _;

use crate::output::harmless::visible;
use crate::rules::files;

use super::Exit;
use super::load;
use super::terminal::{self, CANNOT_WRITE};
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

Files that are there already stay as they are, and rules that are there get no others beside them.

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

/// A rule file that is there already: those of `init` would be one rule set with it.
fn rules_there(folder: &Path) -> Option<String> {
    let found = files::rule_files(&folder.join("rules")).ok()?;
    Some(visible(&found.first()?.display().to_string()).into_owned())
}

/// Runs the command.
pub fn run(arguments: &Arguments) -> anyhow::Result<Exit> {
    let server_name = match &arguments.server_name {
        Some(name) => name.clone(),
        None => ask()?,
    };
    let rules_there = rules_there(&arguments.folder);
    let mut exit = Exit::Done;
    let mut out = terminal::stdout();
    for files in [&RULES[..], &WORKFLOW, &PRE_COMMIT] {
        let there = |file: &&File| arguments.folder.join(file.path).symlink_metadata().is_ok();
        let kept = files
            .iter()
            .find(there)
            .map(|kept| show(&arguments.folder, kept));
        let rules = rules_there
            .as_ref()
            .filter(|_| files[0].path == RULES[0].path);
        if let Some(kept) = kept.or_else(|| rules.cloned()) {
            let others = match files.len() {
                1 => "",
                _ => ", and the files that belong to it are not written",
            };
            writeln!(out, "kept   {kept}: it is there already{others}").context(CANNOT_WRITE)?;
            exit = Exit::Refused;
            continue;
        }
        let new: Vec<_> = (files.iter())
            .map(|file| {
                let text = file.text.replace(EXAMPLE, &server_name);
                (arguments.folder.join(file.path), text.into_bytes())
            })
            .collect();
        written::create(&new)?;
        for file in files {
            let name = show(&arguments.folder, file);
            writeln!(out, "wrote  {name}: {}", file.purpose).context(CANNOT_WRITE)?;
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
