//! Which sets name a user, directly: an index over all patterns, cheap ways first.

use std::cell::{Cell, OnceCell};
use std::collections::HashMap;

use regex_automata::meta;

use super::{Holds, Node};
use crate::pattern::Pattern;
use crate::user_id::UserId;

/// How many patterns are compiled at most: each takes as long as reading a page of rules.
const MOST_COMPILED: usize = 256;

#[derive(Default)]
pub(super) struct Patterns<'a> {
    users: HashMap<&'a str, Vec<Node>>,
    servers: HashMap<&'a str, Vec<Node>>,
    /// The others by the one server that their users have, if it is known.
    others: HashMap<Option<Box<str>>, Vec<Other<'a>>>,
    places: HashMap<&'a Pattern, (Option<Box<str>>, usize)>,
    compiled: Cell<usize>,
}

struct Other<'a> {
    pattern: &'a Pattern,
    /// What all users start with whom it matches.
    prefix: Box<str>,
    /// Whether all users of the server match who start so.
    is_prefix: bool,
    regex: OnceCell<Option<meta::Regex>>,
    nodes: Vec<Node>,
}

impl<'a> Patterns<'a> {
    pub fn add(&mut self, pattern: &'a Pattern, node: Node) {
        match pattern {
            Pattern::Everyone => {}
            Pattern::User(text) => self.users.entry(text).or_default().push(node),
            Pattern::Server(name) => self.servers.entry(name).or_default().push(node),
            _ => {
                if let Some((server, index)) = self.places.get(pattern)
                    && let Some(others) = self.others.get_mut(server)
                {
                    others[*index].nodes.push(node);
                    return;
                }
                let server = pattern.server_name();
                let prefix = pattern.literal_prefix();
                let others = self.others.entry(server.clone()).or_default();
                let is_prefix = is_prefix(pattern, &prefix, server.as_deref());
                self.places.insert(pattern, (server, others.len()));
                others.push(Other {
                    pattern,
                    prefix,
                    is_prefix,
                    regex: OnceCell::new(),
                    nodes: vec![node],
                });
            }
        }
    }

    /// Tells each set of which an item matches a user, and gives the number of steps that it took.
    pub fn find(&self, user: &str, mut found: impl FnMut(Node, Holds)) -> usize {
        let Ok(id) = UserId::parse(user) else {
            return 1;
        };
        let server = id.server_name();
        let named = self.users.get(user).into_iter();
        for node in named.chain(self.servers.get(server)).flatten() {
            found(*node, Holds::Yes);
        }
        let mut steps = 1;
        for key in [Some(server.into()), None] {
            for other in self.others.get(&key).into_iter().flatten() {
                steps += 1;
                let holds = other.holds(user, &self.compiled);
                if holds != Holds::No {
                    other.nodes.iter().for_each(|node| found(*node, holds));
                }
            }
        }
        steps
    }
}

impl Other<'_> {
    fn holds(&self, user: &str, compiled: &Cell<usize>) -> Holds {
        if !user.starts_with(&*self.prefix) {
            return Holds::No;
        }
        if self.is_prefix {
            return Holds::Yes;
        }
        let regex = self.regex.get_or_init(|| {
            compiled.set(compiled.get() + 1);
            (compiled.get() <= MOST_COMPILED).then(|| self.pattern.compile())
        });
        match regex {
            None => Holds::Maybe,
            Some(regex) if regex.is_match(user) => Holds::Yes,
            Some(_) => Holds::No,
        }
    }
}

/// Whether a pattern is `PREFIX*:SERVER`.
fn is_prefix(pattern: &Pattern, prefix: &str, server: Option<&str>) -> bool {
    let (Pattern::Glob(text), Some(server)) = (pattern, server) else {
        return false;
    };
    let rest = text.strip_prefix(prefix);
    let rest = rest.and_then(|rest| rest.strip_prefix("*:"));
    // `@a/**/b` has a meaning of its own; `@team/*` has none.
    rest == Some(server) && !prefix.contains(':') && prefix.starts_with('@')
}
