//! `overlapping`, which is looked for on request.

use presence_router::automata::Budget;
use presence_router::check::{Proofs, check_and_prove};
use presence_router::finding::Code;
use presence_router::rules;
use presence_router::source::Sources;

use crate::cli::Setup;

/// What overlaps, and what is undecided.
fn overlapping(rules: &str, budget: Budget) -> (Vec<String>, usize) {
    let mut sources = Sources::default();
    sources.add("rules.yaml", rules);
    let (rule_set, findings) = rules::read(&sources);
    assert!(findings.is_empty(), "{findings:?}");
    let proofs = Proofs {
        budget,
        requested: vec![Code::Overlapping],
    };
    let checked = check_and_prove(&rule_set, &sources, None, &proofs);
    let open = checked.open.iter();
    let open = open.filter(|open| open.code == Code::Overlapping).count();
    let found = checked.findings.into_iter();
    let found = found.filter(|finding| finding.code == Code::Overlapping);
    (found.map(|finding| finding.message).collect(), open)
}

fn found(rules: &str) -> Vec<String> {
    let (found, open) = overlapping(rules, Budget::default());
    assert_eq!(open, 0, "{rules}");
    found
}

#[test]
fn items_that_share_users() {
    let of = |items: &str| {
        found(&format!(
            "{{groups: {{staff: ['@*:s.example', '@x:t.example'], team: ['@t*:*', '@x:t.example']}}, \
             routes: [{{senders: {items}, recipients: '@r:x.example'}}]}}"
        ))
    };
    assert_eq!(
        of("['@bot-*:corp.example', '@*-test:corp.example']"),
        [
            "`@*-test:corp.example` and `@bot-*:corp.example` share users, such as `@bot-test:corp.example`, and each has \
             others of its own"
        ]
    );
    assert_eq!(
        of("[{group: staff}, {group: team}]"),
        [
            "`{group: team}` and `{group: staff}` share users, such as `@t:s.example`, and each has others of its own"
        ]
    );
    for apart in [
        // One takes all of the other, they are apart, or one is a single user.
        "['@*:corp.example', '@bot-*:corp.example']",
        "['@bot-*:corp.example', '@bot-*:hr.example', {server: sales.example}]",
        "['@bot-*:corp.example', '@bot-x:corp.example', '@x:y.example']",
        "[all, {server: corp.example}]",
    ] {
        assert_eq!(of(apart), Vec::<String>::new(), "{apart}");
    }
    // A block is a list as well, and stops nobody from being in it.
    let blocked = "{routes: [{senders: all, recipients: '@r:x.example'}], blocks: [{senders: ['@a*:x.example', '@*z:x.example']}]}";
    assert_eq!(found(blocked).len(), 1);
}

#[test]
fn routes_that_send_the_same() {
    let routes = |first: &str, second: &str, more: &str| {
        found(&format!(
            "{{routes: [{{name: one, {first}}}, {{name: two, {second}}}]{more}}}"
        ))
    };
    let corp = "senders: {server: corp.example}, recipients: ['@r:x.example', '@p:x.example']";
    let bots = "senders: '@bot-*:*', recipients: ['@r:x.example', '@q:x.example']";
    assert_eq!(
        routes(corp, bots, ""),
        [
            "this route and `one` both send `@r:x.example` the updates of `@bot-:corp.example`, for the state `online`, \
             and each sends others of its own"
        ]
    );
    // Blocks, conditions, and covers.
    let block = ", blocks: [{senders: {server: corp.example}, recipients: '@r:x.example'}]";
    assert_eq!(routes(corp, bots, block), Vec::<String>::new());
    let when = |route: &str, state: &str| format!("{route}, when: {{state: [offline, {state}]}}");
    let only = |route: &str, state: &str| format!("{route}, when: {{state: {state}}}");
    assert_eq!(
        routes(&only(corp, "offline"), &only(bots, "online"), ""),
        Vec::<String>::new()
    );
    assert_eq!(
        routes(&when(corp, "busy"), &when(corp, "online"), "").len(),
        1,
        "the same users, and other states"
    );
    assert_eq!(
        routes(
            "senders: {server: corp.example}, recipients: '@r:x.example'",
            "senders: '@bot-*:corp.example', recipients: '@r:x.example'",
            ""
        ),
        Vec::<String>::new(),
        "one covers the other"
    );
    // `@bot-q` is made of `@bot-q`, and sent by the other as well.
    let made = "senders: {server: corp.example}, recipients: [{template: '@{localpart}:x.example'}, '@z:z.example']";
    let named = "senders: '@bot-*:*', recipients: ['@bot-q:x.example', '@q:x.example']";
    assert_eq!(
        routes(made, named, ""),
        [
            "this route and `one` both send `@bot-q:x.example` the updates of `@bot-q:corp.example`, for the state `online`, \
             and each sends others of its own"
        ]
    );
}

#[test]
fn it_is_undecided_without_a_budget_and_not_looked_for_unasked() {
    let rules = r"routes: [{senders: [{regex: '@[ab]*x:s.example'}, {regex: '@x[ab]*:s.example'}], recipients: '@r:x.example'}]";
    let rules = rules.replace("s.example", r"s\.example");
    let (found, open) = overlapping(&rules, Budget::new(1));
    assert_eq!((found.len(), open > 0), (0, true));

    let setup = Setup::new(&rules);
    let code = |arguments: &[&str]| {
        let ran = setup.run(&[&["check", "--format", "concise"], arguments].concat(), "");
        (ran.code, ran.out.contains("[overlapping]"))
    };
    assert_eq!(code(&[]), (0, false));
    assert_eq!(code(&["-W", "overlapping"]), (0, true));
    assert_eq!(code(&["-D", "overlapping"]), (1, true));
    assert!(!code(&["-D", "warnings"]).1);
    assert_eq!(
        code(&["-W", "overlapping", "-A", "overlapping"]),
        (0, false)
    );
    assert_eq!(code(&["-W", "overlapping", "--proof-steps", "1"]).0, 4);
    assert_eq!(code(&["-W", "overlapping", "--no-prove"]), (0, false));
}
