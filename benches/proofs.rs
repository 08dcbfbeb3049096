//! What proofs cost: `cargo bench --bench proofs`. To compare: the same rules checked without them.

use divan::Bencher;
use presence_router::automata::{Automata, Budget, Op, Universe};
use presence_router::check::{Proofs, check, check_and_prove};
use presence_router::diff::{Written, compare};
use presence_router::pattern::Pattern;
use presence_router::proofs::Prover;
use presence_router::rules::{self, RuleSet};
use presence_router::source::Sources;

fn main() {
    divan::main();
}

/// Numbers that are the same in each run (Knuth's linear congruential generator, MMIX).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % limit
    }
}

/// So many routes as people write them: of the senders 70% exact IDs, 20% globs for servers, 10% others.
fn routes(count: usize) -> Vec<String> {
    let mut numbers = Numbers(1);
    let route = |index: usize| {
        let server = format!("s{}.example", numbers.below(count.div_ceil(10)));
        let number = numbers.below(50);
        let senders = match numbers.below(20) {
            0..14 => format!("'@user{index}:{server}'"),
            14..18 => format!("{{server: '*.{server}'}}"),
            18 => format!("'@bot-{number}-*:{server}'"),
            _ => format!(
                "{{regex: '@[a-z]+-{number}\\d*:{}'}}",
                server.replace('.', "\\.")
            ),
        };
        let recipients = match numbers.below(10) {
            0 => format!("{{server: team{number}.corp.example}}"),
            _ => format!("'@room{}:corp.example'", numbers.below(count.div_ceil(3))),
        };
        format!("- {{name: r{index}, senders: {senders}, recipients: {recipients}}}\n")
    };
    (0..count).map(route).collect()
}

fn read(routes: &[String]) -> (Sources, RuleSet) {
    let mut sources = Sources::default();
    sources.add("rules.yaml", format!("routes:\n{}", routes.concat()));
    let (rule_set, findings) = rules::read(&sources);
    assert!(findings.is_empty(), "{findings:?}");
    (sources, rule_set)
}

/// One question about a pair of patterns, with its witness; the automata are made anew each time.
#[divan::bench]
fn pair_with_its_witness(bencher: Bencher<'_, '_>) {
    let one = Pattern::glob("@bot-*:*.corp.example").unwrap();
    let other = Pattern::regex(r"@[a-z]+-\d*:sales\.corp\.example").unwrap();
    bencher.bench(|| {
        let mut prover = Prover::default();
        let (one, other) = (prover.sets.pattern(&one), prover.sets.pattern(&other));
        prover.is_within(other, one)
    });
}

/// The same, with automata that were made before, as by earlier questions of a rule set.
#[divan::bench]
fn pair_with_known_automata(bencher: Bencher<'_, '_>) {
    let one = Pattern::glob("@bot-*:*.corp.example").unwrap();
    let other = Pattern::regex(r"@[a-z]+-\d*:sales\.corp\.example").unwrap();
    let mut automata = Automata::default();
    let (one, other) = (automata.add(&one), automata.add(&other));
    let program = [
        Op::Automaton(other),
        Op::Automaton(one),
        Op::Difference(0, 1),
    ];
    let server = Universe::Server("sales.corp.example");
    bencher.bench_local(|| automata.find(&program, &server, &mut Budget::default()));
}

#[divan::bench(args = [1_000, 10_000], sample_count = 5)]
fn check_without_proofs(bencher: Bencher<'_, '_>, count: usize) {
    let (_, rule_set) = read(&routes(count));
    bencher.bench(|| check(&rule_set, None));
}

#[divan::bench(args = [1_000, 10_000], sample_count = 5)]
fn check_with_all_proofs(bencher: Bencher<'_, '_>, count: usize) {
    let (sources, rule_set) = read(&routes(count));
    bencher.bench(|| check_and_prove(&rule_set, &sources, None, &Proofs::default()));
}

#[divan::bench(args = [1_000, 10_000], sample_count = 5)]
fn diff_of_one_changed_rule(bencher: Bencher<'_, '_>, count: usize) {
    let old = routes(count);
    let mut new = old.clone();
    new[count / 2] =
        "- {name: changed, senders: '@*-x:s3.example', recipients: '@room5:corp.example'}\n".into();
    let (old, new) = (read(&old), read(&new));
    let [old, new] = [&old, &new].map(|(sources, rule_set)| Written { rule_set, sources });
    bencher.bench(|| compare(old, new, Budget::default()));
}
