//! A run over all inputs: threads that read, route and write in turns.
//!
//! Each block of an input belongs to one thread, which reads it, routes it, and writes what comes of it. Two things go
//! from thread to thread, round and round, and whoever has one may do what it stands for: the [`Input`], to read the
//! next block, and the [`Results`], to write. So blocks are read and written in order, and routed side by side.

use std::io::Read;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TryRecvError, sync_channel};
use std::thread;

use anyhow::Context as _;

use crate::router::Routing;
use crate::update::{Cutter, Place};

use super::input::{Block, Input};
use super::piece::{Job, Left, Worker};
use super::results::Results;
use super::{Arguments, progress};
use crate::cli::{Exit, terminal, written};

/// Of fewer bytes than that, a block does not pay for waking another thread.
const LEAST_SHARED_BYTES: usize = 32 * 1024;

/// So often a thread looks whether its turn has come, for some tens of microseconds, before it sleeps: to be woken takes
/// as long, and most turns come sooner.
const LOOKS: u32 = 1000;

/// What a thread has for itself, from one input to the next.
struct Desk<'a> {
    worker: Worker<'a>,
    cutter: Cutter,
    block: Block,
}

/// What the threads have in common.
struct Shared<'s> {
    job: Job<'s>,
    /// What is said if the input can't be read.
    unreadable: &'s str,
    /// Whether there is only one thread.
    is_alone: bool,
    /// Whether blocks are routed before it is known whether a record starts with them.
    guesses: AtomicBool,
}

/// A thread's place among those that take turns.
struct Seat<'d, 'a, R> {
    desk: &'d mut Desk<'a>,
    inputs: Turns<Input<R>>,
    results: Turns<Results<'a>>,
}

/// From the thread before, and to the next one.
struct Turns<T> {
    from: Receiver<T>,
    to: SyncSender<T>,
}

/// Routes all inputs, and writes the results.
pub fn run(
    arguments: &Arguments,
    routing: Routing<'_>,
    inputs: &[PathBuf],
) -> anyhow::Result<Exit> {
    // Before anything is overwritten.
    let progress = progress::start(inputs)?;
    let rejects = arguments.rejects.as_deref().map(written::stream_to);
    let processors = || thread::available_parallelism().map_or(1, usize::from);
    let threads = match arguments.threads {
        // What comes after a refused record is not looked at, so there is nothing to do side by side.
        _ if arguments.fail_fast => 1,
        Some(threads) => usize::from(threads),
        None => processors(),
    };
    let mut desks: Vec<_> = (0..threads)
        .map(|_| Desk {
            worker: Worker::new(routing),
            cutter: Cutter::new(arguments.max_record_bytes, Place::START),
            block: Block::empty(),
        })
        .collect();
    let mut results = Results::new(routing, rejects.transpose()?, progress.clone());
    let job = Job {
        arguments,
        name: "",
        indented: terminal::is_stdout_terminal(),
    };
    for path in inputs {
        let unreadable = format!("cannot read `{}`", path.display());
        let (name, input) = terminal::open(path).with_context(|| unreadable.clone())?;
        if path.as_os_str() == "-" {
            terminal::tell_reading_stdin("presence updates")?;
        }
        let input = Input::new(progress.wrap_read(input));
        let shared = Shared {
            job: Job { name: &name, ..job },
            unreadable: &unreadable,
            is_alone: desks.len() == 1,
            guesses: AtomicBool::new(true),
        };
        results = take_turns(&shared, &mut desks, input, results)?;
        if results.are_complete() {
            break;
        }
    }
    results.finish(job)
}

