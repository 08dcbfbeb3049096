//! The rules as written: what a rule file says, in its own shape and order.
//!
//! A place in the model is a [`KeyPath`], found by walking it as the file is laid out.

use std::path::{Path, PathBuf};

use indexmap::IndexMap;

use crate::finding::Code;
use crate::key_path::KeyPath;
use crate::pattern::{Pattern, Template};
use crate::source::FileId;

use super::when::When;

/// The rule files that are loaded together, in their order.
#[derive(Debug, Default)]
pub struct RuleSet {
    /// The files.
    pub files: Vec<RuleFile>,
    /// The homeserver that the rules run on: what the files say, or whoever has them read.
    pub server_name: Option<String>,
    /// Whether something in them could not be read, or not be understood. Such a rule set is there to find all that is
    /// wrong with it, and not to be used.
    pub is_faulty: bool,
}

/// One rule file.
#[derive(Debug)]
pub struct RuleFile {
    /// Where it came from.
    pub file: FileId,
    /// Whether the file is no YAML, so that nothing is known of what it says.
    pub is_broken: bool,
    /// The homeserver that the rules run on, where the file says so.
    pub server_name: Option<String>,
    /// The known users that it names; `None` if it has nothing to say of them.
    pub known_users: Option<UserSources>,
    /// Named user sets.
    pub groups: IndexMap<Box<str>, UserSet>,
    /// Sender-to-recipient mappings.
    pub routes: Vec<Route>,
    /// Interested-user sets.
    pub interests: Vec<Interest>,
    /// Pairs that nothing may connect.
    pub blocks: Vec<Block>,
    /// Whether each route of this file lets its recipients see its senders.
    pub derive_interests: bool,
}

/// The value of `known_users`: a file, a user, or a list of these.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserSources {
    /// What is named, in its order. `None` stands for an item with a fault, so that the others keep their index.
    pub items: Vec<Option<UserSource>>,
    /// Whether they stand in a list.
    pub is_list: bool,
}

/// An item of `known_users`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UserSource {
    /// A file of users, as written: relative to the file that names it.
    File(PathBuf),
    /// A user, by its valid ID.
    User(Box<str>),
}

impl UserSources {
    /// The files among them. `folder` is that of the file that names them.
    pub fn files(&self, folder: &Path) -> impl Iterator<Item = PathBuf> {
        self.items.iter().filter_map(move |item| match item {
            Some(UserSource::File(path)) => Some(folder.join(path)),
            _ => None,
        })
    }

    /// The place of an item, in a file that names these under `known_users`.
    pub fn place(&self, index: usize) -> KeyPath {
        let mut place = KeyPath::default().key("known_users");
        if self.is_list {
            place.push_item(index);
        }
        place
    }
}

/// What every rule may say of itself.
#[derive(Debug, Default)]
pub struct About {
    /// Its place in its list, from 0.
    pub index: usize,
    /// Its name, for messages and for `--why`.
    pub name: Option<String>,
    /// Why it is there.
    pub description: Option<String>,
    /// The findings that are silenced for it, each with its reason.
    pub allow: Vec<(Code, String)>,
}

impl About {
    /// Whether the rule silences a finding on itself.
    pub fn allows(&self, code: Code) -> bool {
        self.allow.iter().any(|(allowed, _)| *allowed == code)
    }
}

/// A sender-to-recipient mapping.
#[derive(Debug)]
pub struct Route {
    /// Name, description and the like.
    pub about: About,
    /// Whose updates are sent.
    pub senders: UserSet,
    /// Who gets them.
    pub recipients: UserSet,
    /// Which updates are sent.
    pub when: When,
}

/// An interested-user set.
#[derive(Debug)]
pub struct Interest {
    /// Name, description and the like.
    pub about: About,
    /// Who sees.
    pub users: UserSet,
    /// Whom they see (the key is `in`).
    pub sees: UserSet,
}

/// Pairs of senders and recipients that nothing may connect.
#[derive(Debug)]
pub struct Block {
    /// Name, description and the like.
    pub about: About,
    /// The senders; everyone if left out.
    pub senders: Option<UserSet>,
    /// The recipients; everyone if left out.
    pub recipients: Option<UserSet>,
}

