//! The tree of a YAML text says what `serde_yaml` says of it, and everything in it stands where it says.

#[cfg(test)]
mod edit;
#[cfg(test)]
mod hostile;
mod said;
mod texts;

use presence_router::finding::Code;
use presence_router::rules;
use presence_router::source::Sources;
use presence_router::yaml::{FaultKind, NodeId, Tree, Value};
use proptest::prelude::*;

use crate::properties::cases;
use said::{Said, all, say};
use texts::{mutated, soup, written};

/// Compares what both make of a text.
pub fn agree(text: &str) -> Result<(), TestCaseError> {
    let tree = Tree::read(text);
    // Which it does not take for what it is.
    let marked = text.strip_prefix('\u{feff}');
    let other: Result<Said, _> = serde_yaml::from_str(marked.unwrap_or(text));
    if !tree.unquoted().is_empty() {
        // What it read on behind is no YAML there.
        prop_assert!(other.is_err(), "{other:?} of {text:?}");
        return Ok(());
    }
    match tree.fault().map(|fault| &fault.kind) {
        // What is refused here, and not there.
        Some(FaultKind::Anchor | FaultKind::Alias | FaultKind::TooDeep | FaultKind::TooLarge) => {}
        Some(fault) => prop_assert!(other.is_err(), "{fault:?}: {other:?} of {text:?}"),
        None => {
            let said = tree.root().map_or(Said::Nothing, |root| say(&tree, root));
            if said.has_tag() {
                return Ok(());
            }
            let other = other.map_err(|error| error.to_string());
            if text.ends_with('\n') {
                prop_assert_eq!(Ok(said), other, "of {:?}", text);
            } else {
                // Blanks at the end of a file, and of a block.
                let (said, other) = (said.without_ends(), other.map(|other| other.without_ends()));
                prop_assert_eq!(Ok(said), other, "of {:?}", text);
            }
        }
    }
    Ok(())
}

/// Cuts every node out of a text, and reads it once more.
pub fn places_hold(text: &str) -> Result<(), TestCaseError> {
    let tree = Tree::read(text);
    if tree.fault().is_some() || !tree.unquoted().is_empty() {
        return Ok(());
    }
    let Some(root) = tree.root() else {
        return Ok(());
    };
    for (node, is_in_flow) in all(&tree, root) {
        let said = say(&tree, node);
        // These are text only where they are not alone.
        let written = tree.written(node);
        let alone = written.ends_with(['-', '?'])
            || ["---", "..."].iter().any(|mark| written.starts_with(mark));
        let is_key = matches!(&said, Said::Text(text) if text.ends_with(':'));
        if said.has_tag() || alone || is_key && !written.ends_with(['"', '\'']) {
            continue;
        }
        let cut = cut(text, &tree, node, is_in_flow);
        let again = Tree::read(&cut);
        prop_assert_eq!(again.fault(), None, "{:?} of {:?}", cut, text);
        let root = again.root();
        let root = root.and_then(|root| {
            if is_in_flow {
                again.children(root).next()
            } else {
                Some(root)
            }
        });
        let read = root.map_or(Said::Nothing, |root| say(&again, root));
        prop_assert_eq!(
            read.without_ends(),
            said.without_ends(),
            "{:?} of {:?}",
            cut,
            text
        );
    }
    Ok(())
}

const LINE_ENDS: [char; 5] = ['\n', '\r', '\u{85}', '\u{2028}', '\u{2029}'];

fn cut(text: &str, tree: &Tree<'_>, node: NodeId, is_in_flow: bool) -> String {
    let written = tree.written(node);
    if is_in_flow {
        return format!("[{written}\n]");
    }
    // The lines below keep their distance.
    let before = &text[..tree.span(node).range().start];
    let before = before.strip_prefix('\u{feff}').unwrap_or(before);
    let line = before.rsplit(LINE_ENDS).next().unwrap_or_default();
    let column = line.chars().count();
    format!("{}{written}\n", " ".repeat(column))
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 4 * cases(), ..ProptestConfig::default() })]

    #[test]
    fn trees_say_what_is_written((value, text) in written()) {
        agree(&text)?;
        places_hold(&text)?;
        let tree = Tree::read(&text);
        prop_assert_eq!(tree.fault(), None, "{:?}", text);
        prop_assert_eq!(say(&tree, tree.root().expect("a value")), Said::of(&value), "{:?}", text);
    }

    #[test]
    fn what_is_no_yaml_there_is_none_here(text in mutated()) {
        agree(&text)?;
        places_hold(&text)?;
    }

    #[test]
    fn no_text_is_too_odd(text in soup()) {
        agree(&text)?;
        places_hold(&text)?;
    }
}

