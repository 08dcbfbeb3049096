//! `lookalike-server` and `unescaped-dot` with proofs: they name the shortest ID that was not meant.

use presence_router::automata::Budget;
use presence_router::check::{Proofs, check_and_prove};
use presence_router::finding::Code;
use presence_router::rules;
use presence_router::source::Sources;

/// What is said of senders, with this budget.
fn said(senders: &str, budget: Budget) -> Vec<String> {
    let mut sources = Sources::default();
    let text = format!("routes: [{{senders: {senders}, recipients: '@r:x.example'}}]");
    sources.add("rules.yaml", text);
    let (rule_set, findings) = rules::read(&sources);
    assert!(findings.is_empty(), "{findings:?}");
    let proofs = Proofs {
        budget,
        ..Proofs::default()
    };
    let found = check_and_prove(&rule_set, &sources, None, &proofs).findings;
    let codes = [Code::LookalikeServer, Code::UnescapedDot];
    let found = found
        .into_iter()
        .filter(|finding| codes.contains(&finding.code));
    found.map(|finding| finding.message).collect()
}

#[test]
fn the_shortest_id_is_named() {
    for (senders, message) in [
        (
            "'@*:*corp.example'",
            "`@*:*corp.example` also matches users of other servers, such as `@a:acorp.example`",
        ),
        (
            "'@bot-*corp.example'",
            "`@bot-*corp.example` also matches users of other servers, such as `@bot-:acorp.example`",
        ),
        (
            "{server: '*corp.example'}",
            "`*corp.example` also matches users of other servers, such as `@a:acorp.example`",
        ),
        (
            r"{regex: '@[a-z]+:corp.example'}",
            "this `.` stands for any character, so that `@a:corpaexample` matches",
        ),
        (
            // No `-` may stand for this dot: what is meant and what is not are told apart by proof.
            r"{regex: '@a:[a-z.]{1,4}.example'}",
            "this `.` stands for any character, so that `@a:aaexample` matches",
        ),
    ] {
        assert_eq!(said(senders, Budget::default()), [message], "{senders}");
    }
}

/// Where no dot can be anything else, nobody is let in.
#[test]
fn what_lets_nobody_in_is_not_reported() {
    let all = r"{regex: '@a:corp.example|@a:corp[^.]example'}";
    assert_eq!(said(all, Budget::default()), Vec::<String>::new());
}

/// Without a proof, an example that is made from the pattern's text does.
#[test]
fn a_budget_that_runs_out_leaves_an_example() {
    assert_eq!(
        said("'@*:*corp.example'", Budget::new(1)),
        ["`@*:*corp.example` also matches users of other servers, such as `@a:evilcorp.example`"]
    );
}
