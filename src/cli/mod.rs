//! The command line: arguments in, exit code out. One file a command.

mod check;
mod completions;
mod diff;
mod digest;
mod exit;
mod explain;
mod init;
mod interested;
mod levels;
mod load;
mod man;
mod route;
mod schema;
mod signals;
mod terminal;
mod test;
mod tips;
mod watch;
mod written;

use std::env;
use std::ffi::{OsStr, OsString};
use std::io::{self, Write as _};

use anyhow::Context as _;
use clap::{ColorChoice, Parser, Subcommand};

use crate::finding::Severity;
use crate::output::harmless::visible;

pub use exit::Exit;

/// Say in YAML who receives whose presence on a Matrix homeserver.
#[derive(Debug, Parser)]
#[command(name = "presence-router", version, max_term_width = 100, after_help = EXAMPLES)]
#[command(arg_required_else_help = true)]
struct Cli {
    #[arg(
        long,
        global = true,
        value_name = "WHEN",
        default_value = "auto",
        help = "When to use colours; NO_COLOR, CLICOLOR_FORCE and FORCE_COLOR are honoured"
    )]
    color: ColorChoice,
    /// Leave out notes and counts on standard error
    #[arg(short, long, global = true)]
    quiet: bool,
    #[command(subcommand)]
    command: Command,
}

const EXAMPLES: &str = "\
Examples:
  presence-router check rules                          is anything wrong with the rules?
  presence-router route updates.ndjson                 who gets these updates?
  presence-router interested @alice:example.org        whose presence may she see?
  presence-router test                                 do the rules still do what they should?
  presence-router explain --sender @alice:example.org --recipient @bob:example.org

`presence-router COMMAND --help` has more of each.";

#[derive(Debug, Subcommand)]
enum Command {
    Route(route::Arguments),
    Interested(interested::Arguments),
    Check(check::Arguments),
    Diff(diff::Arguments),
    Digest(digest::Arguments),
    Explain(explain::Arguments),
    Test(Box<test::Arguments>),
    Init(init::Arguments),
    Schema(schema::Arguments),
    Completions(completions::Arguments),
    Man(man::Arguments),
}

/// Runs the command that the arguments of the process name.
pub fn run() -> Exit {
    signals::refuse_at_size_limits();
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return ended(print(error)),
    };
    terminal::choose_colors(cli.color);
    if cli.quiet {
        terminal::be_quiet();
    }
    let outcome = match cli.command {
        Command::Route(arguments) => route::run(&arguments),
        Command::Interested(arguments) => interested::run(&arguments),
        Command::Check(arguments) => check::run(&arguments),
        Command::Diff(arguments) => diff::run(&arguments),
        Command::Digest(arguments) => digest::run(&arguments),
        Command::Explain(arguments) => explain::run(&arguments),
        Command::Test(arguments) => test::run(&arguments),
        Command::Init(arguments) => init::run(&arguments),
        Command::Schema(arguments) => schema::run(&arguments),
        Command::Completions(arguments) => completions::run(&arguments),
        Command::Man(arguments) => man::run(&arguments),
    };
    ended(outcome)
}

/// How the program ends, which is told if it could not do its work.
fn ended(outcome: anyhow::Result<Exit>) -> Exit {
    outcome.unwrap_or_else(|error| {
        if is_closed_pipe(&error) {
            return Exit::Done;
        }
        if error.is::<written::MessagesAreRead>() {
            return Exit::Failed;
        }
        // If not even this can be written, the exit code says it.
        let _ = terminal::tell(Severity::Error, &format!("{error:#}"));
        Exit::Failed
    })
}

/// Prints help, or what is wrong with the arguments.
fn print(error: clap::Error) -> anyhow::Result<Exit> {
    if error.use_stderr() {
        // What is wrong is told with the arguments as they can be shown.
        let shown: Vec<_> = env::args_os().map(|argument| shown(&argument)).collect();
        let error = Cli::try_parse_from(shown).err().unwrap_or(error);
        let error = tips::with_tip(error);
        write!(terminal::stderr(), "{}", error.render().ansi())?;
        return Ok(Exit::Failed);
    }
    let mut out = terminal::colored_stdout();
    write!(out, "{}", error.render().ansi())
        .and_then(|()| out.flush())
        .context(terminal::CANNOT_WRITE)?;
    Ok(Exit::Done)
}

fn shown(argument: &OsStr) -> OsString {
    visible(&argument.to_string_lossy()).into_owned().into()
}

/// Who reads our output may stop when it has seen enough; that is its good right and no error.
fn is_closed_pipe(error: &anyhow::Error) -> bool {
    (error.chain())
        .filter_map(|cause| cause.downcast_ref::<io::Error>())
        .any(|error| error.kind() == io::ErrorKind::BrokenPipe)
}
