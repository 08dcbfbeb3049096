//! Whether the program became slower: the instructions that it takes, beside those of an earlier commit.
//!
//! `cargo bench --bench instructions` compares with the commit before, and `-- --base REV` with another one. It fails
//! if some job takes over 10% more. Instructions are no times, but they are the same on a busy machine as on an idle
//! one. It takes Valgrind, whose tool Callgrind counts them.

#![allow(clippy::print_stdout, reason = "benches are read by people")]

mod work;

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

/// So much more is a loss.
const MOST_GROWTH: f64 = 1.10;

/// One way to use the program: what it is, and its arguments, files by their names in the folder of the work.
const JOBS: [(&str, &[&str]); 9] = [
    ("start", &["route", "-r", "10.yaml", "/dev/null"]),
    (
        "read 10,000 rules",
        &["route", "-r", "10000.yaml", "/dev/null"],
    ),
    (
        "route by update",
        &[
            "route",
            "-r",
            "1000.yaml",
            "--by",
            "update",
            "updates.ndjson",
        ],
    ),
    (
        "route by recipient",
        &["route", "-r", "1000.yaml", "updates.ndjson"],
    ),
    (
        "route, each sender once",
        &[
            "route",
            "-r",
            "1000.yaml",
            "--by",
            "none",
            "strangers.ndjson",
        ],
    ),
    (
        "route, records of all kinds",
        &["route", "-r", "1000.yaml", "--by", "update", "mixed.json"],
    ),
    (
        "interested",
        &["interested", "-r", "patterns.yaml", "-u", "users.txt", "-"],
    ),
    ("check", &["check", "--no-prove", "1000.yaml"]),
    ("check with proofs", &["check", "300.yaml"]),
];

fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args().collect();
    let base = arguments.iter().position(|text| text == "--base");
    let base = base.map_or("HEAD~1", |at| arguments.get(at + 1).expect("a commit"));
    let base = build(base);
    let folder = tempfile::tempdir().expect("a folder");
    write_work(folder.path());

    println!("instructions, in millions");
    println!("{:<30} {:>10} {:>10} {:>7}", "", "before", "now", "ratio");
    let mut is_slower = false;
    for (name, arguments) in JOBS {
        let before = instructions(&base, &understood(&base, arguments), folder.path());
        let now = instructions(
            Path::new(env!("CARGO_BIN_EXE_presence-router")),
            arguments,
            folder.path(),
        );
        let ratio = now / before;
        let mark = if ratio > MOST_GROWTH { "  slower" } else { "" };
        is_slower |= ratio > MOST_GROWTH;
        println!(
            "{name:<30} {:>10.1} {:>10.1} {ratio:>7.3}{mark}",
            before / 1e6,
            now / 1e6
        );
    }
    if is_slower {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    }
}

/// The program as it was at a commit.
fn build(revision: &str) -> PathBuf {
    let project = Path::new(env!("CARGO_MANIFEST_DIR"));
    let target = project.join("target/instructions");
    let sources = target.join("sources");
    let git = |arguments: &[&str]| {
        let mut git = Command::new("git");
        git.current_dir(project).args(arguments);
        git
    };
    let sources_text = sources.to_str().expect("a path in UTF-8");
    // What an interrupted run has left.
    let remove = || git(&["worktree", "remove", "--force", sources_text]).output();
    remove().expect("git runs");
    git(&["worktree", "prune"]).output().expect("git runs");
    succeed(&mut git(&[
        "worktree",
        "add",
        "--quiet",
        "--detach",
        sources_text,
        revision,
    ]));
    succeed(
        Command::new(env!("CARGO"))
            .args(["build", "--release", "--locked", "--target-dir"])
            .arg(&target)
            .current_dir(&sources),
    );
    remove().expect("git runs");
    target.join("release/presence-router")
}

/// The same arguments for a program from before `-u` had its name, which was `-d`.
fn understood<'a>(program: &Path, arguments: &[&'a str]) -> Vec<&'a str> {
    let help = Command::new(program)
        .args([arguments[0], "--help"])
        .output();
    let help = String::from_utf8(help.expect("the program runs").stdout).expect("UTF-8");
    let is_old = !help.contains("--known-users");
    let renamed = |argument: &&'a str| match *argument {
        "-u" if is_old => "-d",
        argument => argument,
    };
    arguments.iter().map(renamed).collect()
}

fn succeed(command: &mut Command) {
    let status = command.status();
    let status = status.unwrap_or_else(|error| panic!("{command:?} does not start: {error}"));
    assert!(status.success(), "{command:?} fails");
}

/// How many instructions a run of the program takes.
fn instructions(program: &Path, arguments: &[&str], folder: &Path) -> f64 {
    let mut arguments = arguments.to_vec();
    if arguments[0] == "route" {
        arguments.extend(["--threads", "1"]);
    }
    let asking = fs::File::open(folder.join("asking.txt")).expect("it was written");
    work::instructions(program, &arguments, |command| {
        command.current_dir(folder).stdin(asking);
    })
}

/// The files that the jobs read.
fn write_work(folder: &Path) {
    let write = |name: &str, text: &str| {
        fs::write(folder.join(name), text).expect("room for the work");
    };
    for size in [10, 300, 1_000, 10_000] {
        write(&format!("{size}.yaml"), &work::rules(size));
    }
    write("updates.ndjson", &work::updates(50_000));
    let (mut strangers, mut mixed) = (String::new(), String::new());
    let (mut users, mut asking) = (String::new(), String::new());
    for number in 0..20_000 {
        let user = work::user(number);
        let flat = format!("{{\"user_id\":\"{user}\",\"state\":\"online\"}}");
        let _ = writeln!(strangers, "{flat}");
        let entry = format!("{{\"user_id\": \"{user}\", \"presence\": \"online\"}}");
        let _ = match number % 4 {
            0 => writeln!(mixed, "{flat}"),
            1 => writeln!(
                mixed,
                "{{\"type\": \"m.presence\", \"sender\": \"{user}\", \"content\": {{\"presence\": \"online\"}}}}"
            ),
            2 => writeln!(
                mixed,
                "{{\"edu_type\": \"m.presence\", \"content\": {{\"push\": [{entry}, {entry}]}}}}"
            ),
            _ => writeln!(mixed, "[\n  {entry},\n  {{\"user_id\": 1}}\n]"),
        };
        let _ = writeln!(users, "{user}");
        if number % 4 == 0 {
            let _ = writeln!(asking, "{user}");
        }
    }
    write("strangers.ndjson", &strangers);
    write("mixed.json", &mixed);
    write("users.txt", &users);
    write("asking.txt", &asking);
    write(
        "patterns.yaml",
        "routes:\n- {senders: {server: s1.h1.example}, recipients: '@bot-*7:*.example'}\n\
         interests:\n- {users: '@desk-*:*', in: '@user4:s4.h4.example'}\n",
    );
}
