//! `-D`, `-W` and `-A`: how much each kind of finding matters to whoever asks.

use std::collections::HashMap;

use clap::builder::TypedValueParser as _;
use clap::{Arg, ArgAction, ArgMatches, Command, Error, FromArgMatches};

use crate::check::Open;
use crate::finding::{Code, Finding, Severity};
use crate::rules::did_you_mean;

/// What the options say of each code: a severity, or `None` for a code that is not to be reported.
#[derive(Clone, Debug, Default)]
pub struct Levels(HashMap<Code, Option<Severity>>);

/// All codes that are warnings unless something else is said, or all that are notes.
const GROUPS: &[(&str, Severity)] = &[("warnings", Severity::Warning), ("notes", Severity::Note)];

/// The options, with what each of them makes of a finding.
const OPTIONS: &[(char, &str, Option<Severity>, &str)] = &[
    (
        'D',
        "deny",
        Some(Severity::Error),
        "Make this code, or all `warnings` or `notes`, errors; may be repeated, and the last option counts",
    ),
    (
        'W',
        "warn",
        Some(Severity::Warning),
        "Make this code, or all `notes`, warnings",
    ),
    (
        'A',
        "allow",
        None,
        "Do not report this code, or any of `warnings` or `notes`",
    ),
];

impl Levels {
    /// The findings as they matter now. What is an error by nature stays one: the rules cannot be used.
    pub fn apply(&self, findings: &mut Vec<Finding>) {
        findings.retain_mut(|finding| match self.0.get(&finding.code) {
            Some(None) => false,
            Some(Some(severity)) => {
                finding.severity = *severity;
                true
            }
            None => true,
        });
    }
}

impl Levels {
    /// The codes that are to be looked for, and would not be without their name.
    pub fn requested(&self) -> Vec<Code> {
        let wanted = |code: &Code| matches!(self.0.get(code), Some(Some(_)));
        let on_request = Code::ALL
            .iter()
            .copied()
            .filter(|code| code.is_on_request());
        on_request.filter(wanted).collect()
    }

    /// Of the questions that have no answer, those whose answers would have been reported.
    pub fn asked(&self, mut open: Vec<Open>) -> Vec<Open> {
        open.retain(|open| self.0.get(&open.code) != Some(&None));
        open
    }
}

impl clap::Args for Levels {
    fn augment_args(command: Command) -> Command {
        let arguments = OPTIONS.iter().map(|&(short, long, level, help)| {
            Arg::new(long)
                .short(short)
                .long(long)
                .value_name("CODE")
                .action(ArgAction::Append)
                .value_delimiter(',')
                .value_parser(
                    clap::builder::StringValueParser::new()
                        .try_map(move |written| codes(&written, level)),
                )
                .help(help)
        });
        command.args(arguments)
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for Levels {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, Error> {
        let mut given = Vec::new();
        for (_, long, level, _) in OPTIONS {
            let values = matches.get_many::<Vec<Code>>(long).unwrap_or_default();
            let indices = matches.indices_of(long).unwrap_or_default();
            given.extend(
                indices
                    .zip(values)
                    .map(|(index, codes)| (index, codes, *level)),
            );
        }
        given.sort_by_key(|(index, ..)| *index);
        let levels = (given.into_iter())
            .flat_map(|(_, codes, level)| codes.iter().map(move |code| (*code, level)));
        Ok(Self(levels.collect()))
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

/// The codes that a value of an option names, if findings of these codes may have that level.
fn codes(written: &str, level: Option<Severity>) -> Result<Vec<Code>, String> {
    if let Some((_, group)) = GROUPS.iter().find(|(name, _)| *name == written) {
        let codes = Code::ALL.iter().copied();
        let of_group = |code: &Code| code.severity() == *group && !code.is_on_request();
        return Ok(codes.filter(of_group).collect());
    }
    match Code::from_name(written) {
        Some(code) if code.severity() == Severity::Error && level != Some(Severity::Error) => {
            Err("this is an error by nature: with it, the rules cannot be used".to_owned())
        }
        Some(code) => Ok(vec![code]),
        None => {
            let groups = GROUPS.iter().map(|(name, _)| *name);
            let known = Code::ALL.iter().map(|code| code.name()).chain(groups);
            let guess = did_you_mean(written, known);
            let guess = guess.map_or(String::new(), |guess| format!("; {guess}"));
            Err(format!("there is no such code{guess}"))
        }
    }
}
