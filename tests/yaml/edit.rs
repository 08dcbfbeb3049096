//! Changes of YAML texts.

use presence_router::source::Span;
use presence_router::yaml::Removals;

fn without(text: &str, part: &str) -> Option<String> {
    let start = text.rfind(part).expect("it is there");
    let gone = Removals::of(text).get(Span::new(start, start + part.len()))?;
    Some(format!("{}{}", &text[..gone.start], &text[gone.end..]))
}

#[test]
fn parts_are_taken_out() {
    for (text, part, left) in [
        ("a: [x, y, z]\n", "y", Some("a: [x, z]\n")),
        ("a: [x, y,\n z]\n", "z", Some("a: [x, y]\n")),
        ("a: [x]\nb: 1\n", "x", Some("b: 1\n")),
        ("a: [x]\n", "x", None),
        ("{a: [x], b: {c: d}}\n", "x", Some("{b: {c: d}}\n")),
        ("{a: [x], b: {c: d}}\n", "d", Some("{a: [x]}\n")),
        (
            "a:\n  - x # one\n  - y # two\nb: 1\n",
            "x",
            Some("a:\n  - y # two\nb: 1\n"),
        ),
        (
            "a:\n  - x # one\n  - y # two\nb: 1\n",
            "y",
            Some("a:\n  - x # one\nb: 1\n"),
        ),
        ("a:\n- - x\n  - y\n- z\n", "x", Some("a:\n- - y\n- z\n")),
        ("a:\n- b: 1\n  c: 2\n- z\n", "b", Some("a:\n- c: 2\n- z\n")),
        ("a:\n- b: 1\n  c: 2\n- z", "z", Some("a:\n- b: 1\n  c: 2\n")),
        ("a:\n- {b: 1}\n- z", "1", None),
        (
            "a:\n  g: x\n  h:\n    - y\nb: 1\n",
            "h",
            Some("a:\n  g: x\nb: 1\n"),
        ),
        ("a:\n  h:\n    - y\nb: 1\n", "h", Some("b: 1\n")),
    ] {
        assert_eq!(without(text, part).as_deref(), left, "{text}");
    }
}
