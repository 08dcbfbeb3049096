//! Where a user stands in a user set as written: which item holds it, which item takes it out again.
//!
//! Whether a set holds a user is not decided here: that is what the router found.

use std::collections::HashSet;

use crate::pattern::Pattern;
use crate::rules::{Item, UserSet};
use crate::sets::{Asked, Kind, SiteId, Sites};
use crate::source::{FileId, Span};

/// How many ways into one set are told. Groups that contain each other's members make more ways than anybody reads.
const MOST_TRAILS: usize = 8;

/// Where a user stands in a user set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It is in the set.
    In(Ways),
    /// It would be in the set, but something takes it out again.
    Excluded(Vec<Exclusion>),
    /// Nothing in the set matches it.
    Out,
}

/// The ways that lead from a user set to items that match a user.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Ways {
    /// The first ways, in the order of the set.
    pub trails: Vec<Trail>,
    /// Whether there are more.
    pub more: bool,
    /// How the user would be taken out, but for what keeps it in: an `exclude` inside an `exclude`.
    pub kept_in: Vec<Exclusion>,
}

/// The way from a user set to one of its items, through groups.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Trail {
    /// The items on the way. All but the last are groups.
    pub items: Vec<Step>,
}

/// An item on the way.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Step {
    /// The file in which the item stands.
    pub file: FileId,
    /// Where in the file.
    pub at: Span,
    /// What it is.
    pub item: Matched,
}

/// An item that matches a user.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Matched {
    /// A group that the user is in.
    Group {
        /// Its name.
        name: Box<str>,
        /// Who is in it, if it says so.
        description: Option<Box<str>>,
    },
    /// A pattern.
    Pattern(Pattern),
    /// A template that makes the user.
    Template,
    /// A file that names the user.
    File,
    /// No item at all: where `include` is left out, everyone is meant. The place is that of the set.
    Everyone,
    /// No item: this set of an `all_of` does not hold the user, and others of it do. The place is that of the set.
    Lacking,
}

/// How a user is taken out of a set.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Exclusion {
    /// How it would be in.
    pub included: Ways,
    /// What takes it out.
    pub excluded: Ways,
}

impl Standing {
    /// Whether the user is in the set.
    pub fn is_in(&self) -> bool {
        matches!(self, Self::In(_))
    }
}

impl Trail {
    /// The item that decides.
    pub fn last(&self) -> &Step {
        self.items.last().expect("a trail leads to an item")
    }

    /// Whether the user is in the set even if nobody knows it: an ID or a template names it.
    pub(super) fn is_name(&self) -> bool {
        matches!(
            self.last().item,
            Matched::Template | Matched::File | Matched::Pattern(Pattern::User(_))
        )
    }
}

/// One user, looked up in user sets as written.
pub(super) struct Standings<'s, 'a> {
    pub sites: &'s Sites<'a>,
    pub asked: Asked<'s>,
    /// The groups that were looked at, and take the user out of nothing.
    pub plain: HashSet<SiteId>,
}

impl Standings<'_, '_> {
    /// Where the user stands in a set.
    pub fn of(&mut self, site: SiteId) -> Standing {
        if self.holds(site) {
            return Standing::In(self.ways(site, &mut Vec::new()));
        }
        let mut exclusions = Vec::new();
        self.exclusions(site, &mut Vec::new(), &mut exclusions);
        if exclusions.is_empty() {
            Standing::Out
        } else {
            Standing::Excluded(exclusions)
        }
    }

    fn holds(&self, site: SiteId) -> bool {
        self.sites.holds(site, self.asked)
    }

    fn trail(&self, path: &[Step], last: SiteId) -> Trail {
        let last = Step::of(self.sites, last);
        Trail {
            items: path.iter().cloned().chain([last]).collect(),
        }
    }

    /// The ways that lead from here, `path`, to what holds the user.
    fn ways(&mut self, site: SiteId, path: &mut Vec<Step>) -> Ways {
        let mut ways = Ways::default();
        self.trails(site, path, &mut ways);
        if ways.more && !ways.trails.iter().any(Trail::is_name) {
            // That somebody is named tells more than that a pattern matches.
            if let Some(named) = self.named(site, path, &mut HashSet::new()) {
                ways.trails[MOST_TRAILS - 1] = named;
            }
        }
        ways
    }

