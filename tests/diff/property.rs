//! Properties: proven, or refuted by two users whom the router confirms.

use presence_router::automata::{Budget, Undecided};
use presence_router::known_users::Role;
use presence_router::proofs::{Claim, Model, Property, Prover, Refutation, decide};
use presence_router::rules::{self, RuleSet, UserSet, When};
use presence_router::source::Sources;
use presence_router::user_id::UserId;
use proptest::prelude::*;

use super::random::asked;
use crate::compiled::Compiled;
use crate::properties::random::{everybody, files, from_file, known_users};
use crate::properties::{cases, updates_of};

fn read(text: &str) -> (Sources, RuleSet) {
    let mut sources = Sources::default();
    sources.add("rules.yaml", text);
    let (rule_set, findings) = rules::read(&sources);
    assert!(findings.is_empty(), "{findings:?}");
    (sources, rule_set)
}

/// A property whose sets are written as those of a block.
pub fn property(claim: Claim, senders: &str, recipients: &str) -> Property {
    let (_, rule_set) = read(&format!(
        "{{routes: [{{senders: all, recipients: '@a:b'}}], blocks: [{{senders: {senders}, recipients: {recipients}}}]}}"
    ));
    let block = &rule_set.files[0].blocks[0];
    Property {
        claim,
        senders: block.senders.clone(),
        recipients: block.recipients.clone(),
        when: When::default(),
    }
}

fn decided(text: &str, property: &Property) -> Option<Refutation> {
    let (sources, rule_set) = read(text);
    let mut prover = Prover::new(Budget::default());
    let model = Model::new(&rule_set, &mut prover.sets);
    decide(&rule_set, &sources, &model, &mut prover, property).expect("decided")
}

/// The pair that refutes a property, and the rules to blame.
fn refuted(text: &str, property: &Property) -> Option<(String, String, Vec<String>)> {
    let refutation = decided(text, property)?;
    let rules = refutation
        .rules
        .iter()
        .map(|rule| format!("{}[{}]", rule.list, rule.index));
    Some((refutation.sender, refutation.recipient, rules.collect()))
}

const RULES: &str = "routes:
- {senders: {server: hr.example}, recipients: [{server: hr.example}, '@lobby:corp.example']}
- {senders: {server: '*.corp.example'}, recipients: {server: corp.example}, when: {state: [online, offline]}}
blocks:
- {senders: {server: hr.example}, recipients: {exclude: {server: hr.example}}}
- {senders: '@bot-*:*'}
";

#[test]
fn properties_that_hold() {
    for (claim, senders, recipients) in [
        (
            Claim::Never,
            "{server: hr.example}",
            "{exclude: {server: hr.example}}",
        ),
        (Claim::Never, "'@bot-*:*'", "all"),
        (
            Claim::Always,
            "{include: {server: hr.example}, exclude: '@bot-*:*'}",
            "{server: hr.example}",
        ),
        (
            Claim::Only,
            "{server: '*.corp.example'}",
            "{server: corp.example}",
        ),
        (
            Claim::Only,
            "[{server: hr.example}, {server: '*.corp.example'}]",
            "all",
        ),
    ] {
        assert_eq!(
            refuted(RULES, &property(claim, senders, recipients)),
            None,
            "{claim:?} {senders}"
        );
    }
}

