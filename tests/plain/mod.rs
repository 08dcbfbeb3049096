//! The rule language, evaluated as plainly as its specification puts it: loops over rules, no index, no compiling.
//!
//! This is what the real evaluator is compared with, so it shares nothing with it but the rules as written.

pub mod glob;
mod interested;
pub mod pattern;

use presence_router::known_users::{KnownUsers, Role};
use presence_router::pattern::{Pattern, Template};
use presence_router::rules::when::States;
use presence_router::rules::{About, Item, Route, RuleSet, UserFile, UserSet};
use presence_router::source::{FileId, Sources};
use presence_router::user_id::UserId;

pub use interested::Interested;

pub struct Plain<'a> {
    pub sources: &'a Sources,
    pub rules: &'a RuleSet,
    pub known_users: Option<&'a KnownUsers>,
    matcher: pattern::Matcher,
}

/// What the rules look at in a presence update.
#[derive(Clone, Debug)]
pub struct Update {
    pub sender: String,
    pub state: String,
    pub currently_active: Option<bool>,
}

/// Who gets an update, and by which routes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Routed {
    pub recipients: Vec<String>,
    pub routes: Vec<String>,
}

impl<'a> Plain<'a> {
    pub fn new(
        sources: &'a Sources,
        rules: &'a RuleSet,
        known_users: Option<&'a KnownUsers>,
    ) -> Self {
        Self {
            sources,
            rules,
            known_users,
            matcher: pattern::Matcher::default(),
        }
    }

    /// For each route in file order: if the sender is in `senders` and `when` holds, each recipient gets the update,
    /// unless some block matches the pair.
    pub fn route(&self, update: &Update) -> Routed {
        let sender = user_id(&update.sender);
        let mut routed = Routed::default();
        for (file, route) in self.routes() {
            if !self.holds(&route.senders, &update.sender, None) || !when_holds(route, update) {
                continue;
            }
            let mut sent = false;
            for recipient in self.recipients(&route.recipients, sender) {
                if self.blocked(&update.sender, &recipient) {
                    continue;
                }
                sent = true;
                add(&mut routed.recipients, recipient);
            }
            if sent {
                routed.routes.push(self.name(file, &route.about));
            }
        }
        routed
    }

    /// The routes whose recipients need known users where there are none.
    pub fn routes_without_known_users(&self) -> Vec<String> {
        (self.routes())
            .filter(|(_, route)| self.lacks_known_users(&route.recipients))
            .map(|(file, route)| self.name(file, &route.about))
            .collect()
    }

    fn routes(&self) -> impl Iterator<Item = (FileId, &'a Route)> {
        (self.rules.files.iter())
            .flat_map(|rules| rules.routes.iter().map(|route| (rules.file, route)))
    }

    fn name(&self, file: FileId, about: &About) -> String {
        let unnamed = || format!("{}#routes[{}]", self.sources.get(file).name(), about.index);
        about.name.clone().unwrap_or_else(unnamed)
    }

