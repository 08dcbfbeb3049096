//! Remedies as edits: what they say to write is read, and does what they say.

use std::fmt::Write as _;

use presence_router::Rules;
use presence_router::automata::Budget;
use presence_router::diff::{Direction, Which, Written, compare};
use presence_router::finding::{ChangeKind, Editor, Effect, Finding, Fix, Severity};
use presence_router::rules::{self, RuleSet};
use presence_router::source::Sources;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};

use crate::properties::cases;

/// Items with something to mend, and some without.
const ITEMS: [&str; 51] = [
    r#"{"regex": "@a|b:x\\.example"}"#,
    r#""@a{1..3}:x.example""#,
    r#""@[ab]+:x.example""#,
    r#"{"regex": "^@a:x\\.example$"}"#,
    r#"{"regex": "@.*:x\\.example"}"#,
    r#"{"regex": "@[^:]*:x\\.example"}"#,
    r#"{"regex": "(?s)@b.*:x\\.example"}"#,
    r#"{"regex": "^@(a|b):x\\.example$"}"#,
    r#"{"regex": "@(a|b):.+.x.example"}"#,
    r#"{"regex": "@a:1\\.2\\.3\\.4"}"#,
    r#"{"glob": "@a:x.example"}"#,
    r#"{"glob": "@it's:x.example"}"#,
    r#"{"server": "{x.example}"}"#,
    r#""@a**:x.example""#,
    r#""@[a]:x.example""#,
    r#""@*x.example""#,
    r#""@a*x.example""#,
    r#""@[ab,c]:x.example""#,
    r#""@[a-c,x]:x.example""#,
    r#""@A:x.example""#,
    r#""@a:X.example""#,
    r#""@a:x.example.""#,
    r#"{"server": ".x.example"}"#,
    r#"{"server": "X.example"}"#,
    r#"{"regex": "@[ab]+:X\\.example"}"#,
    r#""@a|b:x.example""#,
    r#""@@a:x.example""#,
    r#""@a@x.example:x.example""#,
    r#""@*@x.example""#,
    r#""@a%:x.example""#,
    r#""@a\\d:x.example""#,
    r#""@a.*:x.example""#,
    r#""@\u200ba:x.example""#,
    r#""@*:[::1]""#,
    r#""@a:[::1]""#,
    r#"{"server": "[2001:*]"}"#,
    r#""@a:x.example""#,
    r#""@*:x.example""#,
    r#"{"group": "g"}"#,
    r#"{"regex": ["^@a:x\\.example$", "@.*:x\\.example"]}"#,
    r#"{"server": ["X.example", "y.example"]}"#,
    r#"{"all_of": ["@a**:x.example", {"server": "x.example"}]}"#,
    r#"{"user": ["@A:x.example", "@b:x.example"]}"#,
    r#"{"include": "@*:x.example", "exclude": {"exclude": "@a*:x.example"}}"#,
    r#"{"include": "@*:x.example", "exclude": {"exclude": ["@a:x.example", "@b*:x.example"]}}"#,
    r#"{"exclude": {"exclude": {"user": "@a:x.example"}}}"#,
    r#"{"all_of": ["@*:x.example", "@a*:*", {"server": "x.example"}, "@*:x.example"]}"#,
    r#"{"all_of": ["@a:x.example", "@a:x.example"]}"#,
    r#"{"all_of": ["all", {"include": "@*:x.example", "exclude": "@b:x.example"}]}"#,
    r#"{"server": "all"}"#,
    r#"{"regex": "all"}"#,
];

const TEMPLATES: [&str; 4] = [
    r#"{"template": "@a:x.example"}"#,
    r#"{"template": "@{localpart}:x.example"}"#,
    r#""@{localpart}:x.example""#,
    r#""@${localpart}:{{server}}""#,
];

fn item(template: bool) -> impl Strategy<Value = Value> {
    let items = ITEMS
        .iter()
        .chain(TEMPLATES.iter().filter(move |_| template));
    let items: Vec<&str> = items.copied().collect();
    select(items).prop_map(|item| serde_json::from_str(item).expect("JSON"))
}

fn users(template: bool) -> impl Strategy<Value = Value> {
    let list = || vec(item(template), 1..4).prop_map(Value::from);
    prop_oneof![
        item(template),
        list(),
        (list(), list())
            .prop_map(|(include, exclude)| json!({"include": include, "exclude": exclude})),
    ]
}

