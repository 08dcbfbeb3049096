//! What it costs that updates reach many users, and that many users are known.
//!
//! Run it with `cargo bench --bench fan_out`, and with `-- known-users` for the second part alone. The deliveries go through a pipe, as to any program that takes them, and
//! what they cost is compared with a loop that writes as many bytes to such a pipe and does nothing else. All figures
//! are of one run on one machine; only the ratios mean something elsewhere.

#![allow(clippy::print_stdout, reason = "benches are read by people")]
#![allow(clippy::cast_precision_loss, reason = "figures for people")]

mod work;

use std::fmt::Write as _;
use std::fs;
use std::io::{Read, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use presence_router::known_users::KnownUsers;
use presence_router::router::{Interested, Router, Scratch};
use presence_router::rules;
use presence_router::source::Sources;
use presence_router::user_id::UserId;

const UPDATES: usize = 10_000;
const RECIPIENTS: usize = 10_000;
const ROUNDS: usize = 3;

const KNOWN: usize = 1_000_000;
const ASKED: usize = 100_000;

/// How many bytes go through a pipe at once.
const CHUNK_BYTES: usize = 1024 * 1024;

fn main() {
    let folder = tempfile::tempdir().expect("a folder");
    if !std::env::args().any(|text| text == "known-users") {
        deliveries(folder.path());
    }
    known_users(folder.path());
}

/// A hundred million deliveries.
fn deliveries(folder: &Path) {
    println!("{UPDATES} updates that each reach {RECIPIENTS} recipients");
    println!("{:<46} {:>8} {:>7} {:>12}", "", "bytes", "s", "to the loop");
    let input = folder.join("updates.ndjson");
    fs::write(&input, short_updates()).expect("room for the updates");
    for (name, rules) in [
        ("the same recipients", one_group()),
        ("a hundred groups of recipients", a_hundred_groups()),
    ] {
        let file = folder.join("rules.yaml");
        fs::write(&file, rules).expect("room for the rules");
        for by in ["recipient", "update"] {
            let routed = timed(|| route(&file, &input, by));
            let loops = timed(|| write(routed.0));
            let ratio = routed.1.as_secs_f64() / loops.1.as_secs_f64();
            println!(
                "{:<46} {:>7.1}G {:>7.2} {ratio:>12.2}",
                format!("{name}, --by {by}"),
                routed.0 as f64 / 1e9,
                routed.1.as_secs_f64()
            );
        }
    }
}

/// With no more than is needed: gigabytes come of them.
fn short_updates() -> String {
    let lines = (0..UPDATES).map(|number| {
        let user = work::user(number);
        format!("{{\"user_id\":\"{user}\",\"state\":\"online\"}}\n")
    });
    lines.collect()
}

/// All updates go to the same users.
fn one_group() -> String {
    let mut rules = String::from("routes:\n- senders: all\n  recipients:\n");
    for number in 0..RECIPIENTS {
        writeln!(rules, "  - \"@screen-{number}:here.example\"").expect("memory");
    }
    rules
}

/// Of a few more users, each of a hundred kinds of senders reaches others, so that hardly two users get the same.
fn a_hundred_groups() -> String {
    let mut rules = String::from("routes:\n");
    for kind in 0..100 {
        writeln!(
            rules,
            "- senders: {{glob: \"@*{kind:02}:*\"}}\n  recipients:"
        )
        .expect("memory");
        for number in kind..kind + RECIPIENTS {
            writeln!(rules, "  - \"@screen-{number}:here.example\"").expect("memory");
        }
    }
    rules
}

fn route(rules: &Path, input: &Path, by: &str) -> u64 {
    let mut program = Command::new(env!("CARGO_BIN_EXE_presence-router"));
    program.args(["route", "--by", by, "--threads", "1", "-r"]);
    let mut program = (program.arg(rules).arg(input))
        .stdout(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let read = drain(program.stdout.take().expect("a pipe"));
    assert!(program.wait().expect("the program ends").success());
    read
}

/// Writes so many bytes to a pipe from another thread.
fn write(bytes: u64) -> u64 {
    let (reader, mut writer) = std::io::pipe().expect("a pipe");
    std::thread::scope(|scope| {
        scope.spawn(move || {
            let chunk = vec![b'x'; CHUNK_BYTES];
            let mut left = bytes;
            while left > 0 {
                let part = left.min(CHUNK_BYTES as u64);
                (writer.write_all(&chunk[..part as usize])).expect("somebody reads");
                left -= part;
            }
        });
        drain(reader)
    })
}

fn drain(mut pipe: impl Read) -> u64 {
    let mut chunk = vec![0; CHUNK_BYTES];
    let mut all = 0;
    loop {
        match pipe.read(&mut chunk).expect("a pipe can be read") {
            0 => return all,
            read => all += read as u64,
        }
    }
}

/// What came of it, and how long it took.
fn timed<T>(run: impl FnOnce() -> T) -> (T, Duration) {
    let start = Instant::now();
    (run(), start.elapsed())
}

/// The same of several rounds, with the median.
fn rounds<T>(mut run: impl FnMut() -> T) -> (T, Duration) {
    let mut times = Vec::new();
    let mut last = None;
    for _ in 0..ROUNDS {
        let start = Instant::now();
        last = Some(run());
        times.push(start.elapsed());
    }
    times.sort();
    (last.expect("there are rounds"), times[ROUNDS / 2])
}

/// A router over a million known users, whose recipients and senders are patterns.
fn known_users(folder: &Path) {
    const RULES: &str = "
routes:
- {senders: {server: s1.h1.example}, recipients: '@bot-*7:*.example'}
- {senders: '@bot-user1234*:*', recipients: {regex: '@svcuser[0-9]+00:s[0-9]+\\.h2\\.example'}}
- {senders: ['@user4:s4.h4.example', '@desk-user7:s7.h7.example'], recipients: {server: '*.h5.example'}}
interests:
- {users: '@desk-*:*', in: ['@user4:s4.h4.example', '@user8:s8.h8.example']}
";
    let file = folder.join("users.txt");
    let users: Vec<_> = (0..KNOWN).map(work::user).collect();
    fs::write(&file, users.join("\n")).expect("room for the users");
    let mut sources = Sources::default();
    sources.add("rules.yaml", RULES);
    let (rule_set, findings) = rules::read(&sources);
    assert!(findings.is_empty(), "{findings:?}");

    let before = resident_bytes();
    let (known, read) = rounds(|| {
        let mut known = KnownUsers::default();
        let text = fs::read_to_string(&file).expect("it was written");
        assert!(known.add_text(&text).is_empty());
        known
    });
    let compile = |known: &KnownUsers| Router::new(&rule_set, &sources, Some(known));
    let (router, built) = rounds(|| compile(&known).expect("rules without errors"));
    drop(known);
    let bytes = before.and_then(|before| Some(resident_bytes()?.saturating_sub(before) / KNOWN));
    println!("\n{KNOWN} known users, whom patterns are looked up in");
    println!("read in {:.2} s", read.as_secs_f64());
    println!("compiled in {:.2} s", built.as_secs_f64());
    if let Some(bytes) = bytes {
        println!("{bytes} bytes a user, the text of its ID included");
    }

    let mut scratch = Scratch::default();
    let (seen, took) = rounds(|| {
        let mut seen = 0;
        for user in users.iter().step_by(KNOWN / ASKED) {
            let user = UserId::parse(user).expect("a user ID");
            match router
                .interested(user, &mut scratch)
                .expect("there are known users")
            {
                Interested::Users(users) => seen += users.len(),
                Interested::All(_) => unreachable!("there are known users"),
            }
        }
        seen
    });
    println!(
        "{ASKED} users asked whose presence they may see, {:.1} users on average: {:.0} a second",
        seen as f64 / ASKED as f64,
        ASKED as f64 / took.as_secs_f64()
    );
}

/// The memory of this process that is in use, where the system tells.
fn resident_bytes() -> Option<usize> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kilobytes: usize = line.split_whitespace().next()?.parse().ok()?;
    Some(1024 * kilobytes)
}
