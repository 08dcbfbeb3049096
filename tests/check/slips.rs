//! Mistakes of people, as rule files under `slips/`, with all that `check` says of each beside it.

use std::fs;
use std::path::Path;

use presence_router::check::{Proofs, check_and_prove};
use presence_router::known_users;
use presence_router::output::findings::{Report, concise};
use presence_router::rules;
use presence_router::source::Sources;

fn said(text: &str) -> String {
    let mut sources = Sources::default();
    sources.add("rules.yaml", text);
    let (mut rule_set, mut findings) = rules::read(&sources);
    let known =
        known_users::load(&mut rule_set, &[], &mut sources, &mut findings).expect("no files");
    let proofs = Proofs::default();
    findings.extend(check_and_prove(&rule_set, &sources, known.as_ref(), &proofs).findings);
    let mut printed = anstream::StripStream::new(Vec::new());
    concise(&Report::new(&findings, &sources, &[]), &mut printed).expect("memory");
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
