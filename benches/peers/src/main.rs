//! Other engines on the work of presence-router's benches, all in one run on one machine.
//!
//! The task is the question of a presence router: whom do the updates of this sender reach? Rules and senders are those
//! of `benches/work`. The engines answer the same for a sample of senders first; then they are timed in turns.
//!
//! It prints tables, and writes `figures.json` beside its manifest. Arguments are names of engines, or parts of them;
//! only those are run then, besides this project, and nothing is written.

mod check;
mod engines;
mod measure;
mod peer;
mod recipients;
mod report;
mod rule;
#[path = "../../work/mod.rs"]
mod work;

use std::env;
use std::time::Instant;

use crate::engines::ENTRIES;
use crate::measure::Runner;
use crate::peer::Work;
use crate::report::{Report, Row};

const SIZES: [usize; 3] = [10, 1_000, 10_000];
const LOOKUPS: usize = 100_000;

fn main() {
    let wanted: Vec<_> = env::args().skip(1).collect();
    let is_wanted = |name: &str| {
        name.starts_with("presence-router")
            || wanted.is_empty()
            || wanted.iter().any(|part| name.contains(part))
    };
    let entries: Vec<_> = ENTRIES
        .iter()
        .filter(|entry| is_wanted(entry.name))
        .collect();
    let mut report = Report::new(&SIZES, entries.iter().map(|entry| Row::of(entry)).collect());
    for (column, size) in SIZES.into_iter().enumerate() {
        let folder = tempfile::tempdir().expect("a folder");
        let (rules, yaml, senders) = (rule::rules(size), work::rules(size), senders());
        let work = Work {
            rules: &rules,
            yaml: &yaml,
            senders: &senders,
            folder: folder.path(),
        };
        let mut runners = Vec::new();
        for (entry, row) in entries.iter().zip(&mut report.rows) {
            eprint!("{size} rules: {}", entry.name);
            let start = Instant::now();
            let built = (entry.build)(&work);
            let cell = &mut row.cells[column];
            cell.build_seconds = start.elapsed().as_secs_f64();
            eprintln!(", {:.2} s to build", cell.build_seconds);
            match built {
                Ok(peer) => runners.push(Runner::new(entry, peer, cell)),
                Err(reason) => {
                    eprintln!("{}: {reason}", entry.name);
                    cell.missing = Some(reason);
                }
            }
        }
        let matched = check::check(&mut runners, &rules, &senders);
        eprintln!("{size} rules: equal answers; {matched} of the senders reach somebody");
        measure::run(runners, LOOKUPS);
    }
    println!("{}", report.tables());
    if wanted.is_empty() {
        report.write();
    }
}

/// Whose updates come: those who send often, come often.
fn senders() -> Vec<String> {
    let mut random = work::Random(7);
    (0..LOOKUPS)
        .map(|_| work::user(random.zipf(work::USERS)))
        .collect()
}
