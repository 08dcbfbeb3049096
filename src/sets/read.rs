//! From user sets as written to sets of the graph, and what can be said of these before anybody is looked up.

use std::collections::HashSet;
use std::rc::Rc;

use crate::matcher::{MatcherBuilder, PatternId};
use crate::pattern::Pattern;
use crate::rules::groups::Groups;
use crate::rules::{Item, RuleFile, RuleSet, UserSet};
use crate::source::FileId;

use super::graph::{Node, Nodes, Part, SetId};
use super::sites::{Recorder, RuleSets, Sides, SiteId, Sites};
use super::walk::Graph;

/// Makes the graph of user sets as written.
pub(crate) struct Reader<'g, 'a> {
    /// The patterns of the sets, with their numbers.
    pub patterns: MatcherBuilder,
    pub nodes: Nodes,
    groups: &'g Groups<'a>,
    /// The sets of the groups, and where they stand; each comes after those that it contains.
    of_groups: Vec<Option<(SetId, SiteId)>>,
    /// Where the sets stand, if somebody wants to know.
    sites: Recorder<'a>,
}

/// What it takes to say who is in a set.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Facts {
    /// Whether enumerating it takes known users: some pattern that it takes users from is no exact ID.
    pub needs_known_users: bool,
    /// Whether it holds everyone by the word `all`.
    pub everyone: bool,
    /// Whether it takes in a user whom a template makes.
    pub has_template: bool,
}

impl Facts {
    /// Whether all whom it takes in are exact IDs.
    pub fn is_exact(self) -> bool {
        !self.needs_known_users && !self.has_template
    }
}

impl<'g, 'a> Reader<'g, 'a> {
    /// A reader of the sets of a rule set, `groups` being its groups.
    pub fn new(rule_set: &'a RuleSet, groups: &'g Groups<'a>) -> Self {
        Self::of(rule_set.files.iter().flat_map(RuleFile::sets), groups)
    }

    /// A reader of these sets. They name some of the groups, whose sets are among them.
    pub fn of(sets: impl Iterator<Item = &'a UserSet>, groups: &'g Groups<'a>) -> Self {
        Self::start(sets, groups, Recorder::default())
    }

    /// A reader that takes down where the sets of a rule set stand.
    pub fn with_sites(rule_set: &'a RuleSet, groups: &'g Groups<'a>) -> Self {
        let sites = Recorder {
            file: rule_set.files.first().map(|file| file.file),
            ..Recorder::default()
        };
        let sets = rule_set.files.iter().flat_map(RuleFile::sets);
        Self::start(sets, groups, sites)
    }

    fn start(
        sets: impl Iterator<Item = &'a UserSet>,
        groups: &'g Groups<'a>,
        sites: Recorder<'a>,
    ) -> Self {
        let mut patterns = MatcherBuilder::default();
        patterns.add(&Pattern::Everyone);
        for users in sets {
            users.items(&mut |item| {
                if let Some(pattern) = item.pattern() {
                    patterns.add(pattern);
                }
            });
        }
        let mut reader = Self {
            nodes: Nodes::new(patterns.len()),
            patterns,
            groups,
            of_groups: vec![None; groups.all.len()],
            sites,
        };
        for group in groups.order().0 {
            let defined = &groups.all[group];
            let set = reader.set_in(defined.file, defined.users);
            reader.of_groups[group] = Some(set);
        }
        reader
    }

