//! Whom one pattern matches.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use presence_router::pattern::Pattern;
use presence_router::user_id::UserId;
use regex::{Regex, RegexBuilder};

use super::glob::Glob;

/// Matches patterns. What is compiled is kept for all of a thread, since tests have few patterns, again and again.
pub struct Matcher {
    compiled: Rc<RefCell<Compiled>>,
}

#[derive(Default)]
struct Compiled {
    regexes: HashMap<Box<str>, Regex>,
    globs: HashMap<Box<str>, Glob>,
}

/// With more of them, all are forgotten.
const MOST_COMPILED: usize = 100;

thread_local! {
    static COMPILED: Rc<RefCell<Compiled>> = Rc::default();
}

impl Default for Matcher {
    fn default() -> Self {
        let compiled = COMPILED.with(Rc::clone);
        Self { compiled }
    }
}

fn kept<'c, T>(
    kept: &'c mut HashMap<Box<str>, T>,
    text: &str,
    compile: impl FnOnce() -> T,
) -> &'c mut T {
    if kept.len() == MOST_COMPILED && !kept.contains_key(text) {
        kept.clear();
    }
    kept.entry(text.into()).or_insert_with(compile)
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
        let globs = &mut self.compiled.borrow_mut().globs;
        kept(globs, glob, || Glob::new(glob)).is_match(text)
    }

    fn regex(&self, expression: &str, text: &str) -> bool {
        let regexes = &mut self.compiled.borrow_mut().regexes;
        let regex = kept(regexes, expression, || {
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
