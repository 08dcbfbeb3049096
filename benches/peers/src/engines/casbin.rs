//! Casbin, by `casbin`. Each rule is a line of policy, and the matcher of the model is run for each line.
//!
//! The model has a column for users and one for servers, which are compared, and one for what is left: what the localpart
//! starts with, or a regular expression. Compiled expressions are kept, which Casbin's own `regexMatch` does not do.
//!
//! Casbin says *yes* at the first line that matches. A router needs all of them, so the effector, which Casbin lets its
//! users exchange, goes on and collects their numbers. A request for each pair of a sender and a recipient would take
//! as many times longer as there are recipients.

use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap};
use std::future::Future;
use std::mem;
use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};

use casbin::function_map::{OperatorFunction, dynamic_to_str};
use casbin::rhai::Dynamic;
use casbin::{
    CoreApi, DefaultModel, EffectKind, Effector, EffectorStream, Enforcer, MemoryAdapter, MgmtApi,
};
use regex::Regex;

use crate::peer::{Engine, Peer, Timed, Work};
use crate::rule::{Rule, Senders, halves, recipient_name};

const MODEL: &str = r#"
[request_definition]
r = sender, server, localpart

[policy_definition]
p = user, server, rest, recipient

[policy_effect]
e = some(where (p.eft == allow))

[matchers]
m = r.sender == p.user || p.user == "" && (r.server == p.server && startsWith(r.localpart, p.rest) || p.server == "" && matches(r.sender, p.rest))
"#;

pub fn casbin<'w>(work: &Work<'w>) -> Result<Box<dyn Peer + 'w>, String> {
    let engine = enforcer(work.rules).map_err(|error| error.to_string())?;
    Ok(Box::new(Timed {
        senders: work.senders,
        engine,
    }))
}

struct Lines {
    enforcer: Enforcer,
    matched: Arc<Mutex<Vec<usize>>>,
    recipients: Vec<String>,
}

fn enforcer(rules: &[Rule]) -> Result<Lines, casbin::Error> {
    let model = ready(DefaultModel::from_str(MODEL))?;
    let mut enforcer = ready(Enforcer::new(model, MemoryAdapter::default()))?;
    enforcer.add_function("startsWith", OperatorFunction::Arg2(starts_with));
    enforcer.add_function("matches", OperatorFunction::Arg2(matches));
    let matched = Arc::default();
    enforcer.set_effector(Box::new(All(Arc::clone(&matched))));
    for rule in rules {
        enforcer.get_mut_model().add_policy("p", "p", line(rule));
    }
    // Equal lines are one.
    let lines = enforcer.get_policy().into_iter();
    Ok(Lines {
        recipients: lines.filter_map(|mut line| line.pop()).collect(),
        enforcer,
        matched,
    })
}

fn line(rule: &Rule) -> Vec<String> {
    let (user, server, rest) = match &rule.senders {
        Senders::User(user) => (user.clone(), String::new(), String::new()),
        Senders::Server(server) => (String::new(), server.clone(), String::new()),
        Senders::Prefix { prefix, server } => (String::new(), server.clone(), prefix.clone()),
        senders => (
            String::new(),
            String::new(),
            format!("^(?:{})$", senders.regex()),
        ),
    };
    vec![user, server, rest, recipient_name(rule.recipient)]
}

fn starts_with(text: Dynamic, start: Dynamic) -> Dynamic {
    dynamic_to_str(&text)
        .starts_with(&*dynamic_to_str(&start))
        .into()
}

fn matches(text: Dynamic, regex: Dynamic) -> Dynamic {
    thread_local! {
        static COMPILED: RefCell<HashMap<String, Regex>> = RefCell::default();
    }
    let regex = dynamic_to_str(&regex);
    COMPILED.with_borrow_mut(|compiled| {
        if !compiled.contains_key(&*regex) {
            let new = Regex::new(&regex).expect("a regular expression of the rules");
            compiled.insert(regex.to_string(), new);
        }
        compiled[&*regex].is_match(&dynamic_to_str(&text)).into()
    })
}

/// Collects the numbers of all lines that match.
struct All(Arc<Mutex<Vec<usize>>>);

struct AllOfRequest {
    line: usize,
    matched: Vec<usize>,
    all: Arc<Mutex<Vec<usize>>>,
}

impl Effector for All {
    fn new_stream(&self, _: &str, _: usize) -> Box<dyn EffectorStream> {
        Box::new(AllOfRequest {
            line: 0,
            matched: Vec::new(),
            all: Arc::clone(&self.0),
        })
    }
}

impl EffectorStream for AllOfRequest {
    fn next(&self) -> bool {
        self.all
            .lock()
            .expect("one thread")
            .clone_from(&self.matched);
        !self.matched.is_empty()
    }

    fn push_effect(&mut self, effect: EffectKind) -> bool {
        if effect == EffectKind::Allow {
            self.matched.push(self.line);
        }
        self.line += 1;
        false
    }
}

impl Engine for Lines {
    type Answer<'a> = BTreeSet<&'a str>;

    fn answer(&mut self, sender: &str) -> BTreeSet<&str> {
        let (localpart, server) = halves(sender);
        let request = (sender, server, localpart);
        self.enforcer.enforce(request).expect("the matcher runs");
        let matched = mem::take(&mut *self.matched.lock().expect("one thread"));
        let recipients = matched.into_iter().map(|line| &*self.recipients[line]);
        recipients.collect()
    }

    fn recipients(&mut self, sender: &str) -> BTreeSet<String> {
        self.answer(sender).into_iter().map(str::to_owned).collect()
    }
}

/// What a future gives that has nothing to wait for.
fn ready<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("a model in memory waits for nothing"),
    }
}
