//! Rule files from the text to the answers: read, checked, proven, told in each format, and compiled if they may be.

use std::path::Path;

use presence_router::automata::Budget;
use presence_router::check::{Proofs, check_and_prove};
use presence_router::finding::{Editor, Finding, Severity};
use presence_router::known_users::{KnownUsers, lists_of_texts};
use presence_router::output::findings::{Report, concise, full, github, json, junit, sarif};
use presence_router::rules;
use presence_router::source::Sources;
use presence_router::user_id::UserId;
use serde_json::Value;

use super::{is_harmless, split, written};
use crate::compiled::Compiled;
use crate::plain::{Interested, Plain, Update};

/// More users of the rules are not asked about, and the plain evaluator takes no more patterns: it is slow.
const MOST: usize = 8;
const MOST_BYTES: usize = 2_000;

pub fn run(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let mut sources = Sources::default();
    let mut rest = &*text;
    for number in 0..3 {
        let (file, more) = split(rest, "next");
        sources.add(format!("{number}.yaml"), file);
        rest = more;
        if rest.is_empty() {
            break;
        }
    }
    let (mut rule_set, mut findings) = rules::read_for(&sources, Some("x.example"));
    // No input decides what is on a disk. Some files have users, by their names.
    let listed = |path: &Path| match path.to_str()?.len() % 3 {
        0 => None,
        1 => Some("@a:x.example\n@b:y.example\n"),
        _ => Some("name,id\nA,@a:x.example\n"),
    };
    findings.extend(lists_of_texts(&mut rule_set, &mut sources, listed));
    let known = known_users(&text);
    let known_users = (!text.len().is_multiple_of(4)).then_some(&known);
    let has_error = |findings: &[Finding]| {
        let mut severities = findings.iter().map(|finding| finding.severity);
        severities.any(|severity| severity == Severity::Error)
    };
    let is_good = !has_error(&findings);
    let proofs = Proofs {
        budget: Budget::new(2_000),
        requested: Vec::new(),
    };
    let checked = check_and_prove(&rule_set, &sources, known_users, &proofs);
    assert!(
        !has_error(&checked.findings),
        "errors come from reading: {text:?}"
    );
    findings.extend(checked.findings);
    let mut editor = Editor::new(&sources);
    for fix in findings.iter().filter_map(|finding| finding.fix.as_ref()) {
        for edit in editor.edits(fix).into_iter().flatten() {
            let text = sources.get(edit.file).text();
            assert!(
                text.get(edit.range).is_some(),
                "an edit is of a part of a text: {fix:?}"
            );
        }
    }
    told(&findings, &sources);
    if !is_good {
        return;
    }
    let router = Compiled::new(&sources, &rule_set, known_users);
    if text.len() > MOST_BYTES {
        return;
    }
    let plain = Plain::new(&sources, &rule_set, known_users);
    let needs = plain.routes_without_known_users();
    assert_eq!(needs, router.routes_without_known_users(), "{text:?}");
    for user in known.iter().take(MOST) {
        let expected = plain.interested(user);
        assert_eq!(expected, router.interested(user), "{user} asks {text:?}");
        for (state, active) in [
            ("online", None),
            ("busy", Some(true)),
            ("offline", Some(false)),
        ] {
            let update = Update {
                sender: user.to_owned(),
                state: state.to_owned(),
                currently_active: active,
            };
            if needs.is_empty() {
                let expected = plain.route(&update);
                assert_eq!(
                    expected,
                    router.route(&update),
                    "{update:?} is put to {text:?}"
                );
            }
        }
        if let Interested::These(seen) = expected {
            assert!(seen.iter().all(|seen| UserId::parse(seen).is_ok()));
        }
    }
}

/// Whatever looks like a user in the text, and a few others.
fn known_users(text: &str) -> KnownUsers {
    let mut known = KnownUsers::default();
    let words = text.split([' ', '\n', '"', '\'', ',', '[', ']', '{', '}']);
    let words = words.filter(|word| word.starts_with('@'));
    for user in words.chain(["@a:x.example", "@bot-1:y.example", "@é:[::1]"]) {
        if let Ok(user) = UserId::parse(user) {
            known.add(user);
        }
    }
    known
}

/// Each format can be read by those who read it.
fn told(findings: &[Finding], sources: &Sources) {
    for finding in findings {
        let labels = finding.labels.iter().map(|label| label.location);
        for location in labels.chain([finding.location]) {
            let (place, text) = (location.place(sources), sources.get(location.file).text());
            assert!(place.line >= 1 && place.column >= 1);
            assert!(text.get(place.range).is_some(), "{finding:?} of {text:?}");
        }
    }
    let files: Vec<_> = sources.iter().map(|(file, _)| file).collect();
    let report = Report::new(findings, sources, &files);

    let all: Value = serde_json::from_str(&written(|out| json(&report, out))).expect("JSON");
    assert_eq!(
        all["findings"].as_array().map(Vec::len),
        Some(findings.len())
    );
    let log: Value = serde_json::from_str(&written(|out| sarif(&report, out))).expect("JSON");
    let results = log["runs"][0]["results"].as_array();
    assert_eq!(results.map(Vec::len), Some(findings.len()));
    let suites = written(|out| junit(&report, out));
    let suites = roxmltree::Document::parse(&suites).expect("XML");
    let is_error = |finding: &&Finding| finding.severity == Severity::Error;
    let failures = suites
        .descendants()
        .filter(|node| node.has_tag_name("failure"));
    assert_eq!(failures.count(), findings.iter().filter(is_error).count());
    let commands = written(|out| github(&report, out));
    assert_eq!(commands.lines().count(), findings.len());
    assert!(commands.lines().all(|line| line.starts_with("::")));
    assert_eq!(
        written(|out| concise(&report, out)).lines().count(),
        findings.len()
    );
    for text in [
        commands,
        written(|out| concise(&report, out)),
        written(|out| full(&report, out)),
    ] {
        is_harmless(&text);
    }
}
