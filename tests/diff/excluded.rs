//! Templates under `exclude`: who is left out depends on the sender, and only questions that turn on it are open.

use presence_router::automata::Budget;
use presence_router::check::{Proofs, check_and_prove};
use presence_router::diff::{Direction, Verdict, Which};
use presence_router::finding::Code;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};

use super::{compared, random, verdict};
use crate::properties::cases;

const CORNER: &str = "- name: corner
  senders: {server: a.example}
  recipients: {include: ['@r:b.example', {server: c.example}], exclude: {template: '@{localpart}:b.example'}}
";

/// What is proven of rules that derive no interests, and what is not.
fn proven(routes: &str) -> (Vec<(Code, String)>, Vec<String>) {
    let mut sources = presence_router::source::Sources::default();
    sources.add(
        "rules.yaml",
        format!("derive_interests: false\nroutes:\n{routes}"),
    );
    let (rule_set, findings) = presence_router::rules::read(&sources);
    assert!(findings.is_empty(), "{findings:?}");
    let checked = check_and_prove(&rule_set, &sources, None, &Proofs::default());
    let findings = checked.findings.into_iter();
    let proven =
        findings.filter(|finding| matches!(finding.code, Code::ShadowedRule | Code::DeadRule));
    (
        proven
            .map(|finding| (finding.code, finding.message))
            .collect(),
        checked
            .open
            .iter()
            .map(|open| open.undecided.to_string())
            .collect(),
    )
}

#[test]
fn what_it_leaves_out_is_compared() {
    let rules = |routes: &str| format!("routes:\n{routes}");
    let old = rules(CORNER);
    assert_eq!(verdict(&old, &old), Verdict::Equivalent);
    // Users of other servers are not what the template makes.
    let wider = old.replace("{server: c.example}", "{server: c.example}, '@x:d.example'");
    assert_eq!(verdict(&old, &wider), Verdict::Wider);
    let without = old.replace(
        "exclude: {template: '@{localpart}:b.example'}",
        "exclude: '@q:z.example'",
    );
    let comparison = compared(&[&old], &[&without]);
    assert_eq!(comparison.undecided, []);
    let witness = &comparison.differences[0];
    assert_eq!(
        (witness.sender.as_deref(), &*witness.recipient),
        (Some("@r:a.example"), "@r:b.example")
    );
    assert_eq!(verdict(&without, &old), Verdict::Narrower);
}

/// One rule with such a template says nothing of the others.
#[test]
fn other_rules_are_decided() {
    let others = "- {name: two, senders: {server: d.example}, recipients: '@x:b.example'}
- {name: three, senders: '@q:d.example', recipients: '@x:b.example'}
";
    let (findings, open) = proven(&[CORNER, others].concat());
    assert_eq!(open, Vec::<String>::new());
    assert_eq!(
        findings,
        [(
            Code::ShadowedRule,
            "this route does nothing that `two` does not do as well".to_owned()
        )]
    );
    // Sender by sender, it is known whom the template leaves out.
    let four = "- {name: four, senders: '@bob:a.example', recipients: '@r:b.example'}\n";
    let (findings, open) = proven(&[CORNER, four].concat());
    assert_eq!(open, Vec::<String>::new());
    assert_eq!(
        findings[0].1,
        "this route does nothing that `corner` does not do as well"
    );
    let five = "- {name: five, senders: '@r:a.example', recipients: '@r:b.example'}\n";
    assert_eq!(proven(&[CORNER, five].concat()), (Vec::new(), Vec::new()));
}

/// That all senders but one are covered takes more than trying some.
#[test]
fn what_turns_on_it_is_undecided_and_named() {
    let all_but_one = "- {name: six, senders: {include: {server: a.example}, exclude: '@r:a.example'}, recipients: '@r:b.example'}\n";
    let (findings, open) = proven(&[CORNER, all_but_one].concat());
    assert_eq!(findings, []);
    assert_eq!(
        open,
        [
            "which users the template `@{localpart}:b.example` under `exclude` of the route `corner` leaves out"
        ]
    );
}

