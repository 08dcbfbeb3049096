//! Patterns that are known to be hard: decided all the same, or undecided in bounded time and memory.

use presence_router::automata::{Budget, Undecided};
use presence_router::proofs::Prover;

use super::{glob, regex, server};

#[test]
fn an_exponential_automaton_ends_undecided() {
    let mut prover = Prover::default();
    let all = regex(&mut prover, r"@[ab]*:x\.example");
    let hard = regex(&mut prover, r"@(a|b)*a(a|b){20}:x\.example");
    let other = regex(&mut prover, r"@(a|b)*b(a|b){20}:x\.example");
    let union = prover.sets.union([hard, other]);
    let long = regex(&mut prover, r"@[ab]{21,}:x\.example");
    // What is true here is that the union is all of length 21 and more; to see it takes 2^21 states.
    assert!(matches!(
        prover.is_within(long, union),
        Err(Undecided::Budget { .. } | Undecided::TooLarge { .. })
    ));
    let undecided = prover.is_within(long, union).expect_err("undecided");
    assert!(undecided.to_string().contains("(a|b){20}"), "{undecided}");
    // What has a short answer is answered.
    let found = prover.is_within(all, union).expect("decided");
    assert_eq!(found.as_deref(), Some("@a:x.example"));
}

#[test]
fn many_substrings_are_cut_where_one_is_found() {
    let mut prover = Prover::default();
    let parts: Vec<_> = [
        "adm", "root", "bot", "test", "svc", "spam", "abuse", "mail", "hook",
    ]
    .iter()
    .map(|word| glob(&mut prover, &format!("@*{word}*:x.example")))
    .collect();
    let union = prover.sets.union(parts);
    let narrower = glob(&mut prover, "@*-admin*:x.example");
    assert_eq!(prover.is_within(narrower, union), Ok(None));
    let all = server(&mut prover, "x.example");
    let found = prover.is_within(all, union).expect("decided");
    assert_eq!(found.as_deref(), Some("@a:x.example"));
}

#[test]
fn a_union_of_thousands_is_never_built() {
    let mut prover = Prover::default();
    let mut parts = Vec::new();
    for number in 0..2000 {
        parts.push(prover.sets.user(&format!("@u{number}:x.example")));
        parts.push(server(&mut prover, &format!("s{number}.example")));
    }
    let union = prover.sets.union(parts);
    let all = glob(&mut prover, "@u*:*");
    let found = prover.is_within(all, union).expect("decided");
    assert_eq!(found.as_deref(), Some("@u:example.org"));
    let numbered = regex(&mut prover, r"@u1?\d{1,3}:(x|s77)\.example");
    let found = prover.is_within(numbered, union).expect("decided");
    // Leading zeros are the only way out.
    assert_eq!(found.as_deref(), Some("@u00:x.example"));
}

#[test]
fn the_border_of_a_unicode_word_is_decided_for_ascii() {
    let mut prover = Prover::default();
    let word = regex(&mut prover, r"@.*\bops\b.*:x\.example");
    let found = prover.find(word).expect("decided");
    assert_eq!(found.as_deref(), Some("@ops:x.example"));
    let letters = regex(&mut prover, r"@[a-z]{4,9}:x\.example");
    let both = prover.sets.intersection(word, letters);
    assert_eq!(prover.find(both), Ok(None));
    // Whether all of these marks are no part of a word, is not.
    let part = regex(&mut prover, r"@ops[\x{2010}-\x{2030}]:x\.example");
    let undecided = prover.is_within(part, word).expect_err("undecided");
    assert_eq!(
        undecided.to_string(),
        r"the pattern `@.*\bops\b.*:x\.example` has a word boundary, which is decided for ASCII only: write `(?-u:\b)`"
    );
    let word = regex(&mut prover, r"@.*(?-u:\b)ops(?-u:\b).*:x\.example");
    assert_eq!(
        prover.find(word).expect("decided").as_deref(),
        Some("@ops:x.example")
    );
}

#[test]
fn a_budget_is_kept() {
    let mut prover = Prover::new(Budget::new(10));
    let long = glob(&mut prover, "@a-long-name-with-many-letters[!x]*:x.example");
    let undecided = prover.find(long).expect_err("undecided");
    assert_eq!(
        undecided.to_string(),
        "the proof took more than its 10 steps, most of them on the pattern `@a-long-name-with-many-letters[!x]*:x.example`"
    );
}
