//! The Vector Remap Language, by `vrl`. The rules are a program, which is all that this language has for them: tables to
//! look things up in belong to Vector.
//!
//! The program is one list with an `if` for each rule, and the recipients are what is not null in it. A statement for
//! each rule would take longer to compile, since each is checked with all that the earlier ones may have done. The
//! kinds of the fields are told to the compiler, so that nothing is checked at run time.

use std::collections::{BTreeMap, BTreeSet};

use vrl::compiler::state::ExternalEnv;
use vrl::compiler::{
    CompileConfig, Program, TargetValue, TimeZone, compile_with_external, runtime::Runtime,
};
use vrl::value::kind::Collection;
use vrl::value::{KeyString, Kind, Secrets, Value};

use crate::peer::{Engine, Peer, Timed, Work};
use crate::rule::{Rule, Senders, halves, recipient_name};

pub fn vrl<'w>(work: &Work<'w>) -> Result<Box<dyn Peer + 'w>, String> {
    let fields = ["sender", "localpart", "server"];
    let kinds = fields.map(|field| (field.into(), Kind::bytes()));
    let kinds = Kind::object(BTreeMap::from(kinds));
    let no_metadata = Kind::object(Collection::empty());
    let environment = ExternalEnv::new_with_kind(kinds, no_metadata);
    let compiled = compile_with_external(
        &program(work.rules),
        &vrl::stdlib::all(),
        &environment,
        CompileConfig::default(),
    );
    let compiled = compiled.map_err(|faults| format!("{faults:?}"))?;
    Ok(Box::new(Timed {
        senders: work.senders,
        engine: Compiled {
            program: compiled.program,
            runtime: Runtime::default(),
        },
    }))
}

struct Compiled {
    program: Program,
    runtime: Runtime,
}

fn program(rules: &[Rule]) -> String {
    let rules = rules.iter().map(|rule| {
        let condition = match &rule.senders {
            Senders::User(user) => format!(".sender == \"{user}\""),
            Senders::Server(server) => format!(".server == \"{server}\""),
            Senders::Domain(end) => format!("ends_with(.server, \"{end}\")"),
            Senders::Prefix { prefix, server } => {
                format!(".server == \"{server}\" && starts_with(.localpart, \"{prefix}\")")
            }
            Senders::Part { part, end } => {
                format!("contains(.localpart, \"{part}\") && ends_with(.server, \"{end}\")")
            }
            Senders::Regex(regex) => format!("match(.sender, r'^(?:{regex})$')"),
        };
        let recipient = recipient_name(rule.recipient);
        format!("  {{ if {condition} {{ \"{recipient}\" }} }}")
    });
    format!("compact([\n{}\n])\n", rules.collect::<Vec<_>>().join(",\n"))
}

impl Engine for Compiled {
    type Answer<'a> = Value;

    fn answer(&mut self, sender: &str) -> Value {
        let (localpart, server) = halves(sender);
        let fields = [
            ("sender", sender),
            ("localpart", localpart),
            ("server", server),
        ];
        let fields = fields.map(|(key, value)| (KeyString::from(key), Value::from(value)));
        let mut target = TargetValue {
            value: Value::Object(fields.into()),
            metadata: Value::Object([].into()),
            secrets: Secrets::default(),
        };
        self.runtime.clear();
        let answer = self
            .runtime
            .resolve(&mut target, &self.program, &TimeZone::default());
        answer.expect("the program runs")
    }

    fn recipients(&mut self, sender: &str) -> BTreeSet<String> {
        let answer = self.answer(sender);
        let recipients = answer.as_array().expect("a list").iter();
        recipients
            .map(|recipient| recipient.to_string_lossy().into_owned())
            .collect()
    }
}
