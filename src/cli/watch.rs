//! Running again whenever a file changes.

use std::collections::BTreeSet;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use anyhow::Context as _;
use notify::event::{Event, RemoveKind};
use notify::{EventKind, RecursiveMode, Watcher as _};

use super::written::MessagesAreRead;
use super::{Exit, terminal};
use crate::finding::Severity;
use crate::rules::files;

/// Editors write a file in several steps; so long after a change, the next is waited for.
const SETTLE: Duration = Duration::from_millis(100);

/// Where changes do not end, as of a log, they are not waited for any longer.
const LONGEST: Duration = Duration::from_secs(2);

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
            // To say so would be the next change.
            if error.is::<MessagesAreRead>() {
                return Err(error);
            }
            terminal::tell(Severity::Error, &format!("{error:#}"))?;
        }
        let mut read = BTreeSet::new();
        for path in ran.paths {
            let (folder, mode) = folder(&path);
            if !watched.contains(&folder) && folder.exists() {
                (watcher.watch(&folder, mode))
                    .with_context(|| format!("cannot watch `{}`", folder.display()))?;
                watched.insert(folder);
            }
            read.extend(place(&path));
        }
        anyhow::ensure!(!watched.is_empty(), "there is no folder to watch");
        terminal::say("waiting for changes; Ctrl-C ends")?;
        wait(&changes, &read)?;
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

/// Waits until files have changed that are read, or would be, and no more change for a moment. Others may be in the same
/// folders, and what this program writes may be among them.
fn wait(changes: &Receiver<notify::Result<Event>>, read: &BTreeSet<PathBuf>) -> anyhow::Result<()> {
    loop {
        let event = changes.recv().context("files are no longer watched")??;
        if concerns(&event, read) {
            break;
        }
    }
    let first = Instant::now();
    while first.elapsed() < LONGEST && changes.recv_timeout(SETTLE).is_ok() {}
    Ok(())
}

/// Whether a change is one of files that are read, or would be.
fn concerns(event: &Event, read: &BTreeSet<PathBuf>) -> bool {
    // Reading the files is no change.
    if matches!(event.kind, EventKind::Access(_)) {
        return false;
    }
    let is_folder = matches!(event.kind, EventKind::Remove(RemoveKind::Folder));
    // Changes that were lost may have been of any file.
    let is_any = event.need_rescan() || event.paths.is_empty();
    is_any
        || event.paths.iter().any(|path| {
            let name = path.file_name().unwrap_or_default().as_encoded_bytes();
            // By a link of this name, Kubernetes changes all files of a `ConfigMap` at once.
            let is_map = name == b"..data";
            let is_hidden = name.starts_with(b".");
            let is_by_name = files::is_yaml(path) || is_folder || path.is_dir();
            is_map
                || (is_by_name && !is_hidden)
                || place(path).is_some_and(|place| read.contains(&place))
        })
}

/// A file by its folder and its name, so that one that was replaced is the same.
fn place(path: &Path) -> Option<PathBuf> {
    let name = path.file_name()?;
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    Some(folder.canonicalize().ok()?.join(name))
}
