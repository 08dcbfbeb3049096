//! `check --explain`: what a finding means.

use std::io::Write as _;

use anyhow::{Context as _, bail};

use crate::finding::Code;
use crate::output::code_pages;
use crate::pattern::shortened;
use crate::rules::did_you_mean;

use crate::cli::Exit;
use crate::cli::terminal::{self, CANNOT_WRITE};

/// Explains a code, or lists all of them.
pub fn run(name: Option<&str>) -> anyhow::Result<Exit> {
    let mut out = terminal::colored_stdout();
    if let Some(name) = name {
        // It may have been copied with what stands around it.
        let name = name.trim_matches(['[', ']', '`', ' ']);
        let Some(code) = Code::from_name(name) else {
            let codes = || Code::ALL.iter().map(|code| code.name());
            let word = name.to_ascii_lowercase().replace(['_', ' '], "-");
            let near: Vec<_> = (codes().filter(|code| word.len() > 2 && code.contains(&*word)))
                .map(|code| format!("`{code}`"))
                .collect();
            let help = did_you_mean(&word, codes())
                .or_else(|| (!near.is_empty()).then(|| format!("there is {}", near.join(", "))))
                .unwrap_or_else(|| "`presence-router check --explain` lists all codes".into());
            bail!("there is no finding `{}`; {help}", shortened(name));
        };
        code_pages::page(code, &mut out).context(CANNOT_WRITE)?;
    } else {
        code_pages::codes(&mut out).context(CANNOT_WRITE)?;
    }
    out.flush().context(CANNOT_WRITE)?;
    Ok(Exit::Done)
}
