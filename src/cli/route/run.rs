//! A run over all inputs: read, route by pieces, write in order.

use std::fs::File;
use std::io::{self, BufWriter, Read, Write};
use std::ops::Range;
use std::path::PathBuf;

use anyhow::Context as _;
use indexmap::IndexSet;
use indicatif::ProgressBar;
use rayon::prelude::*;

use crate::output::by_recipient::{ByRecipient, GroupId};
use crate::output::summary::Summary;
use crate::router::{Answer, AnswerId, Answers, Routing, UserIndex};
use crate::update::{Blocks, Cutter, Place};

use super::block::{Block, Next, RoutedBlock};
use super::lines::Lines;
use super::piece::{Once, Outcome, Piece, Routed, Worker};
use super::{Arguments, By, progress};
use crate::cli::terminal::CANNOT_WRITE;
use crate::cli::{Exit, terminal};

/// So many bytes are read at once for one thread: what comes of them stays in its cache.
const BLOCK_BYTES: usize = 256 * 1024;

/// The same for each of several threads: they are woken for each block, which takes its time.
const SHARED_BLOCK_BYTES: usize = 512 * 1024;

/// The most that is read at once.
const MOST_BLOCK_BYTES: usize = 4 * 1024 * 1024;

/// A piece has so many bytes at least: for fewer, a thread of their own does not pay.
pub const LEAST_PIECE_BYTES: usize = 32 * 1024;

/// A run of the command.
pub struct Run<'a, W: Write> {
    arguments: &'a Arguments,
    routing: Routing<'a>,
    indented: bool,
    /// Started when there is work for more than one.
    threads: Option<rayon::ThreadPool>,
    workers: Vec<Worker<'a>>,
    /// How an input is gone through by several threads.
    lines: Lines,
    out: W,
    rejects: Option<BufWriter<File>>,
    by_recipient: ByRecipient,
    /// For each worker and answer the group of `by_recipient`.
    groups: Vec<Vec<Option<GroupId>>>,
    /// The recipients whom templates made, over all workers.
    made: IndexSet<String>,
    summary: Summary,
    progress: ProgressBar,
}

