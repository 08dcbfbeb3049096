//! From user sets as written to sets of the graph, with what it takes to enumerate them.

use crate::matcher::{MatcherBuilder, PatternId};
use crate::pattern::{Pattern, Template};
use crate::rules::groups::Groups;
use crate::rules::{Item, UserSet};

use super::sets::{SetId, SetsBuilder};

/// A user set, lowered.
pub(super) enum Lowered {
    /// The same users for everybody.
    Static(StaticSet),
    /// Others for each user on the rule's other side, by a template.
    Dynamic(DynamicSet),
}

/// A set without templates.
#[derive(Clone)]
pub(super) struct StaticSet {
    /// Who is in it.
    pub set: SetId,
    /// How to enumerate it.
    pub members: Members,
    /// Whether that takes known users.
    pub needs_known_users: bool,
    /// Whether it holds every user without exclusion.
    pub everyone: bool,
}

/// A set with templates in it.
pub(super) enum DynamicSet {
    Static(StaticSet),
    Template(Template),
    Union(Vec<DynamicSet>),
    Difference {
        include: Box<DynamicSet>,
        exclude: Option<Box<DynamicSet>>,
    },
}

/// The order in which a set is enumerated.
#[derive(Clone)]
pub(super) enum Members {
    /// An exact ID.
    User(PatternId),
    /// The known users whom a pattern matches.
    Pattern(PatternId),
    Group(usize),
    Union(Vec<Members>),
    Difference {
        include: Box<Members>,
        exclude: SetId,
    },
}

/// What lowering knows.
pub(super) struct Lowering<'a> {
    pub patterns: &'a MatcherBuilder,
    pub groups: &'a Groups<'a>,
    pub sets: SetsBuilder,
    /// The groups that were lowered; each comes after those that it contains.
    pub lowered_groups: Vec<Option<StaticSet>>,
}

impl Lowering<'_> {
    /// Lowers a set that may have templates.
    pub fn lower(&mut self, users: &UserSet) -> Lowered {
        if has_template(users) {
            Lowered::Dynamic(self.dynamic_set(users))
        } else {
            Lowered::Static(self.static_set(users))
        }
    }

    fn dynamic_set(&mut self, users: &UserSet) -> DynamicSet {
        if !has_template(users) {
            return DynamicSet::Static(self.static_set(users));
        }
        match users {
            UserSet::Item(Item::Template(template)) => DynamicSet::Template(template.clone()),
            UserSet::Item(_) => DynamicSet::Static(self.static_set(users)),
            UserSet::Union(members) => {
                let members = members.iter().map(|member| self.dynamic_set(member));
                DynamicSet::Union(members.collect())
            }
            UserSet::Difference { include, exclude } => {
                let include = match include {
                    Some(include) => self.dynamic_set(include),
                    None => DynamicSet::Static(self.everyone()),
                };
                let exclude = exclude.as_ref().map(|exclude| self.dynamic_set(exclude));
                DynamicSet::Difference {
                    include: Box::new(include),
                    exclude: exclude.map(Box::new),
                }
            }
        }
    }

    /// Lowers a set without templates.
    pub fn static_set(&mut self, users: &UserSet) -> StaticSet {
        match users {
            UserSet::Item(Item::Pattern(pattern)) => self.pattern(pattern),
            UserSet::Item(Item::Group(name)) => {
                let group = self.groups.index_of(name);
                let lowered = group.and_then(|group| {
                    let lowered = self.lowered_groups[group].as_ref()?;
                    Some(StaticSet {
                        members: Members::Group(group),
                        ..lowered.clone_without_members()
                    })
                });
                lowered.expect("groups are lowered in their order, and a faulty rule set is not lowered at all")
            }
            UserSet::Item(Item::Template(_)) => unreachable!("a set without templates"),
            UserSet::Union(members) => {
                let members: Vec<_> = members
                    .iter()
                    .map(|member| self.static_set(member))
                    .collect();
                self.union(members)
            }
            UserSet::Difference { include, exclude } => {
                let include = match include {
                    Some(include) => self.static_set(include),
                    None => self.everyone(),
                };
                let Some(exclude) = exclude else {
                    return include;
                };
                let exclude = self.static_set(exclude);
                StaticSet {
                    set: self.sets.difference(include.set, exclude.set),
                    members: Members::Difference {
                        include: Box::new(include.members),
                        exclude: exclude.set,
                    },
                    everyone: false,
                    ..include
                }
            }
        }
    }

    /// The set of all users.
    pub fn everyone(&self) -> StaticSet {
        self.pattern(&Pattern::Everyone)
    }

    fn pattern(&self, pattern: &Pattern) -> StaticSet {
        let id = self.patterns.id(pattern);
        let exact = matches!(pattern, Pattern::User(_));
        StaticSet {
            set: id.into(),
            members: if exact {
                Members::User(id)
            } else {
                Members::Pattern(id)
            },
            needs_known_users: !exact,
            everyone: matches!(pattern, Pattern::Everyone),
        }
    }

    fn union(&mut self, members: Vec<StaticSet>) -> StaticSet {
        let sets: Vec<_> = members.iter().map(|member| member.set).collect();
        StaticSet {
            set: self.sets.union(&sets),
            needs_known_users: members.iter().any(|member| member.needs_known_users),
            everyone: members.iter().any(|member| member.everyone),
            members: Members::Union(members.into_iter().map(|member| member.members).collect()),
        }
    }
}

impl Lowered {
    /// Whether enumerating it takes known users.
    pub fn needs_known_users(&self) -> bool {
        match self {
            Self::Static(set) => set.needs_known_users,
            Self::Dynamic(set) => set.needs_known_users(),
        }
    }

    /// Whether it holds every user without exclusion.
    pub fn everyone(&self) -> bool {
        match self {
            Self::Static(set) => set.everyone,
            Self::Dynamic(set) => set.everyone(),
        }
    }
}

impl DynamicSet {
    fn needs_known_users(&self) -> bool {
        match self {
            Self::Static(set) => set.needs_known_users,
            Self::Template(_) => false,
            Self::Union(members) => members.iter().any(Self::needs_known_users),
            Self::Difference { include, .. } => include.needs_known_users(),
        }
    }

    fn everyone(&self) -> bool {
        match self {
            Self::Static(set) => set.everyone,
            Self::Template(_) => false,
            Self::Union(members) => members.iter().any(Self::everyone),
            Self::Difference { include, exclude } => exclude.is_none() && include.everyone(),
        }
    }
}

impl StaticSet {
    /// A group's members are enumerated once, for all who name the group.
    fn clone_without_members(&self) -> Self {
        Self {
            set: self.set,
            members: Members::Union(Vec::new()),
            needs_known_users: self.needs_known_users,
            everyone: self.everyone,
        }
    }
}

fn has_template(users: &UserSet) -> bool {
    match users {
        UserSet::Item(item) => matches!(item, Item::Template(_)),
        UserSet::Union(members) => members.iter().any(has_template),
        UserSet::Difference { include, exclude } => [include, exclude]
            .into_iter()
            .flatten()
            .any(|part| has_template(part)),
    }
}
