//! `schema`: the JSON Schema of a rule file or a test file.

use std::io::Write as _;
use std::path::PathBuf;

use anyhow::Context as _;
use clap::ValueEnum;

use crate::schema;

use super::terminal::CANNOT_WRITE;
use super::{Exit, terminal, written};

/// Print the JSON Schema of rule files or test files, for editors
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// The kind of file
    #[arg(value_enum, value_name = "KIND", default_value = "rules")]
    kind: Kind,
    /// Write the schema to this file instead of standard output
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
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
  presence-router schema -o rules/schema.json
  presence-router schema tests -o tests/test.schema.json

An editor with the YAML language server uses it for files that begin with this line:
  # yaml-language-server: $schema=schema.json

Exit codes: 0 written, 2 could not run";

/// Runs the command.
pub fn run(arguments: &Arguments) -> anyhow::Result<Exit> {
    let schema = match arguments.kind {
        Kind::Rules => schema::rule_file(),
        Kind::Tests => schema::test_file(),
    };
    if let Some(path) = &arguments.output {
        written::is_not_read(path, [])?;
        written::replace(path, format!("{schema:#}\n").as_bytes())?;
        return Ok(Exit::Done);
    }
    let mut out = terminal::stdout();
    writeln!(out, "{schema:#}").context(CANNOT_WRITE)?;
    out.flush().context(CANNOT_WRITE)?;
    Ok(Exit::Done)
}
