//! The user sets of rules, as sets of user IDs, and as what templates make of the user on a rule's other side.
//!
//! Without templates, a side of a rule is a set, and that is all. With them, it depends on who is on the other side. Say
//! these are the recipients of a route:
//!
//! ```yaml
//! include: ["@ann:x", "@bot-*:x", {template: "@{localpart}-2:x"}]
//! exclude: ["@bot-bad:x", {template: "@bot-{localpart}:x"}]
//! ```
//!
//! 1. `include` is read item by item. `@ann:x` is **named**: she is listed even if nobody knows her. She is **matched** as
//!    well, and so is each user of `@bot-*:x`, who has to be known, and to receive. The template is kept as it is, in **made**, beside the
//!    users whom it may make (here all who end in `-2:x`).
//! 2. `exclude` is read in the same way. `@bot-bad:x` leaves for *every* sender. Whom `@bot-{localpart}:x` makes leaves for
//!    *some* sender. This `Reach` of a template is a pattern, `@bot-*:x`, and exact: each of its users is made of somebody.
//! 3. So `include` comes apart in three:
//!    - who *always* leaves, `@bot-bad:x`, is in no set any more;
//!    - who *never* leaves stays in `matched` and `named`: `@ann:x`. Nobody's template has to be looked at again;
//!    - who *may* leave is [`Partial`]: users of `@bot-*:x` but `@bot-bad:x`, each with the sides that may take it away
//!      (`except`). Since the reach is exact, each of them does leave for somebody.
//! 4. What `include` makes comes apart alike: `@{localpart}-2:x` may make `@bot-1-2:x`, of `bot-1`, which stays for this
//!    sender (it would leave for `1-2`). So the template is there twice: in `made`, for users who never leave, and in
//!    `partial`, for those who may.
//!
//! A question about all senders asks about the sets of 3 first, as about any. Only where these leave it open, it comes to
//! single pairs.

use std::rc::Rc;

use crate::pattern::Template;
use crate::sets::{Node, Part, Reader};
use crate::user_id::UserId;

use super::sets::{SetId, Sets};

/// A user set of a rule.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Side {
    /// Those whom it matches, whoever is on the rule's other side.
    pub matched: SetId,
    /// Those of them whom it names and does not exclude: they are listed even if nobody knows them.
    pub named: SetId,
    /// Whether it is everyone by the word `all`.
    pub(crate) is_everyone: bool,
    /// Its templates, each with the users whom it may make there.
    pub(crate) made: Vec<(Template, SetId)>,
    /// Those whom a template under `exclude` may leave out.
    pub(crate) partial: Vec<Partial>,
}

/// Users who are in a set, unless a template under `exclude` makes them of the user on the rule's other side.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Partial {
    /// Those whom the set matches, or whom the template may make.
    pub matched: SetId,
    /// Those of them whom the set names.
    pub named: SetId,
    /// The template that makes them.
    pub(crate) made: Option<Template>,
    /// Whoever is in one of these is left out.
    pub(crate) except: Except,
    /// Whether each of `matched` is left out for somebody on the other side.
    pub is_exact: bool,
}

/// Sets that take users away, depending on the user on the other side.
pub(crate) type Except = Rc<[Side]>;

impl Partial {
    /// The users who may be listed, where patterns take users in, or where they do not.
    pub(crate) fn listed(&self, by_patterns: bool) -> SetId {
        if by_patterns {
            self.matched
        } else {
            self.named
        }
    }

    /// Whether some of them may never be left out, and no set says who.
    pub(crate) fn is_unclear(&self) -> bool {
        !self.is_exact && self.made.is_none()
    }
}

impl Side {
    fn of(matched: SetId) -> Self {
        Self {
            matched,
            named: Sets::NOBODY,
            is_everyone: false,
            made: Vec::new(),
            partial: Vec::new(),
        }
    }

    /// The users who are listed, where patterns take users in (as recipients those who receive, and whoever is known as
    /// users who are seen), or where they do not.
    pub(crate) fn listed(&self, by_patterns: bool) -> SetId {
        if by_patterns {
            self.matched
        } else {
            self.named
        }
    }

