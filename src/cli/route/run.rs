//! A run over all inputs: read, route by pieces, write in order.

use std::fs::File;
use std::io::{self, BufWriter, Read, Write};
use std::path::PathBuf;

use anyhow::Context as _;
use indexmap::IndexSet;
use indicatif::{ProgressBar, ProgressStyle};
use rayon::prelude::*;

use crate::output::by_recipient::ByRecipient;
use crate::output::summary::Summary;
use crate::router::{Routing, UserIndex};
use crate::update::{Batch, Reader};

use super::piece::{Outcome, Piece, Worker};
use super::{Arguments, By};
use crate::cli::terminal::CANNOT_WRITE;
use crate::cli::{Exit, terminal};

/// So much of the input is read before it is routed, if it is there without waiting.
const BATCH_BYTES: usize = 1024 * 1024;

/// A piece has so many records at least: for fewer, a thread of their own does not pay.
const LEAST_PIECE: usize = 256;

/// Shorter files are done before a progress bar could be read.
const LEAST_PROGRESS_BYTES: u64 = 16 * 1024 * 1024;

/// A run of the command.
pub struct Run<'a, W: Write> {
    arguments: &'a Arguments,
    routing: Routing<'a>,
    indented: bool,
    /// Started when there is work for more than one.
    threads: Option<rayon::ThreadPool>,
    workers: Vec<Worker>,
    out: W,
    rejects: Option<BufWriter<File>>,
    by_recipient: ByRecipient,
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
        let progress = start_progress(inputs)?;
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
            workers: (0..threads).map(|_| Worker::default()).collect(),
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
        let mut reader = Reader::with_max_record_bytes(input, self.arguments.max_record_bytes);
        let mut batch = Batch::default();
        let mut next = Next::Read;
        loop {
            if !reader.buffered() {
                // The next read may wait, and who reads the results wants those there are.
                self.flush()?;
            }
            if !batch
                .fill(&mut reader, BATCH_BYTES)
                .with_context(&unreadable)?
            {
                return Ok(next);
            }
            next = self.batch(name, &batch, next)?;
            if next == Next::Stop {
                return Ok(next);
            }
        }
    }

    /// Routes a batch on all threads, and writes what comes of it in the order of the input.
    fn batch(&mut self, name: &str, batch: &Batch, mut next: Next) -> anyhow::Result<Next> {
        // What comes after a refused record is not looked at, so there is nothing to do side by side.
        let most = if self.arguments.fail_fast {
            1
        } else {
            self.workers.len()
        };
        let pieces = batch.len().div_ceil(LEAST_PIECE).clamp(1, most);
        if pieces > 1 && self.threads.is_none() {
            let threads = rayon::ThreadPoolBuilder::new().num_threads(self.workers.len());
            self.threads = Some(threads.build().context("cannot start the threads")?);
        }
        let length = batch.len().div_ceil(pieces);
        let (arguments, routing, indented) = (self.arguments, self.routing, self.indented);
        let stopped = next == Next::RestOnly;
        let route = |(index, worker): (usize, &mut Worker)| {
            let range = index * length..batch.len().min((index + 1) * length);
            let piece = Piece {
                arguments,
                routing,
                name,
                indented,
                worker,
                outcome: Outcome {
                    stopped,
                    goes_on: stopped,
                    ..Outcome::default()
                },
            };
            piece.route(batch.items(range))
        };
        let mut workers = std::mem::take(&mut self.workers);
        let outcomes: Vec<_> = match &self.threads {
            Some(threads) if pieces > 1 => threads.install(|| {
                let workers = workers.par_iter_mut().take(pieces).enumerate();
                workers
                    .filter(|(index, _)| index * length < batch.len())
                    .map(route)
                    .collect()
            }),
            _ => workers.iter_mut().take(1).enumerate().map(route).collect(),
        };
        for (outcome, worker) in outcomes.into_iter().zip(&workers) {
            if next == Next::Stop {
                break;
            }
            next = self.take(outcome, worker)?;
        }
        self.workers = workers;
        Ok(next)
    }

    fn take(&mut self, outcome: Outcome<'_>, worker: &Worker) -> anyhow::Result<Next> {
        self.out.write_all(&outcome.out).context(CANNOT_WRITE)?;
        if !outcome.messages.is_empty() {
            self.progress
                .suspend(|| terminal::stderr().write_all(&outcome.messages))?;
        }
        if let Some(rejects) = &mut self.rejects {
            rejects
                .write_all(&outcome.rejects)
                .context("cannot write the rejects")?;
        }
        self.summary.add(&outcome.summary);
        let router = self.routing.router();
        for routed in outcome.routed {
            let update = &routed.update;
            let Some(number) = self.by_recipient.take(&update.sender, update.json) else {
                self.summary.repeated += 1;
                continue;
            };
            let recipients = &outcome.recipients[routed.recipients];
            if self.arguments.summary {
                self.summary.sent(&outcome.sent[routed.sent]);
                self.summary.delivered(recipients, router, &worker.scratch);
            }
            let recipients = recipients.iter().map(|user| {
                if (user.0 as usize) < router.user_count() {
                    return *user;
                }
                let name = router.user(*user, &worker.scratch).to_owned();
                let made = self.made.insert_full(name).0;
                UserIndex((router.user_count() + made) as u32)
            });
            self.by_recipient.deliver(number, recipients);
        }
        Ok(match (outcome.stopped, outcome.goes_on) {
            (false, _) => Next::Read,
            (true, true) => Next::RestOnly,
            (true, false) => Next::Stop,
        })
    }

    fn flush(&mut self) -> anyhow::Result<()> {
        self.out.flush().context(CANNOT_WRITE)?;
        if let Some(rejects) = &mut self.rejects {
            rejects.flush().context("cannot write the rejects")?;
        }
        Ok(())
    }
}

/// Looks whether all files are there before the first is read, and how much there is to read.
fn start_progress(inputs: &[PathBuf]) -> anyhow::Result<ProgressBar> {
    let mut total = Some(0);
    for path in inputs {
        if path.as_os_str() == "-" {
            total = None;
            continue;
        }
        let unreadable = || format!("cannot read `{}`", path.display());
        let metadata = File::open(path).and_then(|file| file.metadata());
        let metadata = metadata.with_context(unreadable)?;
        anyhow::ensure!(!metadata.is_dir(), "{}: it is a folder", unreadable());
        total = (total.filter(|_| metadata.is_file())).map(|total| total + metadata.len());
    }
    let total = total.filter(|total| *total >= LEAST_PROGRESS_BYTES && terminal::shows_progress());
    let Some(total) = total else {
        return Ok(ProgressBar::hidden());
    };
    let style = "{bar:40} {binary_bytes}/{binary_total_bytes} {binary_bytes_per_sec}, {eta} left";
    Ok(ProgressBar::new(total).with_style(ProgressStyle::with_template(style)?))
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
