//! Which updates of a batch are equal.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::hash::BuildHasher;

use foldhash::fast::RandomState;

use crate::update::canonical::canonical;

/// The distinct updates of a batch, in the order in which they came.
///
/// Two updates are one if they are equal as JSON values: the order of keys, white space and the way of writing texts
/// and numbers don't count (`1`, `1.0` and `10e-1` are one number, but no digit of a longer one is lost), and of
/// equal keys in an object the last one counts. This is what the Python set does that
/// Synapse's `get_users_for_states` answers with.
///
/// An update is kept as it was written; memory is linear in the length of these.
///
/// ```
/// use presence_router::update::Seen;
///
/// let mut seen = Seen::default();
/// assert_eq!(seen.insert("@a:b", r#"{"user_id":"@a:b","state":"online"}"#), Ok(0));
/// assert_eq!(seen.insert("@a:b", r#"{"user_id":"@a:b","state":"offline"}"#), Ok(1));
/// assert_eq!(seen.insert("@a:b", r#"{"state": "\u006fnline", "user_id": "@a:b"}"#), Err(0));
/// assert_eq!(seen.json(1), r#"{"user_id":"@a:b","state":"offline"}"#);
/// ```
#[derive(Default)]
pub struct Seen {
    /// All updates, one after another, and where each ends.
    texts: String,
    ends: Vec<usize>,
    /// By the hash of the sender, the sender's first update. Senders that share a hash share the entry: that costs
    /// time, and nothing else, since all that follows from it is that forms are compared.
    senders: HashMap<u64, Sender, RandomState>,
    /// By the hash of the form, or the next number that was free, an update with that form.
    forms: HashMap<u64, usize, RandomState>,
    hasher: RandomState,
    form: Vec<u8>,
    other_form: Vec<u8>,
}

struct Sender {
    first: usize,
    /// Whether `first` is in `forms`, as it is once there is another update of this sender.
    has_form: bool,
}

impl Seen {
    /// Adds an update of `sender`, and gives its index. `json` is one JSON value, as [`Update::json`] is.
    ///
    /// # Errors
    ///
    /// The update is there already: gives the index of the one that is equal to it.
    ///
    /// [`Update::json`]: crate::update::Update::json
    pub fn insert(&mut self, sender: &str, json: &str) -> Result<usize, usize> {
        let index = self.len();
        let (first, has_form) = match self.senders.entry(self.hasher.hash_one(sender)) {
            Entry::Vacant(entry) => {
                entry.insert(Sender {
                    first: index,
                    has_form: false,
                });
                self.push(json);
                return Ok(index);
            }
            Entry::Occupied(mut entry) => {
                let first = entry.get().first;
                if json == text(&self.texts, &self.ends, first) {
                    return Err(first);
                }
                (
                    first,
                    std::mem::replace(&mut entry.get_mut().has_form, true),
                )
            }
        };
        if !has_form {
            form(text(&self.texts, &self.ends, first), &mut self.form);
            // Equal updates have one sender, so that none of them is here yet.
            let _ = self.find_form(first);
        }
        form(json, &mut self.form);
        self.find_form(index)?;
        self.push(json);
        Ok(index)
    }

    /// The update at `index`, as it was written.
    ///
    /// # Panics
    ///
    /// There is no update at `index`.
    pub fn json(&self, index: usize) -> &str {
        text(&self.texts, &self.ends, index)
    }

    /// How many updates there are.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there is no update.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// Enters `index` under the form in `self.form`, unless that is there.
    fn find_form(&mut self, index: usize) -> Result<(), usize> {
        let mut hash = self.hasher.hash_one(&self.form);
        loop {
            match self.forms.entry(hash) {
                Entry::Vacant(entry) => {
                    entry.insert(index);
                    return Ok(());
                }
                Entry::Occupied(entry) => {
                    let other = *entry.get();
                    form(text(&self.texts, &self.ends, other), &mut self.other_form);
                    if self.form == self.other_form {
                        return Err(other);
                    }
                    hash = hash.wrapping_add(1);
                }
            }
        }
    }

    fn push(&mut self, json: &str) {
        self.texts.push_str(json);
        self.ends.push(self.texts.len());
    }
}

fn text<'a>(texts: &'a str, ends: &[usize], index: usize) -> &'a str {
    let start = index.checked_sub(1).map_or(0, |before| ends[before]);
    &texts[start..ends[index]]
}

fn form(json: &str, out: &mut Vec<u8>) {
    out.clear();
    if canonical(json, out).is_none() {
        // No JSON: equal to nothing but itself.
        out.clear();
        out.push(b'!');
        out.extend_from_slice(json.as_bytes());
    }
}
