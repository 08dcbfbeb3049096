//! `test --watch`: tests run again when a file changes.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Stdio};
use std::sync::mpsc::channel;
use std::time::Duration;

use super::{PASSES, RULES, setup};

/// A program that goes on until somebody ends it.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn a_change_runs_the_tests_again() {
    let setup = setup(PASSES);
    let mut command = setup.command(&["test", "--watch"]);
    let command = (command.stdin(Stdio::null()).stdout(Stdio::null())).stderr(Stdio::piped());
    let mut running = Running(command.spawn().expect("the program starts"));
    let lines = BufReader::new(running.0.stderr.take().expect("a pipe")).lines();
    let (sender, receiver) = channel();
    std::thread::spawn(move || {
        for line in lines.map_while(Result::ok) {
            let _ = sender.send(line);
        }
    });
    // Long enough for any machine: what is awaited comes, or never.
    let next = || {
        let line = receiver.recv_timeout(Duration::from_mins(1));
        line.expect("a line")
    };
    let until = |start: &str| {
        let mut line = next();
        while !line.starts_with(start) {
            line = next();
        }
        line
    };
    assert_eq!(next(), "ran 1 case: 1 passed");
    until("waiting for changes");
    let rules = RULES.replace("[online, offline]", "offline");
    setup.write("rules/rules.yaml", rules);
    assert_eq!(until("ran"), "ran 1 case: 1 failed");
    until("waiting for changes");
    // A file with a fault is reported, and mended.
    setup.write("rules/rules.yaml", "routes: [");
    until("error: the rules cannot be used");
    until("waiting for changes");
    setup.write("rules/rules.yaml", RULES);
    assert_eq!(until("ran"), "ran 1 case: 1 passed");
}

#[test]
fn standard_input_cannot_be_watched() {
    let ran = setup(PASSES).run(&["test", "--watch", "-"], "");
    assert_eq!(ran.code, 2);
    assert_eq!(
        ran.err,
        "error: `--watch` cannot wait for changes of standard input or of a pipe: name a file\n"
    );
}
