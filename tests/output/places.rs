//! Lines and columns, in long lines too.

use presence_router::source::Sources;

use crate::cli::Setup;

#[test]
fn places_are_as_counting_would_have_them() {
    let mut text = "é日a\r\n".repeat(200);
    text.push_str(&"👩a".repeat(700));
    text.push_str("\nend");
    for length in [0, 3, 1023, 1024, 1025, 2048, text.len()] {
        let text = &text[..text.floor_char_boundary(length)];
        let mut sources = Sources::default();
        let file = sources.add("a.yaml", text);
        let source = sources.get(file);
        for at in (0..=text.len()).filter(|at| text.is_char_boundary(*at)) {
            let place = source.place(at..at);
            let before = &text[..at];
            let line = before.matches('\n').count() + 1;
            let start = before.rfind('\n').map_or(0, |newline| newline + 1);
            let column = text[start..at].chars().count() + 1;
            assert_eq!((place.line, place.column), (line, column), "{length}, {at}");
            let shown = text[start..].split('\n').next().unwrap_or_default();
            let shown = shown.trim_end_matches('\r');
            assert_eq!(&text[source.line(line)], shown, "{length}, {at}");
        }
        assert!(source.line(0).is_empty() && source.line(10_000).is_empty());
    }
}

/// Each of these findings has a second place, far from it in one long line. To look through the line for each would
/// take minutes.
#[test]
fn many_findings_in_one_line_take_linear_time() {
    let keys = "twice: '@é:x.example', ".repeat(10_000);
    let setup = Setup::new(&format!("groups: {{{keys}}}\n"));
    for format in ["full", "concise", "json", "github", "sarif", "junit"] {
        let ran = setup.run(&["check", "--format", format], "");
        assert_eq!(ran.code, 1, "{format}: {}", ran.err);
        let found = ran.out.matches("first written here").count();
        assert!(found >= 9_999, "{format}: {found}");
    }
}
