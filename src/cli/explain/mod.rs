//! `explain`: why a sender's updates reach a recipient, or why not.

mod between;

use std::io::{Read, Write};
use std::path::PathBuf;

use anyhow::{Context as _, bail};
use clap::ValueEnum;

use crate::automata::Budget;
use crate::explain::{Circumstances, Explainer, Verdict};
use crate::finding::Severity;
use crate::known_users::KnownUsers;
use crate::output::explain::Explained;
use crate::output::harmless::visible;
use crate::pattern::shortened;
use crate::router::{Router, Scratch};
use crate::source::Sources;
use crate::update::{Item, Reader, Update};
use crate::user_id::UserId;

use super::load::{
    RuleArguments, load_sound, stdin_is_read_once, tell_assumed, without_known_users,
};
use super::terminal::CANNOT_WRITE;
use super::written::streams_are_not_read;
use super::{Exit, terminal};

/// Explain why a sender's updates reach a recipient, or why not
#[derive(Debug, clap::Args)]
#[command(
    after_help = EXAMPLES,
    override_usage = "presence-router explain [OPTIONS] --sender USERS --recipient USERS\n       \
                      presence-router explain [OPTIONS] --sender USER\n       \
                      presence-router explain [OPTIONS] --recipient USER\n       \
                      presence-router explain [OPTIONS] --update FILE [--recipient USER]",
    group = clap::ArgGroup::new("question").args(["sender", "recipient", "update"]).multiple(true).required(true)
)]
pub struct Arguments {
    /// Whose updates: a user ID, or a user set as in a rule file; a user alone: who gets them, and by which rules
    #[arg(long, value_name = "USERS")]
    sender: Option<String>,
    /// Who gets them; a user alone: whose updates reach it, and by which rules
    #[arg(long, value_name = "USERS")]
    recipient: Option<String>,
    /// The presence state of the update; without it, all updates are meant
    #[arg(long, value_name = "STATE", requires = "sender")]
    state: Option<String>,
    /// What the update says of `currently_active`; without it, it says nothing
    #[arg(long, value_name = "BOOL", requires = "state")]
    currently_active: Option<bool>,
    /// Explain each update of this file, in any form that `route` takes; `-` is standard input
    #[arg(long, value_name = "FILE", conflicts_with_all = ["sender", "state", "currently_active"])]
    update: Option<PathBuf>,
    /// How many steps the proof about a set of users may take before it is given up as undecided
    #[arg(long, value_name = "STEPS", default_value_t = Budget::DEFAULT)]
    proof_steps: usize,
    #[command(flatten)]
    rules: RuleArguments,
    /// How the explanation is written
    #[arg(long, value_enum, default_value = "tree")]
    format: Format,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// The answer, and a tree of what leads to it
    Tree,
    /// One JSON object a line
    Json,
    #[value(
        help = "A line for each deciding rule: FILE:LINE:PATTERN, and behind tabs what it decides"
    )]
    Line,
}

const EXAMPLES: &str = "\
Examples:
  presence-router explain --sender @grace:corp.example --recipient @lobby:corp.example
  presence-router explain --sender @grace:corp.example --recipient @lobby:corp.example --state busy
  presence-router explain --sender '{group: staff}' --recipient '{server: partner.example}'
                                           can anybody of these reach anybody of those?
  presence-router explain --sender @grace:corp.example       who gets her updates?
  presence-router explain --recipient @lobby:corp.example    whose updates reach it?
  presence-router explain --update updates.ndjson --recipient @lobby:corp.example

Exit codes: 0 delivered (to anybody, if no recipient is named, or a set), 1 not delivered, or a record
was refused, 2 could not run, 4 undecided";

/// So many letters of a user ID may be wrong for another one to be suggested.
const MOST_TYPOS: usize = 2;

/// Runs the command.
pub fn run(arguments: &Arguments) -> anyhow::Result<Exit> {
    let update = arguments.update.as_deref();
    stdin_is_read_once(arguments.rules.paths().chain(update))?;
    let load = || load_sound(&arguments.rules.rules, &arguments.rules.around);
    let mut named = [&arguments.sender, &arguments.recipient]
        .into_iter()
        .flatten();
    if !named.all(|users| between::is_one_user(users)) {
        return between::run(arguments, load()?);
    }
    let sender = arguments.sender.as_deref().map(user).transpose()?;
    let recipient = arguments.recipient.as_deref().map(user).transpose()?;
    let mut rules = load()?;
    if let (Some(sender), Some(recipient), None) = (sender, recipient, rules.known_users()) {
        // Where rules are written for Synapse, which knows its users, there may be no known users to look patterns up
        // among. For two users who are named, it is enough to know these.
        rules.know([sender, recipient]);
        tell_assumed("both users")?;
    }
    let router = rules.compile().context("the rules cannot be used")?;
    if let Some(known_users) = rules.known_users() {
        for user in sender.into_iter().chain(recipient) {
            suggest(user, &router, known_users)?;
        }
    }
    let mut answers = Answers {
        explainer: Explainer::new(&rules.rule_set, &rules.sources, &router),
        sources: &rules.sources,
        recipient,
        format: arguments.format,
        scratch: Scratch::default(),
        out: terminal::colored_stdout(),
        exit: Exit::Done,
    };
    match (&arguments.update, sender, recipient) {
        (Some(path), _, _) => {
            streams_are_not_read([path.clone()])?;
            let (name, input) = terminal::open(path)
                .with_context(|| format!("cannot read `{}`", path.display()))?;
            if path.as_os_str() == "-" {
                terminal::tell_reading_stdin("presence updates")?;
            }
            answers.updates(&name, input)?;
        }
        (None, Some(sender), _) => {
            answers.update(sender, arguments.circumstances())?;
        }
        (None, None, Some(recipient)) => answers.received(recipient)?,
        (None, None, None) => bail!("name a sender, a recipient, or a file of updates"),
    }
    answers.out.flush().context(CANNOT_WRITE)?;
    Ok(answers.exit)
}

