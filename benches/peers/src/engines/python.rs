//! Modules in Python, in a process of their own: `python_modules.py` says what they do. They read the rules and the
//! senders from files, and take the time themselves.

use std::collections::BTreeSet;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::ops::Range;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::Duration;

use serde_json::Value;

use crate::peer::{Peer, Work};
use crate::rule::recipient_name;

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/python_modules.py");

pub fn run_loop<'w>(work: &Work<'w>) -> Result<Box<dyn Peer + 'w>, String> {
    start(work, "loop")
}

pub fn good<'w>(work: &Work<'w>) -> Result<Box<dyn Peer + 'w>, String> {
    start(work, "good")
}

pub fn better<'w>(work: &Work<'w>) -> Result<Box<dyn Peer + 'w>, String> {
    start(work, "better")
}

pub fn remembering<'w>(work: &Work<'w>) -> Result<Box<dyn Peer + 'w>, String> {
    start(work, "remembering")
}

struct Module {
    process: Child,
    commands: ChildStdin,
    answers: BufReader<ChildStdout>,
}

fn start<'w>(work: &Work<'w>, module: &str) -> Result<Box<dyn Peer + 'w>, String> {
    let rules = work.rules.iter().map(|rule| {
        let mut json = rule.senders.json();
        json["recipient"] = recipient_name(rule.recipient).into();
        json
    });
    let (rules_file, senders_file) = (work.folder.join("rules.json"), work.folder.join("senders"));
    fs::write(&rules_file, Value::from_iter(rules).to_string())
        .map_err(|error| error.to_string())?;
    fs::write(&senders_file, work.senders.join("\n")).map_err(|error| error.to_string())?;
    let mut process = Command::new("python3")
        .arg(SCRIPT)
        .args([rules_file, senders_file])
        .arg(module)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|error| format!("python3: {error}"))?;
    let commands = process.stdin.take().expect("a pipe");
    let answers = BufReader::new(process.stdout.take().expect("a pipe"));
    let mut module = Module {
        process,
        commands,
        answers,
    };
    module.read();
    Ok(Box::new(module))
}

impl Module {
    fn ask(&mut self, command: &str) -> Value {
        writeln!(self.commands, "{command}").expect("the module reads");
        self.read()
    }

    fn read(&mut self) -> Value {
        let mut line = String::new();
        self.answers
            .read_line(&mut line)
            .expect("the module writes");
        serde_json::from_str(&line).expect("the module answers in JSON")
    }
}

impl Peer for Module {
    fn recipients(&mut self, sender: &str) -> BTreeSet<String> {
        let answer = self.ask(&format!("recipients {sender}"));
        serde_json::from_value(answer).expect("user IDs")
    }

    fn time(&mut self, senders: Range<usize>) -> Duration {
        let answer = self.ask(&format!("time {} {}", senders.start, senders.len()));
        Duration::from_nanos(answer.as_u64().expect("nanoseconds"))
    }
}

impl Drop for Module {
    fn drop(&mut self) {
        // It waits for a command that will not come.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
