//! Questions about the user sets of the rules as written: who is in them, as far as that can be told.
//!
//! All sets of a rule set are one graph. Its nodes are groups, sides of rules, and the two parts of an
//! `include`/`exclude`; each comes after those that it is made of. A user is looked up once, from the patterns that
//! match it up to the sides of rules that hold it, so that the cost does not grow with what a set lists.

mod build;
mod exact;
mod pairs;
mod patterns;
mod walk;

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;

use crate::rules::groups::Groups;
use crate::rules::{Block, Interest, Item, Route, RuleFile, RuleSet, UserSet};

use patterns::Patterns;
use walk::Deviations;

/// A node of the graph.
pub(super) type Node = u32;

/// Whether a set holds a user.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Holds {
    No,
    /// A template decides, or a pattern that was not looked into.
    Maybe,
    Yes,
}

/// What it takes to enumerate a set.
#[derive(Clone, Copy, Default)]
#[allow(clippy::struct_excessive_bools)] // independent facts
pub(super) struct Enumeration {
    /// Some pattern that is included is no exact ID.
    pub needs_known_users: bool,
    /// It holds everyone by its own words.
    pub everyone: bool,
    /// Some template is included.
    pub has_template: bool,
    /// Some item that is included may name a user of the homeserver that the rules run on.
    pub may_be_local: bool,
    /// Some item that is included surely names users of another server.
    pub has_remote: bool,
}

impl Enumeration {
    /// Whether all its users are of other servers.
    pub fn is_remote(self) -> bool {
        self.has_remote && !self.may_be_local
    }

    /// Whether all that it includes is exact IDs.
    pub fn is_exact(self) -> bool {
        !self.needs_known_users && !self.has_template
    }
}

/// A rule, the file it stands in, and the nodes of its two sides: those who are seen, and those who see.
pub(super) struct Sided<'a, R> {
    pub file: &'a RuleFile,
    pub rule: &'a R,
    pub seen: Node,
    pub seer: Node,
}

/// All user sets of a rule set.
pub(super) struct Sets<'a> {
    groups: &'a Groups<'a>,
    nodes: Vec<NodeData>,
    patterns: Patterns,
    pub routes: Vec<Sided<'a, Route>>,
    pub interests: Vec<Sided<'a, Interest>>,
    pub blocks: Vec<Sided<'a, Block>>,
    /// Routes whose two sides both hold users who are named nowhere.
    open_routes: Vec<usize>,
    /// Routes to users who are named nowhere.
    open_seers: Vec<usize>,
    open_interests: Vec<usize>,
    open_blocks: Vec<usize>,
    /// Blocks that keep everyone's updates from their recipients.
    pub silencers: Vec<usize>,
    /// Users who were looked up.
    known: RefCell<HashMap<Box<str>, Rc<Deviations>>>,
    /// How many steps may still be taken.
    budget: Cell<usize>,
}

struct NodeData {
    parents: Vec<Node>,
    kind: Kind,
    /// Whether it holds a user whom no pattern but `all` matches.
    default: Holds,
    enumeration: Enumeration,
    /// The rule of which it is a side.
    side: Option<Side>,
}

enum Kind {
    Union {
        /// What `all` and templates among its items say.
        direct: Holds,
        parts: Vec<Node>,
    },
    Difference {
        include: Node,
        exclude: Option<Node>,
    },
}

/// A side of a rule, by the rule's place in the lists of [`Sets`].
#[derive(Clone, Copy)]
enum Side {
    Route(usize),
    Interest(usize),
    Block(usize),
}

impl<'a> Sets<'a> {
    /// The sets of a rule set, whose groups come in an order as `Groups::order` gives it.
    pub fn new(
        rule_set: &'a RuleSet,
        groups: &'a Groups<'a>,
        order: &[usize],
        own_server: Option<&'a str>,
    ) -> Self {
        build::build(rule_set, groups, order, own_server)
    }

    /// What it takes to enumerate a set.
    pub fn enumeration(&self, node: Node) -> Enumeration {
        self.nodes[node as usize].enumeration
    }

    /// Every item of a set that is included, with those of the groups in it, until one is enough.
    pub fn included(&self, users: &'a UserSet, visit: &mut dyn FnMut(&'a Item) -> bool) {
        exact::included(users, self.groups, visit);
    }
}
