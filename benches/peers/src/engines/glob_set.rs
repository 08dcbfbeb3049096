//! `globset::GlobSet`: each rule that can be written as a glob over whole user IDs is one of a set, and the regular
//! expressions are in a [`RegexSet`] beside it.
//!
//! This is what a program in Rust would take for rules as people write them. Where globs end in a text after a dot, as
//! in a file name, `GlobSet` tries those with the ending of the subject one by one. Here nearly all have the same ending,
//! so the last character is written as a class, and all globs run at once. The list that the set answers with is used
//! again.

use std::collections::BTreeSet;

use globset::{Glob, GlobSet, GlobSetBuilder};
use regex::bytes::RegexSet;

use super::regex_set;
use crate::peer::{Engine, Peer, Timed, Work};
use crate::recipients::Recipients;

pub fn glob_set<'w>(work: &Work<'w>) -> Result<Box<dyn Peer + 'w>, String> {
    let mut globs = GlobSetBuilder::new();
    let (mut glob_rules, mut regex_rules) = (Vec::new(), Vec::new());
    for (number, rule) in work.rules.iter().enumerate() {
        let Some(glob) = rule.senders.glob() else {
            regex_rules.push(number);
            continue;
        };
        let glob = match glob.char_indices().last() {
            Some((at, last)) if glob.contains('*') => format!("{}[{last}]", &glob[..at]),
            _ => glob,
        };
        globs.add(Glob::new(&glob).map_err(|error| error.to_string())?);
        glob_rules.push(number);
    }
    let regexes = regex_set::set(regex_rules.iter().map(|number| &work.rules[*number]));
    Ok(Box::new(Timed {
        senders: work.senders,
        engine: Set {
            globs: globs.build().map_err(|error| error.to_string())?,
            glob_rules,
            matched: Vec::new(),
            regexes: regexes.map_err(|error| error.to_string())?,
            regex_rules,
            recipients: Recipients::of(work.rules),
        },
    }))
}

struct Set {
    globs: GlobSet,
    glob_rules: Vec<usize>,
    matched: Vec<usize>,
    regexes: RegexSet,
    regex_rules: Vec<usize>,
    recipients: Recipients,
}

impl Engine for Set {
    type Answer<'a> = &'a [usize];

    fn answer(&mut self, sender: &str) -> &[usize] {
        self.globs.matches_into(sender, &mut self.matched);
        let globs = self.matched.iter().map(|index| self.glob_rules[*index]);
        let regexes = self.regexes.matches(sender.as_bytes());
        let regexes = regexes.iter().map(|index| self.regex_rules[index]);
        self.recipients.of_matched(globs.chain(regexes))
    }

    fn recipients(&mut self, sender: &str) -> BTreeSet<String> {
        self.answer(sender);
        self.recipients.names()
    }
}
