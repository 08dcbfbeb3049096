//! What is no YAML, or no YAML that a rule file may be: the faults that end the reading of a file.

use super::slips;
use crate::finding::{Code, Finding, Location};
use crate::pattern::{proposed, several};
use crate::source::{FileId, Source};
use crate::yaml::{Fault, FaultKind, MAX_DEPTH, Tree};

/// What must not reach the YAML reader.
pub(super) fn before_reading(file: FileId, source: &Source) -> Option<Finding> {
    let text = source.text();
    let end = source.end()?;
    let location = Location::bytes(file, text.len()..text.len());
    let finding = Finding::new(Code::YamlSyntax, location, end.message());
    Some(finding.help(end.remedy()))
}

/// So many texts without quotes are told in a file, one by one; the others are counted.
const MOST_UNQUOTED: usize = 100;

/// Adds a finding for each text that lacks its quotes, in place of what follows from that: all that was found in such a text
/// since there were so many findings.
pub(super) fn unquoted(file: FileId, tree: &Tree<'_>, before: usize, findings: &mut Vec<Finding>) {
    let texts = tree.unquoted();
    if texts.is_empty() {
        return;
    }
    let mut at = 0;
    findings.retain(|finding| {
        at += 1;
        let span = finding.location.span();
        let next = texts.partition_point(|text| tree.span(*text).range().end < span.range().end);
        let is_of_text = (texts.get(next)).is_some_and(|text| tree.span(*text).contains(span));
        at <= before || finding.location.file != file || !is_of_text
    });
    for (count, text) in texts.iter().enumerate() {
        let (written, span) = (tree.written(*text), tree.span(*text));
        if count == MOST_UNQUOTED {
            let more = texts.len() - MOST_UNQUOTED;
            let message = format!("so do {more} more texts from here on: they need quotes");
            findings.push(Finding::new(
                Code::YamlSyntax,
                Location::part(file, span),
                message,
            ));
            return;
        }
        let first = match written.chars().next() {
            Some('`') => "a backtick".to_owned(),
            first => format!("`{}`", first.unwrap_or('@')),
        };
        let message = format!("a text that starts with {first} needs quotes");
        let help = match several(written) {
            Some(list) => format!("write a list, with quotes around each of its texts: `{list}`"),
            None => format!("write `{}`", in_quotes(written)),
        };
        let finding = Finding::new(Code::YamlSyntax, Location::part(file, span), message);
        findings.push(finding.help(help));
    }
}

/// A text in quotes as a rule file has them.
fn in_quotes(text: &str) -> String {
    let text = text
        .trim_matches('`')
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ");
    let quote = if text.contains(['"', '\\']) {
        '\''
    } else {
        '"'
    };
    proposed(&format!("{quote}{text}{quote}"))
}

