//! What is no YAML, or no YAML that a rule file may be: the faults that end the reading of a file.

use saphyr_parser::{Event, Parser};

use crate::finding::{Code, Finding, Location};
use crate::source::{FileId, Source};

/// What must not reach the YAML reader.
pub(super) fn before_reading(file: FileId, source: &Source) -> Option<Finding> {
    let text = source.text();
    if !source.is_whole() {
        let location = Location::bytes(file, text.len()..text.len());
        let message = "this is not UTF-8 text from here on";
        let finding = Finding::new(Code::YamlSyntax, location, message);
        return Some(finding.help("save the file as UTF-8"));
    }
    // A text that stands behind thousands of aliases would be copied for each. `&` is rare: only where there is one are
    // the events asked whether it makes an anchor.
    if text.contains('&')
        && let Some(at) = first_anchor(text)
    {
        let location = Location::bytes(file, at..at + 1);
        let message = "files of rules and tests have no anchors (`&name`)";
        return Some(Finding::new(Code::Anchor, location, message).help(
            "name the users under `groups:` and write `{group: name}`; put a text that starts with `&` in quotes",
        ));
    }
    None
}

fn first_anchor(text: &str) -> Option<usize> {
    let parser = Parser::new_from_str(text);
    for event in parser {
        // A syntax error is for the reader to report.
        let (event, span) = event.ok()?;
        let (Event::Scalar(_, _, anchor, _)
        | Event::SequenceStart(anchor, _)
        | Event::MappingStart(anchor, _)) = event
        else {
            continue;
        };
        if anchor != 0 {
            // The parser says where the node starts, which may be at its anchor or after it.
            let start = text.char_indices().nth(span.start.index());
            let start = start.map_or(text.len(), |(at, _)| at);
            let end = text.ceil_char_boundary(start + 1);
            return Some(text[..end].rfind('&').unwrap_or(start));
        }
    }
    None
}

/// The reader's error as a finding.
pub(super) fn finding(file: FileId, source: &Source, error: &serde_yaml::Error) -> Finding {
    let text = source.text();
    let full = error.to_string();
    let at = match unclosed_quote(source, &full) {
        Some(at) => at,
        None => (error.location()).map_or(0, |location| location.index().min(text.len())),
    };
    let message = full.split(" at line ").next().unwrap_or(&full);
    let location = Location::bytes(file, at..at + 1);
    if message.starts_with("recursion limit") {
        return Finding::new(
            Code::TooDeep,
            location,
            "lists and mappings stand in one another more than 128 levels deep",
        );
    }
    if message.contains("more than one document") {
        return Finding::new(
            Code::YamlSyntax,
            Location::file(file),
            "this file holds several YAML documents, separated by `---`",
        )
        .help("make a file of each; a folder of files can be loaded as one rule set");
    }
    let (message, help) = explain(text, at, message);
    let mut finding = Finding::new(Code::YamlSyntax, location, message);
    finding.help = help.map(Into::into);
    finding
}

/// Where the quote is that is never closed. The reader stops at the end of the text, which helps nobody, but says
/// where it began.
fn unclosed_quote(source: &Source, message: &str) -> Option<usize> {
    if !message.contains("unexpected end of stream") {
        return None;
    }
    let (_, place) = message.split_once("while scanning a quoted scalar at line ")?;
    let (line, column) = place.split_once(" column ")?;
    let column: String = column.chars().take_while(char::is_ascii_digit).collect();
    source.byte_of(line.parse().ok()?, column.parse().ok()?)
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
        _ if message.contains("unknown anchor")
            || (before == Some('*') && message.contains("alphabetic or numeric")) =>
        {
            (
                "a text that starts with `*` needs quotes".into(),
                Some("write it as in \"*:example.org\""),
            )
        }
        _ if message.contains("could not find expected ':'") => (
            "this line should be a key and a value, `key: value`".into(),
            Some("a space must follow the `:`; a text that goes on here needs quotes"),
        ),
        Some('"' | '\'') if message.contains("unexpected end of stream") => (
            "this quote is never closed".into(),
            Some("close it at the end of the text"),
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
