//! One text for what rules say: two processes with the same digest run the same rules.

use std::fmt;
use std::iter;

use sha2::{Digest as _, Sha256};

use super::groups::Groups;
use super::model::{RuleFile, RuleSet};
use super::set::{Item, UserSet};
use super::when::When;
use crate::pattern::Pattern;

/// What rules say, in their order, as a SHA-256: names, user sets and conditions of routes, interests and blocks, the
/// groups and files of users that these name, and the server name that the files tell.
///
/// It is the same whatever comments, descriptions and layout there are, in which order keys and groups stand, what files
/// and groups are called, and into how many files the rules are divided. Known users have no part in it, and neither has
/// the server name that whoever loads the rules gives: `local` is `local`.
///
/// ```
/// use presence_router::Rules;
///
/// let digest = |text: &str| Rules::parse("rules.yaml", text).rule_set().digest().to_string();
/// let rules = digest("routes: [{senders: local, recipients: '@lobby:x'}]");
/// assert!(rules.starts_with("sha256:"));
/// assert_eq!(rules, digest("routes:\n- recipients: ['@lobby:x']   # the screen\n  senders: local"));
/// assert_ne!(rules, digest("routes: [{senders: local, recipients: '@kitchen:x'}]"));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Digest([u8; 32]);

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("sha256:")?;
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl AsRef<[u8]> for Digest {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl Digest {
    /// Of something of this kind that has these parts, each with its length before it, so that nothing else is told in the
    /// same bytes.
    fn of(kind: &str, parts: impl IntoIterator<Item = impl AsRef<[u8]>>) -> Self {
        let mut hasher = Sha256::new();
        let mut add = |part: &[u8]| {
            hasher.update((part.len() as u64).to_be_bytes());
            hasher.update(part);
        };
        add(kind.as_bytes());
        for part in parts {
            add(part.as_ref());
        }
        Self(hasher.finalize().into())
    }

    fn text(kind: &str, text: &str) -> Self {
        Self::of(kind, [text])
    }
}

impl RuleSet {
    /// What the rules say. It means nothing where they have errors.
    pub fn digest(&self) -> Digest {
        let groups = Groups::new(self);
        let mut sets = Sets {
            groups: &groups,
            of_groups: vec![None; groups.all.len()],
        };
        // Each group comes after those that it contains.
        for group in groups.order().0 {
            sets.of_groups[group] = Some(sets.of(groups.all[group].users));
        }
        let server = (self.files.iter()).find_map(|file| file.server_name.as_deref());
        let server = Digest::text("server_name", server.unwrap_or_default());
        Digest::of("rules", iter::once(server).chain(sets.rules(&self.files)))
    }
}

struct Sets<'g, 'a> {
    groups: &'g Groups<'a>,
    of_groups: Vec<Option<Digest>>,
}

impl Sets<'_, '_> {
    fn rules(&self, files: &[RuleFile]) -> Vec<Digest> {
        let routes = files.iter().flat_map(|file| {
            let derives = if file.derive_interests { "derives" } else { "" };
            file.routes.iter().map(move |route| (route, derives))
        });
        let routes = routes.map(|(route, derives)| {
            let sides = [self.of(&route.senders), self.of(&route.recipients)];
            let about = [Digest::text("interest", derives), when(&route.when)];
            rule(
                "route",
                route.about.name.as_deref(),
                &[sides, about].concat(),
            )
        });
        let interests = files.iter().flat_map(|file| &file.interests);
        let interests = interests.map(|interest| {
            let sides = [self.of(&interest.users), self.of(&interest.sees)];
            rule("interest", interest.about.name.as_deref(), &sides)
        });
        let blocks = files.iter().flat_map(|file| &file.blocks);
        let blocks = blocks.map(|block| {
            let sides = [&block.senders, &block.recipients];
            let sides =
                sides.map(|side| (side.as_ref()).map_or_else(everyone, |users| self.of(users)));
            rule("block", block.about.name.as_deref(), &sides)
        });
        routes.chain(interests).chain(blocks).collect()
    }

    /// However it is written: `a`, `[a]` and `{include: a}` are one set.
    fn of(&self, users: &UserSet) -> Digest {
        match users {
            UserSet::Item(item, _) => self.item(item),
            UserSet::Union(..) => {
                let mut members = Vec::new();
                self.members(users, &mut members);
                match members[..] {
                    [member] => member,
                    _ => Digest::of("union", members),
                }
            }
            UserSet::Intersection(members, _) => {
                Digest::of("all_of", members.iter().map(|member| self.of(member)))
            }
            UserSet::Difference {
                include, exclude, ..
            } => {
                let include = include
                    .as_ref()
                    .map_or_else(everyone, |users| self.of(users));
                match exclude {
                    Some(exclude) => Digest::of("without", [include, self.of(exclude)]),
                    None => include,
                }
            }
        }
    }

    /// The members of a list, and of lists in it.
    fn members(&self, users: &UserSet, into: &mut Vec<Digest>) {
        match users {
            UserSet::Union(members, _) => {
                for member in members {
                    self.members(member, into);
                }
            }
            _ => into.push(self.of(users)),
        }
    }

    fn item(&self, item: &Item) -> Digest {
        match item {
            Item::Pattern(pattern) => match pattern {
                Pattern::Everyone => everyone(),
                Pattern::User(text) => Digest::text("user", text),
                Pattern::Server(text) => Digest::text("server", text),
                Pattern::Glob(text) => Digest::text("glob", text),
                Pattern::ServerGlob(text) => Digest::text("glob of servers", text),
                Pattern::Regex(text) => Digest::text("regex", text),
            },
            Item::Local(_) => Digest::text("local", ""),
            Item::Template(template) => Digest::text("template", template.as_str()),
            Item::File(file) => {
                Digest::of("file", file.users.iter().flat_map(|users| users.iter()))
            }
            Item::Group(name) => (self.groups.index_of(name))
                .and_then(|group| self.of_groups[group])
                .unwrap_or_else(|| Digest::text("unknown group", name)),
        }
    }
}

fn everyone() -> Digest {
    Digest::text("all", "")
}

fn rule(kind: &str, name: Option<&str>, said: &[Digest]) -> Digest {
    let name = Digest::text("name", name.unwrap_or_default());
    Digest::of(kind, [&[name], said].concat())
}

fn when(when: &When) -> Digest {
    let states = match &when.states {
        None => everyone(),
        Some(states) => {
            let kind = if states.are_left_out() {
                "not"
            } else {
                "state"
            };
            Digest::of(kind, states.meant())
        }
    };
    let active = when
        .currently_active
        .map_or(String::new(), |wanted| wanted.to_string());
    Digest::of("when", [states, Digest::text("currently_active", &active)])
}
