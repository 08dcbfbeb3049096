//! `check --watch`: rules are checked again when something changes that is read, and only then.

use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::process::{Child, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use super::{ALL_TO_R, Setup};

const FAULTY: &str = "routes: [{senders: all, recipients: '@r:x.example', when: {state: onlin}}]";

/// A program that goes on until somebody ends it, and what it says on standard error.
struct Running {
    child: Child,
    lines: Receiver<String>,
}

impl Running {
    fn start(setup: &Setup, arguments: &[&str], stdout: Stdio) -> Self {
        let mut command = setup.command(arguments);
        let command = command.stdin(Stdio::null()).stdout(stdout);
        let mut child = command
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let said = BufReader::new(child.stderr.take().expect("a pipe")).lines();
        let (sender, lines) = channel();
        std::thread::spawn(move || {
            for line in said.map_while(Result::ok) {
                let _ = sender.send(line);
            }
        });
        Self { child, lines }
    }

    /// The next line. The wait is long enough for any machine: what is awaited comes, or never.
    fn next(&self) -> String {
        let line = self.lines.recv_timeout(Duration::from_mins(1));
        line.expect("a line")
    }

    /// Reads on to a line that starts with this.
    fn until(&self, start: &str) -> String {
        // An editor writes in several steps, of which the first may be seen.
        for _ in 0..20 {
            let line = self.next();
            if line.starts_with(start) {
                return line;
            }
        }
        panic!("no line starts with `{start}`");
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

const WAITING: &str = "waiting for changes; Ctrl-C ends";

#[test]
fn check_runs_again_when_a_file_changes() {
    let setup = Setup::new(ALL_TO_R);
    setup.write("users.txt", "@a:x.example\n");
    let running = Running::start(
        &setup,
        &["check", "--watch", "-u", "users.txt"],
        Stdio::null(),
    );
    let first = running.next();
    assert!(first.starts_with("checked 1 file: "), "{first}");
    assert_eq!(running.next(), WAITING);
    setup.write("rules/rules.yaml", FAULTY);
    running.until("checked 1 file: 3 warnings");
    running.until(WAITING);
    // Another rule file, and the users.
    setup.write("rules/more/other.yml", "routes: []\n");
    running.until("checked 2 files: 3 warnings");
    running.until(WAITING);
    setup.write("users.txt", "nobody\n");
    running.until("checked 2 files: 1 error and 2 warnings");
}

/// What is written into the folder that is watched, by this program or by another, is no change of what is read.
#[test]
fn what_is_not_read_is_no_change() {
    for (arguments, redirected) in [
        (&["check", "--watch", "."][..], true),
        (&["check", "--watch", "--output", "report", "."], false),
        (&["check", "--watch", "-o", "rules/report.txt"], false),
    ] {
        let setup = Setup::new(FAULTY);
        setup.write("report.txt", "");
        let report = File::create(setup.folder.path().join("report.txt")).expect("a file");
        let stdout = if redirected {
            report.into()
        } else {
            Stdio::null()
        };
        let running = Running::start(&setup, arguments, stdout);
        running.until("checked 1 file: ");
        running.until(WAITING);
        setup.write("notes.txt", "of somebody\n");
        setup.write("rules/.rules.yaml.swp", "of an editor\n");
        // A second run would be over by then, and an endless row of them would have begun.
        let more = running.lines.recv_timeout(Duration::from_secs(2));
        assert!(more.is_err(), "{arguments:?}: {more:?}");
        setup.write("rules/rules.yaml", "routes: [");
        running.until("checked 1 file: ");
    }
}
