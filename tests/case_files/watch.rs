//! `test --watch`: tests run again when a file changes.

use std::io::{BufRead as _, BufReader};
use std::process::Stdio;
use std::sync::mpsc::channel;
use std::time::Duration;

use super::{PASSES, RULES, setup};

#[test]
fn a_change_runs_the_tests_again() {
    let setup = setup(PASSES);
    let mut command = setup.command(&["test", "--watch"]);
    let mut child = (command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped()))
    .spawn()
    .expect("the program starts");
    let lines = BufReader::new(child.stderr.take().expect("a pipe")).lines();
    let (sender, receiver) = channel();
    let reading = std::thread::spawn(move || {
        for line in lines.map_while(Result::ok) {
            let _ = sender.send(line);
        }
    });
    // Long enough for any machine: what is awaited comes, or never.
    let next = || {
        receiver
            .recv_timeout(Duration::from_secs(60))
            .expect("a line")
    };
    let seen = (|| {
        let mut seen = vec![next(), next()];
        setup.write(
            "rules/rules.yaml",
            RULES.replace("[online, offline]", "offline"),
        );
        seen.extend([next(), next()]);
        // A file with a fault is reported, and mended.
        setup.write("rules/rules.yaml", "routes: [");
        while seen
            .last()
            .is_some_and(|line| !line.starts_with("error: the rules"))
        {
            seen.push(next());
        }
        seen.push(next());
        setup.write("rules/rules.yaml", RULES);
        while seen.last().is_some_and(|line| !line.starts_with("ran")) {
            seen.push(next());
        }
        seen
    })();
    child.kill().expect("it runs");
    child.wait().expect("it ends");
    reading.join().expect("reading ends");
    assert_eq!(
        seen[..4],
        [
            "ran 1 case: 1 passed",
            "waiting for changes; Ctrl-C ends",
            "ran 1 case: 1 failed",
            "waiting for changes; Ctrl-C ends",
        ]
    );
    assert_eq!(
        seen.last().map(String::as_str),
        Some("ran 1 case: 1 passed")
    );
}

#[test]
fn standard_input_cannot_be_watched() {
    let ran = setup(PASSES).run(&["test", "--watch", "-"], "");
    assert_eq!(ran.code, 2);
    assert_eq!(
        ran.err,
        "error: `--watch` cannot wait for changes of standard input: name a file\n"
    );
}
