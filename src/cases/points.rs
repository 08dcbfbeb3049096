//! What a test can exercise: each rule, and each item of its user sets.
//!
//! The sets are kept in the shape in which they were written, since that is what coverage speaks about. Whom the rules
//! reach is decided by the router alone.

use std::collections::BTreeSet;

use crate::matcher::{MatcherBuilder, PatternId};
use crate::pattern::{Pattern, Template};
use crate::router;
use crate::rules::groups::Groups;
use crate::rules::{About, Item, RuleSet, Side, UserSet, When};
use crate::source::{FileId, Span};
use crate::user_id::UserId;

/// Names a point, counted from 0 in the order of the files, and in each: routes, interests, blocks, groups.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PointId(pub u32);

/// A rule, or an item of a user set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Point {
    /// The file.
    pub file: FileId,
    /// Where it stands there.
    pub at: Span,
    /// What it is.
    pub kind: PointKind,
}

/// A rule, as coverage speaks of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RulePoint {
    /// Its place in its list, from 0.
    pub index: usize,
    /// Its name, if it has one.
    pub name: Option<String>,
    /// Where it is best shown: at its name, if it has one.
    pub shown_at: Span,
}

/// What a point is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PointKind {
    /// A route, by its name if it has one.
    Route(RulePoint),
    /// An interest.
    Interest(RulePoint),
    /// A block.
    Block(RulePoint),
    /// An item of a user set.
    Item {
        /// Whether the item takes users out of its set.
        excludes: bool,
        /// The set that it is in.
        of: Holder,
    },
}

/// What a user set belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Holder {
    /// The rule before its items, by the side that the set is of it.
    Rule(Side),
    /// The group of this name.
    Group(Box<str>),
}

/// All points of a rule set, and its rules with the points in their sets.
pub(super) struct Points {
    pub all: Vec<Point>,
    pub routes: Vec<ObservedRoute>,
    pub interests: Vec<ObservedInterest>,
    pub blocks: Vec<ObservedBlock>,
    groups: Vec<Node>,
    /// For each point, whether it names one user, who needs no known users to be found.
    pub exact: Vec<bool>,
}

pub(super) struct ObservedRoute {
    pub point: PointId,
    pub senders: Node,
    pub recipients: Node,
    pub when: When,
    pub derives: bool,
}

pub(super) struct ObservedInterest {
    pub point: PointId,
    pub users: Node,
    pub sees: Node,
}

pub(super) struct ObservedBlock {
    pub point: PointId,
    pub senders: Option<Node>,
    pub recipients: Option<Node>,
}

/// A user set, with the points of its items.
pub(super) enum Node {
    Pattern(PointId, PatternId),
    Template(PointId, Template),
    Group(PointId, usize),
    Union(Vec<Node>),
    Difference {
        include: Option<Box<Node>>,
        exclude: Option<Box<Node>>,
    },
}

/// A user whom sets are asked about.
#[derive(Clone, Copy)]
pub(super) struct Who<'a> {
    pub user: UserId<'a>,
    /// The patterns that match, by rising number.
    pub matched: &'a [PatternId],
    /// The user on the rule's other side, for templates.
    pub other: Option<UserId<'a>>,
}

/// The items that had a say whether a set holds a user.
#[derive(Default)]
pub(super) struct Say {
    /// Those by which it does.
    pub held: Vec<PointId>,
    /// Those that took the user out.
    pub kept_out: Vec<PointId>,
    /// Whether one of those by which it does names the user, who needs no known users to be found then.
    pub named: bool,
}

/// What making the points takes.
struct Making<'r> {
    groups: Groups<'r>,
    /// As the router numbers them.
    patterns: MatcherBuilder,
    points: Vec<Point>,
    exact: Vec<bool>,
    file: FileId,
}

impl Points {
    pub fn new(rule_set: &RuleSet) -> Self {
        let Some(first) = rule_set.files.first() else {
            panic!("a rule set has a file");
        };
        let mut making = Making {
            groups: Groups::new(rule_set),
            patterns: router::patterns(rule_set),
            points: Vec::new(),
            exact: Vec::new(),
            file: first.file,
        };
        let (mut routes, mut interests, mut blocks) = (Vec::new(), Vec::new(), Vec::new());
        let mut groups = Vec::new();
        for rules in &rule_set.files {
            making.file = rules.file;
            for route in &rules.routes {
                let point = making.rule(&route.about, PointKind::Route);
                routes.push(ObservedRoute {
                    point,
                    senders: making.side(Side::Senders, &route.senders),
                    recipients: making.side(Side::Recipients, &route.recipients),
                    when: route.when.clone(),
                    derives: rules.derive_interests,
                });
            }
            for interest in &rules.interests {
                let point = making.rule(&interest.about, PointKind::Interest);
                interests.push(ObservedInterest {
                    point,
                    users: making.side(Side::Users, &interest.users),
                    sees: making.side(Side::In, &interest.sees),
                });
            }
            for block in &rules.blocks {
                let point = making.rule(&block.about, PointKind::Block);
                let mut side = |side, users: &Option<UserSet>| {
                    (users.as_ref()).map(|users| making.side(side, users))
                };
                blocks.push(ObservedBlock {
                    point,
                    senders: side(Side::Senders, &block.senders),
                    recipients: side(Side::Recipients, &block.recipients),
                });
            }
            for (name, group) in &rules.groups {
                groups.push(making.node(&Holder::Group(name.clone()), &group.users, false));
            }
        }
        Self {
            all: making.points,
            routes,
            interests,
            blocks,
            groups,
            exact: making.exact,
        }
    }

