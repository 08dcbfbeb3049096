//! Standard output and standard error: colours, terminals, closed pipes, and a full disk. All that the program says goes
//! through here, and nothing of it panics.

use std::env;
use std::fs::File;
use std::io::{self, BufWriter, IsTerminal, LineWriter, StdoutLock, Write};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use anstream::{AutoStream, ColorChoice as Choice};
use clap::ColorChoice;
use indicatif::ProgressBar;

use crate::finding::Severity;
use crate::output::findings::style;
use crate::output::harmless::visible;
use crate::rules::open;

/// A person begins to wonder what a program does that says nothing for so long.
const LONG: Duration = Duration::from_secs(1);

/// How often a spinner turns.
const TICK: Duration = Duration::from_millis(100);

/// Sets whether messages are coloured: by the option, then by the environment, then by where they go.
pub fn choose_colors(option: ColorChoice) {
    let choice = match option {
        ColorChoice::Always => Choice::Always,
        ColorChoice::Never => Choice::Never,
        // anstream honours the other variables by itself.
        ColorChoice::Auto if is_set("NO_COLOR") => Choice::Never,
        ColorChoice::Auto if is_set("FORCE_COLOR") => Choice::Always,
        ColorChoice::Auto => Choice::Auto,
    };
    choice.write_global();
}

/// Whether notes and counts are left out.
static IS_QUIET: AtomicBool = AtomicBool::new(false);

/// Leaves out notes, counts and what else is said in passing.
pub fn be_quiet() {
    IS_QUIET.store(true, Ordering::Relaxed);
}

fn is_quiet() -> bool {
    IS_QUIET.load(Ordering::Relaxed)
}

/// Whether places on standard output may be links: a terminal reads it that knows them, and colours are wanted there.
pub fn shows_links() -> bool {
    let is_colored = AutoStream::choice(&io::stdout()) != Choice::Never;
    is_colored
        && io::stdout().is_terminal()
        && supports_hyperlinks::on(supports_hyperlinks::Stream::Stdout)
}

fn is_set(variable: &str) -> bool {
    env::var_os(variable).is_some_and(|value| !value.is_empty() && value != "0")
}

/// Says how something ended: `error: …`, on standard error. What the message quotes is made harmless.
pub fn tell(severity: Severity, message: &str) -> io::Result<()> {
    if severity == Severity::Note && is_quiet() {
        return Ok(());
    }
    let style = style(severity);
    writeln!(stderr(), "{style}{severity}{style:#}: {}", visible(message))
}

/// The same of a place in an input.
pub fn tell_at(place: &str, severity: Severity, message: &str) -> io::Result<()> {
    writeln!(stderr(), "{}", at(place, severity, message))
}

/// What [`tell_at`] says, for whoever writes it later.
pub fn at(place: &str, severity: Severity, message: &str) -> String {
    let (place, message) = (visible(place), visible(message));
    let style = style(severity);
    format!("{place}: {style}{severity}{style:#}: {message}")
}

/// Says something in passing, on a line of its own, on standard error.
pub fn say(line: &str) -> io::Result<()> {
    if is_quiet() {
        return Ok(());
    }
    say_always(line)
}

/// Says something that nobody may miss, on a line of its own, on standard error.
pub fn say_always(line: &str) -> io::Result<()> {
    writeln!(stderr(), "{}", visible(line))
}

/// Standard error for messages that are harmless, with colours where they are wanted.
pub fn stderr() -> impl Write {
    LineWriter::new(Messages(AutoStream::auto(io::stderr().lock())))
}

/// Standard error. If nobody reads the messages, they go nowhere: that says nothing of the work, which goes on.
struct Messages<W>(W);

impl<W: Write> Write for Messages<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self.0.write(bytes) {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(bytes.len()),
            written => written,
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self.0.flush() {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            flushed => flushed,
        }
    }
}

/// Standard output for messages, with colours where they are wanted.
pub fn colored_stdout() -> BufWriter<AutoStream<StdoutLock<'static>>> {
    BufWriter::new(AutoStream::auto(io::stdout().lock()))
}

/// Messages that are written later, with colours only where they are wanted everywhere.
pub fn colored(text: Vec<u8>) -> AutoStream<Vec<u8>> {
    AutoStream::auto(text)
}

/// Standard output for results.
pub fn stdout() -> BufWriter<io::Stdout> {
    BufWriter::with_capacity(64 * 1024, io::stdout())
}

/// What went wrong where results cannot be written.
pub const CANNOT_WRITE: &str = "cannot write to standard output";

/// Whether a person reads standard output.
pub fn is_stdout_terminal() -> bool {
    io::stdout().is_terminal()
}

/// Whether a person reads standard error, and nothing else writes to the same screen.
pub fn shows_progress() -> bool {
    io::stderr().is_terminal() && !io::stdout().is_terminal()
}

/// Does something, and says so on a terminal when it takes long.
pub fn working<T>(what: &'static str, work: impl FnOnce() -> T) -> T {
    if !io::stderr().is_terminal() {
        return work();
    }
    thread::scope(|scope| {
        let (done, is_done) = mpsc::channel::<()>();
        scope.spawn(move || {
            if is_done.recv_timeout(LONG) == Err(mpsc::RecvTimeoutError::Timeout) {
                let spinner = ProgressBar::new_spinner().with_message(what);
                spinner.enable_steady_tick(TICK);
                // Until the other side is gone.
                let _ = is_done.recv();
                spinner.finish_and_clear();
            }
        });
        // Gone even if the work panics.
        let _done = done;
        work()
    })
}

/// Says that the program waits for a person to type, who may not know.
pub fn tell_reading_stdin(what: &str) -> io::Result<()> {
    if io::stdin().is_terminal() && io::stderr().is_terminal() {
        say(&format!(
            "reading {what} from the keyboard; Ctrl-D ends the input"
        ))?;
    }
    Ok(())
}

/// Says that a named pipe is waited for, until somebody writes to it.
pub fn tell_waiting<'p>(paths: impl IntoIterator<Item = &'p Path>) -> io::Result<()> {
    if io::stderr().is_terminal() {
        let pipes = paths.into_iter().filter(|path| open::is_named_pipe(path));
        for pipe in pipes {
            say(&format!("waiting for the pipe `{}`", pipe.display()))?;
        }
    }
    Ok(())
}

/// The file of an `INPUT`, and what messages call it. `-` is standard input.
pub fn open(path: &Path) -> io::Result<(String, Box<dyn io::Read + Send>)> {
    if path.as_os_str() == "-" {
        Ok(("<stdin>".to_owned(), Box::new(io::stdin())))
    } else {
        tell_waiting([path])?;
        Ok((path.display().to_string(), Box::new(File::open(path)?)))
    }
}
