//! `test`: runs tests of rules.

mod once;
mod write;

use std::path::PathBuf;

use clap::ValueEnum;

use super::Exit;
use super::load::{AroundArguments, stdin_is_read_once};
use super::watch::watch;

/// Run tests of rules
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// Test files, or folders of them (*.test.yaml and *.test.yml) [default: tests and rules]
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Test these rules, and not those that the test files name; may be repeated
    #[arg(short, long, value_name = "PATH")]
    rules: Vec<PathBuf>,
    #[command(flatten)]
    around: AroundArguments,
    /// Run only cases with this text in their names
    #[arg(long, value_name = "TEXT")]
    filter: Option<String>,
    /// Stop after the first case that fails
    #[arg(long)]
    fail_fast: bool,
    /// Run again whenever a file changes
    #[arg(long)]
    watch: bool,
    /// How results are written
    #[arg(long, value_enum, default_value = "full")]
    format: Format,
    /// Write the results to this file instead of standard output
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Say which rules and patterns the cases exercise
    #[arg(long)]
    coverage: bool,
    /// Fail if less than this share of the rules and patterns is exercised, and list what is missing
    #[arg(long, value_name = "PERCENT", value_parser = clap::value_parser!(u8).range(0..=100))]
    min_coverage: Option<u8>,
    /// Run nothing, but write a new test file for the rules: what they do now, a case for each behaviour
    #[arg(long, value_name = "FILE", conflicts_with_all = [
        "paths", "filter", "fail_fast", "watch", "format", "output", "coverage", "min_coverage",
    ])]
    write: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// A line for each file, and each failure with its line and its reason
    Full,
    /// Test Anything Protocol, version 14
    Tap,
    #[value(help = "A JUnit report, for build servers")]
    Junit,
    /// One JSON object
    Json,
    /// Workflow commands of GitHub Actions, and a summary of the step
    Github,
    #[value(help = "Coverage as an lcov tracefile, for genhtml and editors")]
    Lcov,
}

const EXAMPLES: &str = "\
Examples:
  presence-router test                         all tests below `tests` and `rules`
  presence-router test --watch                 and again whenever a file changes
  presence-router test --filter wallboards --fail-fast
  presence-router test --min-coverage 90       is each pattern tested?
  presence-router test --format lcov --output lcov.info
  presence-router test --format junit --output tests.xml
  presence-router test --write tests/rules.test.yaml --rules rules

Exit codes: 0 all passed, 1 a case failed, none was found, or coverage is too low,
2 could not run";

/// Where tests are looked for without a name.
pub(super) const DEFAULT_PATHS: [&str; 2] = ["tests", "rules"];

/// Runs the command.
pub fn run(arguments: &Arguments) -> anyhow::Result<Exit> {
    let named = arguments.paths.iter();
    let all = named
        .chain(&arguments.rules)
        .chain(&arguments.around.known_users);
    stdin_is_read_once(all.map(PathBuf::as_path))?;
    if let Some(target) = &arguments.write {
        write::run(arguments, target)
    } else if arguments.watch {
        let named = (arguments.paths.iter())
            .chain(&arguments.rules)
            .chain(&arguments.around.known_users);
        watch(named, || once::run(arguments))
    } else {
        once::run(arguments).exit
    }
}

impl Arguments {
    /// The test files and folders to look for.
    fn paths(&self) -> Vec<PathBuf> {
        if !self.paths.is_empty() {
            return self.paths.clone();
        }
        let paths = DEFAULT_PATHS.map(PathBuf::from).into_iter();
        paths.filter(|path| path.exists()).collect()
    }

    fn wants_coverage(&self) -> bool {
        self.coverage || self.min_coverage.is_some() || self.format == Format::Lcov
    }
}
