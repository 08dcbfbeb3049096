//! Rego, the language of the Open Policy Agent, by `regorus`. The rules are data, and the policy is the same for all
//! of them.
//!
//! As OPA advises, the data are objects and not arrays wherever there is something to look up: users, servers, and what
//! server names end in, all ends of one being tried. Only where the key is inside a text, each rule is tried. The
//! localpart and the server name come with the input.
//!
//! The policy runs in the register machine (`rvm`), which is quicker than the interpreter. The machine is kept, and the
//! regular expressions that it has compiled are too.

use std::collections::{BTreeMap, BTreeSet};

use regorus::languages::rego::compiler::Compiler;
use regorus::rvm::vm::RegoVM;
use regorus::{Engine as Policies, Rc, Value};
use serde_json::json;

use crate::peer::{Engine, Peer, Timed, Work};
use crate::rule::{Rule, Senders, halves, recipient_name};

const POLICY: &str = include_str!("router.rego");
const ENTRY: &str = "data.router.recipients";

pub fn rego<'w>(work: &Work<'w>) -> Result<Box<dyn Peer + 'w>, String> {
    let machine = machine(work.rules).map_err(|error| error.to_string())?;
    Ok(Box::new(Timed {
        senders: work.senders,
        engine: machine,
    }))
}

struct Machine(RegoVM);

fn machine(rules: &[Rule]) -> Result<Machine, Box<dyn std::error::Error>> {
    regorus::cache::configure(regorus::cache::Config {
        regex: regorus::cache::Config::MAX_CAPACITY,
        glob: 0,
    });
    let data = Value::from_json_str(&data(rules).to_string())?;
    let mut policies = Policies::new();
    policies.add_policy("router.rego".into(), POLICY.into())?;
    policies.add_data(data.clone())?;
    let policy = policies.compile_with_entrypoint(&Rc::from(ENTRY))?;
    let mut machine = RegoVM::new();
    machine.load_program(Compiler::compile_from_policy(&policy, &[ENTRY])?);
    machine.set_data(data)?;
    machine.set_max_instructions(usize::MAX);
    Ok(Machine(machine))
}

fn data(rules: &[Rule]) -> serde_json::Value {
    let mut data = json!({
        "users": {}, "servers": {}, "prefixes": {}, "domains": {}, "parts": [], "regexes": [],
    });
    for rule in rules {
        let recipient = recipient_name(rule.recipient);
        let (list, entry) = match &rule.senders {
            Senders::User(user) => (&mut data["users"][user], json!(recipient)),
            Senders::Server(server) => (&mut data["servers"][server], json!(recipient)),
            Senders::Domain(end) => (&mut data["domains"][end], json!(recipient)),
            Senders::Prefix { prefix, server } => (
                &mut data["prefixes"][server],
                json!({"prefix": prefix, "recipient": recipient}),
            ),
            Senders::Part { part, end } => (
                &mut data["parts"],
                json!({"part": part, "end": end, "recipient": recipient}),
            ),
            Senders::Regex(regex) => (
                &mut data["regexes"],
                json!({"regex": format!("^(?:{regex})$"), "recipient": recipient}),
            ),
        };
        if list.is_null() {
            *list = json!([]);
        }
        list.as_array_mut().expect("a list").push(entry);
    }
    data
}

impl Engine for Machine {
    type Answer<'a> = Value;

    fn answer(&mut self, sender: &str) -> Value {
        let (localpart, server) = halves(sender);
        let input = [
            ("sender", sender),
            ("localpart", localpart),
            ("server", server),
        ];
        let input = input.map(|(key, value)| (Value::from(key), Value::from(value)));
        self.0.set_input(BTreeMap::from(input).into());
        self.0.execute().expect("the policy runs")
    }

    fn recipients(&mut self, sender: &str) -> BTreeSet<String> {
        let answer = self.answer(sender);
        let recipients = answer.as_set().expect("a set").iter();
        recipients
            .map(|recipient| recipient.as_string().expect("a user ID").to_string())
            .collect()
    }
}
