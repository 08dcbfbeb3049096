//! Files that are written: none that is read, and each whole or not at all.

use std::fs::{self, File, Metadata, OpenOptions, Permissions};
use std::io::{self, Write as _};
#[cfg(unix)]
use std::os::fd::AsFd;
#[cfg(unix)]
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, fchown};
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use tempfile::{Builder, TempPath};

use super::signals;
use super::terminal::CANNOT_WRITE;

/// What the system knows a file by, under whatever names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Identity {
    device: u64,
    number: u64,
}

#[cfg(unix)]
#[expect(clippy::unnecessary_wraps, reason = "other systems tell none")]
fn identity(metadata: &Metadata) -> Option<Identity> {
    Some(Identity {
        device: metadata.dev(),
        number: metadata.ino(),
    })
}

#[cfg(not(unix))]
fn identity(_: &Metadata) -> Option<Identity> {
    None
}

/// What is behind standard input, output or error.
#[cfg(unix)]
fn stream(of: &impl AsFd) -> io::Result<Metadata> {
    File::from(of.as_fd().try_clone_to_owned()?).metadata()
}

#[cfg(not(unix))]
fn stream<T>(_: &T) -> io::Result<Metadata> {
    Err(io::ErrorKind::Unsupported.into())
}

/// What a path leads to, if that is a pipe: what is read from it is gone.
pub fn pipe(path: &Path) -> Option<Identity> {
    let metadata = if path.as_os_str() == "-" {
        stream(&io::stdin())
    } else {
        path.metadata()
    };
    metadata
        .ok()
        .filter(is_pipe)
        .and_then(|metadata| identity(&metadata))
}

#[cfg(unix)]
fn is_pipe(metadata: &Metadata) -> bool {
    use std::os::unix::fs::FileTypeExt as _;
    let kind = metadata.file_type();
    kind.is_fifo() || kind.is_socket()
}

#[cfg(not(unix))]
fn is_pipe(_: &Metadata) -> bool {
    false
}

/// Only a regular file can be destroyed by writing to it: what is written to others goes on to somebody.
fn regular(metadata: io::Result<Metadata>) -> Option<Identity> {
    metadata
        .ok()
        .filter(Metadata::is_file)
        .and_then(|metadata| identity(&metadata))
}

/// Refuses to write to a file that is read, under whatever name: opening it would destroy it. Standard input is read.
/// `-` is standard output.
pub fn is_not_read(target: &Path, read: impl IntoIterator<Item = PathBuf>) -> anyhow::Result<()> {
    if target.as_os_str() == "-" {
        return Ok(());
    }
    let Ok(written) = target.metadata() else {
        // What is not there yet is not read.
        return Ok(());
    };
    if !written.is_file() {
        return Ok(());
    }
    let is_same = if let Some(written) = identity(&written) {
        let read = read.into_iter().map(|path| path.metadata());
        let mut read = read.chain([stream(&io::stdin())]);
        read.any(|read| regular(read) == Some(written))
    } else {
        let written = target.canonicalize().ok();
        (read.into_iter()).any(|path| path.canonicalize().ok() == written)
    };
    anyhow::ensure!(
        !is_same,
        "`{}` is read as well, and writing to it would destroy it: name another file",
        target.display()
    );
    Ok(())
}

/// Refuses to write two things to one file, of which the second would destroy the first.
pub fn are_two(one: &Path, other: &Path) -> anyhow::Result<()> {
    let place = |path: &Path| {
        // It may not be there yet, but its folder is.
        path.canonicalize().ok().or_else(|| {
            let folder = path
                .parent()
                .filter(|folder| !folder.as_os_str().is_empty());
            let folder = folder.unwrap_or(Path::new(".")).canonicalize().ok()?;
            Some(folder.join(path.file_name()?))
        })
    };
    let is_same = match (regular(one.metadata()), regular(other.metadata())) {
        (Some(one), Some(other)) => one == other,
        _ => place(one).is_some() && place(one) == place(other),
    };
    anyhow::ensure!(
        !is_same,
        "`{}` gets the summary of the step as well: name another file",
        one.display()
    );
    Ok(())
}

/// Messages go to a file that is read. Nobody is told, since that would be the first of them.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("messages are written to a file that is read")]
pub struct MessagesAreRead;

/// Refuses to write results or messages to a file that is read: what is written would be read again, without end.
pub fn streams_are_not_read(read: impl IntoIterator<Item = PathBuf>) -> anyhow::Result<()> {
    let output = regular(stream(&io::stdout()));
    let errors = regular(stream(&io::stderr()));
    if output.is_none() && errors.is_none() {
        return Ok(());
    }
    for path in read {
        let read = if path.as_os_str() == "-" {
            regular(stream(&io::stdin()))
        } else {
            regular(path.metadata())
        };
        if read.is_some() && read == errors {
            return Err(MessagesAreRead.into());
        }
        anyhow::ensure!(
            read.is_none() || read != output,
            "`{}` is read, and standard output is written to it: send that to another file",
            path.display()
        );
    }
    Ok(())
}

