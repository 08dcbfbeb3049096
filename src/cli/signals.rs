//! Signals that end the program, put off for the moment in which a file is written.

#[cfg(unix)]
pub use unix::{put_off, refuse_at_size_limits};

/// Where there are no such limits.
#[cfg(not(unix))]
pub fn refuse_at_size_limits() {}

/// Where there are no such signals.
#[cfg(not(unix))]
pub fn put_off<T>(work: impl FnOnce() -> T) -> T {
    work()
}

#[cfg(unix)]
mod unix {
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::sync::{Arc, OnceLock};

    use signal_hook::consts::{SIGINT, SIGTERM, SIGXFSZ};
    use signal_hook::flag;
    use signal_hook::low_level::emulate_default_handler;

    /// Whether a signal may end the program.
    static MAY_END: AtomicBool = AtomicBool::new(true);

    /// Whether one came that may not.
    static CAME: [AtomicBool; 2] = [AtomicBool::new(false), AtomicBool::new(false)];

    const SIGNALS: [i32; 2] = [SIGINT, SIGTERM];

    /// Makes a write that goes beyond the size that the system lets files have (`ulimit -f`) an error, as on a full disk:
    /// a signal would end the program amid the file.
    pub fn refuse_at_size_limits() {
        // Where this is not to be had, the signal ends the program, as ever.
        let _ = flag::register(SIGXFSZ, Arc::default());
    }

    /// Does something whole that takes no long time: a signal that would end the program ends it then.
    pub fn put_off<T>(work: impl FnOnce() -> T) -> T {
        static REGISTERED: OnceLock<()> = OnceLock::new();
        REGISTERED.get_or_init(|| {
            for (signal, came) in SIGNALS.into_iter().zip(&CAME) {
                // Where this is not to be had, signals end the program at once, as ever.
                let _ = flag::register_conditional_default(signal, &MAY_END)
                    .and_then(|_| flag::register(signal, came));
            }
        });
        MAY_END.store(false, Ordering::SeqCst);
        let done = work();
        MAY_END.store(true, Ordering::SeqCst);
        for (signal, came) in SIGNALS.into_iter().zip(&CAME) {
            if came.swap(false, Ordering::SeqCst) {
                let _ = emulate_default_handler(signal);
            }
        }
        done
    }
}
