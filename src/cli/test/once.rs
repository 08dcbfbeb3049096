//! One run over all tests.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::Context as _;

use crate::cli::Exit;
use crate::cli::check::step_summary_file;
use crate::cli::load::tell_assumed;
use crate::cli::terminal::{self, CANNOT_WRITE};
use crate::cli::watch::Ran;
use crate::cli::written::{self, is_not_read, streams_are_not_read};
use crate::finding::{Finding, Severity};
use crate::output::findings::{self, count};
use crate::output::rule_tests::{
    Report, coverage, full, github, json, junit, lcov, missing, step_summary, tap,
};
use crate::rule_tests::{self, Instead, Options, Results, Suite};
use crate::rules::files;
use crate::source::Sources;

use super::{Arguments, DEFAULT_PATHS, Format};

/// Runs all tests.
pub fn run(arguments: &Arguments) -> Ran {
    let mut paths = arguments.paths();
    paths.extend(
        arguments
            .rules
            .iter()
            .chain(&arguments.around.known_users)
            .cloned(),
    );
    let exit = run_noting(arguments, &mut paths);
    Ran { exit, paths }
}

fn run_noting(arguments: &Arguments, looked_at: &mut Vec<PathBuf>) -> anyhow::Result<Exit> {
    let paths = arguments.paths();
    let mut sources = files::load_tests(&paths)?;
    for passed in sources.passed_over() {
        let name = passed.path.display();
        let message = format!("`{name}` is not read: {}", passed.reason);
        terminal::tell(Severity::Note, &message)?;
    }
    let (mut tests, mut test_findings) = rule_tests::read(&sources);
    if tests.is_empty() {
        return none_found("no test file (`*.test.yaml` or `*.test.yml`) found", &paths);
    }
    let instead = Instead {
        rules: arguments.rules.clone(),
        known_users: arguments.around.known_users.clone(),
        server_name: arguments.around.server_name.clone(),
    };
    let suites = rule_tests::suites(&mut tests, &mut sources, &instead, &mut test_findings)?;
    looked_at.extend(suites.iter().flat_map(|suite| suite.rules.files()));
    refuse(&test_findings, &sources, &suites)?;
    if tests.iter().all(|test| test.cases.is_empty()) {
        return none_found("no case found", &paths);
    }
    let summary = step_summary_file(arguments.format == Format::Github);
    let read = || {
        let of_rules = suites.iter().map(|suite| &suite.rules.sources);
        let all = std::iter::once(&sources).chain(of_rules);
        let paths = all.flat_map(Sources::iter);
        let paths = paths.filter_map(|(_, source)| source.path().map(Path::to_owned));
        paths.chain(looked_at.iter().cloned())
    };
    streams_are_not_read(read())?;
    for written in summary.iter().chain(&arguments.output) {
        is_not_read(written, read())?;
    }
    let options = Options {
        filter: arguments.filter.clone(),
        fail_fast: arguments.fail_fast,
        coverage: arguments.wants_coverage(),
    };
    let results = rule_tests::run(&tests, &suites, &options).context("the tests cannot be used")?;
    let report = Report::new(&tests, &sources, &suites, &results);
    write(arguments, &report, &results)?;
    if let Some(path) = summary {
        let mut page = Vec::new();
        step_summary(&report, &mut page)?;
        written::append(&path, &page)?;
    }
    if suites.iter().any(|suite| suite.assumed) {
        tell_assumed("the users whom the cases name")?;
    }
    terminal::say(&report.summary())?;
    conclude(arguments, &report, &results)
}

