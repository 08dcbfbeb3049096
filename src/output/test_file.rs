//! A test file that was made from rules, as YAML.

use std::io::{self, Write};
use std::path::PathBuf;

use crate::output::harmless::visible;
use crate::output::json;
use crate::pattern::{GLOB_CHARACTERS, shortened};
use crate::presence_state::ONLINE;
use crate::rule_tests::{
    Answer, Draft, DraftCase, Expected, Holder, Point, PointKind, Sent, Subject,
};
use crate::rules::Side;
use crate::source::Sources;

/// What a test file says of the rules that it is about: paths, relative to it.
#[derive(Debug, Default)]
pub struct Head {
    /// Rule files or folders; none if the folder of the test file is meant.
    pub rules: Vec<PathBuf>,
    /// Files of known users, beside those that the rules name.
    pub known_users: Vec<PathBuf>,
}

/// Writes a test file. `sources` are the rules that the cases are about.
///
/// # Errors
///
/// If `out` cannot be written to.
pub fn test_file(
    head: &Head,
    draft: &Draft,
    sources: &Sources,
    out: &mut dyn Write,
) -> io::Result<()> {
    writeln!(
        out,
        "# What the rules did when `presence-router test --write` looked at them. Read each case: is it what you want?"
    )?;
    writeln!(out, "version: 1")?;
    paths("rules", &head.rules, out)?;
    known_users(&head.known_users, &draft.made_up, out)?;
    if draft.cases.is_empty() {
        return writeln!(out, "\ncases: []");
    }
    writeln!(out, "\ncases:")?;
    for (index, case) in draft.cases.iter().enumerate() {
        if index > 0 {
            writeln!(out)?;
        }
        write_case(case, sources, out)?;
    }
    Ok(())
}

/// Writes the rules and items that no case was found for, with their places. Nothing if there is none.
///
/// # Errors
///
/// If `out` cannot be written to.
pub fn missing(draft: &Draft, sources: &Sources, out: &mut dyn Write) -> io::Result<()> {
    if draft.missing.is_empty() {
        return Ok(());
    }
    writeln!(out, "no case was found for")?;
    for point in &draft.missing {
        let source = sources.get(point.file);
        let place = source.place(point.at.range());
        let what = match point.kind.name() {
            Some(name) => name.to_owned(),
            None => first_line(&source.text()[place.range.clone()]),
        };
        let (name, line, column) = (visible(source.name()), place.line, place.column);
        let noun = point.kind.noun();
        let what = visible(&shortened(&what)).into_owned();
        writeln!(out, "  {name}:{line}:{column}: {noun} {what}")?;
    }
    Ok(())
}

fn first_line(text: &str) -> String {
    text.lines().next().unwrap_or_default().trim().to_owned()
}

fn known_users(files: &[PathBuf], made_up: &[String], out: &mut dyn Write) -> io::Result<()> {
    if made_up.is_empty() {
        return paths("known_users", files, out);
    }
    writeln!(out, "\nknown_users:")?;
    for file in written(files) {
        writeln!(out, "  - {file}")?;
    }
    writeln!(
        out,
        "  # Made up from the patterns, so that there is somebody whom they match."
    )?;
    (made_up.iter()).try_for_each(|user| writeln!(out, "  - {}", json::quoted(user)))
}

fn paths(key: &str, paths: &[PathBuf], out: &mut dyn Write) -> io::Result<()> {
    match written(paths).as_slice() {
        [] => Ok(()),
        [one] => writeln!(out, "{key}: {one}"),
        several => writeln!(out, "{key}: [{}]", several.join(", ")),
    }
}

fn written(paths: &[PathBuf]) -> Vec<String> {
    (paths.iter())
        .map(|path| plain(&path.display().to_string()))
        .collect()
}

