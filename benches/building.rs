//! From the text of rules to a router: what reading takes beside serde, what compiling takes, and the memory.
//!
//! `cargo bench --bench building` prints a table. Reading is compared with `serde_yaml` alone, into derived types of the
//! same shape, in the same run; what it does beyond that is to check all IDs and patterns, and to note faults with their
//! places. `-- --instructions` compares the instructions instead, which are the same on a busy machine as on an idle one;
//! it takes Valgrind.

#![allow(clippy::print_stdout, reason = "benches are read by people")]
#![allow(clippy::cast_precision_loss, reason = "figures for people")]

mod work;

use std::env;
use std::hint::black_box;
use std::time::{Duration, Instant};

use allocation_counter::measure;
use presence_router::pattern::Pattern;
use presence_router::router::Router;
use presence_router::rules::{self, Item, RuleFile, RuleSet};
use presence_router::source::Sources;

/// So many rules, and how often they are read and compiled.
const SIZES: [(usize, usize); 3] = [(10_000, 15), (100_000, 7), (1_000_000, 1)];

/// Rules whose instructions are counted.
const COUNTED: usize = 20_000;

/// The rules as serde derives to read them, without a look at what they say.
mod plain {
    #![expect(dead_code, reason = "it is read, and that is all")]

    use serde::Deserialize;

    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    pub struct File {
        pub routes: Vec<Route>,
    }

    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    pub struct Route {
        name: Option<String>,
        description: Option<String>,
        senders: UserSet,
        recipients: UserSet,
    }

    #[derive(Deserialize)]
    #[serde(untagged)]
    enum UserSet {
        Text(String),
        Union(Vec<UserSet>),
        Item(Item),
        Difference(Difference),
    }

    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Item {
        user: Option<String>,
        glob: Option<String>,
        regex: Option<String>,
        server: Option<String>,
        group: Option<String>,
        template: Option<String>,
    }

    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Difference {
        include: Option<Box<UserSet>>,
        exclude: Option<Box<UserSet>>,
    }
}

fn main() {
    let arguments: Vec<_> = env::args().collect();
    match arguments.get(1).map(String::as_str) {
        Some("--instructions") => instructions(),
        // What `--instructions` runs.
        Some("text") => {
            black_box(work::rules(COUNTED));
        }
        Some("plain") => std::mem::forget(read_plainly(&work::rules(COUNTED))),
        Some("read") => std::mem::forget(read(&sources(&work::rules(COUNTED)))),
        Some("compile") => {
            let sources = sources(&work::rules(COUNTED));
            std::mem::forget(compile(&read(&sources), &sources));
        }
        _ => times(),
    }
}

fn times() {
    println!(
        "{:>9} {:>8} {:>8} {:>6} {:>7} {:>9} {:>9} {:>8} {:>8}",
        "rules", "serde", "read", "ratio", "MB/s", "compile", "prepare", "B/rule", "peak"
    );
    for (size, rounds) in SIZES {
        let text = work::rules(size);
        let sources = sources(&text);
        let mut taken: [Vec<Duration>; 4] = Default::default();
        for _ in 0..rounds {
            taken[0].push(time(|| read_plainly(&text)));
            taken[1].push(time(|| read(&sources)));
        }
        let rule_set = read(&sources);
        for _ in 0..rounds {
            taken[2].push(time(|| compile(&rule_set, &sources)));
            let router = compile(&rule_set, &sources);
            taken[3].push(time(|| router.prepare()));
        }
        let [plain, read, compiled, prepared] = taken.map(median);
        let memory = measure(|| std::mem::forget(compile(&rule_set, &sources)));
        println!(
            "{size:>9} {:>5.0} ms {:>5.0} ms {:>6.2} {:>7.1} {:>6.1} ms {:>6.1} ms {:>8.0} {:>8.0}",
            plain * 1e3,
            read * 1e3,
            read / plain,
            text.len() as f64 / read / 1e6,
            compiled * 1e3,
            prepared * 1e3,
            (memory.bytes_current as f64 - exact_bytes(&rule_set) as f64) / size as f64,
            memory.bytes_max as f64 / size as f64,
        );
    }
    println!(
        "B/rule is the memory of the compiled router without one copy of the exact IDs that rules name."
    );
}

fn instructions() {
    let program = env::current_exe().expect("this program");
    let count = |what: &str| work::instructions(&program, &[what], |_| ());
    let [text, plain, read, compiled] = ["text", "plain", "read", "compile"].map(count);
    let per_rule = |instructions: f64| instructions / COUNTED as f64;
    println!("instructions a rule, {COUNTED} rules");
    println!("serde alone {:>8.0}", per_rule(plain - text));
    println!("read        {:>8.0}", per_rule(read - text));
    println!("compile     {:>8.0}", per_rule(compiled - read));
    println!("read / serde alone {:.3}", (read - text) / (plain - text));
}

fn sources(text: &str) -> Sources {
    let mut sources = Sources::default();
    sources.add("rules.yaml", text);
    sources
}

fn read_plainly(text: &str) -> plain::File {
    serde_yaml::from_str(text).expect("rules")
}

fn read(sources: &Sources) -> RuleSet {
    let (rule_set, findings) = rules::read(sources);
    assert!(findings.is_empty(), "{findings:?}");
    rule_set
}

fn compile(rule_set: &RuleSet, sources: &Sources) -> Router {
    Router::new(rule_set, sources, None).expect("rules without errors")
}

/// Without the time that dropping the outcome takes.
fn time<T>(make: impl FnOnce() -> T) -> Duration {
    let start = Instant::now();
    let made = black_box(make());
    let taken = start.elapsed();
    drop(made);
    taken
}

fn median(mut taken: Vec<Duration>) -> f64 {
    taken.sort_unstable();
    taken[taken.len() / 2].as_secs_f64()
}

/// The bytes of the exact IDs, each counted once.
fn exact_bytes(rule_set: &RuleSet) -> usize {
    let mut users = std::collections::HashSet::new();
    for set in rule_set.files.iter().flat_map(RuleFile::sets) {
        set.items(&mut |item| {
            if let Item::Pattern(Pattern::User(user)) = item {
                users.insert(user);
            }
        });
    }
    users.into_iter().map(|user| user.len()).sum()
}
