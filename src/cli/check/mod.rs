//! `check`: validates rule files.

mod codes;
mod statistics;

use std::env;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, ensure};
use clap::ValueEnum;

use crate::automata::{Budget, Undecided};
use crate::check::{self, Checked, Open, Proofs};
use crate::finding::{Finding, Severity};
use crate::loading::Rules;
use crate::output::findings::{
    Report, concise, count, full, github, gitlab, json, junit, sarif, step_summary,
};
use crate::source::Sources;

use super::levels::Levels;
use super::load::{AroundArguments, load, stands_for, stdin_is_read_once};
use super::terminal::CANNOT_WRITE;
use super::watch::{Ran, watch};
use super::written::{self, are_two, is_not_read};
use super::{Exit, terminal};

/// Validate rule files
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is an option of its own, and none goes without saying from the others"
)]
pub struct Arguments {
    /// Rule files, or folders of rule files
    #[arg(value_name = "PATH", default_value = "rules")]
    paths: Vec<PathBuf>,
    /// The file that standard input, or a pipe, stands for: it is checked in place of that file, with the others of its
    /// folder
    #[arg(long, value_name = "PATH")]
    stdin_filename: Option<PathBuf>,
    #[command(flatten)]
    around: AroundArguments,
    /// How findings are written
    #[arg(long, value_enum, default_value = "full")]
    format: Format,
    /// Write the findings to this file instead of standard output
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    #[command(flatten)]
    levels: Levels,
    /// End with exit code 1 for warnings, too
    #[arg(long)]
    deny_warnings: bool,
    /// End with exit code 0, whatever is found
    #[arg(long, conflicts_with = "deny_warnings")]
    exit_zero: bool,
    /// Write no findings, but how many there are of each code
    #[arg(long, conflicts_with = "format")]
    statistics: bool,
    /// Check again whenever a file changes
    #[arg(long)]
    watch: bool,
    /// Leave out the checks that are proofs over all user IDs
    #[arg(long)]
    no_prove: bool,
    /// How many steps a proof may take before it is given up as undecided
    #[arg(long, value_name = "STEPS", default_value_t = Budget::DEFAULT, conflicts_with = "no_prove")]
    proof_steps: usize,
    /// Say what a code means, with examples; without CODE, list all codes
    #[arg(long, value_name = "CODE", conflicts_with_all = [
        "paths", "stdin_filename", "deny_warnings", "exit_zero", "statistics", "watch", "format", "output", "known_users",
        "server_name",
    ])]
    #[expect(
        clippy::option_option,
        reason = "the option, and its value, can be left out"
    )]
    explain: Option<Option<String>>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    /// With the lines that they are about, and the fault underlined
    Full,
    #[value(help = "FILE:LINE:COLUMN: error[code]: message; remedy")]
    Concise,
    /// One JSON object
    Json,
    /// Workflow commands of GitHub Actions, and a summary of the step
    Github,
    #[value(help = "A Code Quality report, for merge requests on GitLab")]
    Gitlab,
    /// SARIF 2.1.0, for code hosts and editors
    Sarif,
    #[value(help = "A JUnit report, for build servers")]
    Junit,
}

const EXAMPLES: &str = "\
Examples:
  presence-router check                        the rules in the folder `rules`
  presence-router check /etc/synapse/presence --deny-warnings
  presence-router check - < draft.yaml         a draft from standard input
  presence-router check - --stdin-filename rules/people.yaml < draft.yaml    with its neighbours
  presence-router check -D warnings -A unused-group
  presence-router check --watch                and again whenever a file changes
  presence-router check --statistics           how many findings of each code?
  presence-router check --format sarif --output presence.sarif
  presence-router check --explain all-narrows  what does this finding mean?

Exit codes: 0 no errors, 1 errors (or warnings, with --deny-warnings), 2 could not run, 4 a proof is undecided";

/// Runs the command.
pub fn run(arguments: &Arguments) -> anyhow::Result<Exit> {
    if let Some(code) = &arguments.explain {
        return codes::run(code.as_deref());
    }
    let known_users = &arguments.around.known_users;
    let named = || arguments.paths.iter().chain(known_users);
    stdin_is_read_once(named().map(AsRef::as_ref))?;
    if arguments.watch {
        return watch(named(), || once(arguments));
    }
    once(arguments).exit
}

/// Checks the rules, and says what was looked at.
fn once(arguments: &Arguments) -> Ran {
    let named = arguments.paths.iter().chain(&arguments.around.known_users);
    let mut paths = named.cloned().collect();
    let exit = check_noting(arguments, &mut paths);
    Ran { exit, paths }
}

