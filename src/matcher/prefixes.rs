//! Patterns by what localparts start with.

use super::PatternId;

/// The prefixes in the order of their bytes.
///
/// Of all prefixes that a text can have, the last one that is not above the text has all others as prefixes of its own,
/// so one binary search finds them, whatever their lengths are.
#[derive(Debug, Default)]
pub(super) struct Prefixes {
    text: Box<str>,
    all: Box<[Prefix]>,
}

#[derive(Debug)]
struct Prefix {
    from: usize,
    length: u32,
    id: PatternId,
    /// The place of the longest other one that this one starts with; `u32::MAX` if there is none.
    shorter: u32,
}

impl Prefixes {
    pub fn new(mut prefixes: Vec<(&str, PatternId)>) -> Self {
        prefixes.sort_unstable();
        let mut text = String::new();
        let mut all: Vec<Prefix> = Vec::with_capacity(prefixes.len());
        for (prefix, id) in prefixes {
            let from = text.len();
            text.push_str(prefix);
            let mut shorter = (all.len() as u32).wrapping_sub(1);
            while let Some(other) = all.get(shorter as usize)
                && !prefix.starts_with(other.of(&text))
            {
                shorter = other.shorter;
            }
            all.push(Prefix {
                from,
                length: prefix.len() as u32,
                id,
                shorter,
            });
        }
        Self {
            text: text.into(),
            all: all.into(),
        }
    }

    /// Adds the patterns whose prefix a localpart has.
    pub fn matches(&self, localpart: &str, matched: &mut Vec<PatternId>) {
        let after = (self.all).partition_point(|prefix| prefix.of(&self.text) <= localpart);
        let Some(last) = after.checked_sub(1).map(|last| &self.all[last]) else {
            return;
        };
        // Those that are no longer than what both have in common are prefixes of both.
        let pairs = last.of(&self.text).bytes().zip(localpart.bytes());
        let common = pairs.take_while(|(one, other)| one == other).count();
        let mut next = Some(last);
        while let Some(prefix) = next {
            if prefix.length as usize <= common {
                matched.push(prefix.id);
            }
            next = self.all.get(prefix.shorter as usize);
        }
    }
}

impl Prefix {
    fn of<'t>(&self, text: &'t str) -> &'t str {
        &text[self.from..self.from + self.length as usize]
    }
}
