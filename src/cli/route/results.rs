//! What comes of an input, taken block by block in the order of the input.

use std::fs::File;
use std::io::{self, BufWriter, Write as _};
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::Context as _;
use indexmap::IndexSet;
use indicatif::ProgressBar;

use crate::output::by_recipient::{ByRecipient, GroupId};
use crate::output::summary::Summary;
use crate::router::{Answer, AnswerId, Answers, Routing, Scratch, UserIndex};
use crate::update::Cutter;

use super::By;
use super::input::Block;
use super::piece::{Job, Left, Once, Outcome, Routed, Worker};
use crate::cli::terminal::CANNOT_WRITE;
use crate::cli::{Exit, terminal};

/// The results of a run so far.
pub struct Results<'a> {
    routing: Routing<'a>,
    out: BufWriter<io::Stdout>,
    rejects: Option<BufWriter<File>>,
    by_recipient: ByRecipient,
    /// The recipients whom templates made, over all workers.
    made: IndexSet<String>,
    summary: Summary,
    progress: ProgressBar,
    next: Next,
    unfinished: Option<Unfinished>,
    guess: Guess,
}

/// How a run goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Next {
    /// With what comes next.
    Read,
    /// With what is left of the record that was refused, and then not at all.
    RestOnly,
    /// Not at all.
    Stop,
}

/// The end of a block, where a record goes on in the next one, or an array of records.
struct Unfinished {
    cutter: Cutter,
    bytes: Vec<u8>,
}

/// Whether it pays to route a block before it is known whether a record starts with it.
#[derive(Default)]
struct Guess {
    /// For how many blocks it was not to.
    wait: u32,
    /// For how many it will not be if it goes wrong again.
    next_wait: u32,
}

impl<'a> Results<'a> {
    pub fn new(routing: Routing<'a>, rejects: Option<File>, progress: ProgressBar) -> Self {
        Self {
            routing,
            out: terminal::stdout(),
            rejects: rejects.map(BufWriter::new),
            by_recipient: ByRecipient::default(),
            made: IndexSet::new(),
            summary: Summary::default(),
            progress,
            next: Next::Read,
            unfinished: None,
            guess: Guess::default(),
        }
    }

    /// Whether nothing more is to be routed.
    pub fn are_complete(&self) -> bool {
        self.next == Next::Stop
    }

    /// Takes the next block, with what came of it if it was already routed, as if a record started with it. `guesses`
    /// learns whether that pays.
    pub fn take_block<'b>(
        &mut self,
        job: Job<'_>,
        block: &'b Block,
        routed: Option<Outcome<'b>>,
        (worker, cutter): (&mut Worker<'a>, &mut Cutter),
        guesses: &AtomicBool,
    ) -> anyhow::Result<()> {
        let was_guessed = routed.is_some();
        match self.unfinished.take() {
            None => {
                let outcome = routed.unwrap_or_else(|| {
                    cutter.start_anew(block.place());
                    let left = Left::default();
                    self.route(job, block.bytes(), block.at_end(), worker, cutter, left)
                });
                let (bytes, at_end) = (block.bytes(), block.at_end());
                self.take_all(job, outcome, bytes, at_end, worker, cutter)?;
                let is_finished = cutter.could_start_anew()
                    && cutter.done() == block.lines_bytes()
                    && block.has_line_end();
                if !is_finished {
                    let done = cutter.forget(bytes);
                    let fresh = Cutter::new(cutter.max_record_bytes(), block.place());
                    self.unfinished = Some(Unfinished {
                        cutter: std::mem::replace(cutter, fresh),
                        bytes: bytes[done..].to_vec(),
                    });
                }
                self.guess.note(was_guessed.then_some(true));
            }
            Some(unfinished) => {
                self.go_on(job, unfinished, block, worker)?;
                self.guess.note(was_guessed.then_some(false));
            }
        }
        guesses.store(self.guess.wait == 0, Ordering::Relaxed);
        // The next read may wait, and who reads the results wants those there are.
        self.flush()
    }

    /// Goes on with a record, or an array of records, that the block before ends in.
    fn go_on(
        &mut self,
        job: Job<'_>,
        mut unfinished: Unfinished,
        block: &Block,
        worker: &mut Worker<'a>,
    ) -> anyhow::Result<()> {
        let Unfinished { cutter, bytes } = &mut unfinished;
        bytes.extend_from_slice(block.new_bytes());
        let left = Left::default();
        let outcome = self.route(job, bytes, block.at_end(), worker, cutter, left);
        self.take_all(job, outcome, bytes, block.at_end(), worker, cutter)?;
        let done = cutter.forget(bytes);
        bytes.drain(..done);
        let is_finished = cutter.could_start_anew()
            && bytes.len() == block.tail_bytes()
            && cutter.place() == block.next_place();
        if !is_finished {
            self.unfinished = Some(unfinished);
        }
        Ok(())
    }

