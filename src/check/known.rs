//! The known users, to look up patterns and IDs: many of them, among many users.

use std::cell::OnceCell;
use std::collections::HashMap;

use memchr::memmem;

use crate::pattern::Pattern;
use crate::user_id::{UserId, is_port};

/// Among fewer users, it is not worth the while to look for what a pattern requires.
const LEAST_SEARCHED: usize = 16;

/// So many users are searched for a text in the time in which one is compared with an automaton.
const SEARCHED_AT_ONCE: usize = 16;

/// How many users are compared with automata, over all patterns. What is not decided by then counts as matched.
const BUDGET: usize = 20_000_000;

/// A name of fewer letters is not taken for another one that is misspelt.
const LEAST_MISSPELT: usize = 4;

pub(super) struct Known<'a> {
    servers: HashMap<&'a str, Users<'a>>,
    all: Users<'a>,
    users: Vec<&'a str>,
    /// All users in one text, to look for what a pattern requires before it is compiled. Made when it is first needed.
    text: OnceCell<String>,
    budget: usize,
    /// How often rules name each server.
    named: HashMap<Box<str>, usize>,
}

/// Users, sorted as soon as somebody looks for those who start alike.
#[derive(Default)]
struct Users<'a> {
    users: Vec<&'a str>,
    is_sorted: bool,
}

impl<'a> Known<'a> {
    pub fn new(known_users: Vec<&'a str>) -> Self {
        let mut servers: HashMap<&str, Users<'_>> = HashMap::new();
        for user in &known_users {
            if let Some((_, server)) = user.split_once(':') {
                servers.entry(server).or_default().users.push(user);
            }
        }
        Self {
            servers,
            users: known_users.clone(),
            text: OnceCell::new(),
            all: Users {
                users: known_users,
                is_sorted: false,
            },
            budget: BUDGET,
            named: HashMap::new(),
        }
    }

    /// The same, where rules name these servers: users of a server that is named often may be known elsewhere.
    #[must_use]
    pub fn beside(mut self, named: impl IntoIterator<Item = Box<str>>) -> Self {
        for server in named {
            *self.named.entry(server).or_default() += 1;
        }
        self
    }

    /// The server that most known users are of; of several, the first by its name.
    pub fn most_common_server(&self) -> Option<&'a str> {
        self.most_common_servers().first().copied()
    }

    /// The servers of known users, those with most of them first.
    pub fn most_common_servers(&self) -> Vec<&'a str> {
        let mut servers: Vec<_> = (self.servers.iter())
            .map(|(server, users)| (users.users.len(), *server))
            .collect();
        servers.sort_by(|(one, a), (other, b)| other.cmp(one).then_with(|| a.cmp(b)));
        servers.into_iter().map(|(_, server)| server).collect()
    }

    pub fn has_user(&mut self, user: UserId<'_>) -> bool {
        let Some(users) = self.servers.get_mut(user.server_name()) else {
            return false;
        };
        users.start_with(user.as_str()).first() == Some(&user.as_str())
    }

    /// The known user whose ID is one slip away from this one: a letter too many, too few, another one, or two in
    /// the wrong order, in the localpart or in the server name.
    pub(crate) fn near(&mut self, user: UserId<'_>) -> Option<&'a str> {
        let (localpart, server) = (user.localpart(), user.server_name());
        // In a name of few letters, another letter makes another name.
        let is_long = |name: &str| name.chars().count() >= LEAST_MISSPELT;
        if is_long(localpart) {
            let there = self.servers.get(server).map(|there| &there.users);
            let count = there.map_or(0, Vec::len);
            let mut there = there.into_iter().flatten();
            let found = self.budget.checked_sub(count).and_then(|left| {
                self.budget = left;
                there.find(|found| is_slip(&found[1..found.len() - 1 - server.len()], localpart))
            });
            if let Some(found) = found {
                return Some(found);
            }
        }
        self.servers_near(server).into_iter().find_map(|name| {
            let meant = format!("@{localpart}:{name}");
            let found = self.servers.get_mut(name)?.start_with(&meant).first()?;
            (**found == *meant).then_some(*found)
        })
    }

    /// The server of known users whose name is one slip away from this one, or another one that rules name more often.
    pub fn near_server(&mut self, server: &str) -> Option<String> {
        if self.has_server(server) {
            return None;
        }
        if let Some(near) = self.servers_near(server).first() {
            return Some((*near).to_owned());
        }
        self.budget = self.budget.checked_sub(self.named.len())?;
        let count = self.named.get(server).copied().unwrap_or_default();
        let near = self.named.iter().filter(|(name, other)| {
            **other > count && is_server_slip(name, server) && is_typing_slip(name, server)
        });
        near.map(|(name, _)| name.to_string()).min()
    }

    /// The servers of known users whose names are one slip away from this one, by their names.
    fn servers_near(&mut self, server: &str) -> Vec<&'a str> {
        let Some(left) = self.budget.checked_sub(self.servers.len()) else {
            return Vec::new();
        };
        self.budget = left;
        let names = self.servers.keys().copied();
        let mut near: Vec<_> = names.filter(|name| is_server_slip(name, server)).collect();
        near.sort_unstable();
        near
    }

    /// Whether the ID of some user begins with this text.
    pub fn has_start(&mut self, text: &str) -> bool {
        !self.all.start_with(text).is_empty()
    }

    pub fn has_server(&self, server: &str) -> bool {
        self.servers.contains_key(server)
    }

    /// `server` is the one server whose users the pattern matches, if it is known.
    pub fn is_matched(&mut self, pattern: &Pattern, server: Option<&str>) -> bool {
        if let Pattern::Server(name) = pattern {
            return self.has_server(name);
        }
        if let Pattern::ServerGlob(_) = pattern {
            return self.is_server_matched(pattern);
        }
        let among = match server {
            None => &mut self.all,
            Some(server) => match self.servers.get_mut(server) {
                None => return false,
                Some(users) => users,
            },
        };
        let prefix = pattern.literal_prefix();
        let candidates = among.start_with(&prefix);
        if candidates.is_empty() {
            return false;
        }
        if let (Pattern::Glob(text), Some(server)) = (pattern, server)
            && text
                .strip_prefix(&*prefix)
                .and_then(|rest| rest.strip_prefix("*:"))
                == Some(server)
        {
            return true;
        }
        if self.budget == 0 {
            return true;
        }
        if candidates.len() >= LEAST_SEARCHED {
            // Looking for a text goes over many bytes at once, and an automaton over one.
            let searched = self.users.len() / SEARCHED_AT_ONCE;
            self.budget = self.budget.saturating_sub(searched);
            let users = self.text.get_or_init(|| lines(&self.users));
            let is_there = |text: &str| memmem::find(users.as_bytes(), text.as_bytes()).is_some();
            if !(pattern.required_texts().iter()).all(|text| is_there(text)) {
                return false;
            }
        }
        let program = pattern.compile();
        let most = candidates.len().min(self.budget);
        let found = candidates[..most]
            .iter()
            .position(|user| program.is_match(user));
        self.budget -= found.unwrap_or(most);
        found.is_some() || most < candidates.len()
    }

    /// A glob over server names is compared with each of them once.
    fn is_server_matched(&mut self, pattern: &Pattern) -> bool {
        if self.budget == 0 {
            return true;
        }
        self.budget = self.budget.saturating_sub(self.servers.len());
        let program = pattern.compile();
        let mut user = String::from("@:");
        self.servers.keys().any(|server| {
            user.truncate(2);
            user.push_str(server);
            UserId::parse(&user).is_ok() && program.is_match(&user)
        })
    }
}

