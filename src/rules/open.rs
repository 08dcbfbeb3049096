//! Opening files: what a file names is a regular file, and what a command line names may be a pipe or a device as well.

use std::fmt;
use std::fs::{File, FileType, Metadata};
use std::io::{self, Read};
use std::path::Path;

/// Who names a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NamedBy {
    /// A person who runs a command, and may name a pipe.
    CommandLine,
    /// A file. What stands in it is there for every run, so a pipe would be waited for in vain.
    File,
}

/// Why a file was not read.
#[derive(Debug)]
#[non_exhaustive]
pub enum OpenError {
    /// What the system says.
    System(io::Error),
    /// It is a folder, or something else that is not a regular file.
    Kind(&'static str),
    /// It has more bytes than that.
    TooLarge(u64),
}

impl From<io::Error> for OpenError {
    fn from(error: io::Error) -> Self {
        Self::System(error)
    }
}

impl fmt::Display for OpenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::System(error) => error.fmt(f),
            Self::Kind(kind @ "a folder") => write!(f, "it is {kind}"),
            Self::Kind(kind) => write!(f, "it is {kind}, not a regular file"),
            Self::TooLarge(most) => write!(f, "it is larger than {} MiB", most / 1024 / 1024),
        }
    }
}

/// Reads a file, if it is one for whoever names it, and not larger than `most` bytes.
pub(crate) fn read(path: &Path, by: NamedBy, most: u64) -> Result<Vec<u8>, OpenError> {
    // Opening a pipe would wait for somebody to write to it.
    check(&path.metadata()?, by)?;
    let file = open(path, by)?;
    // It may have been replaced in between.
    let metadata = file.metadata()?;
    check(&metadata, by)?;
    if metadata.is_file() && metadata.len() > most {
        return Err(OpenError::TooLarge(most));
    }
    read_from(file, most)
}

/// Opens a file. What a file names is never waited for: a pipe that has taken its place says so, and what only looks like
/// a file, as `/proc/kmsg` does, has nothing to say.
fn open(path: &Path, by: NamedBy) -> io::Result<File> {
    let mut options = File::options();
    options.read(true);
    #[cfg(unix)]
    if by == NamedBy::File {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.custom_flags(libc::O_NONBLOCK);
    }
    #[cfg(not(unix))]
    let _ = by;
    options.open(path)
}

/// Reads all of an input, if it is not larger than `most` bytes.
pub(crate) fn read_from(input: impl Read, most: u64) -> Result<Vec<u8>, OpenError> {
    let mut bytes = Vec::new();
    input.take(most + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > most {
        return Err(OpenError::TooLarge(most));
    }
    Ok(bytes)
}

fn check(metadata: &Metadata, by: NamedBy) -> Result<(), OpenError> {
    let kind = metadata.file_type();
    if kind.is_file() || (by == NamedBy::CommandLine && !kind.is_dir()) {
        return Ok(());
    }
    Err(OpenError::Kind(name(kind)))
}

/// Whether a path leads to a pipe.
pub(crate) fn is_pipe(path: &Path) -> bool {
    (path.metadata()).is_ok_and(|metadata| name(metadata.file_type()) == PIPE)
}

/// Whether a path is a pipe that has a name, and may have nobody yet who writes to it; those of a shell, `<(…)`, have one.
pub(crate) fn is_named_pipe(path: &Path) -> bool {
    !path.starts_with("/dev") && !path.starts_with("/proc") && is_pipe(path)
}

const PIPE: &str = "a pipe";

fn name(kind: FileType) -> &'static str {
    if kind.is_dir() {
        return "a folder";
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::FileTypeExt as _;
        if kind.is_fifo() {
            return PIPE;
        }
        if kind.is_char_device() || kind.is_block_device() {
            return "a device";
        }
    }
    "something else"
}
