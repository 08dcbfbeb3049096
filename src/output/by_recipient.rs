//! `--by recipient`: one object with the updates of each recipient, the value that Synapse's `get_users_for_states`
//! returns.
//!
//! Updates that go to the same users are a group. What a recipient gets is then a few groups, and recipients of the same
//! groups get the same bytes: so 10,000 updates to 10,000 users are not a hundred million deliveries.

use std::collections::HashMap;
use std::io::{self, Write};
use std::ops::Range;

use foldhash::fast::RandomState;
use indexmap::IndexMap;

use crate::output::json;
use crate::router::UserIndex;
use crate::update::Seen;

/// How many bytes are kept of what several recipients get; the rest is written anew for each.
const MOST_KEPT: usize = 64 * 1024 * 1024;

/// So many bytes at least are written at once.
const LEAST_WRITTEN: usize = 64 * 1024;

/// Names a group of updates that go to the same users.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct GroupId(usize);

/// The updates of one batch, by recipient.
#[derive(Default)]
pub(crate) struct ByRecipient {
    /// Without white space between tokens.
    updates: Seen,
    compact: Vec<u8>,
    /// The updates that go to the same users, by their numbers. The groups are in the order of their first updates.
    groups: IndexMap<Box<[UserIndex]>, Vec<u32>, RandomState>,
}

/// The recipients in the order in which they were first reached, each with the groups that it gets.
struct Recipients {
    order: Vec<UserIndex>,
    groups: Vec<u32>,
    /// Where the groups of each user start, and after the last those of nobody.
    starts: Vec<u32>,
}

/// How JSON is laid out.
struct Layout {
    before: &'static [u8],
    colon: &'static [u8],
    between: &'static [u8],
    after: &'static [u8],
    end: &'static [u8],
    indented: bool,
}

impl ByRecipient {
    /// The group of updates that go to these users.
    pub fn group(&mut self, users: &[UserIndex]) -> GroupId {
        if let Some(index) = self.groups.get_index_of(users) {
            return GroupId(index);
        }
        GroupId(self.groups.insert_full(users.into(), Vec::new()).0)
    }

    /// Adds an update to a group, unless an equal one is in the batch already; says whether it did. `is_compact` says
    /// that it is known to have no white space between its tokens.
    pub fn add(&mut self, sender: &str, update: &str, is_compact: bool, group: GroupId) -> bool {
        let inserted = if is_compact {
            self.updates.insert(sender, update)
        } else {
            // Once for all who get it.
            self.compact.clear();
            json::compact(update, &mut self.compact);
            let compact = str::from_utf8(&self.compact).expect("only white space was left out");
            self.updates.insert(sender, compact)
        };
        let Ok(number) = inserted else {
            return false;
        };
        let number = u32::try_from(number).expect("memory is gone before 32 bits are");
        self.groups[group.0].push(number);
        true
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
        let recipients = Recipients::new(&self.groups);
        if recipients.order.is_empty() {
            return out.write_all(b"{}\n");
        }
        let layout = Layout::new(indented);
        let mut sharing: HashMap<&[u32], usize, RandomState> = HashMap::default();
        for recipient in &recipients.order {
            *sharing.entry(recipients.groups(*recipient)).or_default() += 1;
        }
        let mut kept: HashMap<&[u32], Range<usize>, RandomState> = HashMap::default();
        let mut text = Vec::new();
        let mut part = Vec::new();
        for (index, &recipient) in recipients.order.iter().enumerate() {
            part.push(if index == 0 { b'{' } else { b',' });
            part.extend_from_slice(layout.before);
            json::string(name(recipient), &mut part);
            part.extend_from_slice(layout.colon);
            let groups = recipients.groups(recipient);
            if let Some(range) = kept.get(groups) {
                let range: Range<usize> = range.clone();
                if range.len() >= LEAST_WRITTEN {
                    out.write_all(&part)?;
                    part.clear();
                    out.write_all(&text[range])?;
                } else {
                    part.extend_from_slice(&text[range]);
                }
            } else if sharing[groups] > 1 && text.len() < MOST_KEPT {
                let start = text.len();
                self.updates_of(groups, &layout, &mut text, |_| Ok(()))?;
                part.extend_from_slice(&text[start..]);
                if text.len() <= MOST_KEPT {
                    kept.insert(groups, start..text.len());
                } else {
                    text.truncate(start);
                }
            } else {
                self.updates_of(groups, &layout, &mut part, |part| write_long(part, out))?;
            }
            write_long(&mut part, out)?;
        }
        part.extend_from_slice(layout.end);
        out.write_all(&part)
    }

    /// Adds the array of all updates of these groups, in their order. `flush` is called after each of them.
    fn updates_of(
        &self,
        groups: &[u32],
        layout: &Layout,
        out: &mut Vec<u8>,
        mut flush: impl FnMut(&mut Vec<u8>) -> io::Result<()>,
    ) -> io::Result<()> {
        let together;
        let numbers = if let [group] = groups {
            &self.groups[*group as usize]
        } else {
            let groups = groups.iter().map(|group| &self.groups[*group as usize]);
            let mut numbers: Vec<_> = groups.flatten().copied().collect();
            numbers.sort_unstable();
            together = numbers;
            &together
        };
        out.push(b'[');
        for (index, &number) in numbers.iter().enumerate() {
            if index > 0 {
                out.push(b',');
            }
            out.extend_from_slice(layout.between);
            let update = self.updates.json(number as usize);
            if layout.indented {
                json::indented(update, 2, out);
            } else {
                out.extend_from_slice(update.as_bytes());
            }
            flush(out)?;
        }
        out.extend_from_slice(layout.after);
        Ok(())
    }
}

impl Recipients {
    fn new(groups: &IndexMap<Box<[UserIndex]>, Vec<u32>, RandomState>) -> Self {
        let users = || groups.keys().flatten();
        let count = users().map(|user| user.0 as usize + 1).max().unwrap_or(0);
        let mut order = Vec::new();
        let mut starts = vec![0_u32; count + 1];
        for user in users() {
            let groups = &mut starts[user.0 as usize];
            if *groups == 0 {
                order.push(*user);
            }
            *groups += 1;
        }
        let mut sum = 0;
        for start in &mut starts {
            sum += std::mem::replace(start, sum);
        }
        let mut all = vec![0; sum as usize];
        let mut next = starts.clone();
        for (group, users) in (0..).zip(groups.keys()) {
            for user in users {
                let place = &mut next[user.0 as usize];
                all[*place as usize] = group;
                *place += 1;
            }
        }
        Self {
            order,
            groups: all,
            starts,
        }
    }

    fn groups(&self, recipient: UserIndex) -> &[u32] {
        let user = recipient.0 as usize;
        &self.groups[self.starts[user] as usize..self.starts[user + 1] as usize]
    }
}

impl Layout {
    fn new(indented: bool) -> Self {
        if indented {
            Self {
                before: b"\n  ",
                colon: b": ",
                between: b"\n    ",
                after: b"\n  ]",
                end: b"\n}\n",
                indented,
            }
        } else {
            Self {
                before: b"",
                colon: b":",
                between: b"",
                after: b"]",
                end: b"}\n",
                indented,
            }
        }
    }
}

fn write_long(part: &mut Vec<u8>, out: &mut dyn Write) -> io::Result<()> {
    if part.len() >= LEAST_WRITTEN {
        out.write_all(part)?;
        part.clear();
    }
    Ok(())
}
