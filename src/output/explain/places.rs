//! The places of all that an explanation names, looked up in one pass over each file.

use std::collections::HashMap;

use crate::explain::{
    BlockFacts, Exclusion, Fate, Listed, Matched, Pair, Received, ReceivedBy, RuleRef, Senders,
    Sent, Standing, Step, Ways,
};
use crate::finding::{Location, Target};
use crate::key_path::KeyPath;
use crate::output::findings::visible;
use crate::pattern::shortened;
use crate::rules::locate;
use crate::source::{FileId, Place, Source, Sources};

/// Places by what they are the place of.
pub struct Places<'a> {
    sources: &'a Sources,
    found: HashMap<(FileId, KeyPath), Place>,
}

/// What names places.
pub trait Named {
    /// Tells each of them.
    fn each(&self, visit: &mut dyn FnMut(FileId, &KeyPath));
}

impl<'a> Places<'a> {
    /// Looks up the places of all that is named.
    pub fn of(sources: &'a Sources, named: &dyn Named) -> Self {
        let mut locations = Vec::new();
        named.each(&mut |file, path| locations.push(Location::value(file, path.clone())));
        let wanted: Vec<_> = locations.iter().collect();
        let places = locate::places(sources, &wanted);
        let keys = (locations.iter()).map(|location| (location.file, path(location)));
        Self {
            sources,
            found: keys.zip(places).collect(),
        }
    }

    pub fn source(&self, file: FileId) -> &'a Source {
        self.sources.get(file)
    }

    pub fn file(&self, file: FileId) -> &'a str {
        self.source(file).name()
    }

    pub fn place(&self, file: FileId, path: &KeyPath) -> &Place {
        &self.found[&(file, path.clone())]
    }

    /// An item as it is written in its file, on one line.
    pub fn written(&self, step: &Step) -> String {
        if step.item == Matched::Everyone {
            return "everyone".to_owned();
        }
        let range = self.place(step.file, &step.path).range.clone();
        let text = &self.sources.get(step.file).text()[range];
        let words: Vec<_> = text.split_whitespace().collect();
        visible(&shortened(&words.join(" "))).into_owned()
    }
}

/// A user's text in backticks, with nothing in it that a terminal obeys.
pub fn quoted(text: &str) -> String {
    format!("`{}`", visible(text))
}

/// "route `lobby`".
pub fn rule(rule: &RuleRef) -> String {
    format!("{} {}", rule.kind.name(), quoted(&rule.name.to_string()))
}

fn path(location: &Location) -> KeyPath {
    match &location.target {
        Target::Value(path) => path.clone(),
        _ => KeyPath::default(),
    }
}

impl Named for RuleRef {
    fn each(&self, visit: &mut dyn FnMut(FileId, &KeyPath)) {
        visit(self.file, &self.path);
    }
}

impl Named for Step {
    fn each(&self, visit: &mut dyn FnMut(FileId, &KeyPath)) {
        visit(self.file, &self.path);
    }
}

impl Named for Ways {
    fn each(&self, visit: &mut dyn FnMut(FileId, &KeyPath)) {
        for step in self.trails.iter().flat_map(|trail| &trail.items) {
            step.each(visit);
        }
    }
}

impl Named for Standing {
    fn each(&self, visit: &mut dyn FnMut(FileId, &KeyPath)) {
        match self {
            Self::In(ways) => ways.each(visit),
            Self::Excluded(exclusions) => {
                for Exclusion { included, excluded } in exclusions {
                    included.each(visit);
                    excluded.each(visit);
                }
            }
            Self::Out => {}
        }
    }
}

impl Named for Option<Standing> {
    fn each(&self, visit: &mut dyn FnMut(FileId, &KeyPath)) {
        if let Some(standing) = self {
            standing.each(visit);
        }
    }
}

impl Named for BlockFacts {
    fn each(&self, visit: &mut dyn FnMut(FileId, &KeyPath)) {
        self.rule.each(visit);
        self.senders.each(visit);
        self.recipients.each(visit);
    }
}

impl Named for Pair {
    fn each(&self, visit: &mut dyn FnMut(FileId, &KeyPath)) {
        for route in &self.routes {
            route.rule.each(visit);
            route.senders.each(visit);
            route.recipients.each(visit);
        }
        for block in &self.blocks {
            block.each(visit);
        }
        for by in self.seen.by.iter().chain(&self.seen.all) {
            by.rule.each(visit);
        }
        for interest in &self.seen.interests {
            interest.rule.each(visit);
            interest.users.each(visit);
            interest.sees.each(visit);
        }
    }
}

impl Named for Sent {
    fn each(&self, visit: &mut dyn FnMut(FileId, &KeyPath)) {
        for route in &self.routes {
            route.rule.each(visit);
            route.senders.each(visit);
            for sent in &route.recipients {
                if let Fate::Blocked(block) = &sent.fate {
                    block.each(visit);
                }
            }
        }
    }
}

impl Named for Senders {
    fn each(&self, visit: &mut dyn FnMut(FileId, &KeyPath)) {
        for Listed { step, members } in self.included.iter().chain(&self.excluded) {
            step.each(visit);
            if let Some(members) = members {
                members.each(visit);
            }
        }
    }
}

impl Named for Received {
    fn each(&self, visit: &mut dyn FnMut(FileId, &KeyPath)) {
        let rules = self
            .routes
            .iter()
            .chain(&self.interests)
            .chain(&self.blocks);
        for ReceivedBy {
            rule,
            standing,
            senders,
            ..
        } in rules
        {
            rule.each(visit);
            standing.each(visit);
            senders.each(visit);
        }
        if let Some(all) = &self.all {
            all.rule.each(visit);
        }
    }
}
