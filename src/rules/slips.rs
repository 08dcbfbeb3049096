//! Slips of people who write YAML, by what stands around the place where it stopped making sense.

use std::ops::Range;

use crate::pattern::proposed;

/// What was probably meant.
pub(super) struct Slip {
    /// The bytes at fault.
    pub(crate) at: Range<usize>,
    pub message: String,
    pub(crate) help: String,
}

/// The slip by which a text stops being YAML here, if it is one of the usual ones.
pub(super) fn slip(text: &str, at: usize, problem: &str) -> Option<Slip> {
    let at = text.floor_char_boundary(at);
    open_quote(text, at)
        .or_else(|| room_without_quotes(text, at, problem))
        .or_else(|| list_without_brackets(text, at, problem))
        .or_else(|| indentation(text, at, problem))
}

fn line_start(text: &str, at: usize) -> usize {
    text[..at].rfind('\n').map_or(0, |newline| newline + 1)
}

fn line_end(text: &str, at: usize) -> usize {
    text[at..]
        .find('\n')
        .map_or(text.len(), |newline| at + newline)
}

/// A quote that is not closed on its line, so that it ends where the next one opens: `senders: "@a:b.example`.
fn open_quote(text: &str, at: usize) -> Option<Slip> {
    let quoted = quoted_before(text, at)?;
    let first_line = text[quoted.start..line_end(text, quoted.start)].trim_end();
    let is_of_lines = text[quoted.clone()].contains('\n');
    let ends_here = quoted.end >= at || !text[quoted.end..at].contains('\n');
    if !is_of_lines || !ends_here {
        return None;
    }
    let quote = &first_line[..1];
    Some(Slip {
        at: quoted.start..quoted.start + first_line.len(),
        message: "this quote is not closed on its line".to_owned(),
        help: format!("close it: `{}`", proposed(&format!("{first_line}{quote}"))),
    })
}

/// The last text in quotes that opens before a place; it goes on to the end of the text if it is never closed.
fn quoted_before(text: &str, at: usize) -> Option<Range<usize>> {
    let bytes = text.as_bytes();
    let (mut here, mut last) = (0, None);
    // Whether a value may begin here.
    let mut may_begin = true;
    while here < at {
        let is_blank = |at: usize| bytes.get(at).is_none_or(u8::is_ascii_whitespace);
        match bytes[here] {
            b'#' if here == 0 || is_blank(here - 1) => here = line_end(text, here),
            b' ' | b'\t' => here += 1,
            quote @ (b'"' | b'\'') if may_begin => {
                let end = end_of_quoted(bytes, here, quote);
                last = Some(here..end);
                here = end;
                may_begin = false;
            }
            byte => {
                may_begin = matches!(byte, b'\n' | b'[' | b'{' | b',')
                    || matches!(byte, b':' | b'-' | b'?') && is_blank(here + 1);
                here += 1;
            }
        }
    }
    last
}

fn end_of_quoted(bytes: &[u8], start: usize, quote: u8) -> usize {
    let mut at = start + 1;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'\\' if quote == b'"' => at += 2,
            b'\'' if quote == b'\'' && bytes.get(at + 1) == Some(&quote) => at += 2,
            byte if byte == quote => return at + 1,
            _ => at += 1,
        }
    }
    bytes.len()
}

/// The ID of a room, which YAML takes for a tag: `!room:example.org`.
fn room_without_quotes(text: &str, at: usize, problem: &str) -> Option<Slip> {
    if !problem.contains("expected whitespace or line break") {
        return None;
    }
    let line = &text[line_start(text, at)..line_end(text, at)];
    let before = &text[line_start(text, at)..at];
    let start = before.rfind([' ', '[', ',']).map_or(0, |blank| blank + 1);
    let word = line[start..].split([' ', ',', ']', '}']).next()?;
    word.starts_with('!').then(|| Slip {
        at: line_start(text, at) + start..line_start(text, at) + start + word.len(),
        message: "a text that starts with `!` needs quotes".to_owned(),
        help: format!("write `{}`", proposed(&format!("\"{word}\""))),
    })
}

