//! `regex::RegexSet`: each rule is a regular expression over whole user IDs, and all of them are one set.
//!
//! The set is over bytes, since its automata are smaller than over characters. It is given as much memory as it can use:
//! with the default, the automaton of many rules is thrown away again and again while it is built.

use std::collections::BTreeSet;

use regex::bytes::{RegexSet, RegexSetBuilder};

use crate::peer::{Engine, Peer, Timed, Work};
use crate::recipients::Recipients;
use crate::rule::Rule;

/// In bytes.
const MOST_MEMORY: usize = 1 << 30;

pub fn regex_set<'w>(work: &Work<'w>) -> Result<Box<dyn Peer + 'w>, String> {
    let set = set(work.rules.iter()).map_err(|error| error.to_string())?;
    Ok(Box::new(Timed {
        senders: work.senders,
        engine: Set {
            set,
            recipients: Recipients::of(work.rules),
        },
    }))
}

/// A set of rules.
pub fn set<'r>(rules: impl Iterator<Item = &'r Rule>) -> Result<RegexSet, regex::Error> {
    let anchored = rules.map(|rule| format!("^(?:{})$", rule.senders.regex()));
    RegexSetBuilder::new(anchored)
        .unicode(false)
        .size_limit(MOST_MEMORY)
        .dfa_size_limit(MOST_MEMORY)
        .build()
}

struct Set {
    set: RegexSet,
    recipients: Recipients,
}

impl Engine for Set {
    type Answer<'a> = &'a [usize];

    fn answer(&mut self, sender: &str) -> &[usize] {
        let matches = self.set.matches(sender.as_bytes());
        self.recipients.of_matched(matches.iter())
    }

    fn recipients(&mut self, sender: &str) -> BTreeSet<String> {
        self.answer(sender);
        self.recipients.names()
    }
}
