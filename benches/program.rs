//! What the whole program costs for a million updates, beside a bare loop that parses the same bytes and does nothing
//! else: sonic-rs, one of the quickest JSON readers there are, into a type with two fields.
//!
//! Run it with `cargo bench --bench program`, and add texts to time only what has one of them in its name. All figures are
//! medians of one run on one machine, in nanoseconds an update. Only the ratios mean something elsewhere; each is the
//! median of those of the rounds, since a machine is quicker in one minute than in the next.

#![allow(clippy::print_stdout, reason = "benches are read by people")]

mod work;

use std::fs::{self, File};
use std::hint::black_box;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use serde::Deserialize;

const UPDATES: u32 = 1_000_000;
const ROUNDS: usize = 9;

/// What is read of an update at the least.
#[derive(Deserialize)]
struct TwoFields<'a> {
    #[serde(borrow)]
    user_id: std::borrow::Cow<'a, str>,
    #[serde(borrow)]
    state: std::borrow::Cow<'a, str>,
}

/// Something to be timed.
struct Contender<'a> {
    name: String,
    run: Box<dyn FnMut() + 'a>,
}

fn main() {
    let folder = tempfile::tempdir().expect("a folder");
    let input = folder.path().join("updates.ndjson");
    let updates = work::updates(UPDATES as usize);
    fs::write(&input, &updates).expect("room for the updates");
    let mut contenders = vec![
        bare("sonic-rs, two fields", &updates, |line| {
            let update: TwoFields<'_> = sonic_rs::from_str(line).expect("JSON");
            black_box((update.user_id, update.state));
        }),
        bare("serde_json, two fields", &updates, |line| {
            let update: TwoFields<'_> = serde_json::from_str(line).expect("JSON");
            black_box((update.user_id, update.state));
        }),
    ];
    for rules in [10, 10_000, 100_000] {
        let file = folder.path().join(format!("{rules}.yaml"));
        fs::write(&file, work::rules(rules)).expect("room for the rules");
        for (by, threads) in [("update", 1), ("update", 2), ("recipient", 1), ("none", 1)] {
            let (input, file) = (&input, file.clone());
            let name = format!("route --by {by} --threads {threads}, {rules} rules");
            let run = Box::new(move || route(&file, input, by, threads));
            contenders.push(Contender { name, run });
        }
        let (empty, file) = (folder.path().join("empty"), file.clone());
        fs::write(&empty, "").expect("room for nothing");
        let name = format!("start with {rules} rules, no updates");
        let run = Box::new(move || route(&file, &empty, "update", 1));
        contenders.push(Contender { name, run });
    }
    // What Cargo adds is an option.
    let wanted: Vec<_> = std::env::args()
        .skip(1)
        .filter(|text| !text.starts_with('-'))
        .collect();
    let mut index = 0;
    contenders.retain(|contender| {
        index += 1;
        index == 1 || wanted.is_empty() || wanted.iter().any(|text| contender.name.contains(text))
    });
    report(contenders);
}

/// A loop over lines that are in memory.
fn bare<'a>(name: &str, updates: &'a str, parse: impl Fn(&str) + 'a) -> Contender<'a> {
    let run = Box::new(move || updates.lines().for_each(&parse));
    let name = format!("loop: {name}");
    Contender { name, run }
}

fn route(rules: &Path, input: &Path, by: &str, threads: usize) {
    let mut program = Command::new(env!("CARGO_BIN_EXE_presence-router"));
    program.args(["route", "--by", by, "--threads", &threads.to_string(), "-r"]);
    let null = File::create("/dev/null").expect("a sink");
    let status = (program.arg(rules).arg(input))
        .stdout(Stdio::from(null))
        .status();
    assert!(status.expect("the program runs").success());
}

/// Takes turns, so that what else the machine does is shared out evenly, and prints the medians.
fn report(mut contenders: Vec<Contender<'_>>) {
    let mut times = vec![Vec::new(); contenders.len()];
    for _ in 0..ROUNDS {
        for (contender, times) in contenders.iter_mut().zip(&mut times) {
            let start = Instant::now();
            (contender.run)();
            // A million updates: what takes a second takes a microsecond each.
            times.push(start.elapsed().as_secs_f64() * 1e9 / f64::from(UPDATES));
        }
    }
    println!("{:<48} {:>10} {:>14}", "", "ns/update", "to the loop");
    for (contender, own) in contenders.iter().zip(&times) {
        let ratios = own.iter().zip(&times[0]).map(|(own, bare)| own / bare);
        let (time, ratio) = (median(own.clone()), median(ratios.collect()));
        println!("{:<48} {time:>10.0} {ratio:>14.2}", contender.name);
    }
}

fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}