    /// Whether templates have a part in it, so that who is in it depends on the user on the other side.
    pub(crate) fn has_templates(&self) -> bool {
        !self.made.is_empty() || !self.partial.is_empty()
    }

    /// Whether a user is listed for the one on the rule's other side.
    pub(crate) fn lists(
        &self,
        sets: &mut Sets,
        user: &str,
        by_patterns: bool,
        other: &str,
    ) -> bool {
        sets.holds(self.listed(by_patterns), user)
            || (self.made.iter())
                .any(|(template, guard)| makes(template, other, user) && sets.holds(*guard, user))
            || self.partial.iter().any(|part| {
                let is_in = match &part.made {
                    None => sets.holds(part.listed(by_patterns), user),
                    Some(template) => {
                        makes(template, other, user) && sets.holds(part.matched, user)
                    }
                };
                is_in && !leaves_out(&part.except, sets, user, other)
            })
    }

    /// Whoever is in both.
    fn and(self, other: Self, sets: &mut Sets) -> Self {
        if self.has_templates() && other.has_templates() {
            // Of everyone, those are left out who are not in the other. Whom either names is named.
            let is_everyone = self.is_everyone && other.is_everyone;
            let [one, other] = [(&self, &other), (&other, &self)].map(|(side, beside)| {
                let others = Self::of(Sets::EVERYONE).without(beside.clone(), sets);
                side.clone().without(others, sets)
            });
            return Self {
                is_everyone,
                ..Self::any(&[&one, &other], sets)
            };
        }
        let (side, beside) = if self.has_templates() {
            (self, other)
        } else {
            (other, self)
        };
        let mut named_of = |matched, named| {
            let both = [
                sets.intersection(named, beside.matched),
                sets.intersection(matched, beside.named),
            ];
            sets.union(both)
        };
        let named = named_of(side.matched, side.named);
        let partial = side.partial.into_iter().map(|part| Partial {
            named: named_of(part.matched, part.named),
            ..part
        });
        let mut partial: Vec<_> = partial.collect();
        for part in &mut partial {
            part.matched = sets.intersection(part.matched, beside.matched);
        }
        partial.retain(|part| part.matched != Sets::NOBODY);
        let made = side.made.into_iter().map(|(template, guard)| {
            let guard = sets.intersection(guard, beside.matched);
            (template, guard)
        });
        let mut made: Vec<_> = made.collect();
        made.retain(|(_, guard)| *guard != Sets::NOBODY);
        Self {
            matched: sets.intersection(side.matched, beside.matched),
            named,
            is_everyone: side.is_everyone && beside.is_everyone,
            made,
            partial,
        }
    }

    /// Whoever is in any of these.
    fn any(sides: &[&Self], sets: &mut Sets) -> Self {
        Self {
            matched: sets.union(sides.iter().map(|side| side.matched)),
            named: sets.union(sides.iter().map(|side| side.named)),
            is_everyone: sides.iter().any(|side| side.is_everyone),
            made: sides.iter().flat_map(|side| side.made.clone()).collect(),
            partial: sides.iter().flat_map(|side| side.partial.clone()).collect(),
        }
    }

