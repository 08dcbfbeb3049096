//! `explain` for sets of users: whether anybody of these reaches anybody of those.

use std::io::Write as _;

use anyhow::{Context as _, bail};

use crate::automata::{Budget, Undecided};
use crate::cli::Exit;
use crate::cli::terminal::{self, CANNOT_WRITE};
use crate::explain::{Asked, between};
use crate::finding::Severity;
use crate::known_users::lists_of_set;
use crate::loading::Rules;
use crate::output::explain::Explained;
use crate::output::findings::{Report, count, full};
use crate::proofs::Reach;
use crate::rules::{UserSet, read_users};

use super::Arguments;

/// Whether a text names one user; everything else is a user set, as in a rule file.
pub fn is_one_user(text: &str) -> bool {
    text.starts_with('@') && !text.contains(['*', '?', '[', ']', '{', '}'])
}

/// Answers the question of these arguments, of which one at least is a set.
pub fn run(arguments: &Arguments, mut rules: Rules) -> anyhow::Result<Exit> {
    if arguments.update.is_some() {
        bail!("with `--update`, `--recipient` is one user, such as `@alice:example.org`");
    }
    let mut read = |option, text: &Option<String>| {
        let users = text.as_deref().map(|text| users(option, text, &mut rules));
        users.transpose()
    };
    let users = (
        read("--sender", &arguments.sender)?,
        read("--recipient", &arguments.recipient)?,
    );
    let (Some(senders_set), Some(recipients_set)) = users else {
        let other = if arguments.sender.is_some() {
            "--recipient"
        } else {
            "--sender"
        };
        bail!(
            "a question about a set of users needs both sides: name `{other}` as well; `{other} all` means anybody"
        );
    };
    let text = |side: &'_ Option<String>| side.clone().unwrap_or_default();
    let (senders, recipients) = (text(&arguments.sender), text(&arguments.recipient));
    let router = rules.compile().context("the rules cannot be used")?;
    let (rule_set, sources) = (&rules.rule_set, &rules.sources);
    let known_users = rules.known_users();
    let asked = Asked {
        senders: (&senders_set, &senders),
        recipients: (&recipients_set, &recipients),
        update: arguments.circumstances(),
    };
    let budget = Budget::new(arguments.proof_steps);
    let between = terminal::working("proving", || {
        between(rule_set, sources, &router, known_users, asked, budget)
    })
    .context("the rules cannot be used")?;
    let mut out = terminal::colored_stdout();
    (arguments.format).write(Explained::Between(&between), sources, &mut out)?;
    out.flush().context(CANNOT_WRITE)?;
    Ok(match &between.answer {
        Ok(Reach::Delivered(_)) => Exit::Done,
        Ok(_) => Exit::Refused,
        Err(undecided) => {
            if matches!(undecided, Undecided::Budget { .. }) {
                terminal::say("a greater --proof-steps may decide it")?;
            }
            Exit::Undecided
        }
    })
}

/// Reads the users that an option names.
fn users(option: &str, text: &str, rules: &mut Rules) -> anyhow::Result<UserSet> {
    let read = read_users(option, text, &rules.rule_set, &mut rules.sources);
    let read = read.and_then(|mut users| {
        let (text, _) = rules.sources.iter().last().expect("the text that was read");
        let mut findings = lists_of_set(&mut users, text, &mut rules.sources);
        findings.retain(|finding| finding.severity == Severity::Error);
        if findings.is_empty() {
            Ok(users)
        } else {
            Err(findings)
        }
    });
    read.or_else(|findings| {
        let report = Report::new(&findings, &rules.sources, &[]);
        full(&report, &mut terminal::stderr())?;
        bail!("`{option}` cannot be read: {}", count(&findings))
    })
}