#[test]
fn scalars_are_what_serde_yaml_takes_them_for() {
    for scalar in [
        "1",
        "-1",
        "+1",
        "-0",
        "+0",
        "0",
        "00",
        "01",
        "0x1",
        "0X1",
        "-0x1F",
        "+0x1",
        "0x",
        "0o7",
        "0o8",
        "0b1",
        "0b2",
        "1_000",
        "1e3",
        "1E3",
        "1e",
        "1.",
        ".5",
        "1.5",
        "+.5",
        "-.5",
        ".",
        "..",
        "...x",
        ".inf",
        "-.inf",
        "+.inf",
        ".INF",
        ".Inf",
        ".nan",
        ".NaN",
        ".NAN",
        "-.nan",
        "inf",
        "nan",
        "NaN",
        "1e400",
        "-1e400",
        "~",
        "~x",
        "null",
        "Null",
        "NULL",
        "nULL",
        "nil",
        "true",
        "True",
        "TRUE",
        "tRUE",
        "false",
        "False",
        "FALSE",
        "yes",
        "no",
        "on",
        "off",
        "y",
        "n",
        "18446744073709551615",
        "18446744073709551616",
        "-9223372036854775808",
        "-9223372036854775809",
        "340282366920938463463374607431768211455",
        "340282366920938463463374607431768211456",
        "1.2.3.4",
        "12:30:45",
        "2001-01-01",
        "---",
        "--",
        "-a",
        "--- a",
        "@x",
        "=",
        "<<",
        "1 2",
        "+",
        "-+1",
        "+-1",
        "++1",
        "0x+1",
        "1,000",
        // No white space of YAML's.
        "\u{a0}",
        "a\u{a0}",
        "@a:x.example\u{202f}",
        "\u{3000}",
    ] {
        for text in [
            format!("[{scalar}]"),
            format!("- {scalar}"),
            format!("a: {scalar}"),
        ] {
            agree(&text).unwrap_or_else(|error| panic!("{error}"));
        }
    }
}

#[test]
fn places_are_counted_in_bytes() {
    let text = "\u{feff}é: [ \"ü\\n\", ö ]\r\n# ß\r\nb: |\r\n  x\r\n\r\nc:\r\n- {d: 'it''s'}\r\n";
    let tree = Tree::read(text);
    let texts = (all(&tree, tree.root().expect("a mapping")).into_iter())
        .map(|(node, _)| node)
        .filter(|node| matches!(tree.value(*node), Value::Text(_)))
        .map(|node| tree.written(node));
    let expected = ["é", "\"ü\\n\"", "ö", "b", "|\r\n  x", "c", "d", "'it''s'"];
    assert_eq!(texts.collect::<Vec<_>>(), expected);
}

/// Two parsers had one grammar each, and what one of them refused stood at the start of the file.
#[test]
fn findings_stand_where_the_reader_found_them() {
    let list = "groups:\n  staff: [\n    \"@a:x.example\",\n    \"@b:x.example\"\n]\nroutes:\n";
    for (text, expected) in [
        (
            format!("{list}  - senders: {{group: staff}}\n    recipients: \"@lobby\"\n"),
            vec![(Code::InvalidUserId, 8, 18)],
        ),
        (
            "routes:\n  - name:\tlobby\n    senders: all\n    recipients: '@b'\n".to_owned(),
            vec![(Code::InvalidUserId, 4, 18)],
        ),
        (
            "server_name:\tx.example\ngroups:\n  a: &a ['@a:x.example']\n".to_owned(),
            vec![(Code::Anchor, 3, 6)],
        ),
    ] {
        let mut sources = Sources::default();
        sources.add("rules.yaml", text);
        let (_, findings) = rules::read(&sources);
        let places = findings.iter().map(|finding| {
            let place = finding.location.place(&sources);
            (finding.code, place.line, place.column)
        });
        assert_eq!(places.collect::<Vec<_>>(), expected);
    }
    let mut sources = Sources::default();
    sources.add("rules.yaml", list);
    let (rule_set, _) = rules::read(&sources);
    let mut items = Vec::new();
    rule_set.files[0].groups["staff"]
        .users
        .walk(&mut |placed| items.push(&list[placed.at.whole.range()]));
    assert_eq!(items, ["\"@a:x.example\"", "\"@b:x.example\""]);
}
