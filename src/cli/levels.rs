//! `-D`, `-W` and `-A`: how much each kind of finding matters to whoever asks.

use clap::builder::TypedValueParser as _;
use clap::{Arg, ArgAction, ArgMatches, Command, Error, FromArgMatches};

use crate::check::Open;
use crate::finding::{Code, Finding, Severity};
use crate::rules::did_you_mean;

/// What the options say, one after another: the last that is about a finding counts.
#[derive(Clone, Debug, Default)]
pub struct Levels(Vec<(Of, Option<Severity>)>);

/// Which findings an option is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Of {
    Code(Code),
    /// All that have this severity if no option says otherwise.
    Severity(Severity),
}

/// Words for all findings that are warnings, or notes.
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
    /// What an option makes of findings of this code and severity; `None` if none is about them. What is an error by nature
    /// stays one: with it, the rules cannot be used.
    #[expect(
        clippy::option_option,
        reason = "no option, and one that says not to report"
    )]
    fn of(&self, code: Code, severity: Severity) -> Option<Option<Severity>> {
        let is_about = |of: &Of| match *of {
            Of::Code(wanted) => wanted == code,
            // What is only looked for by its name is asked for by that alone.
            Of::Severity(wanted) => wanted == severity && !code.is_on_request(),
        };
        let mut options = self.0.iter().rev();
        let (_, level) = options.find(|(of, _)| is_about(of))?;
        (severity != Severity::Error).then_some(*level)
    }

    /// The findings as they matter now.
    pub fn apply(&self, findings: &mut Vec<Finding>) {
        findings.retain_mut(|finding| match self.of(finding.code, finding.severity) {
            Some(None) => false,
            Some(Some(severity)) => {
                finding.severity = severity;
                true
            }
            None => true,
        });
    }

    /// The codes that are to be looked for, and would not be without their name.
    pub fn requested(&self) -> Vec<Code> {
        let on_request = Code::ALL
            .iter()
            .copied()
            .filter(|code| code.is_on_request());
        on_request
            .filter(|code| matches!(self.of(*code, code.severity()), Some(Some(_))))
            .collect()
    }

    /// Of the questions that have no answer, those whose answers would have been reported.
    pub fn asked(&self, mut open: Vec<Open>) -> Vec<Open> {
        open.retain(|open| self.of(open.code, open.code.severity()) != Some(None));
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
                        .try_map(move |written| named(&written, level)),
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
            let values = matches.get_many::<Of>(long).unwrap_or_default();
            let indices = matches.indices_of(long).unwrap_or_default();
            given.extend(indices.zip(values).map(|(index, of)| (index, *of, *level)));
        }
        given.sort_by_key(|(index, ..)| *index);
        let levels = given.into_iter().map(|(_, of, level)| (of, level));
        Ok(Self(levels.collect()))
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

/// What a value of an option names, if such findings may have that level.
fn named(written: &str, level: Option<Severity>) -> Result<Of, String> {
    if let Some((_, group)) = GROUPS.iter().find(|(name, _)| *name == written) {
        return Ok(Of::Severity(*group));
    }
    match Code::from_name(written) {
        Some(code) if code.severity() == Severity::Error && level != Some(Severity::Error) => {
            Err("this is an error by nature: with it, the rules cannot be used".to_owned())
        }
        Some(code) => Ok(Of::Code(code)),
        None => {
            let groups = GROUPS.iter().map(|(name, _)| *name);
            let known = Code::ALL.iter().map(|code| code.name()).chain(groups);
            let guess = did_you_mean(written, known);
            let guess = guess.map_or(String::new(), |guess| format!("; {guess}"));
            Err(format!("there is no such code{guess}"))
        }
    }
}
