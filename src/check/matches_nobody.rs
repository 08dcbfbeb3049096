//! `matches-nobody`: a pattern that stands for users who are listed, and matches no known user.

mod known;

use std::collections::{HashMap, HashSet};

use super::Context;
use crate::finding::{Code, Finding, Location};
use crate::pattern::{Pattern, shortened};
use crate::rules::{Item, UserSet};
use crate::source::FileId;
use known::Known;

pub(super) fn check(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    let Some(known_users) = cx.known_users else {
        return;
    };
    let patterns = listed(cx);
    if patterns.is_empty() {
        return;
    }
    let mut known = Known::new(known_users);
    let mut judged: HashMap<&Pattern, bool> = HashMap::new();
    for (location, pattern) in patterns {
        let server = pattern.server_name();
        // Inside Synapse, the homeserver adds its own users; known users without any of them are the others.
        if let (Some(server), Some(own)) = (&server, cx.server_name)
            && **server == *own
            && !known.has_server(own)
        {
            continue;
        }
        let is_matched = *judged
            .entry(pattern)
            .or_insert_with(|| known.is_matched(pattern, server.as_deref()));
        if !is_matched {
            let text = match pattern {
                Pattern::Server(text)
                | Pattern::Glob(text)
                | Pattern::ServerGlob(text)
                | Pattern::Regex(text)
                | Pattern::User(text) => text,
                Pattern::Everyone => continue,
            };
            let text = shortened(text);
            let message = match known_users.len() {
                0 => format!("`{text}` matches nobody, since there is not one known user"),
                1 => format!("`{text}` does not match the one known user"),
                count => format!("`{text}` matches none of the {count} known users"),
            };
            findings.push(
                Finding::new(Code::MatchesNobody, location, message)
                    .help("correct it, or add its users to the known users"),
            );
        }
    }
}

/// The patterns that are looked up among the known users, each place once.
fn listed<'a>(cx: &Context<'a>) -> Vec<(Location, &'a Pattern)> {
    let mut found = Found {
        cx,
        entered: HashSet::new(),
        patterns: Vec::new(),
    };
    for rules in &cx.rule_set.files {
        for route in &rules.routes {
            found.add(rules.file, &route.recipients);
            if rules.derive_interests {
                found.add(rules.file, &route.senders);
            }
        }
        for interest in &rules.interests {
            found.add(rules.file, &interest.sees);
        }
    }
    found.patterns
}

struct Found<'c, 'a> {
    cx: &'c Context<'a>,
    entered: HashSet<usize>,
    patterns: Vec<(Location, &'a Pattern)>,
}

impl<'a> Found<'_, 'a> {
    fn add(&mut self, file: FileId, users: &'a UserSet) {
        match users {
            UserSet::Item(
                Item::Template(_) | Item::Pattern(Pattern::User(_) | Pattern::Everyone),
                _,
            ) => {}
            UserSet::Item(Item::Pattern(pattern), at) => {
                let location = Location::part(file, at.whole);
                self.patterns.push((location, pattern));
            }
            UserSet::Item(Item::Group(name), _) => {
                let groups = self.cx.groups;
                if let Some(index) = groups.index_of(name)
                    && self.entered.insert(index)
                {
                    let group = &groups.all[index];
                    self.add(group.file, group.users);
                }
            }
            UserSet::Union(members, _) => {
                for member in members {
                    self.add(file, member);
                }
            }
            UserSet::Difference { include, .. } => {
                if let Some(include) = include {
                    self.add(file, include);
                }
            }
        }
    }
}
