//! `interested`: whose presence a user may see.

use std::fmt;
use std::io::{self, BufRead as _, Read as _, Write};
use std::path::Path;

use anyhow::Context as _;

use crate::finding::Severity;
use crate::output::by_update::array;
use crate::output::json;
use crate::pattern::shortened;
use crate::router::{Interested, Router, Scratch};
use crate::rules::files::STDIN_NAME;
use crate::user_id::{MAX_BYTES, UserId};

use super::load::{RuleArguments, router, stdin_is_read_once, without_known_users};
use super::terminal::CANNOT_WRITE;
use super::{Exit, terminal};

/// Tell whose presence each user may see
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES, override_usage = "presence-router interested [OPTIONS] [USER]...")]
pub struct Arguments {
    /// User IDs; if none is named, or for `-`, they are read from standard input, one a line
    #[arg(value_name = "USER")]
    users: Vec<String>,
    #[command(flatten)]
    rules: RuleArguments,
}

const EXAMPLES: &str = "\
Examples:
  presence-router interested @alice:example.org
  presence-router interested -r /etc/synapse/presence < users.txt

Output, a line for each user:
  {\"user_id\":\"@alice:example.org\",\"interested\":[\"@bob:example.org\"]}
  {\"user_id\":\"@auditor:example.org\",\"interested\":\"ALL\"}

Exit codes: 0 answered, 1 some line was not a user ID, 2 could not run";

/// The longest line that is looked at; white space may stand around a user ID.
const MAX_LINE_BYTES: usize = 2 * MAX_BYTES;

/// How much of standard input is held where it has to be gone through twice.
const MAX_HELD_BYTES: u64 = 64 * 1024 * 1024;

/// Runs the command.
pub fn run(arguments: &Arguments) -> anyhow::Result<Exit> {
    // Without users, they come from standard input.
    let stdin = ["-".to_owned()];
    let users = match arguments.users.as_slice() {
        [] => &stdin,
        users => users,
    };
    stdin_is_read_once(arguments.rules.paths().chain(users.iter().map(Path::new)))?;
    let (router, _) = router(&arguments.rules)?;
    let mut answers = Answers {
        router: &router,
        scratch: Scratch::default(),
        out: terminal::stdout(),
        line: Vec::new(),
        exit: Exit::Done,
    };
    let reads_stdin = users.iter().any(|user| user == "-");
    if reads_stdin {
        terminal::tell_reading_stdin("user IDs")?;
    }
    if router.rules_without_known_users().is_empty() {
        let mut stdin = io::BufReader::new(io::stdin().lock());
        each(users, &mut stdin, |question| answers.answer(&question))?;
    } else {
        // Who cannot be answered is to be found before the first answer, so whoever asks is looked at twice.
        let held = if reads_stdin { held()? } else { Vec::new() };
        let held = || io::BufReader::new(held.as_slice());
        each(users, &mut held(), |question| answers.look(&question))?;
        each(users, &mut held(), |question| answers.answer(&question))?;
    }
    answers.out.flush().context(CANNOT_WRITE)?;
    Ok(answers.exit)
}

/// What is read from standard input, or named.
enum Question<'l> {
    /// A user ID, if it is one.
    User(&'l str, Place),
    /// Bytes that are no text.
    NoText(Place),
    /// The next one may take its time.
    Wait,
}

/// Where a question stands on standard input: line and column, from 1. `None` for one that the command line names.
#[derive(Clone, Copy)]
struct Place(Option<(u64, usize)>);

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some((line, column)) => write!(f, "{STDIN_NAME}:{line}:{column}"),
            None => Ok(()),
        }
    }
}

/// All of standard input, within bounds.
fn held() -> anyhow::Result<Vec<u8>> {
    let mut held = Vec::new();
    let stdin = io::stdin().lock();
    stdin.take(MAX_HELD_BYTES + 1).read_to_end(&mut held)?;
    anyhow::ensure!(
        held.len() as u64 <= MAX_HELD_BYTES,
        "the rules need known users, and without any, no more than {} MiB of user IDs can be asked about at once; name \
         known users with `known_users:` in a rule file, or a file of them with `--known-users`",
        MAX_HELD_BYTES / 1024 / 1024
    );
    Ok(held)
}