/// Whether a slip makes one server name of the other, in a part of it that is long enough to tell: `x.example` and
/// `z.example` are two servers. A port is part of a name, and most names have none.
fn is_server_slip(one: &str, other: &str) -> bool {
    let host = |name: &str| match name.rsplit_once(':') {
        Some((host, port)) if is_port(port) && !host.is_empty() => host.len(),
        _ => name.len(),
    };
    let (one_host, other_host) = (&one[..host(one)], &other[..host(other)]);
    if one_host == other_host {
        return one != other;
    }
    let (one_labels, other_labels) = (one.split('.'), other.split('.'));
    if one_labels.clone().count() != other_labels.clone().count() {
        return false;
    }
    let mut differing = one_labels
        .zip(other_labels)
        .filter(|(one, other)| one != other);
    match (differing.next(), differing.next()) {
        (Some((one, other)), None) => {
            one.len().min(other.len()) >= LEAST_MISSPELT && is_slip(one, other)
        }
        _ => false,
    }
}

/// Whether one letter too many, too few, another one, or two in the wrong order make one name of the other. Names that
/// differ in a digit are a row of them.
fn is_slip(one: &str, other: &str) -> bool {
    let digits = |name: &str| -> String { name.chars().filter(char::is_ascii_digit).collect() };
    one.len().abs_diff(other.len()) <= 4
        && strsim::osa_distance(one, other) == 1
        && digits(one) == digits(other)
}

/// Whether two names have the same letters in another order, or one has a letter twice or more than the other: another
/// letter in its place may make another word.
fn is_typing_slip(one: &str, other: &str) -> bool {
    let letters = |name: &str| {
        let mut letters: Vec<_> = name.chars().collect();
        letters.sort_unstable();
        letters
    };
    one.len() != other.len() || letters(one) == letters(other)
}

fn lines(known_users: &[&str]) -> String {
    let mut text = String::new();
    for user in known_users {
        text.push_str(user);
        text.push('\n');
    }
    text
}

impl<'a> Users<'a> {
    fn start_with(&mut self, prefix: &str) -> &[&'a str] {
        if prefix.len() <= 1 {
            return &self.users;
        }
        if !self.is_sorted {
            self.users.sort_unstable();
            self.is_sorted = true;
        }
        let start = self.users.partition_point(|user| *user < prefix);
        let rest = &self.users[start..];
        let end = rest.partition_point(|user| user.starts_with(prefix));
        &rest[..end]
    }
}
