//! Whether a pattern matches any known user, for many patterns and many users.

use std::collections::HashMap;

use crate::directory::Directory;
use crate::pattern::Pattern;
use crate::user_id::UserId;

/// How many users are compared with automata, over all patterns. What is not decided by then counts as matched.
const BUDGET: usize = 20_000_000;

pub(super) struct Known<'a> {
    servers: HashMap<&'a str, Users<'a>>,
    all: Users<'a>,
    budget: usize,
}

/// Users, sorted as soon as somebody looks for those who start alike.
#[derive(Default)]
struct Users<'a> {
    users: Vec<&'a str>,
    is_sorted: bool,
}

impl<'a> Known<'a> {
    pub fn new(directory: &'a Directory) -> Self {
        let mut servers: HashMap<&str, Users<'_>> = HashMap::new();
        for user in directory.iter() {
            if let Some((_, server)) = user.split_once(':') {
                servers.entry(server).or_default().users.push(user);
            }
        }
        Self {
            servers,
            all: Users {
                users: directory.iter().collect(),
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
        let regex = pattern.compile();
        let most = candidates.len().min(self.budget);
        let found = candidates[..most]
            .iter()
            .position(|user| regex.is_match(*user));
        self.budget -= found.unwrap_or(most);
        found.is_some() || most < candidates.len()
    }

    /// A glob over server names is compared with each of them once.
    fn is_server_matched(&mut self, pattern: &Pattern) -> bool {
        if self.budget == 0 {
            return true;
        }
        self.budget = self.budget.saturating_sub(self.servers.len());
        let regex = pattern.compile();
        let mut user = String::from("@:");
        self.servers.keys().any(|server| {
            user.truncate(2);
            user.push_str(server);
            UserId::parse(&user).is_ok() && regex.is_match(&user)
        })
    }
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
