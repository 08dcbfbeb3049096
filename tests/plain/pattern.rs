//! Whom one pattern matches.

use std::cell::RefCell;
use std::collections::HashMap;

use presence_router::pattern::Pattern;
use presence_router::user_id::UserId;
use regex::{Regex, RegexBuilder};

use super::glob;

/// Matches patterns. It remembers what it compiled and what it answered, and nothing else.
#[derive(Default)]
pub struct Matcher {
    regexes: RefCell<HashMap<Box<str>, Regex>>,
    /// By glob and text.
    globs: RefCell<HashMap<[Box<str>; 2], bool>>,
}

impl Matcher {
    pub fn matches(&self, pattern: &Pattern, user: &str) -> bool {
        let server_name = || UserId::parse(user).expect("a valid ID").server_name();
        match pattern {
            Pattern::Everyone => true,
            Pattern::User(id) => **id == *user,
            Pattern::Server(name) => **name == *server_name(),
            Pattern::Glob(glob) => self.glob(glob, user),
            Pattern::ServerGlob(glob) => self.glob(glob, server_name()),
            Pattern::Regex(expression) => self.regex(expression, user),
        }
    }

    fn glob(&self, glob: &str, text: &str) -> bool {
        let mut globs = self.globs.borrow_mut();
        *(globs.entry([glob.into(), text.into()])).or_insert_with(|| glob::matches(glob, text))
    }

    fn regex(&self, expression: &str, text: &str) -> bool {
        let mut regexes = self.regexes.borrow_mut();
        let regex = regexes.entry(expression.into()).or_insert_with(|| {
            // Written anew from its meaning, so that neither a comment of `(?x)` nor a `|` reaches over the anchors.
            let meaning = regex_syntax::parse(expression).expect("a valid expression");
            // It makes an automaton for reading backwards as well, which may be far larger than what rules are judged by.
            (RegexBuilder::new(&format!(r"\A(?:{meaning})\z"))
                .size_limit(1 << 30)
                .nest_limit(1000)
                .build())
            .expect("a valid expression")
        });
        regex.is_match(text)
    }
}
