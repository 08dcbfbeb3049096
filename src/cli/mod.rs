//! The command line: arguments in, exit code out. One file a command.

mod check;
mod codes;
mod completions;
mod diff;
mod exit;
mod explain;
mod init;
mod interested;
mod levels;
mod load;
mod man;
mod route;
mod schema;
mod terminal;
mod test;

use std::io::{self, Write as _};

use clap::{ColorChoice, Parser, Subcommand};

use crate::finding::Severity;
use crate::output::findings::style;

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
    #[command(subcommand)]
    command: Command,
}

const EXAMPLES: &str = "\
Examples:
  presence-router check rules                          is there a fault in the rules?
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
    Explain(explain::Arguments),
    Test(Box<test::Arguments>),
    Init(init::Arguments),
    Schema(schema::Arguments),
    Completions(completions::Arguments),
    Man(man::Arguments),
}

/// Runs the command that the arguments of the process name.
pub fn run() -> Exit {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // Help goes to standard output, and a closed pipe there is no matter.
            let _ = error.print();
            return if error.use_stderr() {
                Exit::Failed
            } else {
                Exit::Done
            };
        }
    };
    terminal::choose_colors(cli.color);
    let outcome = match cli.command {
        Command::Route(arguments) => route::run(&arguments),
        Command::Interested(arguments) => interested::run(&arguments),
        Command::Check(arguments) => check::run(&arguments),
        Command::Diff(arguments) => diff::run(&arguments),
        Command::Explain(arguments) => explain::run(&arguments),
        Command::Test(arguments) => test::run(&arguments),
        Command::Init(arguments) => init::run(&arguments),
        Command::Schema(arguments) => schema::run(&arguments),
        Command::Completions(arguments) => completions::run(&arguments),
        Command::Man(arguments) => man::run(&arguments),
    };
    outcome.unwrap_or_else(|error| {
        if is_closed_pipe(&error) {
            return Exit::Done;
        }
        let style = style(Severity::Error);
        let _ = writeln!(terminal::stderr(), "{style}error{style:#}: {error:#}");
        Exit::Failed
    })
}

/// Who reads our output may stop when it has seen enough; that is its good right and no error.
fn is_closed_pipe(error: &anyhow::Error) -> bool {
    (error.chain())
        .filter_map(|cause| cause.downcast_ref::<io::Error>())
        .any(|error| error.kind() == io::ErrorKind::BrokenPipe)
}