/// Goes through one input. The other threads start when there is work for them.
fn take_turns<'a, R: Read + Send>(
    shared: &Shared<'_>,
    desks: &mut [Desk<'a>],
    input: Input<R>,
    results: Results<'a>,
) -> anyhow::Result<Results<'a>> {
    let mut seats = seats(desks);
    let first = seats.pop().expect("there is a thread");
    thread::scope(|scope| {
        let mut threads = Vec::new();
        let start_others = || {
            for seat in seats.drain(..) {
                let work = || seat.work(shared, None, || Ok(()));
                let thread = thread::Builder::new().spawn_scoped(scope, work);
                threads.push(thread.context("cannot start the threads")?);
            }
            Ok(())
        };
        let mut done = first.work(shared, Some((input, results)), start_others);
        drop(seats);
        for thread in threads {
            let other = (thread.join()).unwrap_or_else(|panic| std::panic::resume_unwind(panic));
            done = match (done, other) {
                (Ok(None), other) => other,
                (done, Ok(None)) => done,
                // Only one of them has the results; the other one says why these are not whole.
                (Ok(_), error) | (error, _) => error,
            };
        }
        Ok(done?.expect("who reads the end of the input has the results"))
    })
}

/// A seat for each desk. The last one's turn is before the first one's.
fn seats<'d, 'a, R>(desks: &'d mut [Desk<'a>]) -> Vec<Seat<'d, 'a, R>> {
    let count = desks.len();
    let seats = (desks.iter_mut()).zip(turns(count)).zip(turns(count));
    let seat = |((desk, inputs), results)| Seat {
        desk,
        inputs,
        results,
    };
    seats.map(seat).collect()
}

/// For each of so many threads the turns that it takes.
fn turns<T>(count: usize) -> Vec<Turns<T>> {
    let (mut to, from): (Vec<_>, Vec<_>) = (0..count).map(|_| sync_channel(1)).unzip();
    to.rotate_left(1);
    let ends = from.into_iter().zip(to);
    ends.map(|(from, to)| Turns { from, to }).collect()
}

impl<T> Turns<T> {
    /// Waits for the thread before; nothing if that has ended.
    fn wait(&self) -> Option<T> {
        for _ in 0..LOOKS {
            match self.from.try_recv() {
                Ok(turn) => return Some(turn),
                Err(TryRecvError::Disconnected) => return None,
                Err(TryRecvError::Empty) => std::hint::spin_loop(),
            }
        }
        self.from.recv().ok()
    }
}

impl<'a, R: Read> Seat<'_, 'a, R> {
    /// Takes turns until the input is done with, or another thread failed. Who reads the end of the input returns the
    /// results.
    fn work(
        self,
        shared: &Shared<'_>,
        begun: Option<(Input<R>, Results<'a>)>,
        mut start_others: impl FnMut() -> anyhow::Result<()>,
    ) -> anyhow::Result<Option<Results<'a>>> {
        let Desk {
            worker,
            cutter,
            block,
        } = self.desk;
        let (mut input, mut results) = begun.unzip();
        loop {
            let Some(mut reading) = input.take().or_else(|| self.inputs.wait()) else {
                return Ok(None);
            };
            (reading.read(block)).with_context(|| shared.unreadable.to_owned())?;
            let is_small = block.new_bytes().len() < LEAST_SHARED_BYTES;
            let keeps_turns = shared.is_alone || is_small || block.at_end();
            if keeps_turns {
                input = Some(reading);
                results = results.or_else(|| self.results.wait());
                if results.is_none() {
                    return Ok(None);
                }
            } else {
                start_others()?;
                // If it is gone, so are the results.
                let _ = self.inputs.to.send(reading);
            }
            // Who has the results need not guess.
            let guesses = results.is_none() && shared.guesses.load(Ordering::Relaxed);
            let routed = guesses.then(|| {
                cutter.start_anew(block.place());
                let (bytes, at_end) = (block.bytes(), block.at_end());
                worker.route(shared.job, cutter, bytes, at_end, false, Left::default())
            });
            let Some(mut turn) = results.take().or_else(|| self.results.wait()) else {
                return Ok(None);
            };
            turn.take_block(shared.job, block, routed, (worker, cutter), &shared.guesses)?;
            if turn.are_complete() || block.at_end() {
                return Ok(Some(turn));
            }
            if keeps_turns {
                results = Some(turn);
            } else if self.results.to.send(turn).is_err() {
                return Ok(None);
            }
        }
    }
}