/// Rules, in one line or over many.
fn text() -> impl Strategy<Value = String> {
    let states = vec(
        select(vec!["online", "offline", "busy", "org.matrix.msc3026.busy"]),
        1..4,
    );
    let route = (users(false), users(true), proptest::option::of(states)).prop_map(
        |(senders, recipients, states)| {
            let mut route = json!({"senders": senders, "recipients": recipients});
            if let Some(states) = states {
                route["when"] = json!({"state": states});
            }
            route
        },
    );
    let block = (users(false), users(false))
        .prop_map(|(senders, recipients)| json!({"senders": senders, "recipients": recipients}));
    (
        vec(route, 1..4),
        vec(block, 0..2),
        users(false),
        any::<bool>(),
    )
        .prop_map(|(routes, blocks, group, is_block)| {
            // The one group contains no other.
            let group = group
                .to_string()
                .replace(r#"{"group":"g"}"#, r#""@b:x.example""#);
            let group: Value = serde_json::from_str(&group).expect("JSON");
            let rules = json!({"groups": {"g": group}, "routes": routes, "blocks": blocks});
            if is_block {
                serde_yaml::to_string(&rules).expect("YAML")
            } else {
                rules.to_string()
            }
        })
}

fn read(text: &str) -> (Sources, RuleSet, Vec<Finding>) {
    let mut sources = Sources::default();
    sources.add("rules.yaml", text);
    let (rule_set, findings) = rules::read(&sources);
    (sources, rule_set, findings)
}

fn found(text: &str) -> (Sources, RuleSet, Vec<Finding>) {
    let rules = Rules::parse("rules.yaml", text);
    let findings = rules.findings();
    let (rule_set, sources) = rules.into_written();
    (sources, rule_set, findings)
}

/// The text after a fix.
fn fixed(sources: &Sources, fix: &Fix) -> Option<String> {
    let (_, source) = sources.iter().next().expect("the rules");
    let mut text = source.text().to_owned();
    for edit in Editor::new(sources).edits(fix)?.into_iter().rev() {
        text.replace_range(edit.range, &edit.text);
    }
    Some(text)
}

/// What is written is what the remedy says.
fn is_said(finding: &Finding, fix: &Fix) -> bool {
    let help = finding.help.as_deref().unwrap_or_default();
    fix.changes.iter().all(|change| match &change.kind {
        ChangeKind::Write(text) | ChangeKind::Say(text) => help.contains(&**text),
        ChangeKind::Remove => help.contains("remove"),
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: cases() / 4, ..ProptestConfig::default() })]

    #[test]
    fn fixes_do_what_they_say(text in text()) {
        let (sources, old, findings) = found(&text);
        if findings.iter().any(|finding| finding.severity == Severity::Error) {
            return Ok(());
        }
        for finding in &findings {
            let Some(fix) = &finding.fix else { continue };
            prop_assert!(is_said(finding, fix), "{finding:?}");
            let Some(new_text) = fixed(&sources, fix) else { continue };
            let (new_sources, new, faults) = read(&new_text);
            prop_assert!(faults.is_empty(), "{}\n{}\n{faults:?}", finding.message, new_text);
            if fix.effect != Effect::Same {
                continue;
            }
            let [old, new] = [(&old, &sources), (&new, &new_sources)].map(|(rule_set, sources)| Written { rule_set, sources });
            let comparison = compare(old, new, Budget::default()).expect("proof and router agree");
            // Templates may leave it undecided.
            prop_assert!(
                comparison.differences.is_empty(),
                "{}: {}\n{}\n{}\n{:?}", finding.code, finding.message, text, new_text, comparison.differences
            );
        }
    }
}

/// What each fix of an item writes, and that whom it takes then is what the fix says.
#[test]
fn items_are_fixed() {
    let mut said = String::new();
    for item in ITEMS.iter().chain(&TEMPLATES[..]) {
        if item.contains("group") {
            continue;
        }
        let is_template = item.contains("template") || item.contains("localpart");
        let text = if is_template {
            format!("routes: [{{recipients: {item}, senders: '@*:x.example'}}]\n")
        } else {
            format!("routes: [{{senders: {item}, recipients: '@r:r.example'}}]\n")
        };
        let (sources, old, findings) = found(&text);
        for finding in &findings {
            let Some(fix) = &finding.fix else { continue };
            let new_text = fixed(&sources, fix).expect("an edit");
            let (new_sources, new, again) = found(&new_text);
            let written = new_text.split("s: ").nth(2).expect("the item");
            let written = written.rsplit_once(", ").expect("what follows").0;
            let _ = writeln!(said, "{item} {}: {written}", finding.code);
            assert!(
                again.iter().all(|other| other.code != finding.code),
                "{text}{new_text}{again:?}"
            );
            assert!(
                again.iter().all(|other| other.severity < Severity::Error),
                "{new_text}{again:?}"
            );
            let [old, new] = [(&old, &sources), (&new, &new_sources)]
                .map(|(rule_set, sources)| Written { rule_set, sources });
            let comparison = compare(old, new, Budget::default()).expect("proof and router agree");
            let [more, fewer] = [Which::New, Which::Old].map(|which| comparison.only_in(which));
            let expected = match fix.effect {
                Effect::Same => [Direction::Nothing; 2],
                Effect::Fewer => [Direction::Nothing, Direction::Something],
                Effect::More => [Direction::Something, Direction::Nothing],
                Effect::Others => [Direction::Something, fewer],
            };
            assert_eq!([more, fewer], expected, "{text}{new_text}");
        }
    }
    let golden = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/diff/fixes.txt");
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(golden, &said).expect("a file");
    }
    assert_eq!(
        said,
        std::fs::read_to_string(golden).unwrap_or_default(),
        "BLESS=1 writes it anew"
    );
}

/// What cannot be read can be read after its fix.
#[test]
fn faults_are_fixed() {
    for senders in [
        r#"["@a:x.example", {exclude: "@b:x.example"}]"#,
        r#"[{exclude: ["@b:x.example", {server: y.example}]}]"#,
        "\n  - {server: x.example} # ours\n  - exclude:\n    - '@b:x.example'\n",
        r#""@a@x.example""#,
        r#""@a:x\u200b.example""#,
        r#"{server: "\u0445.example"}"#,
    ] {
        let text = format!("routes:\n- recipients: '@r:x.example'\n  senders: {senders}\n");
        let (sources, _, findings) = found(&text);
        let fault = (findings.iter()).find(|finding| finding.severity == Severity::Error);
        let fix = fault.and_then(|fault| fault.fix.as_ref()).expect("a fix");
        let fixed = fixed(&sources, fix).expect("an edit");
        let (_, _, left) = found(&fixed);
        let is_read = left
            .iter()
            .all(|finding| finding.severity < Severity::Error);
        assert!(is_read, "{fixed}{left:?}");
    }
}
