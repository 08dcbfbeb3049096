//! From user sets as written to sets of the graph, and to what it takes to enumerate them.

use crate::matcher::MatcherBuilder;
use crate::pattern::Pattern;
use crate::rules::groups::Groups;
use crate::rules::{Item, UserSet};

use super::dynamic::{Dynamic, Part, Tree};
use super::enumerate::Wanted;
use super::sets::{SetId, SetsBuilder};

/// A user set, lowered.
#[derive(Clone, Copy)]
pub(super) struct Lowered<S = Users> {
    pub set: S,
    /// Whether enumerating it takes known users.
    pub needs_known_users: bool,
    /// Whether it holds every user without exclusion.
    pub everyone: bool,
}

/// A set without templates.
pub(super) type StaticSet = Lowered<SetId>;

/// Who is in a set.
pub(super) enum Users {
    /// The same users for everybody.
    Static(SetId),
    /// Others for each user on the rule's other side, by a template.
    Dynamic(Tree),
}

/// What lowering knows, and what it has found.
pub(super) struct Lowering<'a> {
    pub patterns: &'a MatcherBuilder,
    pub groups: &'a Groups<'a>,
    pub sets: SetsBuilder,
    pub wanted: Wanted,
    /// The groups that were lowered; each comes after those that it contains.
    lowered_groups: Vec<Option<StaticSet>>,
}

impl<'a> Lowering<'a> {
    /// Lowers all groups.
    pub fn new(patterns: &'a MatcherBuilder, groups: &'a Groups<'a>) -> Self {
        let mut lowering = Self {
            patterns,
            groups,
            sets: SetsBuilder::new(patterns.len()),
            wanted: Wanted::default(),
            lowered_groups: vec![None; groups.all.len()],
        };
        for group in groups.order().0 {
            let lowered = lowering.static_set(groups.all[group].users);
            lowering.lowered_groups[group] = Some(lowered);
        }
        lowering
    }

    /// Lowers a set that may have templates.
    pub fn lower(&mut self, users: &UserSet) -> Lowered {
        match users {
            UserSet::Item(Item::Pattern(pattern), _) => self.pattern(pattern).into(),
            UserSet::Item(Item::Group(name), _) => {
                let group = self.groups.index_of(name);
                let lowered = group.and_then(|group| self.lowered_groups[group]);
                let lowered = lowered.expect(
                    "groups are lowered in their order, and a faulty rule set is not lowered at all",
                );
                lowered.into()
            }
            UserSet::Item(Item::Template(template), _) => Lowered {
                set: Users::Dynamic(Tree::Template(template.clone())),
                needs_known_users: false,
                everyone: false,
            },
            UserSet::Union(members, _) => {
                let members: Vec<_> = members.iter().map(|member| self.lower(member)).collect();
                Lowered {
                    needs_known_users: members.iter().any(|member| member.needs_known_users),
                    everyone: members.iter().any(|member| member.everyone),
                    set: self.union(members.into_iter().map(|member| member.set).collect()),
                }
            }
            UserSet::Difference {
                include, exclude, ..
            } => {
                let include = match include {
                    Some(include) => self.lower(include),
                    None => self.everyone().into(),
                };
                let Some(exclude) = exclude else {
                    return include;
                };
                let exclude = self.lower(exclude).set;
                Lowered {
                    set: self.difference(include.set, exclude),
                    needs_known_users: include.needs_known_users,
                    everyone: false,
                }
            }
        }
    }

    /// Lowers a set that has no templates.
    pub fn static_set(&mut self, users: &UserSet) -> StaticSet {
        let lowered = self.lower(users);
        match lowered.set {
            Users::Static(set) => StaticSet {
                set,
                needs_known_users: lowered.needs_known_users,
                everyone: lowered.everyone,
            },
            Users::Dynamic(_) => unreachable!("reading refuses templates in such places"),
        }
    }

    /// The set of all users.
    pub fn everyone(&self) -> StaticSet {
        self.pattern(&Pattern::Everyone)
    }

    /// A set with templates, ready to be enumerated.
    pub fn dynamic(&mut self, mut tree: Tree) -> Dynamic {
        let mut parts = Vec::new();
        tree.taken_in(&mut |part| {
            part.listed = Some(self.wanted.listing(part.set));
            parts.push(part.set);
        });
        let known = (!parts.is_empty()).then(|| self.wanted.listing(self.sets.union(&parts)));
        Dynamic { tree, known }
    }

    fn pattern(&self, pattern: &Pattern) -> StaticSet {
        StaticSet {
            set: self.patterns.id(pattern).into(),
            needs_known_users: !matches!(pattern, Pattern::User(_)),
            everyone: matches!(pattern, Pattern::Everyone),
        }
    }

    fn union(&mut self, members: Vec<Users>) -> Users {
        let sets = members.iter().map(|member| match member {
            Users::Static(set) => Some(*set),
            Users::Dynamic(_) => None,
        });
        if let Some(sets) = sets.collect::<Option<Vec<_>>>() {
            return Users::Static(self.sets.union(&sets));
        }
        let members = members.into_iter().map(|member| self.tree(member));
        Users::Dynamic(Tree::Union(members.collect()))
    }

    fn difference(&mut self, include: Users, exclude: Users) -> Users {
        match (include, exclude) {
            (Users::Static(include), Users::Static(exclude)) => {
                Users::Static(self.sets.difference(include, exclude))
            }
            (include, exclude) => Users::Dynamic(Tree::Difference {
                include: Box::new(self.tree(include)),
                exclude: Box::new(self.tree(exclude)),
            }),
        }
    }

    fn tree(&mut self, users: Users) -> Tree {
        match users {
            Users::Static(set) => Tree::Static(Part {
                set,
                listed: None,
                held: self.wanted.held(set),
            }),
            Users::Dynamic(tree) => tree,
        }
    }
}

impl From<StaticSet> for Lowered {
    fn from(lowered: StaticSet) -> Self {
        Self {
            set: Users::Static(lowered.set),
            needs_known_users: lowered.needs_known_users,
            everyone: lowered.everyone,
        }
    }
}