    fn group(&self, name: &str) -> &'a UserSet {
        (self.rules.files.iter())
            .find_map(|rules| rules.groups.get(name))
            .map(|group| &group.users)
            .expect("a group that is defined")
    }

    pub fn blocked(&self, sender: &str, recipient: &str) -> bool {
        let holds = |set: &Option<UserSet>, user: &str| {
            set.as_ref().is_none_or(|set| self.holds(set, user, None))
        };
        (self.rules.files.iter())
            .flat_map(|rules| &rules.blocks)
            .any(|block| holds(&block.senders, sender) && holds(&block.recipients, recipient))
    }

    /// Whether a set matches a user. `other` is the ID on the rule's other side, for templates.
    fn holds(&self, set: &UserSet, user: &str, other: Option<UserId<'_>>) -> bool {
        match set {
            UserSet::Item(Item::Pattern(pattern), _) => self.matcher.matches(pattern, user),
            UserSet::Item(Item::Local(_), _) => self.is_local(user),
            UserSet::Item(Item::File(file), _) => listed(file).any(|listed| listed == user),
            UserSet::Item(Item::Group(name), _) => self.holds(self.group(name), user, other),
            UserSet::Item(Item::Template(template), _) => {
                made(template, other) == Some(user.into())
            }
            UserSet::Union(members, _) => (members.iter()).any(|set| self.holds(set, user, other)),
            UserSet::Intersection(members, _) => {
                (members.iter()).all(|set| self.holds(set, user, other))
            }
            UserSet::Difference {
                include, exclude, ..
            } => {
                let in_part = |part: &UserSet| self.holds(part, user, other);
                include.as_deref().is_none_or(in_part) && !exclude.as_deref().is_some_and(in_part)
            }
        }
    }

    /// Its exact IDs as written, then every known user that its patterns match, less what `exclude` matches.
    fn enumerate(&self, set: &UserSet, other: Option<UserId<'_>>) -> Vec<String> {
        self.enumerate_those(set, other, |_| true)
    }

    /// The same for recipients: whoever is only seen is one only if it is named.
    fn recipients(&self, set: &UserSet, sender: UserId<'_>) -> Vec<String> {
        self.enumerate_those(set, Some(sender), |role| role == Role::Receives)
    }

    fn enumerate_those(
        &self,
        set: &UserSet,
        other: Option<UserId<'_>>,
        has_part: impl Fn(Role) -> bool,
    ) -> Vec<String> {
        let mut users = Vec::new();
        self.add_named(set, other, &mut users);
        for (user, role) in self.known() {
            if has_part(role) && self.matches(set, &user, other) {
                add(&mut users, user);
            }
        }
        users
    }

    /// Adds the users of exact IDs and templates, one after another as they stand there.
    fn add_named(&self, set: &UserSet, other: Option<UserId<'_>>, users: &mut Vec<String>) {
        match set {
            UserSet::Item(Item::Pattern(Pattern::User(id)), _) => add(users, id.to_string()),
            UserSet::Item(Item::Pattern(_) | Item::Local(_), _) => {}
            UserSet::Item(Item::File(file), _) => {
                listed(file).for_each(|user| add(users, user.to_owned()));
            }
            UserSet::Item(Item::Group(name), _) => self.add_named(self.group(name), other, users),
            UserSet::Item(Item::Template(template), _) => {
                if let Some(user) = made(template, other) {
                    add(users, user);
                }
            }
            UserSet::Union(members, _) => {
                for set in members {
                    self.add_named(set, other, users);
                }
            }
            // Whom one of them names, and all of them hold.
            UserSet::Intersection(members, _) => {
                let mut named = Vec::new();
                for set in members {
                    self.add_named(set, other, &mut named);
                }
                named.retain(|user| members.iter().all(|set| self.holds(set, user, other)));
                for user in named {
                    add(users, user);
                }
            }
            UserSet::Difference {
                include, exclude, ..
            } => {
                let mut named = Vec::new();
                if let Some(include) = include {
                    self.add_named(include, other, &mut named);
                }
                let is_excluded = |user: &String| {
                    (exclude.as_deref()).is_some_and(|exclude| self.holds(exclude, user, other))
                };
                named.retain(|user| !is_excluded(user));
                for user in named {
                    add(users, user);
                }
            }
        }
    }

    /// Whether a pattern of a set matches a user whom no `exclude` around it matches.
    fn matches(&self, set: &UserSet, user: &str, other: Option<UserId<'_>>) -> bool {
        match set {
            UserSet::Item(
                Item::Pattern(Pattern::User(_)) | Item::Template(_) | Item::File(_),
                _,
            ) => false,
            UserSet::Item(Item::Pattern(pattern), _) => self.matcher.matches(pattern, user),
            UserSet::Item(Item::Local(_), _) => self.is_local(user),
            UserSet::Item(Item::Group(name), _) => self.matches(self.group(name), user, other),
            UserSet::Union(members, _) => members.iter().any(|set| self.matches(set, user, other)),
            UserSet::Intersection(members, _) => {
                members.iter().all(|set| self.matches(set, user, other))
            }
            UserSet::Difference {
                include, exclude, ..
            } => {
                (include.as_deref()).is_none_or(|include| self.matches(include, user, other))
                    && !(exclude.as_deref()).is_some_and(|exclude| self.holds(exclude, user, other))
            }
        }
    }

    fn is_local(&self, user: &str) -> bool {
        let server_name = self.rules.server_name.as_deref();
        server_name == Some(user_id(user).server_name())
    }

    fn known(&self) -> impl Iterator<Item = (String, Role)> {
        let known_users = self.known_users.into_iter();
        let known = known_users.flat_map(KnownUsers::with_roles);
        known.map(|(user, role)| (user.to_owned(), role))
    }

    fn lacks_known_users(&self, set: &UserSet) -> bool {
        self.known_users.is_none() && self.needs_known_users(set)
    }

    /// Whether there is an item to take users from that is neither an exact ID nor a template.
    fn needs_known_users(&self, set: &UserSet) -> bool {
        match set {
            UserSet::Item(Item::Pattern(pattern), _) => !matches!(pattern, Pattern::User(_)),
            UserSet::Item(Item::Group(name), _) => self.needs_known_users(self.group(name)),
            UserSet::Item(Item::Local(_), _) => true,
            UserSet::Item(Item::Template(_) | Item::File(_), _) => false,
            UserSet::Union(members, _) => members.iter().any(|set| self.needs_known_users(set)),
            // If one of them names all its users, those of them who are in the others are named.
            UserSet::Intersection(members, _) => {
                members.iter().all(|set| self.needs_known_users(set))
            }
            UserSet::Difference { include, .. } => {
                (include.as_deref()).is_none_or(|include| self.needs_known_users(include))
            }
        }
    }
}

/// The users of a file.
fn listed(file: &UserFile) -> impl Iterator<Item = &str> {
    file.users.iter().flat_map(|users| users.iter())
}

fn when_holds(route: &Route, update: &Update) -> bool {
    let mut states = (route.when.states.iter()).flat_map(States::names);
    let is_busy = |state: &str| ["busy", "org.matrix.msc3026.busy"].contains(&state);
    let is_same = |state: &str| state == update.state || (is_busy(state) && is_busy(&update.state));
    let are_left_out = (route.when.states.as_ref()).is_some_and(States::are_left_out);
    (route.when.states.is_none() || states.any(is_same) != are_left_out)
        && (route.when.currently_active)
            .is_none_or(|active| update.currently_active == Some(active))
}

/// The ID that a template makes, if it is valid. Read in one go: a localpart may hold the text `{server}` itself.
fn made(template: &Template, from: Option<UserId<'_>>) -> Option<String> {
    let from = from.expect("templates stand only where there is another side");
    let mut made = String::new();
    let mut rest = template.as_str();
    while let Some(character) = rest.chars().next() {
        if let Some(after) = rest.strip_prefix("{localpart}") {
            made.push_str(from.localpart());
            rest = after;
        } else if let Some(after) = rest.strip_prefix("{server}") {
            made.push_str(from.server_name());
            rest = after;
        } else {
            made.push(character);
            rest = &rest[character.len_utf8()..];
        }
    }
    UserId::parse(&made).is_ok().then_some(made)
}

fn user_id(text: &str) -> UserId<'_> {
    UserId::parse(text).expect("a valid user ID")
}

/// Adds what is not there yet.
fn add(users: &mut Vec<String>, user: String) {
    if !users.contains(&user) {
        users.push(user);
    }
}
