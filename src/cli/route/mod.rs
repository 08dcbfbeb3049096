//! `route`: who gets which updates.

mod ends;
mod input;
mod piece;
mod progress;
mod results;
mod run;

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use clap::ValueEnum;

use crate::update::DEFAULT_MAX_RECORD_BYTES;

use super::Exit;
use super::load::{RuleArguments, router, stdin_is_read_once, without_known_users};
use super::written::{is_not_read, streams_are_not_read};

/// Route presence updates to those who receive them
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES, override_usage = "presence-router route [OPTIONS] [INPUT]...")]
pub struct Arguments {
    /// Files of presence updates as JSON; standard input if none is named, or for `-`
    #[arg(value_name = "INPUT")]
    inputs: Vec<PathBuf>,
    #[command(flatten)]
    rules: RuleArguments,
    /// What the results are arranged by
    #[arg(long, value_enum, default_value = "recipient", value_name = "WHAT")]
    by: By,
    /// With `--by update`: also name the routes that sent each update
    #[arg(long)]
    why: bool,
    /// Write counts and a chart of the fan-out to standard error
    #[arg(long)]
    summary: bool,
    /// Write each refused record to this file, as it was read
    #[arg(long, value_name = "FILE")]
    rejects: Option<PathBuf>,
    /// Stop at the first refused record
    #[arg(long)]
    fail_fast: bool,
    /// Refuse records that are longer than this
    #[arg(long, value_name = "BYTES", default_value_t = DEFAULT_MAX_RECORD_BYTES)]
    max_record_bytes: usize,
    /// How many threads to use [default: one for each processor]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    threads: Option<u16>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum By {
    /// One object at the end: each recipient with its updates
    Recipient,
    /// A line for each update at once, with its recipients
    Update,
    /// No results (for --summary, or to see whether all records are good)
    None,
}

const EXAMPLES: &str = "\
Examples:
  presence-router route examples/presence.ndjson
  presence-router route --by update --why < updates.ndjson
  presence-router route -r rules -u users.txt --by none --summary log/*.json

A record is a Synapse UserPresenceState, an m.presence event, an m.presence EDU or an entry of
one, a federation transaction, or a /sync answer; one input may mix them, one a line or not.

Exit codes: 0 all records routed, 1 some record was refused, 2 could not run";

/// Runs the command.
pub fn run(arguments: &Arguments) -> anyhow::Result<Exit> {
    if arguments.why && arguments.by != By::Update {
        anyhow::bail!("`--why` needs `--by update`: the other results have no place for it");
    }
    // Without inputs, updates come from standard input.
    let stdin = [PathBuf::from("-")];
    let inputs = match arguments.inputs.as_slice() {
        [] => &stdin,
        inputs => inputs,
    };
    stdin_is_read_once(
        arguments
            .rules
            .paths()
            .chain(inputs.iter().map(PathBuf::as_path)),
    )?;
    if let Some(path) = inputs.iter().find(|path| is_yaml(path)) {
        anyhow::bail!(
            "`{}` is YAML, and the inputs of `route` are presence updates, as JSON: name rules with `--rules`",
            path.display()
        );
    }
    let (router, files) = router(&arguments.rules)?;
    streams_are_not_read(inputs.iter().cloned())?;
    if let Some(rejects) = &arguments.rejects {
        is_not_read(rejects, files.into_iter().chain(inputs.iter().cloned()))?;
    }
    let routing = router
        .routing()
        .map_err(|error| without_known_users(&error))?;
    run::run(arguments, routing, inputs)
}

/// Whether an input is a file of YAML, by its name and by how it begins.
fn is_yaml(path: &Path) -> bool {
    let is_named_so =
        (path.extension()).is_some_and(|extension| extension == "yaml" || extension == "yml");
    let begins = || {
        let mut start = Vec::new();
        let file = File::open(path).ok()?;
        file.take(1024).read_to_end(&mut start).ok()?;
        start.trim_ascii_start().first().copied()
    };
    is_named_so && path.is_file() && begins().is_some_and(|first| !b"{[\"".contains(&first))
}