/// What ended the reading of a text, as a finding.
pub(super) fn finding(file: FileId, source: &Source, tree: &Tree<'_>, fault: &Fault) -> Finding {
    let text = source.text();
    let at = match fault.kind {
        // The parser stands behind the `\u`.
        FaultKind::Syntax(problem) if problem.contains(HALF) => fault.at.saturating_sub(2),
        _ => fault.at,
    };
    let location = Location::bytes(file, at..at + 1);
    let yaml = |message: &str| Finding::new(Code::YamlSyntax, location, message);
    match fault.kind {
        FaultKind::TooDeep => {
            let message =
                format!("lists and mappings are nested more than {MAX_DEPTH} levels deep");
            Finding::new(Code::TooDeep, location, message)
        }
        FaultKind::SecondDocument => Finding::new(
            Code::YamlSyntax,
            Location::file(file),
            "this file holds several YAML documents, separated by `---`",
        )
        .help("make a file of each; a folder of files can be loaded as one rule set"),
        FaultKind::Anchor => {
            let message = "files of rules and tests have no anchors (`&name`)";
            Finding::new(Code::Anchor, location, message).help(
                "name the users under `groups:` and write `{group: name}`; put a text that starts with `&` in quotes",
            )
        }
        FaultKind::Alias => yaml("a text that starts with `*` needs quotes")
            .help("write it as in \"*:example.org\""),
        FaultKind::UnclosedQuote => {
            yaml("this quote is never closed").help("close it at the end of the text")
        }
        FaultKind::TooLarge => yaml("this file is larger than 4 GiB"),
        FaultKind::Syntax(problem) => {
            let place = |range| Location::bytes(file, range);
            if let Some(slip) = slips::slip(text, fault.at, problem) {
                let finding = Finding::new(Code::YamlSyntax, place(slip.at), slip.message);
                return finding.help(slip.help);
            }
            let (message, help) = explain(text, fault.at, problem);
            let mut finding = yaml(&message);
            finding.help = help.map(Into::into);
            let bracket = tree.open().last().map(|node| tree.span(node).range().start);
            match bracket.filter(|at| text[*at..].starts_with(['[', '{'])) {
                Some(at) if at < fault.at && message == OPEN_BRACKET => {
                    finding.label(place(at..at + 1), "this bracket is open")
                }
                _ => finding,
            }
        }
    }
}

const OPEN_BRACKET: &str = "before this, a comma or a closing bracket is missing";

/// What the parser says of an escape such as `\ud83d`.
const HALF: &str = "invalid Unicode character escape code";

/// The usual slips, by the character where the reader stopped.
fn explain(text: &str, at: usize, message: &str) -> (String, Option<&'static str>) {
    let at = text.floor_char_boundary(at);
    let line_start = text[..at].rfind('\n').map_or(0, |newline| newline + 1);
    let line_end = text[at..]
        .find('\n')
        .map_or(text.len(), |newline| at + newline);
    let line = &text[line_start..line_end];
    let here = text[at..].chars().next();
    let before = text[..at].chars().next_back();
    match here {
        Some('@' | '`') => (
            "a text that starts with `@` needs quotes".into(),
            Some("write it as in \"@alice:example.org\""),
        ),
        Some('*') => (
            "a text that starts with `*` needs quotes".into(),
            Some("write it as in \"*:example.org\""),
        ),
        Some('%') => (
            "a text that starts with `%` needs quotes".into(),
            Some("put it in quotes"),
        ),
        _ if line[..at - line_start].contains('\t') || here == Some('\t') => (
            "a tab stands where YAML takes spaces only".into(),
            Some("indent with spaces"),
        ),
        _ if message.contains(HALF) => (
            "this escape is half of a character, not a whole one".into(),
            Some("write the character itself, or both of its halves, as in `\\ud83d\\ude00`"),
        ),
        _ if message.contains("unknown escape character") => (
            "double quotes give a meaning to `\\`, and this one has none".into(),
            Some("write regular expressions in single quotes, such as '@bot-\\d+:example\\.org'"),
        ),
        _ if before == Some('*') && message.contains("alphabetic or numeric") => (
            "a text that starts with `*` needs quotes".into(),
            Some("write it as in \"*:example.org\""),
        ),
        _ if message.contains("could not find expected ':'") => (
            "this line should be a key and a value, `key: value`".into(),
            Some("a space must follow the `:`; a text that goes on here needs quotes"),
        ),
        _ if message.contains("mapping values are not allowed") => (
            "this `:` is out of place: no key can stand here".into(),
            Some(
                "write a space after the `:` of the lines above, and quotes around a text with `: ` in it",
            ),
        ),
        _ if message.contains("did not find expected node content")
            || message.contains("did not find expected ','") =>
        {
            (
                OPEN_BRACKET.into(),
                Some("write the comma that is missing, or close the bracket"),
            )
        }
        _ => (
            format!("this is not YAML: {message}"),
            Some(
                "compare the indentation, the quotes and the brackets of this line and the one above with the lines around",
            ),
        ),
    }
}
