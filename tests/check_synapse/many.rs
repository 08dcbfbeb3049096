//! Rule sets of a size at which nobody would wait for a check whose cost grows with the product of two lists.

use std::fmt::Write as _;

use crate::check::OF_PATTERNS;
use presence_router::check;
use presence_router::finding::Code;
use presence_router::known_users::KnownUsers;
use presence_router::rules;
use presence_router::source::Sources;

fn codes(text: &str, known_users: Option<&KnownUsers>) -> Vec<Code> {
    let mut sources = Sources::default();
    sources.add("many.yaml", text);
    let (rule_set, findings) = rules::read(&sources);
    assert_eq!(findings, []);
    let findings = check::check(&rule_set, known_users);
    let codes = findings.iter().map(|finding| finding.code);
    codes.filter(|code| !OF_PATTERNS.contains(code)).collect()
}

#[test]
fn ten_thousand_rules() {
    let mut text = String::from("server_name: x.example\nderive_interests: false\nroutes:\n");
    for n in 0..5000 {
        let _ = writeln!(
            text,
            "- {{senders: '@s{n}:x.example', recipients: '@r{n}:x.example'}}"
        );
    }
    text.push_str("interests:\n");
    for n in 0..5000 {
        let seen = if n == 7 { 8 } else { n };
        let _ = writeln!(
            text,
            "- {{users: '@r{n}:x.example', in: '@s{seen}:x.example'}}"
        );
    }
    let found = codes(&text, None);
    assert_eq!(
        found,
        [Code::InterestWithoutRoute, Code::RouteWithoutInterest]
    );
}

#[test]
fn a_large_group_in_many_rules() {
    let mut text = String::from("groups:\n  staff:\n");
    for n in 0..50_000 {
        let _ = writeln!(text, "  - '@u{n}:x.example'");
    }
    text.push_str("interests:\n- {users: {group: staff}, in: {group: staff}}\nroutes:\n");
    for _ in 0..500 {
        text.push_str("- {senders: {group: staff}, recipients: {group: staff}}\n");
    }
    assert_eq!(codes(&text, None), []);
}

#[test]
fn all_for_many_users() {
    let mut text = String::from("routes:\n");
    for n in 0..3000 {
        let state = "[online, offline]";
        let _ = writeln!(
            text,
            "- {{senders: all, recipients: '@r{n}:x.example', when: {{state: {state}}}}}"
        );
        let _ = writeln!(
            text,
            "- {{senders: all, recipients: {{server: s{n}.example}}, when: {{state: {state}}}}}"
        );
    }
    text.push_str("blocks:\n");
    for n in 0..3000 {
        let _ = writeln!(text, "- {{senders: '@s{n}:x.example'}}");
    }
    let known = KnownUsers::default();
    let mut found = codes(&text, Some(&known));
    found.retain(|code| *code != Code::MatchesNobody);
    assert_eq!(found, vec![Code::AllNarrows; 6000]);
}

#[test]
fn many_patterns_over_many_users() {
    let mut known = KnownUsers::default();
    let users: Vec<_> = (0..100_000)
        .map(|n| format!("@u{n}:s{}.example\n", n % 100))
        .collect();
    assert_eq!(known.add_text(&users.concat()), []);
    let mut text = String::from("routes:\n- senders: '@a:x.example'\n  recipients:\n");
    for n in 0..2000 {
        let _ = writeln!(
            text,
            "  - '@u{n}*:s{}.example'\n  - '@none{n}*:s1.example'",
            n % 100
        );
        let _ = writeln!(text, "  - {{regex: '@[v-z]{n}:s{}\\.example'}}", n % 100);
    }
    let found = codes(&text, Some(&known));
    assert_eq!(found, vec![Code::MatchesNobody; 4000]);
}
