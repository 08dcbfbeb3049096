//! `interested`: whose presence a user may see.

use std::collections::HashSet;
use std::io::{self, BufRead, Read as _, Write};
use std::path::Path;

use anyhow::Context as _;

use crate::finding::Severity;
use crate::output::by_update::array;
use crate::output::findings::style;
use crate::output::json;
use crate::pattern::shortened;
use crate::router::{Interested, Router, Rule, Scratch};
use crate::user_id::{MAX_BYTES, UserId};

use super::load::{RuleArguments, router, stdin_is_read_once};
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

Exit codes: 0 answered, 1 some line was no user ID, 2 could not run";

/// The longest line that is looked at; white space may stand around a user ID.
const MAX_LINE_BYTES: usize = 2 * MAX_BYTES;

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
        warned: HashSet::new(),
        out: terminal::stdout(),
        line: Vec::new(),
        exit: Exit::Done,
    };
    for user in users {
        if user == "-" {
            answers.read_stdin()?;
        } else {
            answers.answer(user, String::new)?;
        }
    }
    answers.out.flush().context(CANNOT_WRITE)?;
    Ok(answers.exit)
}

struct Answers<'r, W> {
    router: &'r Router,
    scratch: Scratch,
    /// The rules that were said to be widened.
    warned: HashSet<Rule>,
    out: W,
    line: Vec<u8>,
    exit: Exit,
}

impl<W: Write> Answers<'_, W> {
    fn read_stdin(&mut self) -> anyhow::Result<()> {
        terminal::tell_reading_stdin("user IDs");
        let mut input = io::BufReader::new(io::stdin().lock());
        let mut number = 0_u64;
        let mut line = Vec::new();
        loop {
            if !input.buffer().contains(&b'\n') {
                // The next read may wait; who asks wants its answers before that.
                self.out.flush().context(CANNOT_WRITE)?;
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
                let column = String::from_utf8_lossy(&line[..error.valid_up_to()])
                    .chars()
                    .count()
                    + 1;
                self.refuse(
                    &format!("<stdin>:{number}:{column}: "),
                    "this line is not UTF-8 text",
                )?;
                continue;
            }
            let text = String::from_utf8_lossy(&line);
            let user = text.trim();
            if !user.is_empty() {
                let column = text.chars().take_while(|c| c.is_whitespace()).count() + 1;
                self.answer(user, || format!("<stdin>:{number}:{column}: "))?;
            }
        }
    }

    fn refuse(&mut self, place: &str, message: &str) -> anyhow::Result<()> {
        self.exit = Exit::Refused;
        let style = style(Severity::Error);
        writeln!(
            terminal::stderr(),
            "{place}{style}error{style:#}: {message}"
        )?;
        Ok(())
    }

    fn answer(&mut self, user: &str, place: impl Fn() -> String) -> anyhow::Result<()> {
        let id = match UserId::parse(user) {
            Ok(id) => id,
            Err(error) => {
                let message = format!("`{}` is not a user ID: {error}", shortened(user));
                return self.refuse(&place(), &message);
            }
        };
        self.line.clear();
        self.line.extend_from_slice(b"{\"user_id\":");
        json::string(user, &mut self.line);
        self.line.extend_from_slice(b",\"interested\":");
        self.scratch.forget_made_users();
        match self.router.interested(id, &mut self.scratch) {
            Interested::All(all) => {
                json::string("ALL", &mut self.line);
                if all.widened && self.warned.insert(all.by) {
                    warn_widened(self.router, all.by)?;
                }
            }
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

fn warn_widened(router: &Router, rule: Rule) -> io::Result<()> {
    let rule = match rule {
        Rule::Interest(interest) => format!("interest `{}`", router.interest_name(interest)),
        Rule::Route(route) => format!(
            "interest that derives from the route `{}`",
            router.route_name(route)
        ),
    };
    let style = style(Severity::Warning);
    writeln!(
        terminal::stderr(),
        "{style}warning{style:#}: the {rule} names patterns, and there is no directory of known users to look them up \
         in, so it is widened to ALL; name one with `--directory`"
    )
}