fn write_case(case: &DraftCase, sources: &Sources, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "  - name: {}", plain(&name(case, sources)))?;
    let exactly = match &case.subject {
        Subject::Claim(_) => unreachable!("claims are written by people"),
        Subject::User(user) => {
            writeln!(out, "    user: {}", json::quoted(user))?;
            "interested"
        }
        Subject::Updates(updates) => {
            for sent in updates {
                writeln!(out, "    update: {}", update(sent))?;
            }
            "recipients"
        }
    };
    match &case.expected {
        Expected::Exactly(Answer::All) => writeln!(out, "    {exactly}: ALL")?,
        Expected::Exactly(Answer::Users(users)) => {
            let users: Vec<_> = users.iter().map(|user| item(user)).collect();
            writeln!(out, "    {exactly}: [{}]", users.join(", "))?;
        }
        Expected::Includes(user) => writeln!(out, "    includes: {}", item(user))?,
        Expected::Excludes(user) => writeln!(out, "    excludes: {}", item(user))?,
    }
    if let Some(by) = &case.by {
        writeln!(out, "    by: {}", plain(by))?;
    }
    Ok(())
}

fn update(sent: &Sent) -> String {
    let user = json::quoted(&sent.sender);
    match (sent.state.as_str(), sent.currently_active) {
        (ONLINE, None) => user,
        (state, None) => format!("{{user_id: {user}, state: {}}}", plain(state)),
        (state, Some(active)) => {
            let state = plain(state);
            format!("{{user_id: {user}, state: {state}, currently_active: {active}}}")
        }
    }
}

/// What a case is called: its rule or group, and what about it.
fn name(case: &DraftCase, sources: &Sources) -> String {
    let about = &case.about;
    let called = match (&case.rule, &about.kind) {
        (
            None,
            PointKind::Item {
                of: Holder::Group(name),
                ..
            },
        ) => shortened(name),
        (rule, _) => {
            let rule = rule.as_ref().unwrap_or(about);
            let in_list =
                |list, index| format!("{}#{list}[{index}]", sources.get(rule.file).name());
            match (rule.kind.name(), &rule.kind) {
                (Some(name), _) => shortened(name),
                (None, PointKind::Route(rule)) => in_list("routes", rule.index),
                (None, PointKind::Interest(rule)) => in_list("interests", rule.index),
                (None, PointKind::Block(rule)) => in_list("blocks", rule.index),
                (None, PointKind::Item { .. }) => unreachable!("an item is no rule"),
            }
        }
    };
    let item = || shortened(&text(about, sources));
    match &about.kind {
        PointKind::Route(_) => format!("{called} sends"),
        PointKind::Interest(_) => format!("{called} lets see"),
        PointKind::Block(_) => format!("{called} keeps back"),
        PointKind::Item { excludes: true, .. } => format!("{called} leaves out {}", item()),
        PointKind::Item { of, .. } => {
            let word = match of {
                Holder::Rule(Side::Senders) => "from",
                Holder::Rule(Side::Recipients) => "to",
                Holder::Rule(Side::Users) => "for",
                Holder::Rule(Side::In) | Holder::Group(_) => "has",
            };
            format!("{called} {word} {}", item())
        }
    }
}

fn text(point: &Point, sources: &Sources) -> String {
    let text = first_line(&sources.get(point.file).text()[point.at.range()]);
    visible(&text).replace('"', "")
}

/// A user ID where users are listed: one that looks like a glob says that it is none.
fn item(user: &str) -> String {
    if user.contains(GLOB_CHARACTERS) {
        format!("{{user: {}}}", json::quoted(user))
    } else {
        json::quoted(user)
    }
}

/// A text without quotes, if it is a plain word or several, and YAML cannot take it for anything else.
fn plain(text: &str) -> String {
    let is_plain = text.starts_with(|first: char| first.is_ascii_alphabetic())
        && !text.ends_with(' ')
        && text
            .chars()
            .all(|character| character.is_ascii_alphanumeric() || "-_./ ".contains(character))
        && !["true", "false", "null", "yes", "no", "on", "off", "y", "n"]
            .contains(&&*text.to_ascii_lowercase());
    if is_plain || text == ".." || (text.starts_with("../") && !text.contains([' ', ':', '#'])) {
        text.to_owned()
    } else {
        json::quoted(text)
    }
}
