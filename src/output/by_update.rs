//! `--by update`: a line for each record, with those whom it reaches.

use std::io::{self, Write};

use crate::output::json;

/// Writes one line for each update.
#[derive(Debug, Default)]
pub struct ByUpdate {
    /// Whether JSON is indented, for people.
    pub indented: bool,
    line: Vec<u8>,
}

impl ByUpdate {
    /// A writer of compact lines, or of indented JSON.
    pub fn new(indented: bool) -> Self {
        Self {
            indented,
            line: Vec::new(),
        }
    }

    /// Writes an update with its recipients, and with the routes that sent it if these are asked for.
    ///
    /// # Errors
    ///
    /// If `out` cannot be written to.
    pub fn write<'a>(
        &mut self,
        update: &str,
        recipients: impl Iterator<Item = &'a str>,
        routes: Option<&[String]>,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        let line = &mut self.line;
        line.clear();
        line.extend_from_slice(b"{\"update\":");
        json::compact(update, line);
        line.extend_from_slice(b",\"recipients\":");
        array(recipients, line);
        if let Some(routes) = routes {
            line.extend_from_slice(b",\"routes\":");
            array(routes.iter().map(String::as_str), line);
        }
        line.push(b'}');
        if self.indented {
            let mut pretty = Vec::new();
            json::indented(&String::from_utf8_lossy(line), 0, &mut pretty);
            *line = pretty;
        }
        line.push(b'\n');
        out.write_all(line)
    }
}

/// Adds an array of texts.
pub fn array<'a>(texts: impl Iterator<Item = &'a str>, out: &mut Vec<u8>) {
    out.push(b'[');
    for (index, text) in texts.enumerate() {
        if index > 0 {
            out.push(b',');
        }
        json::string(text, out);
    }
    out.push(b']');
}
