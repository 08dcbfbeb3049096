//! `check --explain`: what a finding means.

use std::io::Write as _;

use anyhow::{Context as _, bail};

use crate::finding::Code;
use crate::output::explanation;
use crate::pattern::shortened;
use crate::rules::did_you_mean;

use super::terminal::CANNOT_WRITE;
use super::{Exit, terminal};

/// Explains a code, or lists all of them.
pub fn run(name: Option<&str>) -> anyhow::Result<Exit> {
    let mut out = terminal::colored_stdout();
    if let Some(name) = name {
        let Some(code) = Code::from_name(name) else {
            let help = did_you_mean(name, Code::ALL.iter().map(|code| code.name()))
                .unwrap_or_else(|| "`presence-router check --explain` lists all codes".into());
            bail!("there is no finding `{}`; {help}", shortened(name));
        };
        explanation::explanation(code, &mut out).context(CANNOT_WRITE)?;
    } else {
        explanation::codes(&mut out).context(CANNOT_WRITE)?;
    }
    out.flush().context(CANNOT_WRITE)?;
    Ok(Exit::Done)
}
