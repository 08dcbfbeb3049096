//! Two sets of users: whether anybody of the one reaches anybody of the other, and for example whom.

use std::io::{self, Write};

use serde::Serialize;

use super::json::{PairEntry, VERSION, pair_entry, write};
use super::line;
use super::places::Places;
#[cfg(feature = "cli")]
use super::places::quoted;
#[cfg(feature = "cli")]
use super::tree::{self, BAD, GOOD};
use crate::explain::Between;
#[cfg(feature = "cli")]
use crate::output::harmless::visible;
use crate::proofs::Reach;

#[cfg(feature = "cli")]
pub fn tree(between: &Between, places: &Places<'_>, out: &mut dyn Write) -> io::Result<()> {
    let (senders, recipients) = (quoted(&between.senders), quoted(&between.recipients));
    let more = match &between.answer {
        Ok(Reach::Delivered(_)) => {
            writeln!(
                out,
                "{GOOD}delivered{GOOD:#}: somebody in {senders} reaches somebody in {recipients}"
            )?;
            "for example"
        }
        Ok(nobody) => {
            writeln!(
                out,
                "{BAD}not delivered{BAD:#}: nobody in {senders} reaches anybody in {recipients}; this is proven for all \
                 user IDs there could be"
            )?;
            match nobody {
                Reach::Unseen(_) => {
                    "routes send updates, but no rule lets the recipients see the senders; for example"
                }
                Reach::Blocked(_) => {
                    "routes would send updates, but blocks keep all of them back; for example"
                }
                _ => return writeln!(out, "no route connects any of them, whoever is known"),
            }
        }
        Err(undecided) => {
            writeln!(
                out,
                "{BAD}undecided{BAD:#}: whether anybody in {senders} reaches anybody in {recipients}"
            )?;
            return writeln!(out, "reason: {}", visible(&undecided.to_string()));
        }
    };
    let Some(pair) = &between.pair else {
        return Ok(());
    };
    writeln!(out, "{more}:\n")?;
    tree::pair(pair, places, out)?;
    if !between.are_known {
        writeln!(
            out,
            "note: these two stand for others like them; they are taken to be known users"
        )?;
    }
    Ok(())
}

#[derive(Serialize)]
struct Entry<'e> {
    version: u32,
    senders: &'e str,
    recipients: &'e str,
    /// `null` if it is undecided.
    delivered: Option<bool>,
    verdict: &'static str,
    reason: Option<String>,
    are_known: bool,
    example: Option<PairEntry<'e>>,
}

pub fn json(between: &Between, places: &Places<'_>, out: &mut dyn Write) -> io::Result<()> {
    let verdict = match &between.answer {
        Ok(Reach::Delivered(_)) => "delivered",
        Ok(Reach::Unseen(_)) => "unseen",
        Ok(Reach::Blocked(_)) => "blocked",
        Ok(Reach::Nobody) => "not-routed",
        Err(_) => "undecided",
    };
    let is_delivered = |reach: &Reach| matches!(reach, Reach::Delivered(_));
    let entry = Entry {
        version: VERSION,
        senders: &between.senders,
        recipients: &between.recipients,
        delivered: between.answer.as_ref().ok().map(is_delivered),
        verdict,
        reason: between.answer.as_ref().err().map(ToString::to_string),
        are_known: between.are_known,
        example: between.pair.as_ref().map(|pair| pair_entry(pair, places)),
    };
    write(&entry, out)
}

pub fn lines(between: &Between, places: &Places<'_>, out: &mut dyn Write) -> io::Result<()> {
    match &between.pair {
        Some(pair) => line::pair(pair, places, out),
        None => Ok(()),
    }
}
