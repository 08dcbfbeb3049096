//! `diff`: what one rule set does that another does not, proven for all users.

use std::io::{self, Write};
use std::path::PathBuf;

use anyhow::{Context as _, ensure};
use clap::ValueEnum;

use crate::automata::Budget;
use crate::diff::impact::impact;
use crate::diff::{Direction, Rules, Which, compare};
use crate::output::diff::{Report, full, github, json};

use super::load::{AroundArguments, load_sound, stdin_is_read_once};
use super::terminal::CANNOT_WRITE;
use super::{Exit, terminal};

/// Tell what new rules do that old rules do not, and the reverse, proven for all users
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// The rules before: a rule file, or a folder of them
    old: PathBuf,
    /// The rules from now on
    new: PathBuf,
    /// How differences are written
    #[arg(long, value_enum, default_value = "full")]
    format: Format,
    /// End with exit code 0 for rules that are only wider, or only narrower
    #[arg(long, value_enum, value_name = "HOW")]
    allow: Option<Allowed>,
    /// Say who of the known users gains and loses whom
    #[arg(long)]
    impact: bool,
    #[command(flatten)]
    around: AroundArguments,
    /// How many states a question may take before it is given up as undecided
    #[arg(long, value_name = "STATES", default_value_t = Budget::DEFAULT)]
    budget: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people
    Full,
    /// One JSON object
    Json,
    /// Workflow commands of GitHub Actions
    Github,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Allowed {
    /// The change may only add
    Wider,
    /// The change may only take away
    Narrower,
}

const EXAMPLES: &str = "\
Examples:
  presence-router diff old-rules rules
  presence-router diff --allow narrower old.yaml new.yaml   may this change only take away?
  presence-router diff --impact -u users.txt old.yaml new.yaml

Exit codes: 0 equivalent (or as allowed), 1 different, 2 could not run, 4 undecided";

/// Runs the command.
pub fn run(arguments: &Arguments) -> anyhow::Result<Exit> {
    let Arguments { old, new, .. } = arguments;
    let known_users = &arguments.around.known_users;
    stdin_is_read_once([old, new].into_iter().chain(known_users).map(AsRef::as_ref))?;
    // The known users come to the new rules alone.
    let around_old = AroundArguments {
        known_users: Vec::new(),
        ..arguments.around.clone()
    };
    let old = load_sound(std::slice::from_ref(old), &around_old).context("the old rules")?;
    let new = load_sound(std::slice::from_ref(new), &arguments.around).context("the new rules")?;
    let rules = [&old, &new].map(|loaded| Rules {
        rule_set: &loaded.rule_set,
        sources: &loaded.sources,
    });
    let impact = if arguments.impact {
        let known_users = new.known_users.as_ref().or(old.known_users.as_ref());
        ensure!(
            known_users.is_some(),
            "`--impact` counts known users, and none are given: name a file of them with `--known-users`"
        );
        known_users.map(|known_users| impact(rules[0], rules[1], known_users))
    } else {
        None
    };
    let comparison = compare(rules[0], rules[1], Budget::new(arguments.budget))?;
    let report = Report::new(&comparison, rules, impact.as_ref());
    write(arguments.format, &report).context(CANNOT_WRITE)?;
    let forbidden: &[Which] = match arguments.allow {
        None => &[Which::Old, Which::New],
        Some(Allowed::Wider) => &[Which::Old],
        Some(Allowed::Narrower) => &[Which::New],
    };
    let found = forbidden.iter().map(|which| comparison.only_in(*which));
    let found: Vec<_> = found.collect();
    Ok(if found.contains(&Direction::Something) {
        Exit::Refused
    } else if found.contains(&Direction::Undecided) {
        Exit::Undecided
    } else {
        Exit::Done
    })
}

fn write(format: Format, report: &Report<'_>) -> io::Result<()> {
    match format {
        Format::Full => {
            let mut out = terminal::colored_stdout();
            full(report, &mut out)?;
            out.flush()
        }
        Format::Json | Format::Github => {
            let mut out = terminal::stdout();
            match format {
                Format::Json => json(report, &mut out)?,
                _ => github(report, &mut out)?,
            }
            out.flush()
        }
    }
}