/// Opens a file that gets its content bit by bit. It is neither standard output nor standard error, where what is written
/// to both would be mixed.
pub fn stream_to(path: &Path) -> anyhow::Result<File> {
    anyhow::ensure!(
        path.as_os_str() != "-",
        "results go to standard output: name a file for what is refused"
    );
    let is = |other| {
        let target = regular(path.metadata());
        target.is_some() && target == regular(other)
    };
    for (name, other) in [
        ("output", stream(&io::stdout())),
        ("error", stream(&io::stderr())),
    ] {
        anyhow::ensure!(
            !is(other),
            "`{}` is standard {name} as well: name another file",
            path.display()
        );
    }
    File::create(path).with_context(|| cannot_write(path))
}

/// Adds to the end of a file.
pub fn append(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    (OpenOptions::new().append(true).create(true).open(path))
        .and_then(|mut file| file.write_all(bytes))
        .with_context(|| cannot_write(path))
}

/// Writes a file, in place of what is there. It is whole when it appears under its name, with the mode of the old one;
/// a link to it stays a link. What is no file, such as a pipe, is written as it is.
/// `-` is standard output.
pub fn replace(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    if path.as_os_str() == "-" {
        let mut stdout = io::stdout();
        return (stdout.write_all(bytes))
            .and_then(|()| stdout.flush())
            .context(CANNOT_WRITE);
    }
    put(path, bytes).with_context(|| cannot_write(path))
}

fn cannot_write(path: &Path) -> String {
    format!("cannot write to `{}`", path.display())
}

fn put(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let old = match path.metadata() {
        Ok(old) => Some(old),
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => return Err(error),
    };
    let Some(old) = old else {
        let target = end_of_links(path)?;
        return signals::put_off(|| {
            let file = beside(&target, None, bytes)?;
            file.persist(&target).map_err(|error| error.error)
        });
    };
    let is = |other: io::Result<Metadata>| {
        other.is_ok_and(|other| identity(&other).is_some() && identity(&other) == identity(&old))
    };
    if is(stream(&io::stdout())) {
        let mut stdout = io::stdout();
        return stdout.write_all(bytes).and_then(|()| stdout.flush());
    }
    if is(stream(&io::stderr())) {
        return io::stderr().write_all(bytes);
    }
    // A file that is not to be written is not replaced either.
    let mut open = OpenOptions::new().write(true).open(path)?;
    if !old.is_file() {
        return open.write_all(bytes);
    }
    let target = path.canonicalize()?;
    signals::put_off(|| {
        let file = beside(&target, Some(&old), bytes)?;
        file.persist(&target).map_err(|error| error.error)
    })
}

/// Writes files that are not there yet, and the folders that they are in: all of them, or none.
pub fn create(files: &[(PathBuf, Vec<u8>)]) -> anyhow::Result<()> {
    for (path, _) in files {
        make_folder(path)?;
    }
    signals::put_off(|| {
        let mut made = Vec::new();
        for (path, bytes) in files {
            made.push((
                path,
                beside(path, None, bytes).with_context(|| cannot_write(path))?,
            ));
        }
        // Taken away again if one of the next is not to be had.
        let mut there = Vec::new();
        for (path, file) in made {
            match file.persist_noclobber(path) {
                Ok(()) => there.push(TempPath::try_from_path(path)?),
                Err(error) if error.error.kind() == io::ErrorKind::AlreadyExists => {
                    anyhow::bail!(already(path))
                }
                Err(error) => return Err(error.error).with_context(|| cannot_write(path)),
            }
        }
        for path in there {
            path.keep()?;
        }
        Ok(())
    })
}

/// What is said of a new file that is there.
pub fn already(path: &Path) -> String {
    format!("`{}` is there already: name a new file", path.display())
}

/// Makes the folder that a file is in.
pub fn make_folder(path: &Path) -> anyhow::Result<()> {
    let Some(folder) = path.parent() else {
        return Ok(());
    };
    fs::create_dir_all(folder)
        .with_context(|| format!("cannot make the folder `{}`", folder.display()))
}

/// A whole new file in the folder of another one, with the mode and owner of what that replaces. Its name begins with a
/// dot: should nothing and nobody take it away, it is not read as a rule file.
fn beside(target: &Path, old: Option<&Metadata>, bytes: &[u8]) -> io::Result<TempPath> {
    let folder = match target.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let mut builder = Builder::new();
    #[cfg(unix)]
    builder.permissions(Permissions::from_mode(old.map_or(0o666, Metadata::mode)));
    let file = builder.tempfile_in(folder).map_err(|error| told(&error))?;
    #[cfg(unix)]
    if let Some(old) = old {
        // Who may not give files away keeps those that it makes.
        let _ = fchown(file.as_file(), Some(old.uid()), Some(old.gid()));
    }
    if let Some(old) = old {
        file.as_file().set_permissions(old.permissions())?;
    }
    file.as_file().write_all(bytes)?;
    file.as_file().sync_all()?;
    Ok(file.into_temp_path())
}

/// An error without the name of a file that nobody has heard of.
fn told(error: &io::Error) -> io::Error {
    let text = error.to_string();
    let text = text.split(" at path ").next().unwrap_or_default();
    io::Error::new(error.kind(), text.to_owned())
}

/// Where a link leads that leads to nothing yet.
fn end_of_links(path: &Path) -> io::Result<PathBuf> {
    /// As many as Linux follows.
    const MOST: usize = 40;
    let mut path = path.to_owned();
    for _ in 0..MOST {
        match path.read_link() {
            Ok(to) => path = path.parent().unwrap_or(Path::new("")).join(to),
            Err(_) => return Ok(path),
        }
    }
    Err(io::Error::other("too many links"))
}