/// Several values where one may stand: `senders: "@a:b.example", "@b:b.example"`.
fn list_without_brackets(text: &str, at: usize, problem: &str) -> Option<Slip> {
    if !problem.starts_with("did not find expected") || !text[at..].starts_with(',') {
        return None;
    }
    let before = &text[line_start(text, at)..at];
    let mut value = before.trim_start_matches(['-', ' ']);
    if let Some((key, rest)) = value.split_once(": ")
        && !key.contains(['"', '\'', '[', '{'])
    {
        value = rest.trim_start_matches(' ');
    }
    let start = at - value.len();
    let values = text[start..line_end(text, at)].trim();
    // In brackets, something else is wrong.
    if values.starts_with(['[', '{']) {
        return None;
    }
    Some(Slip {
        at: start..start + values.len(),
        message: "several values need brackets around them".to_owned(),
        help: format!("write `{}`", proposed(&format!("[{values}]"))),
    })
}

/// A line that stands neither under the one above it nor beside it.
fn indentation(text: &str, at: usize, problem: &str) -> Option<Slip> {
    let is_of_blocks = [
        "did not find expected '-' indicator",
        "did not find expected key",
        "mapping values are not allowed",
    ];
    if !is_of_blocks.iter().any(|known| problem.contains(known)) {
        return None;
    }
    let line = Line::of(text, line_start(text, at))?;
    let before = &text[..line.start];
    let mut columns: Vec<(usize, &str)> = Vec::new();
    // Upwards, each line may belong to what is further left.
    for above in before.lines().rev() {
        let Some(above) = Line::of(above, 0) else {
            continue;
        };
        for (column, name, is_item) in above.columns() {
            let leftmost = columns.last().map_or(usize::MAX, |(column, _)| *column);
            if is_item == line.is_item && column < leftmost {
                columns.push((column, name));
            }
        }
        if above.indent == 0 {
            break;
        }
    }
    if columns.iter().any(|(column, _)| *column == line.indent) {
        return None;
    }
    let (column, name) = columns
        .iter()
        .min_by_key(|(column, _)| column.abs_diff(line.indent))?;
    let spaces = |count: usize| match count {
        0 => "no space".to_owned(),
        1 => "1 space".to_owned(),
        count => format!("{count} spaces"),
    };
    let start = line.start + line.indent;
    let own = line
        .columns()
        .find(|(_, _, is_item)| *is_item == line.is_item);
    let own = own.map_or("", |(_, name, _)| name);
    Some(Slip {
        at: start..start + own.len().max(1),
        message: format!(
            "the indentation of this line fits none above it: `{}` stands behind {}, and `{}` behind {}",
            proposed(own),
            spaces(line.indent),
            proposed(name),
            spaces(*column)
        ),
        help: format!(
            "if they belong together, begin this line with {}",
            spaces(*column)
        ),
    })
}

/// A line that holds something.
struct Line<'t> {
    start: usize,
    indent: usize,
    text: &'t str,
    is_item: bool,
}

impl<'t> Line<'t> {
    /// The line that starts here, unless it is empty or a comment.
    fn of(text: &'t str, start: usize) -> Option<Self> {
        let line = &text[start..line_end(text, start)];
        let content = line.trim_start_matches(' ');
        if content.trim().is_empty() || content.starts_with('#') {
            return None;
        }
        Some(Self {
            start,
            indent: line.len() - content.len(),
            text: content.trim_end(),
            is_item: content.starts_with("- "),
        })
    }

    /// The columns at which something begins in it, from the right: each with the key there, and whether it is an item of a
    /// list.
    fn columns(&self) -> impl Iterator<Item = (usize, &'t str, bool)> {
        let (mut column, mut text) = (self.indent, self.text);
        let mut columns = Vec::new();
        while let Some(rest) = text.strip_prefix("- ") {
            columns.push((column, text, true));
            let inner = rest.trim_start_matches(' ');
            column += text.len() - inner.len();
            text = inner;
        }
        let key = text
            .split(": ")
            .next()
            .unwrap_or(text)
            .trim_end_matches(':');
        columns.push((column, key, false));
        columns.into_iter().rev()
    }
}