impl<'a> Run<'a, BufWriter<io::StdoutLock<'static>>> {
    pub fn new(
        arguments: &'a Arguments,
        routing: Routing<'a>,
        inputs: &[PathBuf],
    ) -> anyhow::Result<Self> {
        // Before anything is overwritten.
        let progress = progress::start(inputs)?;
        let rejects = arguments.rejects.as_ref().map(|path| {
            let file = File::create(path);
            file.with_context(|| format!("cannot write `{}`", path.display()))
        });
        let processors = || std::thread::available_parallelism().map_or(1, usize::from);
        let threads = arguments.threads.map_or_else(processors, usize::from);
        Ok(Self {
            arguments,
            routing,
            indented: terminal::is_stdout_terminal(),
            workers: (0..threads).map(|_| Worker::new(routing)).collect(),
            groups: vec![Vec::new(); threads],
            lines: Lines::default(),
            threads: None,
            out: terminal::stdout(),
            rejects: rejects.transpose()?.map(BufWriter::new),
            by_recipient: ByRecipient::default(),
            made: IndexSet::new(),
            summary: Summary::default(),
            progress,
        })
    }

    /// Routes all inputs, and writes the results.
    pub fn all(mut self, inputs: &[PathBuf]) -> anyhow::Result<Exit> {
        for path in inputs {
            let unreadable = || format!("cannot read `{}`", path.display());
            let (name, input) = terminal::open(path).with_context(unreadable)?;
            if path.as_os_str() == "-" {
                terminal::tell_reading_stdin("presence updates");
            }
            let input = self.progress.wrap_read(input);
            if self.input(&name, input, unreadable)? == Next::Stop {
                break;
            }
        }
        self.progress.finish_and_clear();
        self.finish()
    }

    fn finish(mut self) -> anyhow::Result<Exit> {
        let router = self.routing.router();
        if self.arguments.by == By::Recipient {
            let scratch = crate::router::Scratch::default();
            let name = |user: UserIndex| match (user.0 as usize).checked_sub(router.user_count()) {
                Some(made) => self.made[made].as_str(),
                None => router.user(user, &scratch),
            };
            (self.by_recipient.write(name, self.indented, &mut self.out)).context(CANNOT_WRITE)?;
        }
        self.out.flush().context(CANNOT_WRITE)?;
        if let Some(mut rejects) = self.rejects {
            rejects.flush().context("cannot write the rejects")?;
        }
        if self.arguments.summary {
            self.summary.write(router, &mut terminal::stderr())?;
        }
        Ok(match self.summary.refused {
            0 => Exit::Done,
            _ => Exit::Refused,
        })
    }

    fn input(
        &mut self,
        name: &str,
        input: impl Read,
        unreadable: impl Fn() -> String,
    ) -> anyhow::Result<Next> {
        let mut cutter = Cutter::new(self.arguments.max_record_bytes, Place::START);
        let most = match self.workers.len() {
            1 => BLOCK_BYTES,
            threads => (SHARED_BLOCK_BYTES * threads).min(MOST_BLOCK_BYTES),
        };
        let mut blocks = Blocks::new(input, most, cutter.max_record_bytes());
        let mut next = Next::Read;
        let mut done = 0;
        loop {
            // The next read may wait, and who reads the results wants those there are.
            self.flush()?;
            blocks.read(done).with_context(&unreadable)?;
            let at_end = blocks.at_end();
            let bytes = blocks.bytes();
            done = 0;
            let mut is_whole = false;
            while !is_whole && next != Next::Stop {
                let block = Block {
                    name,
                    bytes: &bytes[done..],
                    at_end,
                };
                let routed = self.block(block, next, cutter)?;
                (next, cutter, is_whole) = (routed.next, routed.cutter, routed.is_whole);
                done += routed.done;
            }
            if next == Next::Stop || at_end {
                return Ok(next);
            }
        }
    }

    /// Routes a block on all threads, and writes what comes of it in the order of the input.
    fn block(
        &mut self,
        block: Block<'_>,
        next: Next,
        cutter: Cutter,
    ) -> anyhow::Result<RoutedBlock> {
        let Block {
            name,
            bytes,
            at_end,
        } = block;
        // What comes after a refused record is not looked at, so there is nothing to do side by side.
        let most = if self.arguments.fail_fast {
            1
        } else {
            self.workers.len()
        };
        let pieces = self.lines.cut(bytes, most, &cutter);
        if pieces.len() > 1 && self.threads.is_none() {
            let threads = rayon::ThreadPoolBuilder::new().num_threads(self.workers.len());
            self.threads = Some(threads.build().context("cannot start the threads")?);
        }
        let (arguments, indented) = (self.arguments, self.indented);
        let stopped = next == Next::RestOnly;
        let route = |worker, mut cutter: Cutter, range: Range<usize>| {
            let is_last = range.end == bytes.len();
            let piece = Piece {
                arguments,
                name,
                indented,
                worker,
                outcome: Outcome {
                    stopped,
                    goes_on: stopped,
                    ..Outcome::default()
                },
            };
            let outcome = piece.route(&mut cutter, &bytes[range], at_end && is_last);
            (outcome, cutter)
        };
        let mut workers = std::mem::take(&mut self.workers);
        let starts: Vec<_> = pieces.iter().map(|(range, _)| range.start).collect();
        let cutters = pieces.into_iter().enumerate();
        let mut first = Some(cutter);
        let cutters = cutters.map(|(index, (range, place))| {
            let most = self.arguments.max_record_bytes;
            let first = if index == 0 { first.take() } else { None };
            (range, first.unwrap_or_else(|| Cutter::new(most, place)))
        });
        let work: Vec<_> = workers.iter_mut().zip(cutters).collect();
        let results: Vec<_> = match &self.threads {
            Some(threads) if work.len() > 1 => threads.install(|| {
                let work = work.into_par_iter();
                work.map(|(worker, (range, cutter))| route(worker, cutter, range))
                    .collect()
            }),
            _ => (work.into_iter())
                .map(|(worker, (range, cutter))| route(worker, cutter, range))
                .collect(),
        };
        for (groups, worker) in self.groups.iter_mut().zip(&workers) {
            if worker.trimmed {
                groups.clear();
            }
        }
        let mut results = results.into_iter().enumerate();
        let (mut index, (mut outcome, mut cutter)) = results.next().expect("there is a piece");
        let mut next = self.take(&outcome, index, &workers)?;
        let is_cut = starts.len() > 1;
        for later in results {
            // Only then the next piece starts with a record, as its machine took for granted.
            if outcome.is_full || !cutter.is_between() {
                break;
            }
            (index, (outcome, cutter)) = later;
            next = self.take(&outcome, index, &workers)?;
        }
        let is_last = index + 1 == starts.len();
        if is_cut {
            self.lines.were_records(is_last);
        }
        self.workers = workers;
        let start = starts[index];
        let done = start + cutter.forget(&bytes[start..]);
        Ok(RoutedBlock {
            next,
            cutter,
            done,
            is_whole: is_last && !outcome.is_full,
        })
    }

    fn take(
        &mut self,
        outcome: &Outcome<'_>,
        worker: usize,
        workers: &[Worker<'_>],
    ) -> anyhow::Result<Next> {
        let Worker { answers, out, .. } = &workers[worker];
        self.out.write_all(out).context(CANNOT_WRITE)?;
        if !outcome.messages.is_empty() {
            self.progress
                .suspend(|| terminal::stderr().write_all(&outcome.messages))?;
        }
        if let Some(rejects) = &mut self.rejects {
            rejects
                .write_all(&outcome.rejects)
                .context("cannot write the rejects")?;
        }
        self.summary.records += outcome.records;
        self.summary.refused += outcome.refused;
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
            let answered = match answer {
                Ok(id) => answers.answer(Some(*id)),
                Err(range) => once(range),
            };
            let group = match answer {
                Ok(id) => self.group_of(worker, *id, answered.users),
                Err(_) => self.group_made(answered.users, answers),
            };
            let (sender, json) = (&update.sender, update.json);
            if !self.by_recipient.add(sender, json, *is_compact, group) {
                self.summary.repeated += 1;
            } else if self.arguments.summary {
                self.summarize(1, answered, answers);
            }
        }
        Ok(match (outcome.stopped, outcome.goes_on) {
            (false, _) => Next::Read,
            (true, true) => Next::RestOnly,
            (true, false) => Next::Stop,
        })
    }

    fn summarize(&mut self, updates: u64, answer: Answer<'_>, answers: &Answers<'_>) {
        let router = self.routing.router();
        let name = |user| answers.name(user);
        self.summary.answered(updates, answer, router, name);
    }

    fn group_of(&mut self, worker: usize, id: AnswerId, users: &[UserIndex]) -> GroupId {
        let groups = &mut self.groups[worker];
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
            rejects.flush().context("cannot write the rejects")?;
        }
        Ok(())
    }
}
