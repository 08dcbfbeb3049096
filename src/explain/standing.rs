//! Where a user stands in a user set as written: which item holds it, which item takes it out again.
//!
//! Whether a pattern matches is not decided here: that is what the router observed.

use std::collections::HashMap;

use crate::matcher::{MatcherBuilder, PatternId};
use crate::pattern::Pattern;
use crate::rules::groups::Groups;
use crate::rules::{Item, UserSet};
use crate::source::{FileId, Span};
use crate::user_id::UserId;

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
pub struct Ways {
    /// The first ways, in the order of the set.
    pub trails: Vec<Trail>,
    /// Whether there are more.
    pub more: bool,
}

/// The way from a user set to one of its items, through groups.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Trail {
    /// The items on the way. All but the last are groups.
    pub items: Vec<Step>,
}

/// An item on the way.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
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
pub enum Matched {
    /// A group that the user is in.
    Group(Box<str>),
    /// A pattern.
    Pattern(Pattern),
    /// A template that makes the user.
    Template,
    /// No item at all: where `include` is left out, everyone is meant. The place is that of the set.
    Everyone,
}

/// How a user is taken out of a set.
#[derive(Clone, Debug, PartialEq, Eq)]
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

    /// Whether the user is in the set even if nobody knows it: an ID or a template names it.
    pub(super) fn is_named(&self) -> bool {
        let Self::In(ways) = self else { return false };
        ways.trails.iter().any(Trail::is_name)
    }
}

impl Trail {
    /// The item that decides.
    pub fn last(&self) -> &Step {
        self.items.last().expect("a trail leads to an item")
    }

    fn is_name(&self) -> bool {
        matches!(
            self.last().item,
            Matched::Template | Matched::Pattern(Pattern::User(_))
        )
    }
}

/// One user, looked up in user sets as written.
pub(super) struct Standings<'a> {
    pub groups: &'a Groups<'a>,
    pub patterns: &'a MatcherBuilder,
    pub user: UserId<'a>,
    /// The patterns that match the user, by rising number.
    pub matched: &'a [PatternId],
    /// The user on the rule's other side, from whom templates make one.
    pub from: Option<UserId<'a>>,
    /// Where the user stands in the groups that were looked at.
    pub in_groups: HashMap<usize, Standing>,
}

impl Standings<'_> {
    /// Where the user stands in a set of a file.
    pub fn of(&mut self, users: &UserSet, file: FileId) -> Standing {
        match users {
            UserSet::Item(item, at) => self.item(item, file, at.whole),
            UserSet::Union(members, _) => (members.iter()).fold(Standing::Out, |union, member| {
                or(union, self.of(member, file))
            }),
            UserSet::Difference {
                include,
                exclude,
                at,
            } => {
                let included = match include {
                    Some(include) => self.of(include, file),
                    None => way(file, at.whole, Matched::Everyone),
                };
                let Standing::In(included) = included else {
                    return included;
                };
                let excluded = exclude.as_ref();
                match excluded.map_or(Standing::Out, |exclude| self.of(exclude, file)) {
                    Standing::In(excluded) => {
                        Standing::Excluded(vec![Exclusion { included, excluded }])
                    }
                    _ => Standing::In(included),
                }
            }
        }
    }

    fn item(&mut self, item: &Item, file: FileId, at: Span) -> Standing {
        match item {
            Item::Pattern(pattern) => {
                let matches = self
                    .matched
                    .binary_search(&self.patterns.id(pattern))
                    .is_ok();
                if matches {
                    way(file, at, Matched::Pattern(pattern.clone()))
                } else {
                    Standing::Out
                }
            }
            Item::Template(template) => {
                let made = self.from.and_then(|from| template.make(from));
                if made.as_deref() == Some(self.user.as_str()) {
                    way(file, at, Matched::Template)
                } else {
                    Standing::Out
                }
            }
            Item::Group(name) => {
                let step = Step {
                    file,
                    at,
                    item: Matched::Group(name.clone()),
                };
                self.group(name).through(&step)
            }
        }
    }

    fn group(&mut self, name: &str) -> Standing {
        let groups = self.groups;
        let Some(index) = groups.index_of(name) else {
            return Standing::Out;
        };
        if let Some(known) = self.in_groups.get(&index) {
            return known.clone();
        }
        let group = &groups.all[index];
        let standing = self.of(group.users, group.file);
        self.in_groups.insert(index, standing.clone());
        standing
    }
}

fn way(file: FileId, at: Span, item: Matched) -> Standing {
    Standing::In(Ways {
        trails: vec![Trail {
            items: vec![Step { file, at, item }],
        }],
        more: false,
    })
}

/// Where a user stands in a union. What takes it out of one member matters only where no other has it.
fn or(one: Standing, other: Standing) -> Standing {
    match (one, other) {
        (Standing::In(mut one), Standing::In(other)) => {
            one.add(other);
            Standing::In(one)
        }
        (one @ Standing::In(_), _) => one,
        (_, other @ Standing::In(_)) => other,
        (Standing::Excluded(mut one), Standing::Excluded(other)) => {
            one.extend(other);
            one.truncate(MOST_TRAILS);
            Standing::Excluded(one)
        }
        (Standing::Out, standing) | (standing, Standing::Out) => standing,
    }
}

impl Ways {
    fn add(&mut self, other: Self) {
        self.more |= other.more;
        for trail in other.trails {
            if self.trails.len() < MOST_TRAILS {
                self.trails.push(trail);
            } else if trail.is_name() && !self.trails.iter().any(Trail::is_name) {
                // That somebody is named tells more than that a pattern matches.
                self.trails[MOST_TRAILS - 1] = trail;
                self.more = true;
            } else {
                self.more = true;
            }
        }
    }

    fn through(self, step: &Step) -> Self {
        let trails = self.trails.into_iter().map(|trail| Trail {
            items: std::iter::once(step.clone()).chain(trail.items).collect(),
        });
        Self {
            trails: trails.collect(),
            more: self.more,
        }
    }
}

impl Standing {
    fn through(self, step: &Step) -> Self {
        match self {
            Self::In(ways) => Self::In(ways.through(step)),
            Self::Excluded(exclusions) => Self::Excluded(
                (exclusions.into_iter())
                    .map(|exclusion| Exclusion {
                        included: exclusion.included.through(step),
                        excluded: exclusion.excluded.through(step),
                    })
                    .collect(),
            ),
            Self::Out => Self::Out,
        }
    }
}
