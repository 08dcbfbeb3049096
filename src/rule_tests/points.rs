//! What a test can exercise: each rule, and each item of its user sets, where it is written.

use std::collections::BTreeSet;

use crate::pattern::Pattern;
use crate::rules::{About, Item, RuleSet, Side, UserSet, When};
use crate::sets::{Asked, Kind, SiteId, Sites};
use crate::source::{FileId, Span};

/// Names a point, counted from 0 in the order of the files, and in each: routes, interests, blocks, groups.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct PointId(pub u32);

/// A rule, or an item of a user set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Point {
    /// The file.
    pub file: FileId,
    /// Where it stands there.
    pub(crate) at: Span,
    /// What it is.
    pub(crate) kind: PointKind,
}

/// A rule, as coverage speaks of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RulePoint {
    /// Its place in its list, from 0.
    pub index: usize,
    /// Its name, if it has one.
    pub name: Option<String>,
    /// Where it is best shown: at its name, if it has one.
    pub(crate) shown_at: Span,
}

/// What a point is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum PointKind {
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
pub(crate) enum Holder {
    /// The rule before its items, by the side that the set is of it.
    Rule(Side),
    /// The group of this name.
    Group(Box<str>),
}

/// All points of a rule set, and its rules with the places of their sets.
pub(super) struct Points<'a> {
    pub all: Vec<Point>,
    pub routes: Vec<ObservedRoute<'a>>,
    pub(crate) interests: Vec<ObservedInterest>,
    pub blocks: Vec<ObservedBlock>,
    pub sites: Sites<'a>,
    /// The points of items, in the order in which these stand, by their places.
    of_items: Vec<Option<PointId>>,
    /// For each point, whether it names one user, who needs no known users to be found.
    pub exact: Vec<bool>,
}

pub(super) struct ObservedRoute<'a> {
    pub point: PointId,
    pub senders: SiteId,
    pub recipients: SiteId,
    pub when: &'a When,
    pub derives: bool,
}

pub(super) struct ObservedInterest {
    pub point: PointId,
    pub users: SiteId,
    pub(crate) sees: SiteId,
}

pub(super) struct ObservedBlock {
    pub point: PointId,
    pub senders: Option<SiteId>,
    pub recipients: Option<SiteId>,
}

/// The items that had a say whether a set holds a user.
#[derive(Default)]
pub(super) struct Say {
    pub(crate) holds: bool,
    /// Those by which it does.
    pub held: Vec<PointId>,
    /// Those that took the user out.
    pub kept_out: Vec<PointId>,
    /// Whether one of those by which it does names the user, who needs no known users to be found then.
    pub(crate) named: bool,
}

impl<'a> Points<'a> {
    pub fn new(rule_set: &'a RuleSet) -> Self {
        let mut points = Self {
            all: Vec::new(),
            routes: Vec::new(),
            interests: Vec::new(),
            blocks: Vec::new(),
            sites: Sites::new(rule_set),
            of_items: Vec::new(),
            exact: Vec::new(),
        };
        let mut roots = 0;
        for rules in &rule_set.files {
            let groups = roots;
            roots += rules.user_sets().count();
            let file = rules.file;
            for route in &rules.routes {
                let sides = points.sites.rules.routes[points.routes.len()];
                let route = ObservedRoute {
                    point: points.rule(file, &route.about, PointKind::Route),
                    senders: points.side(Side::Senders, sides.seen_at),
                    recipients: points.side(Side::Recipients, sides.seer_at),
                    when: &route.when,
                    derives: rules.derive_interests,
                };
                points.routes.push(route);
            }
            for interest in &rules.interests {
                let sides = points.sites.rules.interests[points.interests.len()];
                let interest = ObservedInterest {
                    point: points.rule(file, &interest.about, PointKind::Interest),
                    users: points.side(Side::Users, sides.seer_at),
                    sees: points.side(Side::In, sides.seen_at),
                };
                points.interests.push(interest);
            }
            for block in &rules.blocks {
                let sides = points.sites.rules.blocks[points.blocks.len()];
                let point = points.rule(file, &block.about, PointKind::Block);
                let mut side =
                    |side, users: &Option<_>, site| users.as_ref().map(|_| points.side(side, site));
                let block = ObservedBlock {
                    point,
                    senders: side(Side::Senders, &block.senders, sides.seen_at),
                    recipients: side(Side::Recipients, &block.recipients, sides.seer_at),
                };
                points.blocks.push(block);
            }
            for (root, name) in (groups..).zip(rules.groups.keys()) {
                let site = points.sites.rules.roots[root];
                points.add_items(&Holder::Group(name.clone()), site);
            }
        }
        points
    }

    /// Adds the points of a set, those of its groups included.
    pub fn items(&self, set: SiteId, items: &mut BTreeSet<PointId>) {
        for item in self.sites.items(set) {
            let is_new = self.point(item).is_some_and(|point| items.insert(point));
            // What is in the group is there already, if the group is.
            if let Kind::Group(users) = self.sites.kind(item)
                && is_new
            {
                self.items(users, items);
            }
        }
    }

    /// Whether a set holds a user, and which of its items had a say in that. Without a set, everyone is meant.
    pub fn ask(&self, set: Option<SiteId>, asked: Asked<'_>) -> Say {
        let Some(set) = set else {
            return Say {
                holds: true,
                ..Say::default()
            };
        };
        let say = self.sites.say(set, asked);
        let points = |sites: &mut dyn Iterator<Item = &SiteId>| -> Vec<_> {
            sites.filter_map(|site| self.point(*site)).collect()
        };
        Say {
            holds: self.sites.holds(set, asked),
            named: points(&mut say.by.iter())
                .iter()
                .any(|point| self.exact[point.0 as usize]),
            held: points(&mut say.by.union(&say.kept_in)),
            kept_out: points(&mut say.kept_out.iter()),
        }
    }

    fn point(&self, item: SiteId) -> Option<PointId> {
        self.of_items.get(item.0 as usize).copied().flatten()
    }

    fn add(&mut self, file: FileId, at: Span, kind: PointKind, exact: bool) -> PointId {
        self.all.push(Point { file, at, kind });
        self.exact.push(exact);
        PointId(self.all.len() as u32 - 1)
    }

    fn rule(&mut self, file: FileId, about: &About, kind: fn(RulePoint) -> PointKind) -> PointId {
        let shown_at = match about.name {
            Some(_) => about.name_at,
            None => about.at,
        };
        let rule = RulePoint {
            index: about.index,
            name: about.name.clone(),
            shown_at,
        };
        self.add(file, about.at, kind(rule), false)
    }

    fn side(&mut self, side: Side, set: SiteId) -> SiteId {
        self.add_items(&Holder::Rule(side), set);
        set
    }

    fn add_items(&mut self, of: &Holder, set: SiteId) {
        let items: Vec<_> = self.sites.items(set).collect();
        for item in items {
            let site = *self.sites.get(item);
            let exact = matches!(
                site.users,
                UserSet::Item(
                    Item::Pattern(Pattern::User(_)) | Item::Template(_) | Item::File(_),
                    _
                )
            );
            let kind = PointKind::Item {
                excludes: site.excludes,
                of: of.clone(),
            };
            let point = self.add(site.file, site.users.at().whole, kind, exact);
            let place = item.0 as usize;
            if self.of_items.len() <= place {
                self.of_items.resize(place + 1, None);
            }
            self.of_items[place] = Some(point);
        }
    }
}