#[test]
fn a_route_whose_recipients_are_all_left_out_is_dead() {
    let dead = "- {name: dead, senders: '@r:a.example', recipients: {include: '@r:b.example', exclude: {template: '@{localpart}:b.example'}}}\n";
    let (findings, open) = proven(dead);
    assert_eq!(open, Vec::<String>::new());
    assert_eq!(
        findings,
        [(
            Code::DeadRule,
            "this route never sends anything: templates leave all of its recipients out".to_owned()
        )]
    );
}

/// Whether a pattern that no set says makes somebody see everyone is undecided, and told as such.
#[test]
fn who_sees_everyone_may_be_undecided() {
    let rules = "routes: [{senders: all, recipients: {include: {server: b.example}, exclude: {template: '@{localpart}-{localpart}:b.example'}}}]";
    let comparison = compared(&[rules], &[rules]);
    assert_eq!(comparison.verdict(), Verdict::Undecided);
    assert_eq!(comparison.undecided.len(), 2);
    assert_eq!(
        comparison.undecided[0].undecided.to_string(),
        "a template under `exclude` with a variable in more than one place decides who sees everyone (ALL)"
    );
    // Where it decides nothing of the kind, the answer is certain.
    let some = rules.replace("senders: all", "senders: {server: a.example}");
    assert_eq!(verdict(&some, &some), Verdict::Equivalent);
}

/// A user set in which templates meet those whom they make.
fn recipients() -> impl Strategy<Value = Value> {
    let item = select(
        &[
            r#""@a:y.example""#,
            r#""@ab:y.example""#,
            r#"{"server": "y.example"}"#,
            r#"{"template": "@{localpart}:y.example"}"#,
            r#"{"template": "@a{localpart}:y.example"}"#,
            r#"{"template": "@a:y.example"}"#,
            r#"{"template": "@{localpart}{localpart}:{server}"}"#,
            r#""all""#,
        ][..],
    );
    let item = item.prop_map(|item| serde_json::from_str(item).expect("JSON"));
    item.prop_recursive(3, 8, 3, |part| {
        prop_oneof![
            2 => (part.clone(), part.clone())
                .prop_map(|(include, exclude)| json!({"include": include, "exclude": exclude})),
            1 => vec(part, 1..3).prop_map(Value::from),
        ]
    })
}

fn rules() -> impl Strategy<Value = Value> {
    let senders = select(
        &[
            r#""@a:x.example""#,
            r#"["@a:x.example", "@b:x.example"]"#,
            r#"{"server": "x.example"}"#,
            r#"{"glob": "@a*:*"}"#,
            r#""all""#,
        ][..],
    );
    let senders = senders.prop_map(|senders| serde_json::from_str::<Value>(senders).expect("JSON"));
    let route = (senders.clone(), recipients())
        .prop_map(|(senders, recipients)| json!({"senders": senders, "recipients": recipients}));
    let interest =
        (senders, recipients()).prop_map(|(users, sees)| json!({"users": users, "in": sees}));
    (vec(route, 1..4), vec(interest, 0..2), any::<bool>()).prop_map(|(routes, interests, derives)| {
        json!({"routes": routes, "interests": interests, "derive_interests": derives})
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: cases(), ..ProptestConfig::default() })]

    #[test]
    fn verdicts_hold(old in rules(), new in rules(), is_same in any::<bool>(), known in crate::properties::random::known_users()) {
        let mut new = new;
        if is_same {
            // All but one rule.
            new["routes"] = old["routes"].clone();
            new["routes"].as_array_mut().expect("a list").pop();
            new["derive_interests"] = old["derive_interests"].clone();
            if new["routes"] == json!([]) {
                return Ok(());
            }
        }
        let (Some(old), Some(new)) = (random::asked(&vec![old]), random::asked(&vec![new])) else { return Ok(()) };
        let comparison = random::compared(&old, &new, Budget::default());
        let (more, less) = random::differ(&old, &new, &known);
        for (which, found) in [(Which::New, more), (Which::Old, less)] {
            let proven = comparison.only_in(which);
            prop_assert!(found.is_none() || proven != Direction::Nothing, "{:?}, and {:?}", which, found);
        }
        // What checks by proof confirm with the router is confirmed.
        for asked in [&old, &new] {
            let proofs = Proofs { requested: vec![Code::Overlapping], ..Proofs::default() };
            check_and_prove(&asked.rules, &asked.sources, None, &proofs);
        }
    }
}
