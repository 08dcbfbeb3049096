//! How much stays undecided: of random questions, few.

use presence_router::automata::Budget;
use presence_router::diff::{Direction, Which};
use presence_router::proofs::{Claim, Model, Prover, decide};
use presence_router::rules;
use presence_router::source::Sources;
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;

use super::property::property;
use super::random::{asked, compared};
use crate::properties::random::files;

/// More of a thousand questions than these have an answer. Templates are in most of the rules that are asked.
const MOST_CLAIMS: usize = 8;
const MOST_DIRECTIONS: usize = 40;

#[test]
fn few_questions_are_undecided() {
    let mut runner = TestRunner::deterministic();
    let mut draw = || {
        let tree = files().new_tree(&mut runner).expect("rules");
        asked(&tree.current())
    };
    let sets = [
        "'@a*:*.example'",
        "{server: x.example}",
        "{exclude: '@b*:*'}",
        "['@a:x.example', '@ab:y.example']",
    ];
    let (mut claims, mut open_claims) = (0, 0);
    let (mut directions, mut open_directions) = (0, 0);
    let mut before = None;
    for _ in 0..16 {
        let Some(rules) = draw() else { continue };
        let mut prover = Prover::default();
        let model = Model::new(&rules.rules, &mut prover.sets);
        for one in sets {
            for other in sets {
                for claim in [Claim::Never, Claim::Always, Claim::Only] {
                    let property = property(claim, one, other);
                    let decided =
                        decide(&rules.rules, &rules.sources, &model, &mut prover, &property);
                    claims += 1;
                    open_claims += usize::from(decided.is_err());
                }
            }
        }
        if let Some(before) = &before {
            let comparison = compared(before, &rules, Budget::default());
            for which in [Which::Old, Which::New] {
                directions += 1;
                open_directions += usize::from(comparison.only_in(which) == Direction::Undecided);
            }
        }
        before = Some(rules);
    }
    let of_thousand = |open: usize, all: usize| open * 1000 / all;
    let open = (
        of_thousand(open_claims, claims),
        of_thousand(open_directions, directions),
    );
    assert!(
        open.0 <= MOST_CLAIMS && open.1 <= MOST_DIRECTIONS,
        "undecided: {open_claims} of {claims} claims, {open_directions} of {directions} directions; of a thousand: {open:?}"
    );
}

/// A word boundary on one side leaves open nothing about the other, and little about its own.
#[test]
fn word_boundaries_are_decided_for_most() {
    let mut sources = Sources::default();
    sources.add(
        "rules.yaml",
        r"routes:
- {senders: {regex: '@.+\bops\b.*:x\.example'}, recipients: ['@lobby:x.example', '@n*:x.example', {template: '@{localpart}-tv:x.example'}]}
",
    );
    let (rules, _) = rules::read(&sources);
    let mut prover = Prover::default();
    let model = Model::new(&rules, &mut prover.sets);
    let mut holds = |claim, senders, recipients| {
        let property = property(claim, senders, recipients);
        let decided = decide(&rules, &sources, &model, &mut prover, &property);
        decided.map(|refuted| refuted.is_none())
    };
    for (claim, senders, recipients, expected) in [
        (
            Claim::Never,
            "{server: x.example}",
            "{server: y.example}",
            true,
        ),
        (Claim::Never, "{server: y.example}", "all", true),
        (
            Claim::Never,
            "{server: x.example}",
            "'@new:x.example'",
            false,
        ),
        (
            Claim::Never,
            "'@devops-1:x.example'",
            "'@lobby:x.example'",
            true,
        ),
        (
            Claim::Never,
            "'@dev-ops-1:x.example'",
            "'@lobby:x.example'",
            false,
        ),
        (
            Claim::Never,
            "{regex: '@[a-z]*:x\\.example'}",
            "'@lobby:x.example'",
            true,
        ),
        (Claim::Never, "'@dev*:x.example'", "'@m-tv:x.example'", true),
        (Claim::Only, "{regex: '@.*ops.*:x\\.example'}", "all", true),
        (
            Claim::Only,
            "{regex: '@.*ops-.*:x\\.example'}",
            "'@lobby:x.example'",
            false,
        ),
        (
            Claim::Always,
            "'@a-ops-1:x.example'",
            "'@lobby:x.example'",
            true,
        ),
        (
            Claim::Always,
            "'@a-ops*:x.example'",
            "'@lobby:x.example'",
            false,
        ),
    ] {
        let decided = holds(claim, senders, recipients);
        assert_eq!(decided, Ok(expected), "{claim:?} {senders} {recipients}");
    }
}