    fn trails(&mut self, site: SiteId, path: &mut Vec<Step>, ways: &mut Ways) {
        if ways.more || !self.holds(site) {
            return;
        }
        match self.sites.kind(site) {
            Kind::Item(_) => ways.add(self.trail(path, site)),
            Kind::Group(users) => {
                path.push(Step::of(self.sites, site));
                self.trails(users, path, ways);
                path.pop();
            }
            Kind::List(members) | Kind::AllOf(members) => {
                for member in members {
                    self.trails(member, path, ways);
                }
            }
            Kind::Without { include, exclude } => {
                match include {
                    Some(include) => self.trails(include, path, ways),
                    None => ways.add(self.trail(path, site)),
                }
                if let Some(exclude) = exclude {
                    self.exclusions(exclude, path, &mut ways.kept_in);
                }
            }
        }
    }

    /// The first way to an item that names the user.
    fn named(
        &self,
        site: SiteId,
        path: &mut Vec<Step>,
        met: &mut HashSet<SiteId>,
    ) -> Option<Trail> {
        if !self.holds(site) {
            return None;
        }
        match self.sites.kind(site) {
            Kind::Item(_) => Some(self.trail(path, site)).filter(Trail::is_name),
            Kind::Group(users) => {
                if !met.insert(users) {
                    return None;
                }
                path.push(Step::of(self.sites, site));
                let named = self.named(users, path, met);
                path.pop();
                named
            }
            Kind::List(members) | Kind::AllOf(members) => {
                (members.into_iter()).find_map(|it| self.named(it, path, met))
            }
            Kind::Without { include, .. } => self.named(include?, path, met),
        }
    }

    /// How the user is taken out of a set that does not hold it, or of its parts.
    fn exclusions(&mut self, site: SiteId, path: &mut Vec<Step>, found: &mut Vec<Exclusion>) {
        if found.len() == MOST_TRAILS {
            return;
        }
        match self.sites.kind(site) {
            Kind::Item(_) => {}
            Kind::Group(users) if self.plain.contains(&users) => {}
            Kind::Group(users) => {
                let before = found.len();
                path.push(Step::of(self.sites, site));
                self.exclusions(users, path, found);
                path.pop();
                if found.len() == before {
                    self.plain.insert(users);
                }
            }
            Kind::List(members) => {
                for member in members {
                    self.exclusions(member, path, found);
                }
            }
            Kind::AllOf(members) => self.lacking(&members, path, found),
            Kind::Without { include, exclude } => {
                let included = match include {
                    Some(include) if !self.holds(include) => {
                        return self.exclusions(include, path, found);
                    }
                    Some(include) => self.ways(include, path),
                    None => Ways {
                        trails: vec![self.trail(path, site)],
                        ..Ways::default()
                    },
                };
                if let Some(exclude) = exclude {
                    let excluded = self.ways(exclude, path);
                    found.push(Exclusion { included, excluded });
                }
            }
        }
    }
}

impl Standings<'_, '_> {
    /// How the user is taken out of these sets, or which of them lacks it while others hold it.
    fn lacking(&mut self, members: &[SiteId], path: &mut Vec<Step>, found: &mut Vec<Exclusion>) {
        let (held, lacking): (Vec<_>, Vec<_>) =
            (members.iter().copied()).partition(|member| self.holds(*member));
        for member in lacking {
            let before = found.len();
            self.exclusions(member, path, found);
            if found.len() > before || held.is_empty() || found.len() == MOST_TRAILS {
                continue;
            }
            let mut included = Ways::default();
            for member in &held {
                self.trails(*member, path, &mut included);
            }
            let last = Step {
                item: Matched::Lacking,
                ..Step::of(self.sites, member)
            };
            let items = path.iter().cloned().chain([last]).collect();
            let excluded = Ways {
                trails: vec![Trail { items }],
                ..Ways::default()
            };
            found.push(Exclusion { included, excluded });
        }
    }
}

impl Step {
    /// An item where it stands. In another place, everyone is meant, since `include` is left out.
    pub(super) fn of(sites: &Sites<'_>, site: SiteId) -> Self {
        let site = sites.get(site);
        Self {
            file: site.file,
            at: site.users.at().whole,
            item: match site.users {
                UserSet::Item(Item::Pattern(pattern) | Item::Local(Some(pattern)), _) => {
                    Matched::Pattern(pattern.clone())
                }
                UserSet::Item(Item::Group(name), _) => Matched::Group {
                    name: name.clone(),
                    description: site.description.map(Box::from),
                },
                UserSet::Item(Item::Template(_), _) => Matched::Template,
                UserSet::Item(Item::File(_), _) => Matched::File,
                UserSet::Item(Item::Local(None), _) => Matched::Everyone,
                UserSet::Union(..) | UserSet::Intersection(..) | UserSet::Difference { .. } => {
                    Matched::Everyone
                }
            },
        }
    }
}

impl Ways {
    fn add(&mut self, trail: Trail) {
        if self.trails.len() < MOST_TRAILS {
            self.trails.push(trail);
        } else {
            self.more = true;
        }
    }
}