    /// Reads the sides of all rules.
    pub fn rules(&mut self, rule_set: &'a RuleSet) -> RuleSets {
        let mut sets = RuleSets {
            routes: Vec::new(),
            interests: Vec::new(),
            blocks: Vec::new(),
            roots: Vec::new(),
        };
        let mut groups = 0;
        for file in &rule_set.files {
            for group in &self.of_groups[groups..groups + file.groups.len()] {
                let (_, site) = group.expect("each group is in the order");
                sets.roots.push(site);
            }
            groups += file.groups.len();
            let mut sides = |seen: Option<&'a UserSet>, seer: Option<&'a UserSet>| {
                let mut side = |users: Option<&'a UserSet>| {
                    let users = users.map(|users| self.set_in(file.file, users));
                    users.unwrap_or((Self::EVERYONE, SiteId(0)))
                };
                let ((seen, seen_at), (seer, seer_at)) = (side(seen), side(seer));
                Sides {
                    seen,
                    seer,
                    seen_at,
                    seer_at,
                }
            };
            for route in &file.routes {
                let sides = sides(Some(&route.senders), Some(&route.recipients));
                sets.roots.extend([sides.seen_at, sides.seer_at]);
                sets.routes.push(sides);
            }
            for interest in &file.interests {
                let sides = sides(Some(&interest.sees), Some(&interest.users));
                sets.roots.extend([sides.seer_at, sides.seen_at]);
                sets.interests.push(sides);
            }
            for block in &file.blocks {
                let sides = sides(block.senders.as_ref(), block.recipients.as_ref());
                sets.roots
                    .extend(block.senders.as_ref().map(|_| sides.seen_at));
                sets.roots
                    .extend(block.recipients.as_ref().map(|_| sides.seer_at));
                sets.blocks.push(sides);
            }
        }
        sets
    }

    fn set_in(&mut self, file: FileId, users: &'a UserSet) -> (SetId, SiteId) {
        let site = self.sites.next();
        self.sites.file = self.sites.file.map(|_| file);
        (self.set(users), site)
    }

    /// The set of all users: its pattern is the first.
    pub const EVERYONE: SetId = SetId(0);

    /// Reads a set. A group that is not defined, `local` where nobody says which server that
    /// is, and a file that was not read, as in rules with errors, have nobody in them.
    pub fn set(&mut self, users: &'a UserSet) -> SetId {
        let site = self.sites.next();
        let group = match users {
            UserSet::Item(Item::Group(name), _) => self.groups.index_of(name),
            _ => None,
        };
        let description = group.and_then(|group| self.groups.all[group].description);
        let group = group.and_then(|group| self.of_groups[group]);
        self.sites
            .enter(users, group.map(|(_, site)| site), description);
        let set = match users {
            UserSet::Item(Item::Pattern(pattern) | Item::Local(Some(pattern)), _) => {
                self.patterns.id(pattern).into()
            }
            UserSet::Item(Item::Local(None), _) => self.nodes.union(&[]),
            UserSet::Item(Item::File(file), _) => match &file.users {
                Some(users) => self.nodes.listed(users),
                None => self.nodes.union(&[]),
            },
            UserSet::Item(Item::Group(_), _) => {
                group.map_or_else(|| self.nodes.union(&[]), |(set, _)| set)
            }
            UserSet::Item(Item::Template(template), _) => self.nodes.template(template),
            UserSet::Union(members, _) => {
                let members: Vec<_> = members.iter().map(|member| self.set(member)).collect();
                self.nodes.union(&members)
            }
            UserSet::Intersection(members, _) => {
                let members: Vec<_> = members.iter().map(|member| self.set(member)).collect();
                self.nodes.intersection(&members)
            }
            UserSet::Difference {
                include, exclude, ..
            } => {
                let include = (include.as_ref()).map_or(Self::EVERYONE, |users| self.set(users));
                match exclude {
                    None => include,
                    Some(exclude) => {
                        self.sites.excludes ^= true;
                        let exclude = self.set(exclude);
                        self.sites.excludes ^= true;
                        self.nodes.difference(include, exclude)
                    }
                }
            }
        };
        self.sites.leave(site, set);
        set
    }

    /// The places that were taken down, `rules` being the sets of the rules.
    pub fn sites(&mut self, rules: RuleSets) -> Sites<'a> {
        Sites::of(rules, Graph::new(&self.nodes), &mut self.sites)
    }

    /// A value for each set, made of those of its parts.
    pub fn fold<T>(&self, of: impl FnMut(Part<'_>, &[T]) -> T) -> Vec<T> {
        let patterns = self.patterns.patterns().map(|(_, pattern)| pattern);
        self.nodes.fold(patterns, of)
    }

    /// What a set is made of.
    pub fn part(&self, set: SetId) -> Part<'_> {
        match self.nodes.get(set) {
            Some(node) => node.into(),
            None => Part::Pattern(self.patterns.get(PatternId(set.0))),
        }
    }

    /// The items that a set takes users from, in the order in which they stand, until `visit` has enough.
    pub fn items<'s>(&'s self, set: SetId, visit: &mut dyn FnMut(Part<'s>) -> bool) {
        let mut open = vec![set];
        let mut met = HashSet::new();
        while let Some(set) = open.pop() {
            // Sets may be in each other many times over.
            if !met.insert(set) {
                continue;
            }
            match self.part(set) {
                Part::Node(node) => open.extend(node.taken_in().iter().rev()),
                item => {
                    if !visit(item) {
                        break;
                    }
                }
            }
        }
    }

    /// What it takes to say who is in each set.
    pub fn facts(&self) -> Vec<Facts> {
        self.fold(|part, facts: &[Facts]| match part {
            Part::Pattern(pattern) => Facts {
                needs_known_users: !matches!(pattern, Pattern::User(_)),
                everyone: matches!(pattern, Pattern::Everyone),
                has_template: false,
            },
            Part::Template(_) => Facts {
                has_template: true,
                ..Facts::default()
            },
            Part::Listed(_) => Facts::default(),
            Part::Node(node) => {
                let parts = || node.taken_in().iter().map(|set| facts[set.0 as usize]);
                let has_template = parts().any(|part| part.has_template);
                match node {
                    // Where one part names all its users, those of them who are in the others are named.
                    Node::Intersection(_) => Facts {
                        needs_known_users: parts().all(|part| part.needs_known_users),
                        everyone: parts().all(|part| part.everyone),
                        has_template,
                    },
                    _ => Facts {
                        needs_known_users: parts().any(|part| part.needs_known_users),
                        everyone: matches!(node, Node::Union(_))
                            && parts().any(|part| part.everyone),
                        has_template,
                    },
                }
            }
        })
    }

    /// The one server name that all users of each set have, where the items that it takes users from tell one.
    pub fn servers(&self) -> Vec<Option<Rc<str>>> {
        self.fold(|part, servers: &[Option<Rc<str>>]| match part {
            Part::Pattern(pattern) => pattern.server_name().map(Rc::from),
            Part::Template(_) | Part::Listed(_) => None,
            Part::Node(node) => {
                let mut parts = (node.taken_in().iter()).map(|set| &servers[set.0 as usize]);
                if let Node::Intersection(_) = node {
                    return parts.find_map(Option::clone);
                }
                let first = parts.next()?.as_ref()?;
                let is_same = parts.all(|other| other.as_ref() == Some(first));
                is_same.then(|| Rc::clone(first))
            }
        })
    }

    /// Whether the interest that derives from a route with these recipients may have to look for senders among known
    /// users: a template may be read backwards instead. `is_all` says whether the senders are everyone, who need not be
    /// listed unless somebody is left out for some of them.
    pub fn needs_senders(
        &self,
        recipients: SetId,
        is_all: bool,
        server_is_known: bool,
        facts: &[Facts],
    ) -> bool {
        if !self.nodes.depends(recipients) {
            return !is_all;
        }
        let needs = |set: &SetId, is_all| self.needs_senders(*set, is_all, server_is_known, facts);
        match self.nodes.get(recipients) {
            Some(Node::Template(template)) => !template.is_invertible(server_is_known),
            Some(Node::Difference { include, exclude }) => {
                needs(include, is_all && !self.nodes.depends(*exclude))
            }
            Some(Node::Intersection(both)) => {
                let names_all = |set: SetId| !facts[set.0 as usize].needs_known_users;
                (ways_into(*both, names_all))
                    .any(|(set, beside)| needs(&set, is_all && !self.nodes.depends(beside)))
            }
            Some(Node::Union(members)) => members.iter().any(|member| needs(member, is_all)),
            Some(Node::Listed(_)) | None => false,
        }
    }
}

impl<'a> Sites<'a> {
    /// The places of a rule set.
    pub fn new(rule_set: &'a RuleSet) -> Self {
        let groups = Groups::new(rule_set);
        let mut reader = Reader::with_sites(rule_set, &groups);
        let rules = reader.rules(rule_set);
        reader.sites(rules)
    }
}

/// How users come into an intersection: as those of one part who are in the other. Where one part names all its users, it
/// is the only way.
pub(crate) fn ways_into(
    [one, other]: [SetId; 2],
    names_all: impl Fn(SetId) -> bool,
) -> impl Iterator<Item = (SetId, SetId)> {
    let both = [(one, other), (other, one)];
    let only = both.into_iter().find(|(set, _)| names_all(*set));
    let ways = if only.is_some() {
        [only, None]
    } else {
        both.map(Some)
    };
    ways.into_iter().flatten()
}
