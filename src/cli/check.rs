//! `check`: validates rule files.

use std::io::Write as _;
use std::path::PathBuf;

use anyhow::Context as _;
use clap::ValueEnum;

use crate::check;
use crate::finding::{Finding, Severity};
use crate::output::findings::{concise, count};

use super::load::{DirectoryArguments, Loaded, load};
use super::terminal::CANNOT_WRITE;
use super::{Exit, explain, terminal};

/// Validate rule files
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// Rule files, or folders of rule files
    #[arg(value_name = "PATH", default_value = "rules")]
    paths: Vec<PathBuf>,
    #[command(flatten)]
    directory: DirectoryArguments,
    /// How findings are written
    #[arg(long, value_enum, default_value = "concise")]
    format: Format,
    /// End with exit code 1 for warnings, too
    #[arg(long)]
    deny_warnings: bool,
    /// Say what a code means, with examples; without CODE, list all codes
    #[arg(long, value_name = "CODE", conflicts_with_all = ["paths", "deny_warnings"])]
    #[expect(
        clippy::option_option,
        reason = "the option, and its value, can be left out"
    )]
    explain: Option<Option<String>>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    /// <FILE:LINE:COLUMN>: error[code]: message; remedy
    Concise,
}

const EXAMPLES: &str = "\
Examples:
  presence-router check                        the rules in the folder `rules`
  presence-router check /etc/synapse/presence --deny-warnings
  presence-router check - < draft.yaml         a draft from standard input
  presence-router check --explain all-narrows  what does this finding mean?

Exit codes: 0 no errors, 1 errors (or warnings, with --deny-warnings), 2 could not run";

/// Runs the command.
pub fn run(arguments: &Arguments) -> anyhow::Result<Exit> {
    if let Some(code) = &arguments.explain {
        return explain::run(code.as_deref());
    }
    let Loaded {
        sources,
        rule_set,
        directory,
        mut findings,
    } = load(&arguments.paths, &arguments.directory)?;
    findings.extend(check::check(&rule_set, directory.as_ref()));
    check::sort(&mut findings, &sources);
    match arguments.format {
        Format::Concise => {
            let mut out = terminal::colored_stdout();
            concise(&findings, &sources, &mut out).context(CANNOT_WRITE)?;
            out.flush().context(CANNOT_WRITE)?;
        }
    }
    let files = match rule_set.files.len() {
        1 => "1 file".to_owned(),
        files => format!("{files} files"),
    };
    eprintln!("checked {files}: {}", count(&findings));
    let least = if arguments.deny_warnings {
        Severity::Warning
    } else {
        Severity::Error
    };
    let denied = |finding: &Finding| finding.severity >= least;
    Ok(if findings.iter().any(denied) {
        Exit::Refused
    } else {
        Exit::Done
    })
}