impl Arguments {
    /// What the update says that is asked about.
    fn circumstances(&self) -> Option<Circumstances<'_>> {
        (self.state.as_deref()).map(|state| Circumstances {
            state,
            currently_active: self.currently_active,
        })
    }
}

impl Format {
    fn write(
        self,
        explained: Explained<'_>,
        sources: &Sources,
        out: &mut dyn Write,
    ) -> anyhow::Result<()> {
        match self {
            Self::Tree => explained.tree(sources, out),
            Self::Json => explained.json(sources, out),
            Self::Line => explained.lines(sources, out),
        }
        .context(CANNOT_WRITE)
    }
}

fn user(text: &str) -> anyhow::Result<UserId<'_>> {
    UserId::parse(text)
        .map_err(|error| anyhow::anyhow!("`{}` is not a user ID: {error}", shortened(text)))
}

/// A user whom neither the rules nor the known users name may be misspelt.
fn suggest(user: UserId<'_>, router: &Router, known_users: &KnownUsers) -> anyhow::Result<()> {
    if router.index_of(user.as_str()).is_some() {
        return Ok(());
    }
    let user = user.as_str();
    let near = (known_users.iter())
        .map(|known| (strsim::damerau_levenshtein(known, user), known))
        .filter(|(distance, _)| *distance <= MOST_TYPOS)
        .min_by_key(|(distance, _)| *distance);
    let help = near.map_or_else(String::new, |(_, near)| format!("; did you mean `{near}`?"));
    let message = format!("`{user}` is not a known user{help}");
    terminal::tell(Severity::Note, &message)?;
    Ok(())
}

struct Answers<'a, W> {
    explainer: Explainer<'a>,
    sources: &'a Sources,
    recipient: Option<UserId<'a>>,
    format: Format,
    scratch: Scratch,
    out: W,
    exit: Exit,
}

impl<W: Write> Answers<'_, W> {
    fn updates(&mut self, name: &str, input: impl Read) -> anyhow::Result<()> {
        let mut reader = Reader::new(input);
        let unreadable = || format!("cannot read `{name}`");
        loop {
            if !reader.buffered() {
                self.out.flush().context(CANNOT_WRITE)?;
            }
            let Some(item) = reader.next().with_context(unreadable)? else {
                return Ok(());
            };
            let mut outcome = Ok(());
            match item {
                Item::Record(record) => record.updates(|update| {
                    let done = match update {
                        Ok(update) => self.record(&update),
                        Err(fault) => {
                            self.refuse(name, &record.place(fault.offset), &fault.message)
                        }
                    };
                    if outcome.is_ok() {
                        outcome = done;
                    }
                }),
                Item::Refused(refusal) => {
                    outcome = self.refuse(name, &refusal.place, &refusal.message);
                }
                Item::Rest(_) => {}
            }
            outcome?;
        }
    }

    fn record(&mut self, update: &Update<'_>) -> anyhow::Result<()> {
        let sender = update.sender();
        let circumstances = Circumstances {
            state: &update.state,
            currently_active: update.currently_active,
        };
        if self.format == Format::Tree {
            let (bold, state) = (anstyle::Style::new().bold(), shortened(&update.state));
            let active = (update.currently_active).map_or_else(String::new, |active| {
                format!(", `currently_active` {active}")
            });
            writeln!(
                self.out,
                "{bold}`{}` is `{}`{active}{bold:#}\n",
                visible(&shortened(sender.as_str())),
                visible(&state)
            )
            .context(CANNOT_WRITE)?;
        }
        self.scratch.forget_made_users();
        self.update(sender, Some(circumstances))?;
        if self.format == Format::Tree {
            writeln!(self.out).context(CANNOT_WRITE)?;
        }
        Ok(())
    }

    /// Explains the updates of a sender: to the recipient, or to all.
    fn update(
        &mut self,
        sender: UserId<'_>,
        update: Option<Circumstances<'_>>,
    ) -> anyhow::Result<()> {
        let scratch = &mut self.scratch;
        if let Some(recipient) = self.recipient {
            let pair = (self.explainer.pair(sender, recipient, update, scratch))
                .map_err(|error| without_known_users(&error))?;
            let delivered = pair.verdict == Verdict::Delivered;
            return self.write(Explained::Pair(&pair), delivered);
        }
        let sent = (self.explainer.sent(sender, update, scratch))
            .map_err(|error| without_known_users(&error))?;
        self.write(Explained::Sent(&sent), sent.delivered > 0)
    }

    fn received(&mut self, recipient: UserId<'_>) -> anyhow::Result<()> {
        let received = (self.explainer.received(recipient, &mut self.scratch))
            .map_err(|error| without_known_users(&error))?;
        self.write(Explained::Received(&received), received.is_reached())
    }

    fn write(&mut self, explained: Explained<'_>, delivered: bool) -> anyhow::Result<()> {
        if !delivered {
            self.exit = Exit::Refused;
        }
        self.format.write(explained, self.sources, &mut self.out)
    }

    fn refuse(
        &mut self,
        name: &str,
        place: &dyn std::fmt::Display,
        message: &str,
    ) -> anyhow::Result<()> {
        self.exit = Exit::Refused;
        terminal::tell_at(&format!("{name}:{place}"), Severity::Error, message)?;
        Ok(())
    }
}