/// Puts all questions, those of standard input where a user is `-`.
fn each(
    users: &[String],
    stdin: &mut io::BufReader<impl io::Read>,
    mut put: impl FnMut(Question<'_>) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    for user in users {
        if user == "-" {
            each_line(stdin, &mut put)?;
        } else {
            put(Question::User(user, Place(None)))?;
        }
    }
    Ok(())
}

fn each_line(
    input: &mut io::BufReader<impl io::Read>,
    put: &mut impl FnMut(Question<'_>) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let mut number = 0_u64;
    let mut line = Vec::new();
    loop {
        if !input.buffer().contains(&b'\n') {
            put(Question::Wait)?;
        }
        line.clear();
        let most = MAX_LINE_BYTES as u64 + 1;
        if input.by_ref().take(most).read_until(b'\n', &mut line)? == 0 {
            return Ok(());
        }
        number += 1;
        if !line.ends_with(b"\n") && line.len() > MAX_LINE_BYTES {
            input.skip_until(b'\n')?;
        }
        if number == 1 && line.starts_with(b"\xEF\xBB\xBF") {
            line.drain(..3);
        }
        if let Err(error) = std::str::from_utf8(&line)
            && line.len() <= MAX_LINE_BYTES
        {
            // Another user must not be answered for in place of the one that was meant.
            let before = String::from_utf8_lossy(&line[..error.valid_up_to()]);
            let place = Place(Some((number, before.chars().count() + 1)));
            put(Question::NoText(place))?;
            continue;
        }
        let text = String::from_utf8_lossy(&line);
        let user = text.trim();
        if !user.is_empty() {
            let column = text.chars().take_while(|c| c.is_whitespace()).count() + 1;
            put(Question::User(user, Place(Some((number, column)))))?;
        }
    }
}

struct Answers<'r, W> {
    router: &'r Router,
    scratch: Scratch,
    out: W,
    line: Vec<u8>,
    exit: Exit,
}

impl<W: Write> Answers<'_, W> {
    fn refuse(&mut self, place: Place, message: &str) -> anyhow::Result<()> {
        self.exit = Exit::Refused;
        match place.0 {
            Some(_) => terminal::tell_at(&place.to_string(), Severity::Error, message)?,
            None => terminal::tell(Severity::Error, message)?,
        }
        Ok(())
    }

    /// Whether there will be an answer.
    fn look(&mut self, question: &Question<'_>) -> anyhow::Result<()> {
        if let Question::User(user, _) = question
            && let Ok(id) = UserId::parse(user)
        {
            (self.router.interested(id, &mut self.scratch))
                .map_err(|error| without_known_users(&error))?;
            self.scratch.forget_made_users();
        }
        Ok(())
    }

    fn answer(&mut self, question: &Question<'_>) -> anyhow::Result<()> {
        let (user, place) = match *question {
            Question::User(user, place) => (user, place),
            Question::NoText(place) => return self.refuse(place, "this line is not UTF-8 text"),
            // Who asks wants its answers before that.
            Question::Wait => return self.out.flush().context(CANNOT_WRITE),
        };
        let id = match UserId::parse(user) {
            Ok(id) => id,
            Err(error) => {
                let message = format!("`{}` is not a user ID: {error}", shortened(user));
                return self.refuse(place, &message);
            }
        };
        self.line.clear();
        self.line.extend_from_slice(b"{\"user_id\":");
        json::string(user, &mut self.line);
        self.line.extend_from_slice(b",\"interested\":");
        self.scratch.forget_made_users();
        let seen = self.router.interested(id, &mut self.scratch);
        match seen.map_err(|error| without_known_users(&error))? {
            Interested::All(_) => json::string("ALL", &mut self.line),
            Interested::Users(users) => {
                let users = users.to_vec();
                let names = users
                    .iter()
                    .map(|user| self.router.user(*user, &self.scratch));
                array(names, &mut self.line);
            }
        }
        self.line.extend_from_slice(b"}\n");
        self.out.write_all(&self.line).context(CANNOT_WRITE)
    }
}
