//! `--by recipient`: one object with the updates of each recipient, the value that Synapse's `get_users_for_states`
//! returns.

use std::io::{self, Write};

use crate::output::json;
use crate::router::UserIndex;
use crate::update::Seen;

/// The updates of one batch, by recipient.
#[derive(Default)]
pub struct ByRecipient {
    updates: Seen,
    /// The recipients in the order in which they were first reached.
    order: Vec<UserIndex>,
    /// For each user its updates, by their number.
    of: Vec<Vec<u32>>,
}

impl ByRecipient {
    /// Takes an update, unless an equal one is there already, and gives its number.
    pub fn take(&mut self, sender: &str, update: &str) -> Option<u32> {
        let number = self.updates.insert(sender, update).ok()?;
        Some(
            u32::try_from(number)
                .expect("fewer updates than 32 bits can number, or memory is gone before"),
        )
    }

    /// Gives an update to its recipients.
    pub fn deliver(&mut self, update: u32, recipients: impl Iterator<Item = UserIndex>) {
        for recipient in recipients {
            let index = recipient.0 as usize;
            if index >= self.of.len() {
                self.of.resize_with(index + 1, Vec::new);
            }
            let updates = &mut self.of[index];
            if updates.is_empty() {
                self.order.push(recipient);
            }
            updates.push(update);
        }
    }

    /// Writes the object. `name` tells who a recipient is.
    ///
    /// # Errors
    ///
    /// If `out` cannot be written to.
    pub fn write<'a>(
        &self,
        name: impl Fn(UserIndex) -> &'a str,
        indented: bool,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        if self.order.is_empty() {
            return out.write_all(b"{}\n");
        }
        let (before, colon, between, after): (&[u8], &[u8], &[u8], &[u8]) = if indented {
            (b"\n  ", b": ", b"\n    ", b"\n  ]")
        } else {
            (b"", b":", b"", b"]")
        };
        let mut part = Vec::new();
        for (index, &recipient) in self.order.iter().enumerate() {
            part.clear();
            part.push(if index == 0 { b'{' } else { b',' });
            part.extend_from_slice(before);
            json::string(name(recipient), &mut part);
            part.extend_from_slice(colon);
            part.push(b'[');
            for (index, &update) in self.of[recipient.0 as usize].iter().enumerate() {
                if index > 0 {
                    part.push(b',');
                }
                part.extend_from_slice(between);
                let update = self.updates.json(update as usize);
                if indented {
                    json::indented(update, 2, &mut part);
                } else {
                    json::compact(update, &mut part);
                }
                if part.len() > 64 * 1024 {
                    out.write_all(&part)?;
                    part.clear();
                }
            }
            part.extend_from_slice(after);
            out.write_all(&part)?;
        }
        out.write_all(if indented { b"\n}\n" } else { b"}\n" })
    }
}
