//! Tables of users: CSV, of which one column has the user IDs.

use std::ops::Range;

use csv::{ReaderBuilder, StringRecord, Trim};

use super::{Faults, KnownUsers, Role};
use crate::pattern::shortened;
use crate::rules::did_you_mean;

/// What may stand between the columns.
const DELIMITERS: [u8; 3] = [b',', b';', b'\t'];

/// A message names no more columns than this.
const MOST_COLUMNS: usize = 12;

/// How a table is written.
struct Layout<'t> {
    /// What stands between its columns.
    delimiter: u8,
    /// The byte of the text at which it starts, and the text from there on.
    start: usize,
    table: &'t str,
}

impl<'t> Layout<'t> {
    /// The first line may say what stands between the columns, as spreadsheets write it: `sep=;`. Otherwise it is what
    /// makes most columns of their names, in which it may stand as well, within quotes.
    fn of(text: &'t str) -> Self {
        let first = text.lines().next().unwrap_or_default();
        let word = first.trim_matches([' ', '"']);
        if let Some((name, &[delimiter])) = (word.split_at_checked("sep=".len()))
            .map(|(name, delimiter)| (name, delimiter.as_bytes()))
            && name.eq_ignore_ascii_case("sep=")
        {
            let rest = &text[first.len()..];
            let table = rest.strip_prefix('\r').unwrap_or(rest);
            let table = table.strip_prefix('\n').unwrap_or(table);
            let start = text.len() - table.len();
            return Self {
                delimiter,
                start,
                table,
            };
        }
        let layouts = DELIMITERS.map(|delimiter| Self {
            delimiter,
            start: 0,
            table: text,
        });
        // Of several, the first.
        let most = layouts.into_iter().rev().max_by_key(Self::columns);
        most.expect("there are some")
    }

    /// How many columns have a name.
    fn columns(&self) -> usize {
        let mut reader = self.reader().from_reader(self.table.as_bytes());
        reader.headers().map_or(0, StringRecord::len)
    }

    fn reader(&self) -> ReaderBuilder {
        let mut reader = ReaderBuilder::new();
        reader.delimiter(self.delimiter);
        reader
    }
}

/// Whether a text may be a table: the line with the names has several columns.
pub(super) fn is_table(text: &str) -> bool {
    let layout = Layout::of(text);
    layout.start > 0 || layout.columns() > 1
}

/// The names of the columns of a table, for a message.
pub(super) fn columns(text: &str) -> String {
    let layout = Layout::of(text);
    let mut reader = (layout.reader().trim(Trim::All)).from_reader(layout.table.as_bytes());
    let Ok(headers) = reader.headers() else {
        return String::new();
    };
    let shown = headers.iter().take(MOST_COLUMNS);
    let mut names: Vec<_> = shown.map(|name| format!("`{}`", shortened(name))).collect();
    if headers.len() > MOST_COLUMNS {
        names.push("…".to_owned());
    }
    names.join(", ")
}

impl KnownUsers {
    /// Adds the users in a column of a table. A cell without text names nobody. A column that is not there is told with
    /// what to do.
    pub(super) fn add_table(
        &mut self,
        text: &str,
        column: &str,
        faults: &mut Faults,
    ) -> Result<(), (String, String)> {
        let layout = Layout::of(text);
        if layout.table.trim().is_empty() {
            return Ok(());
        }
        let mut reader = (layout.reader().flexible(true)).from_reader(layout.table.as_bytes());
        let headers = reader.headers().cloned().unwrap_or_default();
        let named = |(_, name): &(usize, &str)| name.trim() == column;
        let mut found = headers.iter().enumerate().filter(named);
        let at = match (found.next(), found.next()) {
            (Some((at, _)), None) => at,
            (Some(_), Some(_)) => {
                let message = format!("two columns are called `{}`", shortened(column));
                return Err((message, "rename one of the two in the table".to_owned()));
            }
            (None, _) if text.trim_start().starts_with(['[', '{']) => {
                let message = "there are no columns: this is JSON".to_owned();
                return Err((message, "leave out `column`".to_owned()));
            }
            (None, _) => {
                let message = format!("no column is called `{}`", shortened(column));
                let help = did_you_mean(column, headers.iter().map(str::trim))
                    .unwrap_or_else(|| format!("the columns are {}", columns(text)));
                return Err((message, help));
            }
        };
        let mut record = StringRecord::new();
        let mut start = layout.start + reader.position().byte() as usize;
        while reader.read_record(&mut record).unwrap_or(false) {
            let end = (layout.start + reader.position().byte() as usize).min(text.len());
            // Nothing comes after a quote that is never closed but what it hides.
            if end == text.len()
                && record.iter().any(|cell| cell.contains('\n'))
                && memchr::memchr_iter(b'"', text.as_bytes()).count() % 2 == 1
            {
                let line = text[start..].lines().next().map_or(0, str::len);
                faults.end(start..start + line, || {
                    "a quote in this row is opened and never closed".to_owned()
                });
                return Ok(());
            }
            match record.get(at).map(str::trim) {
                Some("") => {}
                // `"@a:corp.example"x` is read as the user of another server. No user ID has a quote in it.
                Some(user) if !text[start..end].contains(user) => {
                    faults.push(trimmed(text, start..end), || {
                        "something stands behind a closing quote in this row".to_owned()
                    });
                }
                Some(user) => {
                    let range = place(text, start..end, &record, at);
                    self.add_entry(user, range, Some(Role::Receives), faults);
                }
                None => faults.push(trimmed(text, start..end), || {
                    let (has, needs) = (record.len(), headers.len());
                    format!("this row has {has} of {needs} columns")
                }),
            }
            if faults.are_final {
                return Ok(());
            }
            start = end;
        }
        Ok(())
    }
}

/// Where a cell stands.
fn place(text: &str, row: Range<usize>, record: &StringRecord, at: usize) -> Range<usize> {
    let row = trimmed(text, row);
    let cell = record[at].trim();
    // Without quotes, a cell starts behind those before it, and what is between them.
    let before: usize = record.iter().take(at).map(|cell| cell.len() + 1).sum();
    let start = row.start + before + (record[at].len() - record[at].trim_start().len());
    if text.get(start..start + cell.len()) == Some(cell) {
        return start..start + cell.len();
    }
    match text[row.clone()].find(cell) {
        Some(found) => row.start + found..row.start + found + cell.len(),
        None => row,
    }
}

/// A row without what ends it.
fn trimmed(text: &str, row: Range<usize>) -> Range<usize> {
    let written = &text[row.clone()];
    let start = row.start + (written.len() - written.trim_start_matches(['\r', '\n']).len());
    start..start.max(row.start + written.trim_end_matches(['\r', '\n']).len())
}
