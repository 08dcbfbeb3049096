//! `init`: a folder of rules to start from.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::Context as _;

use crate::output::harmless::visible;

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
    /// The homeserver that the rules run on
    #[arg(long, value_name = "NAME", default_value = EXAMPLE, value_parser = server_name)]
    server_name: String,
}

const EXAMPLES: &str = "\
Examples:
  presence-router init                         here
  presence-router init presence --server-name corp.example

Files that are there already stay as they are.

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

/// Runs the command.
pub fn run(arguments: &Arguments) -> anyhow::Result<Exit> {
    let mut exit = Exit::Done;
    let mut out = terminal::stdout();
    for files in [&RULES[..], &WORKFLOW, &PRE_COMMIT] {
        let there = |file: &&File| arguments.folder.join(file.path).symlink_metadata().is_ok();
        if let Some(kept) = files.iter().find(there) {
            let kept = show(&arguments.folder, kept);
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
                let text = file.text.replace(EXAMPLE, &arguments.server_name);
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
