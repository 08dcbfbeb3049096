//! The rules as written: what a rule file says, in its own shape and order.
//!
//! Everything in it knows where it is written.

use std::path::{Path, PathBuf};

use indexmap::IndexMap;

use super::at::At;
use super::set::UserSet;
use super::when::When;
use crate::finding::{Code, Location};
use crate::source::{FileId, Span};

/// The rule files that are loaded together, in their order.
#[derive(Clone, Debug, Default)]
pub struct RuleSet {
    /// The files.
    pub files: Vec<RuleFile>,
    /// The homeserver that the rules run on: what the files say, or whoever has them read.
    pub server_name: Option<String>,
    /// Whether something in them could not be read, or not be understood. Such a rule set is there to find all that is
    /// wrong with it, and not to be used.
    pub is_faulty: bool,
    /// Where the errors are.
    pub faults: Vec<Location>,
}

/// One rule file.
#[derive(Clone, Debug)]
pub struct RuleFile {
    /// Where it came from.
    pub file: FileId,
    /// Whether the file is no YAML, so that nothing is known of what it says.
    pub(crate) is_broken: bool,
    /// The homeserver that the rules run on, where the file says so.
    pub server_name: Option<String>,
    /// Where it says so.
    pub(crate) server_name_at: Span,
    /// The known users that it names; `None` if it has nothing to say of them.
    pub known_users: Option<UserSources>,
    /// Named user sets.
    pub groups: IndexMap<Box<str>, Group>,
    /// Sender-to-recipient mappings.
    pub routes: Vec<Route>,
    /// Interested-user sets.
    pub interests: Vec<Interest>,
    /// Pairs that nothing may connect.
    pub blocks: Vec<Block>,
    /// Whether each route of this file lets its recipients see its senders.
    pub derive_interests: bool,
}

/// A group: a user set with a name.
#[derive(Clone, Debug)]
pub struct Group {
    /// Where its name is written.
    pub key: Span,
    /// Its users.
    pub users: UserSet,
    /// Who they are, in the words of whoever wrote it.
    pub(crate) description: Option<String>,
}

/// The value of `known_users`: files and users, in their order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserSources {
    /// What is named, and where.
    pub items: Vec<(UserSource, At)>,
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
    /// The same, each file under the path that `resolve` makes of it.
    pub(crate) fn resolved(&self, resolve: impl Fn(&Path) -> PathBuf) -> Self {
        let items = self.items.iter().map(|(item, at)| match item {
            UserSource::File(path) => (UserSource::File(resolve(path)), *at),
            UserSource::User(_) => (item.clone(), *at),
        });
        Self {
            items: items.collect(),
        }
    }

    /// The files among them. `folder` is that of the file that names them.
    pub fn files(&self, folder: &Path) -> impl Iterator<Item = PathBuf> {
        self.items.iter().filter_map(move |item| match item {
            (UserSource::File(path), _) => Some(folder.join(path)),
            _ => None,
        })
    }
}

/// What every rule may say of itself.
#[derive(Clone, Debug, Default)]
pub struct About {
    /// Its place in its list, from 0.
    pub index: usize,
    /// Where it is written.
    pub(crate) at: Span,
    /// Its name, for messages and for `--why`.
    pub name: Option<String>,
    /// Where its name is written, if it has one.
    pub(crate) name_at: Span,
    /// Why it is there.
    pub(crate) description: Option<String>,
    /// The findings that are silenced for it, each with its reason.
    pub(crate) allow: Vec<Allowed>,
}

/// A finding that a rule silences.
#[derive(Clone, Debug)]
pub(crate) struct Allowed {
    /// Which.
    pub(crate) code: Code,
    /// Where this code is written.
    pub(crate) at: Span,
}

impl About {
    /// Whether the rule silences a finding on itself.
    pub(crate) fn allows(&self, code: Code) -> bool {
        self.allow.iter().any(|allowed| allowed.code == code)
    }
}

/// A sender-to-recipient mapping.
#[derive(Clone, Debug)]
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
#[derive(Clone, Debug)]
pub struct Interest {
    /// Name, description and the like.
    pub about: About,
    /// Who sees.
    pub users: UserSet,
    /// Whom they see (the key is `in`).
    pub sees: UserSet,
}

/// Pairs of senders and recipients that nothing may connect.
#[derive(Clone, Debug)]
pub struct Block {
    /// Name, description and the like.
    pub(crate) about: About,
    /// The senders; everyone if left out.
    pub senders: Option<UserSet>,
    /// The recipients; everyone if left out.
    pub recipients: Option<UserSet>,
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

/// Which set of a rule file a user set is.
#[derive(Clone, Copy, Debug)]
pub(crate) enum SetOf<'a> {
    /// The group of this name.
    Group(&'a str),
    /// A side of a route.
    Route(&'a Route, Side),
    /// A side of an interest.
    Interest(Side),
    /// A side of a block.
    Block,
}

impl RuleFile {
    /// What its rules say of themselves, in the order routes, interests, blocks.
    pub(crate) fn abouts(&self) -> impl Iterator<Item = &About> {
        let routes = self.routes.iter().map(|rule| &rule.about);
        let interests = self.interests.iter().map(|rule| &rule.about);
        let blocks = self.blocks.iter().map(|rule| &rule.about);
        routes.chain(interests).chain(blocks)
    }

    /// Every user set of the file, to change it.
    pub(crate) fn sets_mut(&mut self) -> impl Iterator<Item = &mut UserSet> {
        let groups = self.groups.values_mut().map(|group| &mut group.users);
        let routes =
            (self.routes.iter_mut()).flat_map(|route| [&mut route.senders, &mut route.recipients]);
        let interests = (self.interests.iter_mut())
            .flat_map(|interest| [&mut interest.users, &mut interest.sees]);
        let blocks = (self.blocks.iter_mut())
            .flat_map(|block| [&mut block.senders, &mut block.recipients])
            .flatten();
        groups.chain(routes).chain(interests).chain(blocks)
    }

    /// Every user set of the file, in the order groups, routes, interests, blocks.
    pub fn sets(&self) -> impl Iterator<Item = &UserSet> {
        self.user_sets().map(|(_, users)| users)
    }

    /// Every user set of the file, in the order groups, routes, interests, blocks.
    pub(crate) fn user_sets(&self) -> impl Iterator<Item = (SetOf<'_>, &UserSet)> {
        let groups = (self.groups.iter()).map(|(name, group)| (SetOf::Group(name), &group.users));
        let routes = self.routes.iter().flat_map(|route| {
            let side = |side, users| (SetOf::Route(route, side), users);
            [
                side(Side::Senders, &route.senders),
                side(Side::Recipients, &route.recipients),
            ]
        });
        let interests = self.interests.iter().flat_map(|interest| {
            let side = |side, users| (SetOf::Interest(side), users);
            [
                side(Side::Users, &interest.users),
                side(Side::In, &interest.sees),
            ]
        });
        let blocks = (self.blocks.iter())
            .flat_map(|block| [&block.senders, &block.recipients])
            .flatten()
            .map(|users| (SetOf::Block, users));
        groups.chain(routes).chain(interests).chain(blocks)
    }
}
