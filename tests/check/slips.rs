//! Mistakes of people, as rule files under `slips/`, with all that `check` says of each beside it.

use std::fs;
use std::path::Path;

use presence_router::Rules;
use presence_router::output::findings::{Report, concise};

fn said(text: &str) -> String {
    let rules = Rules::parse("rules.yaml", text);
    let findings = rules.findings();
    let mut printed = anstream::StripStream::new(Vec::new());
    concise(&Report::new(&findings, rules.sources(), &[]), &mut printed).expect("memory");
    String::from_utf8(printed.into_inner()).expect("text")
}

#[test]
fn slips_are_told() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/check/slips");
    let bless = std::env::var_os("BLESS").is_some();
    let mut count = 0;
    for entry in fs::read_dir(&folder).expect("the folder") {
        let path = entry.expect("a file").path();
        if path.extension().is_none_or(|extension| extension != "yaml") {
            continue;
        }
        let said = said(&fs::read_to_string(&path).expect("rules"));
        let golden = path.with_extension("txt");
        if bless {
            fs::write(&golden, &said).expect("a file");
        }
        let expected = fs::read_to_string(&golden).unwrap_or_default();
        assert_eq!(said, expected, "{}; BLESS=1 writes it anew", path.display());
        count += 1;
    }
    assert!(count >= 5);
}

/// Rules as people have them, in which nothing is wrong: that there is a remote recipient is all that may be said.
#[test]
fn realistic_rules_have_no_findings() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/check/realistic");
    let mut count = 0;
    for entry in fs::read_dir(&folder).expect("the folder") {
        let path = entry.expect("a file").path();
        let said = said(&fs::read_to_string(&path).expect("rules"));
        let said: Vec<_> = (said.lines())
            .filter(|line| !line.contains("note[remote-recipient]"))
            .collect();
        assert!(said.is_empty(), "{}: {said:#?}", path.display());
        count += 1;
    }
    assert!(count >= 10);
}