fn check_noting(arguments: &Arguments, looked_at: &mut Vec<PathBuf>) -> anyhow::Result<Exit> {
    let stands_for = stands_for(arguments.stdin_filename.as_deref(), &arguments.paths)?;
    let rules = load(&arguments.paths, stands_for, &arguments.around)?;
    looked_at.extend(rules.files());
    let summary = step_summary_file(matches!(arguments.format, Format::Github));
    for written in summary.iter().chain(&arguments.output) {
        is_not_read(written, rules.files())?;
        may_not_be_named(written, &rules)?;
    }
    if let (Some(summary), Some(output)) = (&summary, &arguments.output) {
        are_two(output, summary)?;
    }
    let Rules {
        sources,
        rule_set,
        known_users,
        found: mut findings,
        ..
    } = rules;
    let known_users = known_users.as_ref();
    let Checked {
        findings: checked_findings,
        open,
    } = if arguments.no_prove {
        Checked {
            findings: check::check(&rule_set, known_users),
            ..Checked::default()
        }
    } else {
        check::check_and_prove(
            &rule_set,
            &sources,
            known_users,
            &Proofs {
                budget: Budget::new(arguments.proof_steps),
                requested: arguments.levels.requested(),
            },
        )
    };
    findings.extend(checked_findings);
    arguments.levels.apply(&mut findings);
    let checked: Vec<_> = rule_set.files.iter().map(|rules| rules.file).collect();
    let report = Report::new(&findings, &sources, &checked);
    if arguments.statistics {
        let mut table = Vec::new();
        statistics::write(&findings, &mut table)?;
        written::replace(arguments.output.as_deref().unwrap_or("-".as_ref()), &table)?;
    } else {
        write(arguments, report)?;
    }
    if let Some(path) = summary {
        let mut page = Vec::new();
        step_summary(&Report::new(&findings, &sources, &checked), &mut page)?;
        written::append(&path, &page)?;
    }
    let files = match rule_set.files.len() {
        1 => "1 file".to_owned(),
        files => format!("{files} files"),
    };
    terminal::say(&format!("checked {files}: {}", count(&findings)))?;
    let least = if arguments.deny_warnings {
        Severity::Warning
    } else {
        Severity::Error
    };
    let denied = |finding: &Finding| finding.severity >= least;
    let is_denied = findings.iter().any(denied);
    let open = arguments.levels.asked(open);
    tell_undecided(&open, &sources)?;
    if arguments.exit_zero {
        return Ok(Exit::Done);
    }
    Ok(match (is_denied, open.is_empty()) {
        (true, _) => Exit::Refused,
        (false, true) => Exit::Done,
        (false, false) => Exit::Undecided,
    })
}

/// Says which checks found no answer, on standard error.
fn tell_undecided(open: &[Open], sources: &Sources) -> anyhow::Result<()> {
    /// The first will do: whoever corrects them sees the others then.
    const MOST: usize = 10;
    for open in open.iter().take(MOST) {
        let place = open.location.place(sources);
        let name = sources.get(open.location.file).name();
        terminal::say_always(&format!(
            "{name}:{}:{}: undecided[{}]: {}",
            place.line, place.column, open.code, open.undecided
        ))?;
    }
    if let Some(more @ 1..) = open.len().checked_sub(MOST) {
        terminal::say_always(&format!("and {more} more are undecided"))?;
    }
    let is_of_budget = |open: &Open| matches!(open.undecided, Undecided::Budget { .. });
    if open.iter().any(is_of_budget) {
        terminal::say(
            "a greater --proof-steps may decide more; --no-prove leaves such checks out",
        )?;
    } else if !open.is_empty() {
        terminal::say("--no-prove leaves such checks out")?;
    }
    Ok(())
}

/// Refuses to write to a file that rules name which could not be read: it may be a list of users.
fn may_not_be_named(target: &Path, rules: &Rules) -> anyhow::Result<()> {
    let Some(name) = target.file_name().map(|name| name.to_string_lossy()) else {
        return Ok(());
    };
    let broken = rules.rule_set.files.iter().filter(|file| file.is_broken);
    for file in broken {
        let source = rules.sources.get(file.file);
        ensure!(
            !target.is_file() || !source.text().contains(&*name),
            "`{}` stands in `{}`, which cannot be read, and may be a file that it names: write to another file",
            target.display(),
            source.name()
        );
    }
    Ok(())
}

fn write(arguments: &Arguments, mut report: Report<'_>) -> anyhow::Result<()> {
    let format = arguments.format;
    report.has_links = arguments.output.is_none() && terminal::shows_links();
    let report = &report;
    let is_text = matches!(format, Format::Full | Format::Concise);
    let Some(path) = &arguments.output else {
        let written = if is_text {
            format.write(report, terminal::colored_stdout())
        } else {
            format.write(report, terminal::stdout())
        };
        return written.context(CANNOT_WRITE);
    };
    let mut bytes = Vec::new();
    if is_text {
        let mut text = terminal::colored(bytes);
        format.write(report, &mut text)?;
        bytes = text.into_inner();
    } else {
        format.write(report, &mut bytes)?;
    }
    written::replace(path, &bytes)
}

impl Format {
    fn write(self, report: &Report<'_>, mut out: impl Write) -> io::Result<()> {
        let write: fn(&Report<'_>, &mut dyn Write) -> io::Result<()> = match self {
            Self::Full => full,
            Self::Concise => concise,
            Self::Json => json,
            Self::Github => github,
            Self::Gitlab => gitlab,
            Self::Sarif => sarif,
            Self::Junit => junit,
        };
        write(report, &mut out)?;
        out.flush()
    }
}

/// The page that GitHub shows of a step, if that is wanted; elsewhere there is none.
pub(super) fn step_summary_file(is_wanted: bool) -> Option<PathBuf> {
    let path = env::var_os("GITHUB_STEP_SUMMARY").filter(|path| is_wanted && !path.is_empty());
    path.map(PathBuf::from)
}
