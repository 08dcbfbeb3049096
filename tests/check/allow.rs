//! `allow` and `unused-allow`.

use presence_router::check::check;
use presence_router::finding::Code;
use presence_router::rules;
use presence_router::source::Sources;

fn codes(rules: &str) -> Vec<Code> {
    let mut sources = Sources::default();
    sources.add("rules.yaml", rules);
    let (rule_set, _) = rules::read(&sources);
    check(&rule_set, None)
        .into_iter()
        .map(|finding| finding.code)
        .collect()
}

fn route(state: &str, allow: &str) -> String {
    format!(
        "routes:\n- senders: '@a:x.example'\n  recipients: '@r:x.example'\n  when: {{state: [offline, {state}]}}\n  \
         allow: {{{allow}}}\n"
    )
}

#[test]
fn a_finding_is_silenced_on_its_rule_alone() {
    let other =
        "- {senders: '@a:x.example', recipients: '@q:x.example', when: {state: [offline, away]}}\n";
    let allowed = route("away", "unknown-state: our own client");
    assert_eq!(codes(&route("away", "")), [Code::UnknownState]);
    assert_eq!(codes(&allowed), []);
    assert_eq!(codes(&(allowed + other)), [Code::UnknownState]);
}

#[test]
fn an_allow_that_silences_nothing_is_found() {
    assert_eq!(
        codes(&route("online", "unknown-state: no more")),
        [Code::UnusedAllow]
    );
    assert_eq!(
        codes(&route("online", "unknown-state: soon, unused-allow: soon")),
        []
    );
}

#[test]
fn an_allow_is_not_called_unused_where_that_is_not_known() {
    // It has its use where there are known users, or none.
    assert_eq!(codes(&route("online", "needs-known-users: in Synapse")), []);
    assert_eq!(
        codes(&route("online", "matches-nobody: they come in May")),
        []
    );
    // Faulty rules may lack what the finding was about.
    let faulty = route("online", "interest-without-route: wanted")
        + "- {senders: nobody, recipients: all}\n";
    assert!(!codes(&faulty).contains(&Code::UnusedAllow));
}
