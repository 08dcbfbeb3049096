//! `--by update`: a line for each record, with those whom it reaches.

use crate::output::json;

/// Adds the end of a line: the recipients of an update, and the routes that sent it if these are asked for. It is the
/// same for all updates that reach the same users.
pub(crate) fn end<'a>(
    recipients: impl Iterator<Item = &'a str>,
    routes: Option<&[String]>,
    out: &mut Vec<u8>,
) {
    out.extend_from_slice(b",\"recipients\":");
    array(recipients, out);
    if let Some(routes) = routes {
        out.extend_from_slice(b",\"routes\":");
        array(routes.iter().map(String::as_str), out);
    }
    out.extend_from_slice(b"}\n");
}

/// Adds the line of an update. `is_compact` says that it is known to have no white space between its tokens.
pub fn line(update: &str, is_compact: bool, end: &[u8], out: &mut Vec<u8>) {
    const START: &[u8] = b"{\"update\":";
    out.reserve(START.len() + update.len() + end.len());
    out.extend_from_slice(START);
    if is_compact {
        out.extend_from_slice(update.as_bytes());
    } else {
        json::compact(update, out);
    }
    out.extend_from_slice(end);
}

/// Adds the same as indented JSON, for people.
pub fn indented(update: &str, end: &[u8], out: &mut Vec<u8>) {
    let mut compact = Vec::new();
    line(update, false, end, &mut compact);
    json::indented(&String::from_utf8_lossy(&compact), 0, out);
    out.push(b'\n');
}

/// Adds an array of texts.
pub(crate) fn array<'a>(texts: impl Iterator<Item = &'a str>, out: &mut Vec<u8>) {
    out.push(b'[');
    for (index, text) in texts.enumerate() {
        if index > 0 {
            out.push(b',');
        }
        json::string(text, out);
    }
    out.push(b']');
}