    fn route<'b>(
        &self,
        job: Job<'_>,
        bytes: &'b [u8],
        at_end: bool,
        worker: &mut Worker<'a>,
        cutter: &mut Cutter,
        left: Left<'b>,
    ) -> Outcome<'b> {
        let stopped = self.next == Next::RestOnly;
        worker.route(job, cutter, bytes, at_end, stopped, left)
    }

    /// Takes what came of a piece, and goes on with the piece if it was left because so much came of it.
    fn take_all<'b>(
        &mut self,
        job: Job<'_>,
        mut outcome: Outcome<'b>,
        bytes: &'b [u8],
        at_end: bool,
        worker: &mut Worker<'a>,
        cutter: &mut Cutter,
    ) -> anyhow::Result<()> {
        loop {
            self.take(job, &outcome, worker)?;
            match outcome.left.take() {
                Some(left) if !self.are_complete() => {
                    outcome = self.route(job, bytes, at_end, worker, cutter, left);
                }
                _ => return Ok(()),
            }
        }
    }

    fn take(
        &mut self,
        job: Job<'_>,
        outcome: &Outcome<'_>,
        worker: &mut Worker<'_>,
    ) -> anyhow::Result<()> {
        self.out.write_all(&worker.out).context(CANNOT_WRITE)?;
        if !outcome.messages.is_empty() {
            (self.progress).suspend(|| terminal::stderr().write_all(&outcome.messages))?;
        }
        if let Some(rejects) = &mut self.rejects {
            (rejects.write_all(&outcome.rejects)).context(CANNOT_WRITE_REJECTS)?;
        }
        self.summary.records += outcome.records;
        self.summary.refused += outcome.refused;
        let Worker {
            answers, groups, ..
        } = worker;
        let once = |once: &Once| Answer {
            users: &outcome.recipients[once.recipients.clone()],
            sent: &outcome.sent[once.sent.clone()],
        };
        for (id, updates) in &outcome.counted {
            self.summarize(*updates, answers.answer(Some(*id)), answers);
        }
        for answer in &outcome.once {
            self.summarize(1, once(answer), answers);
        }
        for routed in &outcome.routed {
            let Routed {
                update,
                is_compact,
                answer,
            } = routed;
            let (answered, group) = match answer {
                Ok(id) => {
                    let answered = answers.answer(Some(*id));
                    (answered, self.group_of(groups, *id, answered.users))
                }
                Err(range) => {
                    let answered = once(range);
                    (answered, self.group_made(answered.users, answers))
                }
            };
            let (sender, json) = (&update.sender, update.json);
            if !self.by_recipient.add(sender, json, *is_compact, group) {
                self.summary.repeated += 1;
            } else if job.arguments.summary {
                self.summarize(1, answered, answers);
            }
        }
        self.next = match (outcome.stopped, outcome.goes_on) {
            (false, _) => Next::Read,
            (true, true) => Next::RestOnly,
            (true, false) => Next::Stop,
        };
        Ok(())
    }

    fn summarize(&mut self, updates: u64, answer: Answer<'_>, answers: &Answers<'_>) {
        let router = self.routing.router();
        let name = |user| answers.name(user);
        self.summary.answered(updates, answer, router, name);
    }

    fn group_of(
        &mut self,
        groups: &mut Vec<Option<GroupId>>,
        id: AnswerId,
        users: &[UserIndex],
    ) -> GroupId {
        let index = id.0 as usize;
        if index >= groups.len() {
            groups.resize(index + 1, None);
        }
        *groups[index].get_or_insert_with(|| self.by_recipient.group(users))
    }

    /// The group of users some of whom templates may have made: each worker numbers these by itself.
    fn group_made(&mut self, users: &[UserIndex], answers: &Answers<'_>) -> GroupId {
        let count = self.routing.router().user_count();
        let users: Vec<_> = (users.iter())
            .map(|user| {
                if (user.0 as usize) < count {
                    return *user;
                }
                let made = self.made.insert_full(answers.name(*user).to_owned()).0;
                UserIndex((count + made) as u32)
            })
            .collect();
        self.by_recipient.group(&users)
    }

    fn flush(&mut self) -> anyhow::Result<()> {
        self.out.flush().context(CANNOT_WRITE)?;
        if let Some(rejects) = &mut self.rejects {
            rejects.flush().context(CANNOT_WRITE_REJECTS)?;
        }
        Ok(())
    }

    /// Writes what is written when all inputs have been gone through.
    pub fn finish(mut self, job: Job<'_>) -> anyhow::Result<Exit> {
        self.progress.finish_and_clear();
        let router = self.routing.router();
        if job.arguments.by == By::Recipient {
            let scratch = Scratch::default();
            let name = |user: UserIndex| match (user.0 as usize).checked_sub(router.user_count()) {
                Some(made) => self.made[made].as_str(),
                None => router.user(user, &scratch),
            };
            (self.by_recipient.write(name, job.indented, &mut self.out)).context(CANNOT_WRITE)?;
        }
        self.flush()?;
        if job.arguments.summary {
            self.summary.write(router, &mut terminal::stderr())?;
        }
        Ok(match self.summary.refused {
            0 => Exit::Done,
            _ => Exit::Refused,
        })
    }
}

const CANNOT_WRITE_REJECTS: &str = "cannot write the rejects";

impl Guess {
    /// Notes how it went for a block; `None` if the block was not routed before its turn.
    fn note(&mut self, went_well: Option<bool>) {
        match went_well {
            Some(true) => self.next_wait = 0,
            Some(false) if self.wait == 0 => {
                self.next_wait = (2 * self.next_wait + 1).min(1024);
                self.wait = self.next_wait;
            }
            // Other threads had begun before this was known.
            Some(false) => {}
            None => self.wait = self.wait.saturating_sub(1),
        }
    }
}
