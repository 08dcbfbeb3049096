//! Texts that are made to hurt.

use allocation_counter::measure;
use presence_router::yaml::{FaultKind, Tree};

/// No text takes more than so many bytes of memory for each of its own, beside some for the parser itself.
const MOST_MEMORY: u64 = 96;

#[test]
fn memory_is_bounded_by_the_length_of_the_text() {
    let length = 400_000;
    let filled = |piece: &str| piece.repeat(length / piece.len());
    let texts = [
        "[".repeat(length),
        "{a: ".repeat(length / 4),
        format!("[{}]", filled("[],")),
        format!("[{}]", filled("a,")),
        format!("[{}]", filled(",a")),
        format!("{{{}}}", filled("a,")),
        filled("- "),
        filled("-\n"),
        filled("? "),
        filled("? a\n"),
        filled("a:\n"),
        filled("!a "),
        filled("!a,"),
        format!("[{}]", filled("!a,")),
        filled("*a "),
        filled("&a "),
        filled("a: &a *a\n"),
        filled("\t"),
        filled(" "),
        filled("\n"),
        filled("#"),
        filled("# a\n"),
        filled("'"),
        filled("\\"),
        format!("\"{}", filled("\\n")),
        format!("\"{}", filled("\n")),
        format!("a{}", filled("\n ")),
        format!("|\n {}", filled("a\n ")),
        format!(">\n {}", filled("\n ")),
        filled("a"),
        filled("é"),
        filled("a "),
        filled("---\n"),
        filled("...\n"),
        filled("%A\n"),
        filled("%TAG !a! a\n"),
        (0..1000)
            .flat_map(|at| [" ".repeat(at), "-\n".to_owned()])
            .collect(),
    ];
    for text in texts {
        let mut nodes = None;
        let measured = measure(|| nodes = Tree::read(&text).root());
        let most = MOST_MEMORY * text.len() as u64 + 100_000;
        assert!(
            measured.bytes_max < most,
            "{} bytes for {:.20?}",
            measured.bytes_max,
            text
        );
    }
}

#[test]
fn what_the_parser_cannot_take_is_no_end() {
    let kind = |text: &str| {
        Tree::read(text)
            .fault()
            .map(|fault| (fault.at, fault.kind.clone()))
    };
    for text in [
        "[!a,]",
        "[!<a,b>, c]",
        "a: [!a!b,c]",
        "a: !b, c",
        "a: |\n  b",
        "a: |+\n  b",
        "a: >-\n b",
        "[\"~^;$=_!,\"]",
    ] {
        assert_eq!(kind(text), None, "{text:?}");
    }
    assert_eq!(kind("a: \"b\\"), Some((3, FaultKind::UnclosedQuote)));
    assert_eq!(kind("a: &b c"), Some((3, FaultKind::Anchor)));
    assert_eq!(kind("a: !b &c d"), Some((6, FaultKind::Anchor)));
    assert_eq!(kind("a: *b"), None);
    assert_eq!(Tree::read("a: *b").unquoted().len(), 1);
    assert_eq!(
        kind("a: b\n---\nc: d"),
        Some((5, FaultKind::SecondDocument))
    );
    assert_eq!(kind(&"[".repeat(200)), Some((128, FaultKind::TooDeep)));
    assert!(matches!(kind("a: é\0"), Some((5, FaultKind::Syntax(_)))));
    // Every character that could stand for the `!` is there.
    let all: String = (' '..='~').filter(|it| *it != '"' && *it != '\\').collect();
    assert!(matches!(
        kind(&format!("- \"{all}\"\n- \"!,\"")),
        Some((_, FaultKind::Syntax(_)))
    ));
}
