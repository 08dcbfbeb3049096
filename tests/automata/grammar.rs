//! The automaton of valid user IDs takes what `UserId::parse` takes.

use presence_router::pattern::Pattern;
use presence_router::proofs::Prover;
use presence_router::user_id::UserId;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use crate::properties::cases;

fn is_found(text: &str) -> bool {
    let mut prover = Prover::default();
    // The other alternative keeps the text from being taken for one of a fixed server.
    let pattern = Pattern::regex(&format!("(?:{}|none)", regex::escape(text)));
    let set = prover.sets.pattern(&pattern.expect("a regular expression"));
    let found = prover.find(set).expect("decided");
    assert!(
        found.is_none() || found.as_deref() == Some(text),
        "{found:?} for {text:?}"
    );
    found.is_some()
}

#[test]
fn of_these_the_valid_ones() {
    for (server, is_valid) in [
        ("x", true),
        ("X.example", true),
        ("x_y", false),
        ("", false),
        ("1.2.3.4", true),
        ("x:1", true),
        ("x:65536", true),
        ("x:123456", false),
        ("x:", false),
        (":8448", false),
        ("[::]", true),
        ("[::1]:8448", true),
        ("[1:2:3:4:5:6:7:8]", true),
        ("[1:2:3:4:5:6:7]", false),
        ("[1:2:3:4:5:6:7::]", true),
        ("[1:2:3:4:5:6:7:8::]", false),
        ("[1:2:3:4:5:6:1.2.3.4]", true),
        ("[1:2:3:4:5:6:7:1.2.3.4]", false),
        ("[::1.2.3.4]", true),
        ("[::1.2.3.4:1]", false),
        ("[::1.2.3.256]", false),
        ("[::01.2.3.4]", false),
        ("[::00001]", false),
        ("[::1]x", false),
        ("[1::2::3]", false),
        ("[::ffff:1.2.3.4]", true),
        ("[1:2:3:4:5::1.2.3.4]", true),
        ("[1:2:3:4:5:6::1.2.3.4]", false),
    ] {
        let id = format!("@a:{server}");
        assert_eq!(UserId::parse(&id).is_ok(), is_valid, "the parser: {id}");
        assert_eq!(is_found(&id), is_valid, "the automaton: {id}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: cases() * 4, ..ProptestConfig::default() })]

    #[test]
    fn the_automaton_takes_what_the_parser_takes(text in text()) {
        prop_assert_eq!(is_found(&text), UserId::parse(&text).is_ok(), "{}", text);
    }

    #[test]
    fn addresses_are_read_as_rust_reads_them(groups in vec(select(&["0", "1f", "ffff", "12345", "", "", "1.2.3.4", "255.0.0.256", ":"][..]), 1..9)) {
        let id = format!("@a:[{}]", groups.join(":"));
        prop_assert_eq!(is_found(&id), UserId::parse(&id).is_ok(), "{}", id);
    }
}

fn text() -> impl Strategy<Value = String> {
    let piece = select(
        &[
            "@",
            ":",
            "a",
            "B",
            "é",
            "日",
            "\u{10ffff}",
            "\u{d7ff}",
            "\u{e000}",
            "\0",
            "\n",
            "[",
            "]",
            "[::1]",
            ".",
            "-",
            "_",
            "8448",
            "123456",
            "x.example",
            " ",
            "\u{7f}",
            "\u{80}",
            "\u{800}",
            "\u{ffff}",
            "\u{10000}",
        ][..],
    );
    (
        select(&["@", "@", "@", ""][..]),
        vec(piece.clone(), 0..4),
        select(&[":", ":", ""][..]),
        vec(piece, 0..3),
    )
        .prop_map(|(sigil, local, colon, server)| {
            format!("{sigil}{}{colon}{}", local.concat(), server.concat())
        })
}
