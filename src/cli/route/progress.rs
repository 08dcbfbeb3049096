//! The progress bar of long inputs.

use std::fs::File;
use std::path::PathBuf;

use anyhow::Context as _;
use indicatif::{ProgressBar, ProgressStyle};

use crate::cli::terminal;

/// Shorter files are done before a progress bar could be read.
const LEAST_PROGRESS_BYTES: u64 = 16 * 1024 * 1024;

/// Looks whether all files are there before the first is read, and how much there is to read.
pub fn start(inputs: &[PathBuf]) -> anyhow::Result<ProgressBar> {
    let mut total = Some(0);
    for path in inputs {
        if path.as_os_str() == "-" {
            total = None;
            continue;
        }
        let unreadable = || format!("cannot read `{}`", path.display());
        let metadata = path.metadata().with_context(unreadable)?;
        anyhow::ensure!(!metadata.is_dir(), "{}: it is a folder", unreadable());
        // To open a pipe is to begin to read it.
        if metadata.is_file() {
            File::open(path).with_context(unreadable)?;
        }
        total = (total.filter(|_| metadata.is_file())).map(|total| total + metadata.len());
    }
    let total = total.filter(|total| *total >= LEAST_PROGRESS_BYTES && terminal::shows_progress());
    let Some(total) = total else {
        return Ok(ProgressBar::hidden());
    };
    let style = "{bar:40} {binary_bytes}/{binary_total_bytes} {binary_bytes_per_sec}, {eta} left";
    Ok(ProgressBar::new(total).with_style(ProgressStyle::with_template(style)?))
}
