//! `schema`: the JSON Schema of a rule file or a test file.

use std::io::Write as _;

use anyhow::Context as _;
use clap::ValueEnum;

use crate::schema;

use super::terminal::CANNOT_WRITE;
use super::{Exit, terminal};

/// Print the JSON Schema of rule files or test files, for editors
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// The kind of file
    #[arg(value_enum, value_name = "KIND", default_value = "rules")]
    kind: Kind,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Kind {
    /// Rule files
    Rules,
    #[value(help = "Test files (*.test.yaml)")]
    Tests,
}

const EXAMPLES: &str = "\
Examples:
  presence-router schema > rules/schema.json
  presence-router schema tests > tests/test.schema.json

An editor with the YAML language server uses it for files that begin with this line:
  # yaml-language-server: $schema=schema.json

Exit codes: 0 printed, 2 could not run";

/// Runs the command.
pub fn run(arguments: &Arguments) -> anyhow::Result<Exit> {
    let schema = match arguments.kind {
        Kind::Rules => schema::rule_file(),
        Kind::Tests => schema::test_file(),
    };
    let mut out = terminal::stdout();
    writeln!(out, "{schema:#}").context(CANNOT_WRITE)?;
    out.flush().context(CANNOT_WRITE)?;
    Ok(Exit::Done)
}
