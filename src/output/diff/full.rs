//! For people.

use std::collections::BTreeSet;
use std::io::{self, Write};

use anstyle::{AnsiColor, Style};

use super::super::harmless::visible;
use super::{Report, Rule, conditions, more, named};
use crate::diff::impact::Impact;
use crate::diff::{Because, Difference, Direction, Question, Verdict, Which};
use crate::pattern::shortened;

/// So many users are named of those who gain or lose somebody.
const MOST_NAMED: usize = 10;

/// Writes the verdict, and what there is to say of each difference. Colours come as ANSI sequences, which the writer may
/// strip.
///
/// # Errors
///
/// If `out` cannot be written to.
pub(crate) fn full(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let comparison = report.comparison;
    for (difference, placed) in comparison.differences.iter().zip(&report.differences) {
        write_difference(difference, &placed.rule, &placed.blame, out)?;
    }
    for which in [Which::Old, Which::New] {
        if let Some(more) = more(comparison, which) {
            writeln!(out, "{}\n", visible(&more))?;
        }
    }
    for (open, rule) in comparison.undecided.iter().zip(&report.undecided) {
        let text = open.undecided.to_string();
        writeln!(out, "undecided: {}\n    {}\n", visible(&text), at(rule))?;
    }
    if let Some(impact) = report.impact {
        write_impact(impact, out)?;
    }
    let bold = Style::new().bold();
    let does_more = comparison.only_in(Which::New) == Direction::Something;
    let verdict = match comparison.verdict() {
        Verdict::Equivalent => "equivalent: for all users, both do the same",
        Verdict::Wider => "wider: the new rules do more, and nothing less",
        Verdict::Narrower => "narrower: the new rules do less, and nothing more",
        Verdict::Both => "wider and narrower: the new rules do more, and less",
        Verdict::Different if does_more => {
            "different: the new rules do more; whether they do less is undecided"
        }
        Verdict::Different => "different: the new rules do less; whether they do more is undecided",
        Verdict::Undecided => "undecided: no difference was found, and none was ruled out",
    };
    writeln!(out, "{bold}{verdict}{bold:#}")
}

fn write_difference(
    difference: &Difference,
    rule: &Rule,
    blame: &[Rule],
    out: &mut dyn Write,
) -> io::Result<()> {
    let (sign, color) = match difference.only_in {
        Which::New => ('+', AnsiColor::Green),
        Which::Old => ('-', AnsiColor::Red),
    };
    let style = Style::new().fg_color(Some(color.into())).bold();
    let text = sentence(difference);
    writeln!(out, "{style}{sign}{style:#} {}", visible(&text))?;
    let side = named(difference.only_in);
    writeln!(out, "    {side}: {}", at(rule))?;
    let other = named(difference.only_in.other());
    for (because, rule) in difference.blame.iter().zip(blame) {
        let why = match because.because {
            Because::Blocked => "keeps them apart",
            Because::OtherUpdates => "connects them, but not for such updates",
            Because::SameName => "does not connect them",
        };
        writeln!(out, "    {other}: {} {why}", at(rule))?;
    }
    if difference.blame.is_empty() {
        writeln!(out, "    {other}: no rule does it")?;
    }
    for line in others(difference) {
        writeln!(out, "    {}", visible(&line))?;
    }
    writeln!(out)
}

/// Of whom else it is true, and what else of the rule.
pub(super) fn others(difference: &Difference) -> Vec<String> {
    let mut lines = Vec::new();
    let mut add = |whose, one: Option<&str>, all: Option<&str>, unknown| match (one, all) {
        (Some(one), Some(all)) if all == format!("`{one}`") => {}
        (_, Some(all)) => lines.push(format!("all {whose}: {all}")),
        (Some(_), None) => lines.push(format!("all {whose}: {unknown}")),
        (None, None) => {}
    };
    add(
        "senders",
        difference.sender.as_deref(),
        difference.senders.as_deref(),
        "this one, and maybe others of the rule",
    );
    add(
        "recipients",
        Some(&*difference.recipient),
        difference.recipients.as_deref(),
        "those of the rule who are in the same sets as this one",
    );
    if let Some(more) = &difference.more {
        let least = if more.is_least { "at least " } else { "" };
        let s = if more.differences == 1 { "" } else { "s" };
        let verb = if more.is_least { "are among" } else { "are" };
        let recipients = (more.recipients.as_deref()).map_or_else(String::new, |recipients| {
            format!(", whose recipients {verb} {recipients}")
        });
        let count = more.differences;
        lines.push(format!(
            "and {least}{count} more difference{s} of this rule{recipients}"
        ));
    }
    lines
}

/// What only one of the rule sets does.
pub(super) fn sentence(difference: &Difference) -> String {
    let recipient = shortened(&difference.recipient);
    let sender = difference.sender.as_deref().map(shortened);
    let sender = sender.as_deref();
    let conditions = conditions(&difference.question, sender, &recipient);
    let conditions = match conditions.as_slice() {
        [] => String::new(),
        conditions => format!(", {}", conditions.join(", ")),
    };
    match (&difference.question, sender) {
        (Question::Route { .. }, Some(sender)) => {
            format!("`{recipient}` gets the updates of `{sender}`{conditions}")
        }
        (_, Some(sender)) => format!("`{recipient}` may see `{sender}`{conditions}"),
        (_, None) => format!("`{recipient}` may see everyone (ALL){conditions}"),
    }
}

fn at(rule: &Rule) -> String {
    let place = format!("{}:{}:{}", rule.file, rule.line, rule.column);
    let text = format!("the {} `{}` at {place}", rule.kind, shortened(&rule.name));
    visible(&text).into_owned()
}

fn write_impact(impact: &Impact, out: &mut dyn Write) -> io::Result<()> {
    let users = |count: usize| match count {
        1 => "1 user".to_owned(),
        count => format!("{count} users"),
    };
    match impact.known {
        [old, new] if old == new => writeln!(out, "among {} who are known:", users(new))?,
        [old, new] => writeln!(
            out,
            "among {} who are known to the old rules, and {new} who are known to the new ones:",
            users(old)
        )?,
    }
    for (verb, change) in [("gain", &impact.gains), ("lose", &impact.loses)] {
        let pairs: usize = change.values().map(BTreeSet::len).sum();
        let count = change.len();
        let s = if count == 1 { "s" } else { "" };
        writeln!(
            out,
            "  {} {verb}{s} {pairs} whose updates they get",
            users(count)
        )?;
        for (recipient, senders) in change.iter().take(MOST_NAMED) {
            let named: Vec<_> = senders
                .iter()
                .take(3)
                .map(|sender| format!("`{sender}`"))
                .collect();
            let more = match senders.len().saturating_sub(named.len()) {
                0 => String::new(),
                more => format!(" and {more} more"),
            };
            let text = format!("`{recipient}` {verb}s {}{more}", named.join(", "));
            writeln!(out, "    {}", visible(&text))?;
        }
        if let Some(more @ 1..) = count.checked_sub(MOST_NAMED) {
            writeln!(out, "    and {more} more")?;
        }
    }
    writeln!(out)
}
