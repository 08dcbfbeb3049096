//! The program, as admins run it.

use std::collections::HashMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde::Deserialize;
use serde_json::value::RawValue;

use super::engine::{Answers, Engine, Loaded, interested};
use super::format::{Case, texts};
use crate::plain::{Interested, Routed};

pub struct ByBinary;

/// The exit code of a command that could not run.
const NOT_RUN: Option<i32> = Some(2);

/// So many routes are named that need known users, and the others are counted.
const MOST_NAMED: usize = 5;

impl Engine for ByBinary {
    fn name(&self) -> &'static str {
        "binary"
    }

    fn answer(&self, case: &Case, _: &Loaded) -> Answers {
        let run = Run::new(case, "answer");
        let mut answers = Answers::default();
        if !case.needs_known_users.is_empty() {
            let refused = run.command(&["route"], "");
            assert_eq!(refused.status.code(), NOT_RUN, "{}: {refused:?}", case.name);
            let message = String::from_utf8_lossy(&refused.stderr).into_owned();
            assert!(
                message.contains("--known-users"),
                "the remedy is missing: {message}"
            );
            let named = |name: &&String| message.contains(&format!("`{name}`"));
            let needs = &case.needs_known_users;
            let all_named = needs.iter().take(MOST_NAMED).all(|name| named(&name));
            answers.needs_known_users = if all_named {
                needs.clone()
            } else {
                vec![message]
            };
        }
        if !case.route.is_empty() {
            let input: String = case.route.iter().map(|sent| sent.json() + "\n").collect();
            let output = run.answer(&["route", "--by", "update", "--why"], &input);
            answers.route = output.lines().map(routed).collect();
        }
        if !case.interested.is_empty() {
            answers.interested = asked(&run, &case.asking().collect::<Vec<_>>());
        }
        if let Some(batch) = &case.batch {
            answers.batch = by_recipient(&run.answer(&["route"], &batch.updates.join("\n")), case);
        }
        answers
    }

    fn refuses(&self, case: &Case, text: &str) -> bool {
        let output = Run::new(case, "answer").command(&["interested", text], "");
        output.status.code() == Some(1) && output.stdout.is_empty()
    }
}

/// What `check` finds, as it says it, without the messages; and whether there is an error among it.
pub fn check(case: &Case) -> (Vec<String>, bool) {
    let run = Run::new(case, "check");
    let mut command = Command::new(env!("CARGO_BIN_EXE_presence-router"));
    command
        .args(["check", "--format", "concise"])
        .args(&run.files);
    let output = command
        .current_dir(&run.folder)
        .output()
        .expect("the program runs");
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    let findings = (text.lines())
        .filter_map(|line| {
            line.split_once("]: ")
                .map(|(finding, _)| format!("{finding}]"))
        })
        .collect();
    (findings, output.status.code() == Some(1))
}

/// A case's files, written to a folder of their own.
struct Run {
    folder: PathBuf,
    files: Vec<String>,
    has_known_users: bool,
}

impl Run {
    /// `purpose` keeps apart tests that run the same case at the same time.
    fn new(case: &Case, purpose: &str) -> Self {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR"))
            .join("cases")
            .join(purpose);
        let folder = folder.join(&case.name);
        let files = case.rules.files();
        for (name, text) in files.iter().chain(&texts(&case.files)) {
            let path = folder.join(name);
            std::fs::create_dir_all(path.parent().expect("a folder"))
                .expect("a folder for the case");
            std::fs::write(path, text).expect("writing a file of the case");
        }
        if let Some(users) = &case.known_users {
            // As JSON, since a localpart of old may hold a line break.
            let users = serde_json::to_string(users).expect("JSON");
            std::fs::write(folder.join("users.json"), users).expect("writing the known users");
        }
        Self {
            folder,
            files: files.into_iter().map(|(name, _)| name).collect(),
            has_known_users: case.known_users.is_some(),
        }
    }

    fn command(&self, args: &[&str], input: &str) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_presence-router"));
        command.args(args);
        for file in &self.files {
            command.args(["--rules", file]);
        }
        if self.has_known_users {
            command.args(["--known-users", "users.json"]);
        }
        let mut child = (command.current_dir(&self.folder))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program runs");
        // One that refuses to run does not read its input.
        let _ = child
            .stdin
            .take()
            .expect("a pipe")
            .write_all(input.as_bytes());
        child.wait_with_output().expect("the program ends")
    }

    fn answer(&self, args: &[&str], input: &str) -> String {
        let output = self.command(args, input);
        assert!(
            output.status.success(),
            "{}: {args:?}: {output:?}",
            self.folder.display()
        );
        String::from_utf8(output.stdout).expect("UTF-8")
    }
}

fn routed(line: &str) -> Routed {
    #[derive(Deserialize)]
    struct Line {
        recipients: Vec<String>,
        routes: Vec<String>,
    }
    let Line { recipients, routes } = serde_json::from_str(line).expect("a line of `route`");
    Routed { recipients, routes }
}

/// The answers to all users at once, or if these are refused for want of known users, to each of them.
fn asked(run: &Run, users: &[&str]) -> Vec<Interested> {
    let mut args = vec!["interested"];
    args.extend(users);
    let output = run.command(&args, "");
    if output.status.success() {
        let lines = String::from_utf8(output.stdout).expect("UTF-8");
        return lines.lines().map(may_see).collect();
    }
    assert_eq!(output.status.code(), NOT_RUN, "{args:?}: {output:?}");
    let message = String::from_utf8_lossy(&output.stderr).into_owned();
    let has_remedy = message.contains("known_users:") && message.contains("--known-users");
    assert!(has_remedy, "{args:?}: {message}");
    assert!(output.stdout.is_empty(), "{args:?}: {output:?}");
    match users {
        [_] => vec![Interested::NeedsKnownUsers],
        _ => users.iter().flat_map(|user| asked(run, &[user])).collect(),
    }
}

fn may_see(line: &str) -> Interested {
    let answer: serde_yaml::Value = serde_yaml::from_str(line).expect("a line of `interested`");
    interested(&answer["interested"])
}

fn by_recipient(output: &str, case: &Case) -> Vec<(String, Vec<usize>)> {
    let without_spaces = |json: &str| json.replace(' ', "");
    let updates: Vec<_> = case.batch.iter().flat_map(|batch| &batch.updates).collect();
    let index_of = |json: &&RawValue| {
        (updates.iter())
            .position(|update| without_spaces(update) == without_spaces(json.get()))
            .expect("an update of the input")
    };
    // The one for the order of the keys, the other for what was written.
    let in_order: serde_yaml::Mapping = serde_yaml::from_str(output).expect("a JSON object");
    let values: HashMap<String, Vec<&RawValue>> = serde_json::from_str(output).expect("JSON");
    (in_order.keys())
        .map(|user| {
            let user = user.as_str().expect("a user ID");
            (user.to_owned(), values[user].iter().map(index_of).collect())
        })
        .collect()
}
