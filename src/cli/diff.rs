//! `diff`: what one rule set does that another does not, proven for all users.

use std::collections::BTreeSet;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, ensure};
use clap::ValueEnum;

use crate::automata::Budget;
use crate::diff::impact::impact;
use crate::diff::{Direction, Which, compare};
use crate::finding::{Code, Severity};
use crate::known_users;
use crate::loading::{Rules, RulesError};
use crate::output::diff::{Report, full, github, json, markdown};
use crate::rules::RuleSet;
use crate::rules::files::{self, LoadError};

use super::check::step_summary_file;
use super::load::{AroundArguments, load, sound, stands_for, stdin_is_read_once};
use super::terminal::CANNOT_WRITE;
use super::{Exit, terminal, written};

/// Tell what new rules do that old rules do not, and the reverse, proven for all users
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// The rules before: a rule file, or a folder of them; an empty one stands for no rules
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
    /// The file that standard input, or a pipe, stands for: it is compared in place of that file, with the others of its
    /// folder
    #[arg(long, value_name = "PATH")]
    stdin_filename: Option<PathBuf>,
    #[command(flatten)]
    around: AroundArguments,
    /// How many steps a proof may take before it is given up as undecided
    #[arg(long, value_name = "STEPS", default_value_t = Budget::DEFAULT)]
    proof_steps: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people
    Full,
    /// One JSON object
    Json,
    /// Workflow commands of GitHub Actions, and a summary of the step
    Github,
    /// A page for a comment on a change
    Markdown,
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
  presence-router diff <(git show main:rules.yaml) rules.yaml
  presence-router diff --format markdown old-rules rules    a comment on this change
  presence-router diff --impact -u users.txt old.yaml new.yaml

Exit codes: 0 equivalent (or as allowed), 1 different, 2 could not run, 4 undecided";

/// Runs the command.
pub fn run(arguments: &Arguments) -> anyhow::Result<Exit> {
    let Arguments { old, new, .. } = arguments;
    let known_users = &arguments.around.known_users;
    stdin_is_read_once([old, new].into_iter().chain(known_users).map(AsRef::as_ref))?;
    // What can be read once comes to the new rules alone.
    let is_file = |path: &&PathBuf| !files::is_stream(path);
    let around_old = AroundArguments {
        known_users: known_users.iter().filter(is_file).cloned().collect(),
        ..arguments.around.clone()
    };
    let stands_for = stands_for(
        arguments.stdin_filename.as_deref(),
        &[old.clone(), new.clone()],
    )?;
    let named = [old, new].map(|path| stands_for.filter(|_| files::is_stream(path)));
    let is_piped = [old, new].map(|path| files::is_stream(path));
    let old = load_old(old, named[0], &around_old).context("the old rules")?;
    let new = load(std::slice::from_ref(new), named[1], &arguments.around)
        .and_then(sound)
        .context("the new rules")?;
    for (is_piped, name) in is_piped.into_iter().zip(["old", "new"]) {
        if is_piped {
            tell_shared(name, &old, &new)?;
        }
    }
    let impact = if arguments.impact {
        let [of_old, of_new] = [&old, &new].map(|rules| rules.known_users());
        let known_users = of_old.or(of_new).zip(of_new.or(of_old));
        ensure!(
            known_users.is_some(),
            "`--impact` counts known users, and none are given: name a file of them with `--known-users`"
        );
        known_users.map(|(of_old, of_new)| impact(old.written(), new.written(), [of_old, of_new]))
    } else {
        None
    };
    let comparison = compare(
        old.written(),
        new.written(),
        Budget::new(arguments.proof_steps),
    )?;
    let report = Report::new(&comparison, [old.written(), new.written()], impact.as_ref());
    write(arguments.format, &report).context(CANNOT_WRITE)?;
    if let Some(path) = step_summary_file(arguments.format == Format::Github) {
        let mut page = Vec::new();
        markdown(&report, &mut page)?;
        let mut read = old.files();
        read.extend(new.files());
        written::is_not_read(&path, read)?;
        written::append(&path, &page)?;
    }
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

/// The old rules, which may be none: an empty file, or a folder without rules.
fn load_old(
    path: &Path,
    stands_for: Option<&Path>,
    around: &AroundArguments,
) -> anyhow::Result<Rules> {
    let mut rules = match load(&[path.to_owned()], stands_for, around) {
        Err(error)
            if matches!(
                error.downcast_ref(),
                Some(RulesError::Load(LoadError::NoRuleFile { .. }))
            ) =>
        {
            return Ok(Rules {
                rule_set: RuleSet {
                    server_name: around.server_name.clone(),
                    ..RuleSet::default()
                },
                named: vec![path.to_owned()],
                ..Rules::default()
            });
        }
        rules => rules?,
    };
    let before = rules.found.len();
    rules.found.retain(|finding| finding.code != Code::NoRules);
    // It is found where nothing else is wrong.
    rules.rule_set.is_faulty &= rules.found.len() == before;
    sound(rules)
}

/// What a pipe names is read as it is today, on both sides, whatever it was when that text was written.
fn tell_shared(piped: &str, old: &Rules, new: &Rules) -> anyhow::Result<()> {
    let [of_old, of_new] = [old, new].map(|rules| -> BTreeSet<PathBuf> {
        let files = known_users::files(&rules.rule_set, &rules.sources);
        files.filter_map(|file| file.canonicalize().ok()).collect()
    });
    let side = if piped == "old" { old } else { new };
    let shared = known_users::files(&side.rule_set, &side.sources).filter(|file| {
        let file = file.canonicalize();
        file.is_ok_and(|file| of_old.contains(&file) && of_new.contains(&file))
    });
    let shared: Vec<_> = shared.map(|file| format!("`{}`", file.display())).collect();
    if !shared.is_empty() {
        let message = format!(
            "the {piped} rules come from a pipe, and the files that they name are read as they are now, for both sides: {}",
            shared.join(", ")
        );
        terminal::tell(Severity::Note, &message)?;
    }
    Ok(())
}

fn write(format: Format, report: &Report<'_>) -> io::Result<()> {
    match format {
        Format::Full => {
            let mut out = terminal::colored_stdout();
            full(report, &mut out)?;
            out.flush()
        }
        Format::Json | Format::Github | Format::Markdown => {
            let mut out = terminal::stdout();
            match format {
                Format::Json => json(report, &mut out)?,
                Format::Markdown => markdown(report, &mut out)?,
                _ => github(report, &mut out)?,
            }
            out.flush()
        }
    }
}