    /// Adds the points of a set, those of its groups included.
    pub fn items(&self, set: &Node, items: &mut BTreeSet<PointId>) {
        match set {
            Node::Pattern(point, _) | Node::Template(point, _) => {
                items.insert(*point);
            }
            Node::Group(point, group) => {
                // What is in the group is there already, if the group is.
                if items.insert(*point) {
                    self.items(&self.groups[*group], items);
                }
            }
            Node::Union(members) => {
                for member in members {
                    self.items(member, items);
                }
            }
            Node::Difference { include, exclude } => {
                for part in [include, exclude].into_iter().flatten() {
                    self.items(part, items);
                }
            }
        }
    }

    /// Whether a set holds a user, and which of its items had a say in that.
    pub fn ask(&self, set: &Node, who: Who<'_>, say: &mut Say) -> bool {
        let before = (say.held.len(), say.named);
        match set {
            Node::Pattern(point, pattern) => {
                let matches = who.matched.binary_search(pattern).is_ok();
                say.held.extend(matches.then_some(*point));
                say.named |= matches && self.exact[point.0 as usize];
                matches
            }
            Node::Template(point, template) => {
                let made = who.other.and_then(|other| template.make(other));
                let matches = made.as_deref() == Some(who.user.as_str());
                say.held.extend(matches.then_some(*point));
                say.named |= matches;
                matches
            }
            Node::Group(point, group) => {
                let holds = self.ask(&self.groups[*group], who, say);
                say.held.extend(holds.then_some(*point));
                holds
            }
            Node::Union(members) => {
                let mut holds = false;
                for member in members {
                    holds |= self.ask(member, who, say);
                }
                holds
            }
            Node::Difference { include, exclude } => {
                let included = (include.as_ref()).is_none_or(|set| self.ask(set, who, say));
                if !included {
                    return false;
                }
                let mut out = Say::default();
                let excluded = (exclude.as_ref()).is_some_and(|set| self.ask(set, who, &mut out));
                if excluded {
                    say.held.truncate(before.0);
                    say.named = before.1;
                    say.kept_out.append(&mut out.held);
                } else {
                    // What takes a user out of those who are left out keeps it in.
                    say.held.append(&mut out.kept_out);
                }
                !excluded
            }
        }
    }
}

impl Making<'_> {
    fn point(&mut self, at: Span, kind: PointKind, exact: bool) -> PointId {
        let file = self.file;
        self.points.push(Point { file, at, kind });
        self.exact.push(exact);
        PointId(self.points.len() as u32 - 1)
    }

    fn rule(&mut self, about: &About, kind: fn(RulePoint) -> PointKind) -> PointId {
        let shown_at = match about.name {
            Some(_) => about.name_at,
            None => about.at,
        };
        let rule = RulePoint {
            index: about.index,
            name: about.name.clone(),
            shown_at,
        };
        self.point(about.at, kind(rule), false)
    }

    fn side(&mut self, side: Side, users: &UserSet) -> Node {
        self.node(&Holder::Rule(side), users, false)
    }

    fn node(&mut self, of: &Holder, users: &UserSet, excludes: bool) -> Node {
        match users {
            UserSet::Item(item, at) => {
                let exact = matches!(item, Item::Pattern(Pattern::User(_)) | Item::Template(_));
                let of = of.clone();
                let point = self.point(at.whole, PointKind::Item { excludes, of }, exact);
                match item {
                    Item::Pattern(pattern) => Node::Pattern(point, self.patterns.id(pattern)),
                    Item::Template(template) => Node::Template(point, template.clone()),
                    Item::Group(name) => {
                        let group = self.groups.index_of(name);
                        Node::Group(point, group.expect("a rule set without errors"))
                    }
                }
            }
            UserSet::Union(members, _) => {
                let nodes = (members.iter()).map(|member| self.node(of, member, excludes));
                Node::Union(nodes.collect())
            }
            UserSet::Difference {
                include, exclude, ..
            } => {
                let mut part = |users: &Option<Box<UserSet>>, excludes| {
                    let users = users.as_ref()?;
                    Some(Box::new(self.node(of, users, excludes)))
                };
                Node::Difference {
                    include: part(include, excludes),
                    exclude: part(exclude, !excludes),
                }
            }
        }
    }
}
