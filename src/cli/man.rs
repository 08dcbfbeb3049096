//! `man`: manual pages.

use std::fs;
use std::io::Write as _;
use std::path::PathBuf;

use anyhow::{Context as _, bail};
use clap::CommandFactory as _;
use clap_mangen::Man;

use crate::pattern::shortened;
use crate::rules::did_you_mean;

use super::terminal::CANNOT_WRITE;
use super::{Cli, Exit, terminal, written};

/// Print a manual page
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// The command whose page it is; without it, the page of the program
    command: Option<String>,
    /// Write all pages into this folder
    #[arg(long, value_name = "DIR", conflicts_with = "command")]
    output: Option<PathBuf>,
}

const EXAMPLES: &str = "\
Examples:
  presence-router man route | man -l -          the page of `route`
  presence-router man --output ~/.local/share/man/man1

Exit codes: 0 written, 2 could not run";

/// Runs the command.
pub fn run(arguments: &Arguments) -> anyhow::Result<Exit> {
    // Each page's title is the whole command: `presence-router-route`.
    let mut program = Cli::command().disable_help_subcommand(true);
    program.build();
    if let Some(folder) = &arguments.output {
        fs::create_dir_all(folder)
            .with_context(|| format!("cannot make the folder `{}`", folder.display()))?;
        for command in program.get_subcommands().chain([&program]) {
            let man = Man::new(command.clone());
            let path = folder.join(man.get_filename());
            written::is_not_read(&path, [])?;
            written::replace(&path, &page(&man)?)?;
        }
        return Ok(Exit::Done);
    }
    let command = match &arguments.command {
        None => &program,
        Some(name) => {
            let Some(command) = program.find_subcommand(name) else {
                let known = program.get_subcommands().map(clap::Command::get_name);
                let help = did_you_mean(name, known)
                    .unwrap_or_else(|| "`presence-router --help` lists all commands".into());
                bail!("there is no command `{}`; {help}", shortened(name));
            };
            command
        }
    };
    let mut out = terminal::stdout();
    out.write_all(&page(&Man::new(command.clone()))?)
        .context(CANNOT_WRITE)?;
    out.flush().context(CANNOT_WRITE)?;
    Ok(Exit::Done)
}

fn page(man: &Man) -> anyhow::Result<Vec<u8>> {
    let mut page = Vec::new();
    man.render(&mut page)?;
    Ok(page)
}
