//! `schema`: the JSON Schema of a rule file.

use std::io::Write as _;

use anyhow::Context as _;

use crate::schema;

use super::terminal::CANNOT_WRITE;
use super::{Exit, terminal};

/// Print the JSON Schema of rule files, for editors
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {}

const EXAMPLES: &str = "\
Examples:
  presence-router schema > rules/schema.json

An editor with the YAML language server uses it for files that begin with this line:
  # yaml-language-server: $schema=schema.json

Exit codes: 0 printed, 2 could not run";

/// Runs the command.
pub fn run() -> anyhow::Result<Exit> {
    let mut out = terminal::stdout();
    writeln!(out, "{:#}", schema::rule_file()).context(CANNOT_WRITE)?;
    out.flush().context(CANNOT_WRITE)?;
    Ok(Exit::Done)
}
