//! `completions`: what a shell has to know to complete our commands and options.

use std::io::Write as _;

use anyhow::Context as _;
use clap::CommandFactory as _;
use clap_complete::{Shell, generate};

use super::terminal::CANNOT_WRITE;
use super::{Cli, Exit, terminal};

/// Print completions for a shell
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// The shell
    #[arg(value_enum)]
    shell: Shell,
}

const EXAMPLES: &str = "\
Examples:
  presence-router completions bash > ~/.local/share/bash-completion/completions/presence-router
  presence-router completions fish > ~/.config/fish/completions/presence-router.fish
  presence-router completions zsh > ~/.zfunc/_presence-router     with ~/.zfunc in `fpath`

Exit codes: 0 printed, 2 could not run";

/// Runs the command.
pub fn run(arguments: &Arguments) -> anyhow::Result<Exit> {
    // The generator panics where it cannot write, and a pipe may be closed.
    let mut script = Vec::new();
    let mut command = Cli::command();
    let name = command.get_name().to_owned();
    generate(arguments.shell, &mut command, name, &mut script);
    if arguments.shell == Shell::Bash {
        script = mend_bash(&script).into_bytes();
    }
    let mut out = terminal::stdout();
    out.write_all(&script).context(CANNOT_WRITE)?;
    out.flush().context(CANNOT_WRITE)?;
    Ok(Exit::Done)
}

/// `clap_complete` (4.6.11) writes a hyphen in a program's name in two ways, and looks for the one where it has set the
/// other, so that nothing is completed behind a command. Where both are the same, this changes nothing.
fn mend_bash(script: &[u8]) -> String {
    String::from_utf8_lossy(script).replace("presence__subcmd__router", "presence__router")
}
