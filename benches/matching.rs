//! What finding the patterns that match a user ID costs, by the number of patterns.
//!
//! The patterns are those of a provider: 70% exact IDs, 20% servers, 5% `@prefix-*:server`, 4% other globs, and 1%
//! regular expressions. The users come as they do on a homeserver: a few of them often (Zipf's law).

use divan::counter::ItemsCount;
use divan::{Bencher, black_box};
use presence_router::matcher::{Matcher, MatcherBuilder};
use presence_router::pattern::Pattern;
use presence_router::router::{Router, Scratch, Senders};
use presence_router::rules;
use presence_router::source::Sources;
use presence_router::user_id::UserId;

const SIZES: [usize; 6] = [10, 100, 1_000, 10_000, 100_000, 1_000_000];
const USERS: usize = 200_000;
const LOOKUPS: usize = 100_000;

fn main() {
    divan::main();
}

/// Numbers that look random and are the same in each run (xorshift).
struct Random(u64);

impl Random {
    fn below(&mut self, most: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % most as u64) as usize
    }

    /// Small numbers come often: the chance of `n` is about as 1 to `n`. First a power of two is drawn, then a number
    /// below it.
    fn zipf(&mut self, most: usize) -> usize {
        let bits = self.below(most.ilog2() as usize + 1);
        self.below((1 << (bits + 1)).min(most))
    }
}

fn user(number: usize) -> String {
    let prefix = ["", "bot-", "svc", "desk-"][number % 4];
    format!(
        "@{prefix}user{number}:s{}.h{}.example",
        number % 997,
        number % 13
    )
}

/// A pattern as it stands in a rule file.
fn pattern(number: usize, random: &mut Random) -> String {
    let server = random.below(997);
    match random.below(100) {
        0..70 => format!("\"{}\"", user(random.below(USERS))),
        70..90 => format!("{{server: s{server}.n{number}.example}}"),
        90..95 => format!("\"@bot-{number}*:s{server}.h{}.example\"", server % 13),
        95..97 => format!("\"@*x{number}*:*.example\""),
        97..99 => format!("{{server: \"*.d{number}.example\"}}"),
        _ => format!("{{regex: '@svc{number}[a-z]*:s{server}\\.h[0-9]+\\.example'}}"),
    }
}

fn rules(size: usize) -> String {
    use std::fmt::Write as _;
    let mut random = Random(42);
    let mut rules = String::from("routes:\n");
    for number in 0..size {
        let senders = pattern(number, &mut random);
        writeln!(
            rules,
            "- {{senders: {senders}, recipients: \"@r{}:here.example\"}}",
            number % 1000
        )
        .expect("memory");
    }
    rules
}

fn router(size: usize) -> Router {
    let mut sources = Sources::default();
    sources.add("rules.yaml", rules(size));
    let (rule_set, findings) = rules::read(&sources);
    assert!(findings.is_empty(), "{findings:?}");
    Router::new(&rule_set, &sources, None).expect("rules without errors")
}

fn senders() -> Vec<String> {
    let mut random = Random(7);
    (0..LOOKUPS).map(|_| user(random.zipf(USERS))).collect()
}

/// Each look-up goes through the index.
#[divan::bench(args = SIZES, sample_count = 10, sample_size = 1)]
fn cold(bencher: Bencher<'_, '_>, size: usize) {
    let matcher = matcher(size);
    let users = senders();
    let users: Vec<_> = users
        .iter()
        .map(|user| UserId::parse(user).expect("a user ID"))
        .collect();
    let mut matched = Vec::new();
    bencher.counter(ItemsCount::new(LOOKUPS)).bench_local(|| {
        for user in &users {
            matched.clear();
            matcher.matches(black_box(*user), &mut matched);
        }
    });
}

fn matcher(size: usize) -> Matcher {
    let mut random = Random(42);
    let mut patterns = MatcherBuilder::default();
    for number in 0..size {
        let text = pattern(number, &mut random);
        let inner = text.trim_matches(['{', '}', '"', '\'']);
        let pattern = match inner.split_once(": ") {
            Some(("server", server)) => Pattern::server(server.trim_matches('"')),
            Some((_, regex)) => Pattern::regex(regex.trim_matches('\'')),
            None => Pattern::text(inner),
        };
        patterns.add(&pattern.expect("a pattern"));
    }
    patterns.build()
}

/// What is about a sender is remembered.
#[divan::bench(args = SIZES, sample_count = 10, sample_size = 1)]
fn remembered(bencher: Bencher<'_, '_>, size: usize) {
    let router = router(size);
    let routing = router.routing().expect("no patterns among the recipients");
    let users = senders();
    let (mut senders, mut scratch) = (Senders::new(&router), Scratch::default());
    for user in &users {
        senders.class(user, routing, &mut scratch);
    }
    bencher.counter(ItemsCount::new(LOOKUPS)).bench_local(|| {
        for user in &users {
            black_box(senders.class(black_box(user), routing, &mut scratch));
        }
    });
}

/// From patterns to an index.
#[divan::bench(args = [10_000, 100_000], sample_count = 5, sample_size = 1)]
fn build(bencher: Bencher<'_, '_>, size: usize) {
    let mut sources = Sources::default();
    sources.add("rules.yaml", rules(size));
    let (rule_set, _) = rules::read(&sources);
    bencher
        .counter(ItemsCount::new(size))
        .bench_local(|| Router::new(&rule_set, &sources, None));
}
