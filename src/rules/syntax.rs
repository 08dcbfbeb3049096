//! What is no YAML, or no YAML that a rule file may be: the faults that end the reading of a file.

use crate::finding::{Code, Finding, Location};
use crate::source::{FileId, Source};
use crate::yaml::{Fault, FaultKind, MAX_DEPTH};

/// What must not reach the YAML reader.
pub(super) fn before_reading(file: FileId, source: &Source) -> Option<Finding> {
    let text = source.text();
    let end = source.end()?;
    let location = Location::bytes(file, text.len()..text.len());
    let finding = Finding::new(Code::YamlSyntax, location, end.message());
    Some(finding.help(end.remedy()))
}

/// What ended the reading of a text, as a finding.
pub(super) fn finding(file: FileId, source: &Source, fault: &Fault) -> Finding {
    let text = source.text();
    let location = Location::bytes(file, fault.at..fault.at + 1);
    let yaml = |message: &str| Finding::new(Code::YamlSyntax, location, message);
    match fault.kind {
        FaultKind::TooDeep => {
            let message = format!(
                "lists and mappings stand in one another more than {MAX_DEPTH} levels deep"
            );
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
            let (message, help) = explain(text, fault.at, problem);
            let mut finding = yaml(&message);
            finding.help = help.map(Into::into);
            finding
        }
    }
}

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
            "a `:` stands where there can be no key".into(),
            Some(
                "write a space after the `:` of the lines above, and quotes around a text with `: ` in it",
            ),
        ),
        _ if message.contains("did not find expected node content")
            || message.contains("did not find expected ','") =>
        {
            (
                "a list in `[…]` or a mapping in `{…}` does not go on like this".into(),
                Some("close the bracket, or write the comma that is missing"),
            )
        }
        _ => (format!("this is no YAML: {message}"), None),
    }
}
