//! Whether a pattern matches any known user, for many patterns and many users.

use std::cell::OnceCell;
use std::collections::HashMap;

use memchr::memmem;

use crate::known_users::KnownUsers;
use crate::pattern::Pattern;
use crate::user_id::UserId;

/// Among fewer users, it is not worth the while to look for what a pattern requires.
const LEAST_SEARCHED: usize = 16;

/// So many users are searched for a text in the time in which one is compared with an automaton.
const SEARCHED_AT_ONCE: usize = 16;

/// How many users are compared with automata, over all patterns. What is not decided by then counts as matched.
const BUDGET: usize = 20_000_000;

pub(super) struct Known<'a> {
    servers: HashMap<&'a str, Users<'a>>,
    all: Users<'a>,
    users: &'a KnownUsers,
    /// All users in one text, to look for what a pattern requires before it is compiled. Made when it is first needed.
    text: OnceCell<String>,
    budget: usize,
}

/// Users, sorted as soon as somebody looks for those who start alike.
#[derive(Default)]
struct Users<'a> {
    users: Vec<&'a str>,
    is_sorted: bool,
}

impl<'a> Known<'a> {
    pub fn new(known_users: &'a KnownUsers) -> Self {
        let mut servers: HashMap<&str, Users<'_>> = HashMap::new();
        for user in known_users.iter() {
            if let Some((_, server)) = user.split_once(':') {
                servers.entry(server).or_default().users.push(user);
            }
        }
        Self {
            servers,
            users: known_users,
            text: OnceCell::new(),
            all: Users {
                users: known_users.iter().collect(),
                is_sorted: false,
            },
            budget: BUDGET,
        }
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
            let users = self.text.get_or_init(|| lines(self.users));
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

fn lines(known_users: &KnownUsers) -> String {
    let mut text = String::new();
    for user in known_users.iter() {
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