    /// The set without those of another.
    fn without(mut self, exclude: Self, sets: &mut Sets) -> Self {
        let mut always = vec![exclude.matched];
        let (mut sometimes, mut is_exact) = (Vec::new(), true);
        for (template, guard) in &exclude.made {
            let reach = Reach::of(template, sets);
            let reached = sets.intersection(reach.users, *guard);
            if reach.is_constant {
                always.push(reached);
            } else {
                sometimes.push(reached);
                is_exact &= reach.is_exact;
            }
        }
        for part in &exclude.partial {
            sometimes.push(part.matched);
            is_exact &= part.is_exact && part.made.is_none();
        }
        let (always, sometimes) = (sets.union(always), sets.union(sometimes));
        let removed = sets.union([always, sometimes]);
        let mut left = Self {
            matched: sets.difference(self.matched, removed),
            named: sets.difference(self.named, removed),
            ..Self::of(Sets::NOBODY)
        };
        let mut open = std::mem::take(&mut self.partial);
        for part in &mut open {
            part.matched = sets.difference(part.matched, always);
            part.named = sets.difference(part.named, always);
        }
        if sometimes == Sets::NOBODY {
            let made = self.made.into_iter();
            left.made = (made.map(|(template, guard)| (template, sets.difference(guard, always))))
                .filter(|(_, guard)| *guard != Sets::NOBODY)
                .collect();
            left.partial = open;
            return left;
        }
        let except: Except = Rc::new([exclude]);
        for part in open {
            let except = part.except.iter().chain(&*except).cloned().collect();
            left.partial.push(Partial { except, ..part });
        }
        let mut may_leave = |matched, named, made| {
            let mut shared = |set| {
                let met = sets.intersection(set, sometimes);
                sets.difference(met, always)
            };
            let (matched, named) = (shared(matched), shared(named));
            let except = except.clone();
            left.partial.push(Partial {
                matched,
                named,
                made,
                except,
                is_exact,
            });
        };
        may_leave(self.matched, self.named, None);
        for (template, guard) in &self.made {
            may_leave(*guard, *guard, Some(template.clone()));
        }
        left.partial.retain(|part| part.matched != Sets::NOBODY);
        left.made = (self.made.into_iter())
            .map(|(template, guard)| (template, sets.difference(guard, removed)))
            .filter(|(_, guard)| *guard != Sets::NOBODY)
            .collect();
        left
    }
}

/// Whether one of these sets has a user, as they are for the user on the other side.
pub(super) fn leaves_out(except: &Except, sets: &mut Sets, user: &str, other: &str) -> bool {
    // Whom a set excludes is matched with it, and never listed: who is known plays no part.
    except
        .iter()
        .any(|side| side.lists(sets, user, true, other))
}

/// The user whom a template makes of another, if it is a valid one.
pub(super) fn make(template: &Template, from: &str) -> Option<String> {
    UserId::parse(from)
        .ok()
        .and_then(|from| template.make(from))
}

fn makes(template: &Template, from: &str, user: &str) -> bool {
    make(template, from).as_deref() == Some(user)
}

/// Whom a template can make.
struct Reach {
    users: SetId,
    /// Whether it makes each of these of somebody.
    is_exact: bool,
    /// Whether it makes the same of everybody.
    is_constant: bool,
}

impl Reach {
    fn of(template: &Template, sets: &mut Sets) -> Self {
        if let Some(user) = template.constant() {
            return Self {
                users: if UserId::parse(user).is_ok() {
                    sets.user(user)
                } else {
                    Sets::NOBODY
                },
                is_exact: true,
                is_constant: true,
            };
        }
        let (pattern, is_exact) = template.reach();
        // One that is too large for an automaton may make anybody.
        Self {
            is_exact: is_exact && pattern.is_ok(),
            users: pattern.map_or(Sets::EVERYONE, |pattern| sets.pattern(&pattern)),
            is_constant: false,
        }
    }
}

/// What the sets of a graph hold, for each.
pub(crate) fn sides(reader: &Reader<'_, '_>, sets: &mut Sets) -> Vec<Side> {
    reader.fold(|part, sides: &[Side]| match part {
        Part::Pattern(pattern) => {
            let matched = sets.pattern(pattern);
            Side {
                named: sets.listed(matched).map_or(Sets::NOBODY, |_| matched),
                is_everyone: matched == Sets::EVERYONE,
                ..Side::of(matched)
            }
        }
        Part::Template(template) => Side {
            made: vec![(template.clone(), Reach::of(template, sets).users)],
            ..Side::of(Sets::NOBODY)
        },
        Part::Node(Node::Difference { include, exclude }) => {
            let [include, exclude] = [include, exclude].map(|set| sides[set.0 as usize].clone());
            include.without(exclude, sets)
        }
        Part::Listed(list) => {
            let matched = sets.users(list.iter().map(Rc::from));
            Side {
                named: matched,
                ..Side::of(matched)
            }
        }
        Part::Node(Node::Intersection(both)) => {
            let [one, other] = both.map(|set| sides[set.0 as usize].clone());
            one.and(other, sets)
        }
        Part::Node(node) => {
            let parts: Vec<_> = node.parts().map(|set| &sides[set.0 as usize]).collect();
            Side::any(&parts, sets)
        }
    })
}
