//! `digest`: one text for what rules say.

use std::io::Write as _;
use std::path::PathBuf;

use anyhow::Context as _;
use clap::ValueEnum;
use serde_json::json;

use crate::known_users;

use super::load::{AroundArguments, load_sound, server_name, stdin_is_read_once};
use super::terminal::CANNOT_WRITE;
use super::{Exit, terminal};

/// Tell whether two places have the same rules: one text for what rules say
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// Rule files, or folders of rule files
    #[arg(value_name = "PATH", default_value = "rules")]
    paths: Vec<PathBuf>,
    /// The homeserver that the rules run on, where they do not say so themselves; the digest is the same for all
    #[arg(long, value_name = "NAME", value_parser = server_name)]
    server_name: Option<String>,
    /// How the digest is written
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    /// The digest alone
    Text,
    /// One JSON object, which says what the digest is of
    Json,
}

const EXAMPLES: &str = "\
Examples:
  presence-router digest /etc/synapse/presence
  presence-router digest --format json rules

It is of names, users and conditions of rules, in their order, and of the files of users that they name, however all
this is written. Known users are no part of it. A running Synapse tells its own as `presence_router_rules_info`.

Exit codes: 0 written, 2 could not run";

/// Runs the command.
pub fn run(arguments: &Arguments) -> anyhow::Result<Exit> {
    stdin_is_read_once(arguments.paths.iter().map(PathBuf::as_path))?;
    let around = AroundArguments {
        server_name: arguments.server_name.clone(),
        ..AroundArguments::default()
    };
    let rules = load_sound(&arguments.paths, &around)?;
    let digest = rules.rule_set().digest().to_string();
    let mut out = terminal::stdout();
    match arguments.format {
        Format::Text => writeln!(out, "{digest}").context(CANNOT_WRITE)?,
        Format::Json => {
            let files = rules.rule_set().files.iter();
            let files: Vec<_> = (files.map(|file| rules.sources().get(file.file).name())).collect();
            let mut users: Vec<_> = known_users::list_files(rules.rule_set(), rules.sources())
                .map(|path| path.display().to_string())
                .collect();
            users.sort();
            users.dedup();
            let told = json!({
                "digest": digest,
                "rules": rules.rule_set().count(),
                "files": files,
                "files_of_users": users,
                "known_users": false,
            });
            writeln!(out, "{told}").context(CANNOT_WRITE)?;
        }
    }
    out.flush().context(CANNOT_WRITE)?;
    Ok(Exit::Done)
}