/// Says how the run ends, and why if that is not on the screen yet.
fn conclude(arguments: &Arguments, report: &Report<'_>, results: &Results) -> anyhow::Result<Exit> {
    let mut exit = Exit::Done;
    let counts = report.counts();
    if counts.all() == 0 {
        let filter = arguments.filter.as_deref().unwrap_or_default();
        error(&format!("no case has `{filter}` in its name"))?;
        exit = Exit::Refused;
    }
    if counts.failed > 0 {
        exit = if results.is_only_undecided() {
            Exit::Undecided
        } else {
            Exit::Refused
        };
    }
    if let (Some(coverage), Some(least)) = (&results.coverage, arguments.min_coverage) {
        let percent = coverage.total().percent();
        if percent < usize::from(least) {
            let shown = arguments.format == Format::Full && arguments.output.is_none();
            if !shown {
                missing(coverage, &mut terminal::stderr())?;
            }
            error(&format!("coverage is {percent}%, less than {least}%"))?;
            exit = Exit::Refused;
        }
    }
    Ok(exit)
}

fn none_found(what: &str, paths: &[PathBuf]) -> anyhow::Result<Exit> {
    let named: Vec<_> = paths
        .iter()
        .map(|path| format!("`{}`", path.display()))
        .collect();
    let place = if named.is_empty() {
        let [one, other] = DEFAULT_PATHS;
        format!(": there is neither a folder `{one}` nor `{other}`")
    } else {
        format!(" in {}", named.join(", "))
    };
    error(&format!("{what}{place}"))?;
    Ok(Exit::Refused)
}

fn error(message: &str) -> io::Result<()> {
    terminal::tell(Severity::Error, message)
}

/// Shows what is wrong with test files and rules; with that, nothing is run.
fn refuse(findings: &[Finding], sources: &Sources, suites: &[Suite]) -> anyhow::Result<()> {
    let show = |findings: &[Finding], sources: &Sources| {
        let report = findings::Report::new(findings, sources, &[]);
        findings::full(&report, &mut terminal::stderr())
    };
    let mut faulty = Vec::new();
    for Suite { rules, .. } in suites {
        let errors = rules.errors();
        if !errors.is_empty() {
            show(&errors, &rules.sources)?;
            faulty.extend(errors);
        }
    }
    if !findings.is_empty() {
        show(findings, sources)?;
    }
    let faults = [("rules", faulty.as_slice()), ("tests", findings)].into_iter();
    let faults = faults.filter(|(_, faults)| !faults.is_empty());
    let faults: Vec<_> = faults
        .map(|(what, faults)| format!("the {what} cannot be used: {}", count(faults)))
        .collect();
    anyhow::ensure!(faults.is_empty(), "{}", faults.join("; "));
    Ok(())
}

fn write(arguments: &Arguments, report: &Report<'_>, results: &Results) -> anyhow::Result<()> {
    let format = arguments.format;
    let is_text = format == Format::Full;
    let Some(path) = &arguments.output else {
        let written = if is_text {
            format.write(report, results, terminal::colored_stdout())
        } else {
            format.write(report, results, terminal::stdout())
        };
        return written.context(CANNOT_WRITE);
    };
    let mut bytes = Vec::new();
    if is_text {
        let mut text = terminal::colored(bytes);
        format.write(report, results, &mut text)?;
        bytes = text.into_inner();
    } else {
        format.write(report, results, &mut bytes)?;
    }
    written::replace(path, &bytes)
}

impl Format {
    fn write(self, report: &Report<'_>, results: &Results, mut out: impl Write) -> io::Result<()> {
        let out: &mut dyn Write = &mut out;
        match (self, &results.coverage) {
            (Self::Full, None) => full(report, out)?,
            (Self::Full, Some(covered)) => {
                full(report, out)?;
                coverage(covered, out)?;
            }
            (Self::Tap, _) => tap(report, out)?,
            (Self::Junit, _) => junit(report, out)?,
            (Self::Json, _) => json(report, out)?,
            (Self::Github, _) => github(report, out)?,
            (Self::Lcov, covered) => {
                if let Some(covered) = covered {
                    lcov(covered, out)?;
                }
                // A tracefile has no place for failures.
                if report.counts().failed > 0 {
                    full(report, &mut terminal::stderr())?;
                }
            }
        }
        out.flush()
    }
}
