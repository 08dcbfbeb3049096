//! The places where sets stand: which items of the sets as written had a say whether these hold a user.
//!
//! The graph says which sets hold the user; from there this goes down what is written.

use std::collections::HashSet;

use crate::finding::Location;
use crate::rules::{Item, UserSet};
use crate::source::FileId;
use crate::user_id::UserId;

use super::graph::SetId;
use super::walk::{Graph, Held, Holds};

/// Names a place, counted from 0 in the order in which sets are read. What is in it follows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct SiteId(pub u32);

/// A user set where it is written: an item, a list, who is in all of some sets, or in one and not in another.
#[derive(Clone, Copy)]
pub(crate) struct Site<'a> {
    pub users: &'a UserSet,
    pub file: FileId,
    /// Whether it takes users out of the set that it stands in: the number of `exclude`s around it is odd.
    pub excludes: bool,
    pub set: SetId,
    /// If it is a group, where its users stand.
    group: Option<SiteId>,
    /// Who is in the group, if it is one and says so.
    pub description: Option<&'a str>,
    /// The first place after it and what is in it.
    end: u32,
}

impl Site<'_> {
    /// Where it is.
    pub fn location(&self) -> Location {
        Location::part(self.file, self.users.at().whole)
    }
}

/// What stands in a place.
pub(crate) enum Kind<'a> {
    Item(&'a Item),
    /// A group that is defined, by the place of its users.
    Group(SiteId),
    List(Vec<SiteId>),
    AllOf(Vec<SiteId>),
    Without {
        include: Option<SiteId>,
        exclude: Option<SiteId>,
    },
}

/// The sets of a rule set.
pub(crate) struct RuleSets {
    pub routes: Vec<Sides>,
    pub interests: Vec<Sides>,
    pub blocks: Vec<Sides>,
    /// Where the sets stand, in the order of [`RuleFile::user_sets`].
    pub roots: Vec<SiteId>,
}

/// The sets of a rule: those who are seen by it, and those who see.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sides {
    /// `senders` of a route or block, `in` of an interest.
    pub seen: SetId,
    /// `recipients` of a route or block, `users` of an interest.
    pub seer: SetId,
    /// Where the one stands, and the other. This means nothing of one that is left out, so that everyone is meant, nor
    /// where places are not [taken down](Sites).
    pub seen_at: SiteId,
    pub seer_at: SiteId,
}

/// The places of a rule set.
pub(crate) struct Sites<'a> {
    /// The sets of its rules, with their places.
    pub rules: RuleSets,
    pub graph: Graph,
    all: Vec<Site<'a>>,
}

/// A user whom sets are asked about.
#[derive(Clone, Copy)]
pub(crate) struct Asked<'s> {
    pub user: UserId<'s>,
    pub held: &'s Held,
    /// The user on the rule's other side, for templates.
    pub other: Option<UserId<'s>>,
}

/// The items that had a say whether a set holds a user.
#[derive(Debug, Default)]
pub(crate) struct Say {
    /// Those by which it does.
    pub by: HashSet<SiteId>,
    /// Those that would take the user out, of which others keep it in.
    pub kept_in: HashSet<SiteId>,
    /// Those that took the user out.
    pub kept_out: HashSet<SiteId>,
}

/// Takes down places while sets are read.
#[derive(Default)]
pub(super) struct Recorder<'a> {
    pub sites: Vec<Site<'a>>,
    /// The file that is read; `None` if nothing is taken down.
    pub file: Option<FileId>,
    pub excludes: bool,
}

impl<'a> Recorder<'a> {
    pub fn next(&self) -> SiteId {
        SiteId(self.sites.len() as u32)
    }

    pub fn enter(
        &mut self,
        users: &'a UserSet,
        group: Option<SiteId>,
        description: Option<&'a str>,
    ) {
        if let Some(file) = self.file {
            self.sites.push(Site {
                users,
                file,
                excludes: self.excludes,
                set: SetId(0),
                group,
                description,
                end: 0,
            });
        }
    }

    pub fn leave(&mut self, site: SiteId, set: SetId) {
        let end = self.next().0;
        if let Some(site) = self.sites.get_mut(site.0 as usize) {
            (site.set, site.end) = (set, end);
        }
    }
}

impl<'a> Sites<'a> {
    pub(super) fn of(rules: RuleSets, graph: Graph, recorder: &mut Recorder<'a>) -> Self {
        Self {
            rules,
            graph,
            all: std::mem::take(&mut recorder.sites),
        }
    }

