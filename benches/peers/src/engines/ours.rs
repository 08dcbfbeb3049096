//! This project. The rules are the rule file as it is, and an answer is the list of the recipients' numbers.
//!
//! Without a memory, each sender goes through the index: [`Routing::route`]. With one, the answers for a sender are
//! remembered, as `route` does it: [`Answers`], asked for one sender after another, or for 32 at once.

use std::collections::BTreeSet;
use std::hint::black_box;
use std::ops::Range;
use std::time::Duration;

use cpu_time::ThreadTime;
use presence_router::router::{Answers, Router, Routing, Scratch, UserIndex};
use presence_router::rules;
use presence_router::source::Sources;
use presence_router::user_id::UserId;

use crate::peer::{Engine, Peer, Timed, Work};

pub fn cold<'w>(work: &Work<'w>) -> Result<Box<dyn Peer + 'w>, String> {
    Ok(Box::new(Timed {
        senders: work.senders,
        engine: Cold {
            routing: routing(work),
            scratch: Scratch::default(),
        },
    }))
}

pub fn warm<'w>(work: &Work<'w>) -> Result<Box<dyn Peer + 'w>, String> {
    Ok(Box::new(Timed {
        senders: work.senders,
        engine: Warm(Answers::new(routing(work))),
    }))
}

pub fn warm_at_once<'w>(work: &Work<'w>) -> Result<Box<dyn Peer + 'w>, String> {
    Ok(Box::new(AtOnce {
        senders: work.senders,
        warm: Warm(Answers::new(routing(work))),
    }))
}

/// The router stays until the end of the program.
fn routing(work: &Work<'_>) -> Routing<'static> {
    let mut sources = Sources::default();
    sources.add("rules.yaml", work.yaml.to_owned());
    let (rule_set, findings) = rules::read(&sources);
    assert!(findings.is_empty(), "{findings:?}");
    let router = Router::new(&rule_set, &sources, None).expect("rules without errors");
    router.prepare();
    let router: &'static Router = Box::leak(Box::new(router));
    router.routing().expect("recipients without patterns")
}

struct Cold {
    routing: Routing<'static>,
    scratch: Scratch,
}

impl Engine for Cold {
    type Answer<'a> = &'a [UserIndex];

    fn answer(&mut self, sender: &str) -> &[UserIndex] {
        let sender = UserId::parse(sender).expect("a user ID");
        (self.routing).route(sender, "online", None, &mut self.scratch, &mut ())
    }

    fn recipients(&mut self, sender: &str) -> BTreeSet<String> {
        let users = self.answer(sender).to_vec();
        let name = |user| self.routing.router().user(user, &self.scratch).to_owned();
        users.into_iter().map(name).collect()
    }
}

struct Warm(Answers<'static>);

impl Engine for Warm {
    type Answer<'a> = &'a [UserIndex];

    fn answer(&mut self, sender: &str) -> &[UserIndex] {
        let class = self.0.class(sender).expect("a user ID");
        let answer = self.0.route(class, sender, "online", None);
        self.0.answer(answer).users
    }

    fn recipients(&mut self, sender: &str) -> BTreeSet<String> {
        let users = self.answer(sender).to_vec();
        let name = |user| self.0.name(user).to_owned();
        users.into_iter().map(name).collect()
    }
}

struct AtOnce<'w> {
    senders: &'w [String],
    warm: Warm,
}

impl Peer for AtOnce<'_> {
    fn recipients(&mut self, sender: &str) -> BTreeSet<String> {
        self.warm.recipients(sender)
    }

    fn time(&mut self, senders: Range<usize>) -> Duration {
        let start = ThreadTime::now();
        let (mut texts, mut classes) = (Vec::new(), Vec::new());
        for some in self.senders[senders].chunks(32) {
            texts.clear();
            texts.extend(some.iter().map(String::as_str));
            classes.clear();
            let answers = &mut self.warm.0;
            answers.remembered_all(black_box(&texts), |class| classes.push(class));
            for (sender, class) in texts.iter().zip(&classes) {
                let class = class.unwrap_or_else(|| answers.class(sender).expect("a user ID"));
                let id = answers.route(class, sender, "online", None);
                black_box(answers.answer(id).users);
            }
        }
        start.elapsed()
    }
}
