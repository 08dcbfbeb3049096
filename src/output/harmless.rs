//! What a screen or the log of a build server gets of texts that others wrote: names of files, rules and cases, user IDs,
//! and what stands in files.
//!
//! A terminal obeys some characters, a build server takes some lines for commands, Markdown and XML have characters of
//! their own. [`visible`] decides what is shown of a text; the others do so through it, each for one kind of place.

use std::borrow::Cow;
use std::fmt::Write as _;

/// The text on one line, with nothing in it that a terminal obeys or hides, or that a build server takes for a command.
/// Control characters become pictures of themselves, others that cannot be seen (among them those that change the
/// direction of writing) a replacement character.
///
/// ```
/// use presence_router::output::harmless::visible;
///
/// assert_eq!(visible("a\u{1b}[2J\nb"), "a␛[2J␊b");
/// assert_eq!(visible("@bot\u{202e}:x.example"), "@bot\u{fffd}:x.example");
/// assert_eq!(visible("::error::x"), "：：error::x");
/// ```
pub fn visible(text: &str) -> Cow<'_, str> {
    if is_harmless(text) {
        Cow::Borrowed(text)
    } else {
        Cow::Owned(pictures(text).collect())
    }
}

/// What [`visible`] shows, a character for each of the text.
pub(super) fn pictures(text: &str) -> impl Iterator<Item = char> {
    let after_blank = text.len() - text.trim_start().len();
    // GitHub obeys a line that begins with `::`.
    let colons = if text[after_blank..].starts_with("::") {
        after_blank..after_blank + 2
    } else {
        0..0
    };
    let mut hashes = 0..0;
    text.char_indices().map(move |(at, character)| {
        if character == '#' && at >= hashes.end && is_command(&text[at..]) {
            hashes = at..at + 2;
        }
        if colons.contains(&at) {
            '：'
        } else if hashes.contains(&at) {
            '＃'
        } else {
            picture(character).unwrap_or(character)
        }
    })
}

/// Whether what begins here is a command in the manner of `##[error]` and `##vso[…]`, which GitHub, Azure Pipelines and
/// `TeamCity` find anywhere in a line.
fn is_command(text: &str) -> bool {
    (text.strip_prefix("##")).is_some_and(|rest| {
        rest.trim_start_matches(|character: char| character.is_ascii_alphanumeric())
            .starts_with('[')
    })
}

/// Most texts are: to see that costs little.
pub(super) fn is_harmless(text: &str) -> bool {
    let is_plain = text.bytes().all(|byte| matches!(byte, b' '..=b'~'));
    (is_plain && !text.contains("##") && !text.trim_start().starts_with("::"))
        || pictures(text).eq(text.chars())
}

/// What is shown in place of a character that cannot be shown.
fn picture(character: char) -> Option<char> {
    match character {
        '\t' => Some(' '),
        '\0'..='\u{1f}' => char::from_u32(0x2400 + u32::from(character)),
        '\u{7f}' => Some('␡'),
        // Unicode's Cc, Cf, Zl, Zp, Co, and what it calls ignorable by default: a test holds them together. Private
        // characters look different on every screen, and `full` has a use for one of them.
        '\u{80}'..='\u{9f}'
        | '\u{ad}'
        | '\u{34f}'
        | '\u{600}'..='\u{605}'
        | '\u{61c}'
        | '\u{6dd}'
        | '\u{70f}'
        | '\u{890}'..='\u{891}'
        | '\u{8e2}'
        | '\u{115f}'..='\u{1160}'
        | '\u{17b4}'..='\u{17b5}'
        | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200f}'
        | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}'
        | '\u{3164}'
        | '\u{e000}'..='\u{f8ff}'
        | '\u{fe00}'..='\u{fe0f}'
        | '\u{feff}'
        | '\u{ffa0}'
        | '\u{fff0}'..='\u{fffb}'
        | '\u{110bd}'
        | '\u{110cd}'
        | '\u{13430}'..='\u{1343f}'
        | '\u{1bca0}'..='\u{1bca3}'
        | '\u{1d173}'..='\u{1d17a}'
        | '\u{e0000}'..='\u{e0fff}'
        | '\u{f0000}'..='\u{ffffd}'
        | '\u{100000}'..='\u{10fffd}' => Some(char::REPLACEMENT_CHARACTER),
        _ => None,
    }
}

/// Each line of a text by itself.
fn lines(text: &str) -> String {
    let lines: Vec<_> = text.split('\n').map(visible).collect();
    lines.join("\n")
}

/// What follows the `::` of a command for GitHub, as its own toolkit escapes it. Lines stay lines.
pub(crate) fn command_data(text: &str) -> String {
    (lines(text).replace('%', "%25")).replace('\n', "%0A")
}

/// A value before the `::` of a command for GitHub, as its own toolkit escapes it.
pub(crate) fn command_property(text: &str) -> String {
    (visible(text).replace('%', "%25"))
        .replace(':', "%3A")
        .replace(',', "%2C")
}

/// The text as a cell of a table in Markdown. What stands in backticks becomes code; nothing else means anything. Lines
/// stay lines.
pub(crate) fn markdown(text: &str) -> String {
    let text = lines(text);
    let mut parts: Vec<_> = text.split('`').map(entities).collect();
    let unpaired = (parts.len() % 2 == 0).then(|| parts.pop()).flatten();
    let mut cell = String::new();
    for (index, part) in parts.iter().enumerate() {
        match index % 2 {
            0 => cell.push_str(part),
            _ => {
                let _ = write!(cell, "<code>{part}</code>");
            }
        }
    }
    if let Some(part) = unpaired {
        let _ = write!(cell, "&#96;{part}");
    }
    cell.replace('\n', "<br>")
}

/// Each character that Markdown or HTML could take for its own as a number.
fn entities(text: &str) -> String {
    let mut escaped = String::new();
    for character in text.chars() {
        match character {
            '&' | '<' | '>' | '|' | '\\' | '*' | '_' | '[' | ']' | '#' | '~' | '!' | '@' | '$' => {
                let _ = write!(escaped, "&#{};", u32::from(character));
            }
            _ => escaped.push(character),
        }
    }
    escaped
}

/// The text for an element or an attribute of XML. Lines stay lines.
pub(crate) fn xml(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in lines(text).chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            // XML 1.0 has no way at all to write these.
            '\u{fffe}' | '\u{ffff}' => escaped.push(char::REPLACEMENT_CHARACTER),
            _ => escaped.push(character),
        }
    }
    escaped
}