    /// A place.
    pub fn get(&self, site: SiteId) -> &Site<'a> {
        &self.all[site.0 as usize]
    }

    /// Every place of an `all_of`.
    pub fn all_of(&self) -> impl Iterator<Item = SiteId> {
        let all = (0..).map(SiteId).zip(&self.all);
        let all = all.filter(|(_, site)| matches!(site.users, UserSet::Intersection(..)));
        all.map(|(site, _)| site)
    }

    /// The items in a place, itself if it is one, those in groups not included.
    pub fn items(&self, site: SiteId) -> impl Iterator<Item = SiteId> {
        let all = (site.0..self.get(site).end).map(SiteId);
        all.filter(|site| matches!(self.get(*site).users, UserSet::Item(..)))
    }

    /// What stands in a place.
    pub fn kind(&self, site: SiteId) -> Kind<'a> {
        let parts = || {
            let mut next = site.0 + 1;
            std::iter::from_fn(move || {
                let part = SiteId(next);
                next = self.all.get(next as usize)?.end;
                Some(part)
            })
        };
        match self.get(site).users {
            UserSet::Item(item, _) => match self.get(site).group {
                Some(users) => Kind::Group(users),
                None => Kind::Item(item),
            },
            UserSet::Union(members, _) => Kind::List(parts().take(members.len()).collect()),
            UserSet::Intersection(members, _) => Kind::AllOf(parts().take(members.len()).collect()),
            UserSet::Difference {
                include, exclude, ..
            } => {
                let mut parts = parts();
                Kind::Without {
                    include: include.as_ref().and_then(|_| parts.next()),
                    exclude: exclude.as_ref().and_then(|_| parts.next()),
                }
            }
        }
    }

    /// Every item that a set takes users from, with those of the groups in it that were not met before, until `visit`
    /// has enough; then this says so.
    pub fn included(
        &self,
        site: SiteId,
        met: &mut HashSet<SiteId>,
        visit: &mut dyn FnMut(&Site<'a>, &'a Item) -> bool,
    ) -> bool {
        match self.kind(site) {
            Kind::Item(item) => visit(self.get(site), item),
            Kind::Group(users) => met.insert(users) && self.included(users, met, visit),
            Kind::List(members) | Kind::AllOf(members) => {
                (members.into_iter()).any(|it| self.included(it, met, visit))
            }
            Kind::Without { include, .. } => {
                include.is_some_and(|include| self.included(include, met, visit))
            }
        }
    }

    /// Whether the set in a place holds a user.
    pub fn holds(&self, site: SiteId, asked: Asked<'_>) -> bool {
        let set = self.get(site).set;
        self.graph.holds(set, (asked.user, asked.held), asked.other) == Holds::Yes
    }

    /// The items in a place that had a say whether its set holds a user, those in groups included.
    pub fn say(&self, site: SiteId, asked: Asked<'_>) -> Say {
        let mut say = Say::default();
        if self.holds(site, asked) {
            self.say_by(site, asked, &mut say.by, &mut say.kept_in);
        }
        self.say_out(site, asked, &mut say.kept_out, &mut HashSet::new());
        say
    }

    /// The items by which a set holds a user.
    fn say_by(
        &self,
        site: SiteId,
        asked: Asked<'_>,
        by: &mut HashSet<SiteId>,
        kept_in: &mut HashSet<SiteId>,
    ) {
        if !self.holds(site, asked) {
            return;
        }
        match self.kind(site) {
            Kind::Item(_) => {
                by.insert(site);
            }
            Kind::Group(users) => {
                // Groups may be in each other on very many ways.
                if by.insert(site) && by.insert(users) {
                    self.say_by(users, asked, by, kept_in);
                }
            }
            Kind::List(members) | Kind::AllOf(members) => {
                for member in members {
                    self.say_by(member, asked, by, kept_in);
                }
            }
            Kind::Without { include, exclude } => {
                if let Some(include) = include {
                    self.say_by(include, asked, by, kept_in);
                }
                if let Some(exclude) = exclude {
                    // What takes a user out of those who are left out keeps it in.
                    self.say_out(exclude, asked, kept_in, &mut HashSet::new());
                }
            }
        }
    }

    /// The items that take a user out of a set, or out of a part of it.
    fn say_out(
        &self,
        site: SiteId,
        asked: Asked<'_>,
        out: &mut HashSet<SiteId>,
        met: &mut HashSet<SiteId>,
    ) {
        match self.kind(site) {
            Kind::Item(_) => {}
            Kind::Group(users) => {
                if met.insert(users) {
                    self.say_out(users, asked, out, met);
                }
            }
            Kind::List(members) | Kind::AllOf(members) => {
                for member in members {
                    self.say_out(member, asked, out, met);
                }
            }
            Kind::Without { include, exclude } => {
                if let Some(include) = include {
                    self.say_out(include, asked, out, met);
                }
                if let Some(exclude) = exclude
                    && include.is_none_or(|include| self.holds(include, asked))
                {
                    let mut kept_in = HashSet::new();
                    self.say_by(exclude, asked, out, &mut kept_in);
                    out.extend(kept_in);
                }
            }
        }
    }
}
