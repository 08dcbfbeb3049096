//! What finding the patterns that match a user ID costs, by the number of patterns.
//!
mod work;

use divan::counter::ItemsCount;
use divan::{Bencher, black_box};
use presence_router::matcher::{Matcher, MatcherBuilder};
use presence_router::pattern::Pattern;
use presence_router::router::{Router, Scratch, Senders};
use presence_router::rules;
use presence_router::source::Sources;
use presence_router::user_id::UserId;

use work::{Random, USERS, pattern, rules, user};

const SIZES: [usize; 6] = [10, 100, 1_000, 10_000, 100_000, 1_000_000];
const LOOKUPS: usize = 100_000;

fn main() {
    divan::main();
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
        let class = senders.class(user, routing, &mut scratch);
        class.expect("a user ID");
    }
    bencher.counter(ItemsCount::new(LOOKUPS)).bench_local(|| {
        for user in &users {
            let _ = black_box(senders.class(black_box(user), routing, &mut scratch));
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
