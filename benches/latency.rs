//! How long the program takes to start, and how long one update of a stream takes from pipe to pipe.
//!
//! Run it with `cargo bench --bench latency`. Beside it, a program that does nothing is started, and `cat` hands lines
//! through: what those take is the system's. All figures are medians of one run on one machine, in microseconds.

#![allow(clippy::print_stdout, reason = "benches are read by people")]

mod work;

use std::fs::{self, File};
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

const STARTS: usize = 101;
const LINES: usize = 10_001;

fn main() {
    let folder = tempfile::tempdir().expect("a folder");
    let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("rules");
    let many = folder.path().join("10000.yaml");
    fs::write(&many, work::rules(10_000)).expect("room for the rules");

    println!("start, and end of an empty input");
    tell(
        "a program that does nothing",
        start(&mut Command::new("true")),
    );
    tell("route, the shipped rules", start(&mut route(&shipped)));
    tell("route, 10,000 rules", start(&mut route(&many)));

    println!("\none update in, one line out");
    tell("cat", round_trip(&mut Command::new("cat")));
    tell("route, the shipped rules", round_trip(&mut route(&shipped)));
    tell("route, 10,000 rules", round_trip(&mut route(&many)));
}

fn tell(name: &str, mut times: Vec<Duration>) {
    times.sort();
    let median = times[times.len() / 2].as_secs_f64() * 1e6;
    let late = times[times.len() * 99 / 100].as_secs_f64() * 1e6;
    println!("  {name:<32} {median:>10.0} µs  (99 of 100 within {late:.0} µs)");
}

fn route(rules: &Path) -> Command {
    let mut program = Command::new(env!("CARGO_BIN_EXE_presence-router"));
    program.args(["route", "--by", "update", "-r"]).arg(rules);
    program
}

fn start(program: &mut Command) -> Vec<Duration> {
    let run = |_| {
        let null = || Stdio::from(File::open("/dev/null").expect("nothing to read"));
        let start = Instant::now();
        let status = program.stdin(null()).stdout(Stdio::null()).status();
        assert!(status.expect("the program runs").success());
        start.elapsed()
    };
    (0..STARTS).map(run).collect()
}

/// Each line is written when the answer to the one before was read.
fn round_trip(program: &mut Command) -> Vec<Duration> {
    let program = program.stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut program = program.spawn().expect("the program starts");
    let mut input = program.stdin.take().expect("a pipe");
    let mut output = BufReader::new(program.stdout.take().expect("a pipe"));
    let mut answer = String::new();
    let mut times = Vec::new();
    for line in work::updates(LINES).lines() {
        let line = format!("{line}\n");
        let start = Instant::now();
        input.write_all(line.as_bytes()).expect("the program reads");
        answer.clear();
        output.read_line(&mut answer).expect("the program answers");
        times.push(start.elapsed());
        assert!(answer.contains(line.trim_end()), "{answer}");
    }
    drop(input);
    assert!(program.wait().expect("the program ends").success());
    // The program has started when it has answered once.
    times.split_off(1)
}
