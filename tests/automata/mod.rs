//! Languages of user IDs: each operation against brute force over a small alphabet, and what is known to be hard.

mod grammar;
mod hard;
mod random;

use presence_router::pattern::Pattern;
use presence_router::proofs::{Prover, SetId};

pub fn glob(prover: &mut Prover, text: &str) -> SetId {
    prover.sets.pattern(&Pattern::glob(text).expect("a glob"))
}

pub fn regex(prover: &mut Prover, text: &str) -> SetId {
    prover
        .sets
        .pattern(&Pattern::regex(text).expect("a regular expression"))
}

pub fn server(prover: &mut Prover, text: &str) -> SetId {
    prover
        .sets
        .pattern(&Pattern::server(text).expect("a server"))
}

/// Witnesses are short, and could be somebody's ID.
#[test]
fn witnesses_read_well() {
    let mut prover = Prover::default();
    for (text, expected) in [
        ("*", "@a:example.org"),
        ("@*", "@a:example.org"),
        ("@*:x.example", "@a:x.example"),
        ("*x.example", "@a:x.example"),
        ("@*:*.x.example", "@a:a.x.example"),
        ("@bot-*:*", "@bot-:example.org"),
        ("@?*é*:x.example", "@aé:x.example"),
        ("@[!a-z]*:x.example", "@0:x.example"),
        ("@*:\\[*\\]", "@a:[::]"),
        ("@*:*:8448", "@a:a:8448"),
    ] {
        let set = glob(&mut prover, text);
        let found = prover.find(set).expect("decided");
        assert_eq!(found.as_deref(), Some(expected), "{text}");
    }
}

#[test]
fn no_user_has_such_an_id() {
    let mut prover = Prover::default();
    for text in [
        "alice",
        "#*:x.example",
        "@*:x_y.example",
        "@*:x.example:123456",
        "@*",
        "@*:*:*:*",
    ] {
        let set = glob(&mut prover, text);
        // `@*` alone is a pattern of everyone.
        let expected = if text == "@*" {
            Some("@a:example.org")
        } else {
            None
        };
        let expected = match text {
            "@*:*:*:*" => Some("@a:[::]"),
            _ => expected,
        };
        assert_eq!(
            prover.find(set).expect("decided").as_deref(),
            expected,
            "{text}"
        );
    }
    let longest = "a".repeat(255 - "@:x.example".len());
    for (more, expected) in [("", true), ("a", false)] {
        let set = glob(&mut prover, &format!("@{longest}{more}*:x.example"));
        assert_eq!(prover.find(set).expect("decided").is_some(), expected);
    }
    let set = regex(&mut prover, r"@.{244}:x\.example");
    assert!(prover.find(set).expect("decided").is_some());
    let set = regex(&mut prover, r"@.{245}:x\.example");
    assert!(prover.find(set).expect("decided").is_none());
}

#[test]
fn a_union_covers_what_none_of_its_members_does() {
    let mut prover = Prover::default();
    let whole = server(&mut prover, "x.example");
    let parts = [
        glob(&mut prover, "@[a-m]*:x.example"),
        glob(&mut prover, "@[!a-m]*:x.example"),
        regex(&mut prover, r"@:x\.example"),
    ];
    let union = prover.sets.union(parts);
    assert_eq!(prover.is_within(whole, union), Ok(None));
    let some = prover.sets.union([parts[0], parts[1]]);
    let missing = prover.is_within(whole, some).expect("decided");
    assert_eq!(missing.as_deref(), Some("@:x.example"));
}
