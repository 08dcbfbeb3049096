//! What finding the patterns that match a user ID costs, by the number of patterns.

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
    look_up(bencher, &matcher, &senders());
}

fn look_up(bencher: Bencher<'_, '_>, matcher: &Matcher, users: &[String]) {
    let users: Vec<_> = users
        .iter()
        .map(|user| UserId::parse(user).expect("a user ID"))
        .collect();
    let mut matched = Vec::new();
    bencher
        .counter(ItemsCount::new(users.len()))
        .bench_local(|| {
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

/// Sets of one kind that an index might not be ready for.
#[divan::bench_group(sample_count = 5, sample_size = 1)]
mod adversarial {
    use super::{Bencher, MatcherBuilder, Pattern, Random, look_up};

    const SIZES: [usize; 3] = [10, 1_000, 10_000];
    const LOOKUPS: usize = 2_000;

    /// Looks users up who come close to a pattern.
    fn run(
        bencher: Bencher<'_, '_>,
        size: usize,
        pattern: impl Fn(usize) -> Pattern,
        user: impl Fn(usize) -> String,
    ) {
        let mut patterns = MatcherBuilder::default();
        for number in 0..size {
            patterns.add(&pattern(number));
        }
        let matcher = patterns.build();
        matcher.prepare();
        let mut random = Random(3);
        let users: Vec<_> = (0..LOOKUPS).map(|_| user(random.below(size))).collect();
        look_up(bencher, &matcher, &users);
    }

    fn glob(text: &str) -> Pattern {
        Pattern::glob(text).expect("a glob")
    }

    fn regex(text: &str) -> Pattern {
        Pattern::regex(text).expect("a regular expression")
    }

    #[divan::bench(args = SIZES)]
    fn globs_of_one_server(bencher: Bencher<'_, '_>, size: usize) {
        let pattern = |number| glob(&format!("@a*b{number}:one.example"));
        run(bencher, size, pattern, |number| {
            format!("@axyb{number}:one.example")
        });
    }

    #[divan::bench(args = SIZES)]
    fn regexes(bencher: Bencher<'_, '_>, size: usize) {
        let pattern = |number| regex(&format!("@x{number}-[a-z]+:s[0-9]+\\.example"));
        run(bencher, size, pattern, |number| {
            format!("@x{number}-abc:s7.example")
        });
    }

    /// No text tells them apart.
    #[divan::bench(args = SIZES)]
    fn regexes_without_texts(bencher: Bencher<'_, '_>, size: usize) {
        let pattern = |number: usize| {
            let (one, other) = (number / 100, number % 100);
            regex(&format!("@[a-z]{{{},}}[0-9]{{{other}}}:s.*", one + 1))
        };
        run(bencher, size, pattern, |number| {
            format!("@abc{number}:s7.example")
        });
    }

    #[divan::bench(args = SIZES)]
    fn texts_within_a_domain(bencher: Bencher<'_, '_>, size: usize) {
        let pattern = |number| glob(&format!("@*x{number}*:*.y.example"));
        run(bencher, size, pattern, |number| {
            format!("@ax{number}b:c.y.example")
        });
    }

    /// All of them match every user.
    #[divan::bench(args = [10, 1_000])]
    fn everybody(bencher: Bencher<'_, '_>, size: usize) {
        let pattern = |number| regex(&format!("@.*:.{{1,{}}}.*", number + 1));
        run(bencher, size, pattern, |number| {
            format!("@user{number}:s7.example")
        });
    }

    /// Of 200 lengths, each of which may be there.
    #[divan::bench(args = SIZES)]
    fn prefixes_of_all_lengths(bencher: Bencher<'_, '_>, size: usize) {
        let prefix = |number: usize| format!("{}{number}", "p".repeat(number % 200 + 1));
        let pattern = |number| glob(&format!("@{}*:one.example", prefix(number)));
        run(bencher, size, pattern, |number| {
            format!("@{}x:one.example", prefix(number))
        });
    }

    /// Each is a prefix of the next.
    #[divan::bench(args = [10, 200])]
    fn nested_prefixes(bencher: Bencher<'_, '_>, size: usize) {
        let pattern = |number: usize| glob(&format!("@{}*:one.example", "p".repeat(number + 1)));
        run(bencher, size, pattern, |number| {
            format!("@{}:one.example", "p".repeat(number))
        });
    }
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

/// The same for some tens of senders at once, whose waits for memory overlap.
#[divan::bench(args = SIZES, sample_count = 10, sample_size = 1)]
fn remembered_at_once(bencher: Bencher<'_, '_>, size: usize) {
    let router = router(size);
    let routing = router.routing().expect("no patterns among the recipients");
    let users = senders();
    let (mut senders, mut scratch) = (Senders::new(&router), Scratch::default());
    for user in &users {
        let class = senders.class(user, routing, &mut scratch);
        class.expect("a user ID");
    }
    let users: Vec<_> = users.iter().map(String::as_str).collect();
    bencher.counter(ItemsCount::new(LOOKUPS)).bench_local(|| {
        for some in users.chunks(32) {
            senders.remembered_all(black_box(some), |class| {
                black_box(class);
            });
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