#[test]
fn properties_that_do_not_hold_have_a_witness_and_rules_to_blame() {
    for (claim, senders, recipients, expected) in [
        (
            Claim::Never,
            "all",
            "{server: hr.example}",
            ("@a:hr.example", "@a:hr.example", &["routes[0]"][..]),
        ),
        (
            Claim::Always,
            "{server: hr.example}",
            "{server: hr.example}",
            ("@bot-:hr.example", "@a:hr.example", &["blocks[1]"]),
        ),
        (
            Claim::Always,
            "{include: {server: a.corp.example}, exclude: '@bot-*:*'}",
            "{server: corp.example}",
            ("@a:a.corp.example", "@a:corp.example", &["routes[1]"]),
        ),
        (
            Claim::Always,
            "'@x:y.example'",
            "'@z:y.example'",
            ("@x:y.example", "@z:y.example", &[]),
        ),
        (
            Claim::Only,
            "{server: a.corp.example}",
            "{server: corp.example}",
            ("@a:b.corp.example", "@a:corp.example", &["routes[1]"]),
        ),
    ] {
        let (sender, recipient, rules) =
            refuted(RULES, &property(claim, senders, recipients)).expect("refuted");
        assert_eq!(
            (&*sender, &*recipient, rules.as_slice()),
            (
                expected.0,
                expected.1,
                expected
                    .2
                    .iter()
                    .map(|rule| (*rule).to_owned())
                    .collect::<Vec<_>>()
                    .as_slice()
            ),
            "{claim:?} {senders}"
        );
    }
}

#[test]
fn a_property_may_be_about_some_updates() {
    let always = property(
        Claim::Always,
        "'@x:a.corp.example'",
        "{server: corp.example}",
    );
    let (_, rule_set) = read(
        "routes: [{senders: all, recipients: '@a:b.example', when: {state: [online, offline]}}]",
    );
    let of_these = Property {
        when: rule_set.files[0].routes[0].when.clone(),
        ..always.clone()
    };
    assert_eq!(decided(RULES, &of_these), None);
    assert!(decided(RULES, &always).is_some());
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: cases(), ..ProptestConfig::default() })]

    #[test]
    fn decisions_hold_for_all_who_are_tried(files in files(), known in known_users(), one in 0..4_usize, other in 0..4_usize) {
        let Some(asked) = asked(&files) else { return Ok(()) };
        let sets = ["'@a*:*.example'", "{server: x.example}", "{exclude: '@b*:*'}", "['@a:x.example', '@ab:y.example']"];
        let matches = |set: usize, user: &str| {
            let id = UserId::parse(user).expect("a valid user ID");
            match set {
                0 => user.starts_with("@a") && user.ends_with(".example"),
                1 => id.server_name() == "x.example",
                2 => !user.starts_with("@b"),
                _ => ["@a:x.example", "@ab:y.example"].contains(&user),
            }
        };
        let known_users = from_file(&known);
        let router = Compiled::new(&asked.sources, &asked.rules, Some(&known_users));
        let mut prover = Prover::default();
        let model = Model::new(&asked.rules, &mut prover.sets);
        for claim in [Claim::Never, Claim::Always, Claim::Only] {
            let property = property(claim, sets[one], sets[other]);
            // What is refuted was confirmed by the router.
            let decision = decide(&asked.rules, &asked.sources, &model, &mut prover, &property);
            if let Err(Undecided::Budget { .. }) = decision {
                prop_assert!(false, "{:?}", decision);
            }
            if decision != Ok(None) { continue }
            for sender in everybody() {
                for update in updates_of(&sender) {
                    let reached = router.route(&update).recipients;
                    for recipient in everybody().filter(|recipient| matches(other, recipient)) {
                        let is_sent = reached.contains(&recipient);
                        let is_right = match claim {
                            Claim::Never => !(is_sent && matches(one, &sender)),
                            Claim::Only => !is_sent || matches(one, &sender),
                            Claim::Always => is_sent || !matches(one, &sender) || sender == recipient || known_users.role(&recipient) != Some(Role::Receives),
                        };
                        prop_assert!(is_right, "{:?} {} {}: {:?} to {}", claim, sets[one], sets[other], update, recipient);
                    }
                }
            }
        }
    }
}

/// Properties may name the groups of the rules.
#[test]
fn groups_are_known() {
    let rules = "{groups: {hr: {server: hr.example}}, routes: [{senders: {group: hr}, recipients: '@boss:hr.example'}]}";
    let of_group = Property {
        claim: Claim::Only,
        senders: Some(UserSet::Item(
            rules::Item::Group("hr".into()),
            rules::At::default(),
        )),
        recipients: None,
        when: When::default(),
    };
    assert_eq!(decided(rules, &of_group), None);
}