/// A set of users.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum UserSet {
    /// One item.
    Item(Item),
    /// A list: the union of its members.
    Union(Vec<UserSet>),
    /// `{include: …, exclude: …}`: the one without the other.
    Difference {
        /// The users to take; everyone if left out.
        include: Option<Box<UserSet>>,
        /// The users to leave out; nobody if left out.
        exclude: Option<Box<UserSet>>,
    },
}

/// The smallest part of a user set.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Item {
    /// Whom a pattern matches.
    Pattern(Pattern),
    /// The members of a group.
    Group(Box<str>),
    /// The one user that a template makes from the ID on the rule's other side.
    Template(Template),
}

/// One of the user sets of a rule, by its key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Side {
    /// `senders` of a route or block.
    Senders,
    /// `recipients` of a route or block.
    Recipients,
    /// `users` of an interest.
    Users,
    /// `in` of an interest.
    In,
}

impl Side {
    /// The key.
    pub fn key(self) -> &'static str {
        match self {
            Self::Senders => "senders",
            Self::Recipients => "recipients",
            Self::Users => "users",
            Self::In => "in",
        }
    }
}

impl UserSet {
    /// Stands where users could not be read, so that the rest of their rule can be.
    pub(crate) fn unreadable() -> Self {
        Self::Union(Vec::new())
    }

    /// Every item of the set, included or excluded.
    pub fn items<'a>(&'a self, visit: &mut dyn FnMut(&'a Item)) {
        match self {
            Self::Item(item) => visit(item),
            Self::Union(members) => members.iter().for_each(|member| member.items(visit)),
            Self::Difference { include, exclude } => {
                let parts = [include, exclude].into_iter().flatten();
                parts.for_each(|part| part.items(visit));
            }
        }
    }

    /// The same, each item with its place below `path`.
    pub fn walk<'a>(&'a self, path: &mut KeyPath, visit: &mut dyn FnMut(&KeyPath, &'a Item)) {
        match self {
            Self::Item(item) => visit(path, item),
            Self::Union(members) => {
                for (index, member) in members.iter().enumerate() {
                    path.push_item(index);
                    member.walk(path, visit);
                    path.pop();
                }
            }
            Self::Difference { include, exclude } => {
                for (key, part) in [("include", include), ("exclude", exclude)] {
                    if let Some(part) = part {
                        path.push_key(key.into(), 0);
                        part.walk(path, visit);
                        path.pop();
                    }
                }
            }
        }
    }
}

impl RuleFile {
    /// Every user set of the file, in the order of [`Self::user_sets`].
    pub fn sets(&self) -> impl Iterator<Item = &UserSet> {
        let routes = (self.routes.iter()).flat_map(|route| [&route.senders, &route.recipients]);
        let interests =
            (self.interests.iter()).flat_map(|interest| [&interest.users, &interest.sees]);
        let blocks = (self.blocks.iter()).flat_map(|block| [&block.senders, &block.recipients]);
        (self.groups.values())
            .chain(routes)
            .chain(interests)
            .chain(blocks.flatten())
    }

    /// Every user set of the file with its place, in the order groups, routes, interests, blocks.
    pub fn user_sets(&self) -> impl Iterator<Item = (KeyPath, &UserSet)> {
        fn rule(list: &'static str, about: &About, side: Side) -> KeyPath {
            KeyPath::default()
                .key(list)
                .item(about.index)
                .key(side.key())
        }
        let groups = self.groups.iter().map(|(name, users)| {
            let path = KeyPath::default().key("groups").key(name.to_string());
            (path, users)
        });
        let routes = self.routes.iter().flat_map(|route| {
            [
                (rule("routes", &route.about, Side::Senders), &route.senders),
                (
                    rule("routes", &route.about, Side::Recipients),
                    &route.recipients,
                ),
            ]
        });
        let interests = self.interests.iter().flat_map(|interest| {
            [
                (
                    rule("interests", &interest.about, Side::Users),
                    &interest.users,
                ),
                (rule("interests", &interest.about, Side::In), &interest.sees),
            ]
        });
        let blocks = self.blocks.iter().flat_map(|block| {
            let sides = [
                (Side::Senders, &block.senders),
                (Side::Recipients, &block.recipients),
            ];
            sides.into_iter().filter_map(|(side, set)| {
                let path = rule("blocks", &block.about, side);
                set.as_ref().map(|set| (path, set))
            })
        });
        groups.chain(routes).chain(interests).chain(blocks)
    }
}
