//! Letting go of what takes long, in threads that have ended before Python does.
//!
//! A thread that waits for Python's lock while Python ends is ended there and then, in the midst of Rust: until Python
//! 3.14, by unwinding it, and what unwinds need not fit how this library was linked. So Python waits for these threads.

use std::iter;
use std::mem;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use pyo3::prelude::*;

/// How long Python waits at most, since a process that was forked does not have the threads that are counted.
const LONGEST: Duration = Duration::from_secs(1);

struct Threads {
    working: usize,
    is_ending: bool,
}

static THREADS: Mutex<Threads> = Mutex::new(Threads {
    working: 0,
    is_ending: false,
});
static DONE: Condvar = Condvar::new();

fn threads() -> MutexGuard<'static, Threads> {
    THREADS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A thread that is counted, until this is dropped.
struct Working;

impl Drop for Working {
    fn drop(&mut self) {
        threads().working -= 1;
        DONE.notify_all();
    }
}

/// Lets go of parts with objects of Python's, one after another and in a thread of its own, so that nobody waits for
/// long. Where Python ends, there is nothing to let go of.
pub fn let_go<T: Send + 'static>(mut parts: impl Iterator<Item = T> + Send + 'static) {
    let Some(first) = parts.next() else {
        return;
    };
    let mut now = threads();
    if now.is_ending {
        mem::forget((first, parts));
        return;
    }
    now.working += 1;
    drop(now);
    let working = Working;
    let mut parts = iter::once(first).chain(parts);
    // Without a thread, they go here and now.
    let _ = thread::Builder::new().spawn(move || {
        let _working = working;
        while let Some(part) = parts.next() {
            if threads().is_ending {
                mem::forget((part, parts));
                return;
            }
            Python::try_attach(|_| drop(part));
        }
    });
}

/// Has the threads end, and waits for them: for `atexit`.
#[pyfunction]
fn end_threads(py: Python<'_>) {
    py.detach(|| {
        let mut now = threads();
        now.is_ending = true;
        // Each ends after the part that it is at.
        drop(DONE.wait_timeout_while(now, LONGEST, |now| now.working > 0));
    });
}

/// Tells Python to wait when it ends.
pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    let end = wrap_pyfunction!(end_threads, module)?;
    module
        .py()
        .import("atexit")?
        .call_method1("register", (end,))?;
    Ok(())
}
