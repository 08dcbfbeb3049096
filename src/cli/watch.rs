//! Running again whenever a file changes.

use std::collections::BTreeSet;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use anyhow::Context as _;
use notify::{EventKind, RecursiveMode, Watcher as _};

use super::{Exit, terminal};
use crate::finding::Severity;
use crate::rules::files;

/// Editors write a file in several steps; so long after a change, the next is waited for.
const SETTLE: Duration = Duration::from_millis(100);

/// One run, and the files and folders that it looked at.
pub struct Ran {
    pub exit: anyhow::Result<Exit>,
    pub paths: Vec<PathBuf>,
}

/// Runs something now, and again after each change of what it looks at, until the program is ended. `named` is what the
/// command line names.
pub fn watch<'p>(
    named: impl IntoIterator<Item = &'p PathBuf>,
    run: impl Fn() -> Ran,
) -> anyhow::Result<Exit> {
    anyhow::ensure!(
        !named.into_iter().any(|path| files::is_stream(path)),
        "`--watch` cannot wait for changes of standard input or of a pipe: name a file"
    );
    let (sender, changes) = channel();
    let mut watcher = notify::recommended_watcher(sender).context("cannot watch files")?;
    let mut watched = BTreeSet::new();
    loop {
        if terminal::is_stdout_terminal() {
            // An empty screen, as if the program had just been started.
            let mut out = terminal::colored_stdout();
            out.write_all(b"\x1b[2J\x1b[3J\x1b[H")?;
            out.flush()?;
        }
        let ran = run();
        if let Err(error) = ran.exit {
            terminal::tell(Severity::Error, &format!("{error:#}"))?;
        }
        for path in ran.paths {
            let (folder, mode) = folder(&path);
            if !watched.contains(&folder) && folder.exists() {
                (watcher.watch(&folder, mode))
                    .with_context(|| format!("cannot watch `{}`", folder.display()))?;
                watched.insert(folder);
            }
        }
        anyhow::ensure!(!watched.is_empty(), "there is no folder to watch");
        terminal::say("waiting for changes; Ctrl-C ends")?;
        wait(&changes)?;
    }
}

/// What is watched for a path. Many editors replace a file, so its folder is.
fn folder(path: &Path) -> (PathBuf, RecursiveMode) {
    if path.is_dir() {
        return (path.to_owned(), RecursiveMode::Recursive);
    }
    let folder = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent.to_owned(),
        _ => PathBuf::from("."),
    };
    (folder, RecursiveMode::NonRecursive)
}

/// Waits until files have changed, and no more change for a moment.
fn wait(changes: &Receiver<notify::Result<notify::Event>>) -> anyhow::Result<()> {
    loop {
        let event = changes.recv().context("files are no longer watched")??;
        // Reading the files is no change.
        if !matches!(event.kind, EventKind::Access(_)) {
            break;
        }
    }
    while changes.recv_timeout(SETTLE).is_ok() {}
    Ok(())
}
