//! Which sets name a user, directly.

use std::collections::HashMap;

use super::{Holds, Node};
use crate::matcher::{Matcher, MatcherBuilder, PatternId, Strategy};
use crate::pattern::Pattern;
use crate::user_id::UserId;

/// How many patterns become automata at most: each takes as long as reading a page of rules.
const MOST_AUTOMATA: usize = 256;

/// The patterns of all sets, and the sets that name them.
#[derive(Default)]
pub(super) struct Patterns {
    matcher: Matcher,
    nodes: Vec<Vec<Node>>,
    others: Vec<Other>,
}

/// Patterns on their way to an index.
#[derive(Default)]
pub(super) struct PatternsBuilder<'a> {
    index: MatcherBuilder,
    /// The sets of each pattern of the index.
    nodes: Vec<Vec<Node>>,
    others: Vec<Other>,
    places: HashMap<&'a Pattern, Place>,
    automata: usize,
}

#[derive(Clone, Copy)]
enum Place {
    Index(PatternId),
    Other(usize),
}

/// A pattern too many, which is not looked into.
struct Other {
    /// What all users start with whom it matches,
    prefix: Box<str>,
    /// and the server name that they all have, if it is known.
    server: Option<Box<str>>,
    nodes: Vec<Node>,
}

impl<'a> PatternsBuilder<'a> {
    pub fn add(&mut self, pattern: &'a Pattern, node: Node) {
        if *pattern == Pattern::Everyone {
            return;
        }
        let known = self.places.get(pattern).copied();
        let place = known.unwrap_or_else(|| {
            let place = self.place(pattern);
            self.places.insert(pattern, place);
            place
        });
        let nodes = match place {
            Place::Index(id) => &mut self.nodes[id.0 as usize],
            Place::Other(index) => &mut self.others[index].nodes,
        };
        nodes.push(node);
    }

    fn place(&mut self, pattern: &Pattern) -> Place {
        let is_automaton =
            matches!(Strategy::of(pattern), Strategy::General(_)) && !pattern.is_stars();
        self.automata += usize::from(is_automaton);
        if is_automaton && self.automata > MOST_AUTOMATA {
            self.others.push(Other {
                prefix: pattern.literal_prefix(),
                server: pattern.server_name(),
                nodes: Vec::new(),
            });
            return Place::Other(self.others.len() - 1);
        }
        self.nodes.push(Vec::new());
        Place::Index(self.index.add(pattern))
    }

    pub fn build(self) -> Patterns {
        Patterns {
            matcher: self.index.build(),
            nodes: self.nodes,
            others: self.others,
        }
    }
}

impl Patterns {
    /// Tells each set of which an item matches a user, and gives the number of steps that it took.
    pub fn find(&self, user: &str, mut found: impl FnMut(Node, Holds)) -> usize {
        let Ok(id) = UserId::parse(user) else {
            return 1;
        };
        let mut matched = Vec::new();
        self.matcher.matches(id, &mut matched);
        for pattern in &matched {
            for node in &self.nodes[pattern.0 as usize] {
                found(*node, Holds::Yes);
            }
        }
        for other in &self.others {
            let is_server = |server: &str| server == id.server_name();
            if user.starts_with(&*other.prefix) && other.server.as_deref().is_none_or(is_server) {
                other
                    .nodes
                    .iter()
                    .for_each(|node| found(*node, Holds::Maybe));
            }
        }
        1 + matched.len() + self.others.len()
    }
}
