//! The digest of rules is of what they say, and not of how they say it.

use presence_router::source::Sources;
use presence_router::{known_users, rules};

fn digest(files: &[&str]) -> String {
    let mut sources = Sources::default();
    for (number, text) in files.iter().enumerate() {
        sources.add(format!("{number}.yaml"), *text);
    }
    let (mut rule_set, mut findings) = rules::read_for(&sources, Some("corp.example"));
    let text_of = |path: &std::path::Path| match path.to_str() {
        Some("staff.txt") => Some("@ann:corp.example\n@bob:corp.example\n"),
        Some("copy.json") => Some(r#"["@ann:corp.example", "@bob:corp.example"]"#),
        Some("less.txt") => Some("@ann:corp.example\n"),
        _ => None,
    };
    findings.extend(known_users::lists_of_texts(
        &mut rule_set,
        &mut sources,
        text_of,
    ));
    assert!(findings.is_empty(), "{findings:?} of {files:?}");
    rule_set.digest().to_string()
}

const RULES: &str = r#"
groups:
  team: ["@ann:corp.example", {file: staff.txt}]
  all: {include: {group: team}, exclude: "@bot-*:corp.example"}
routes:
  - name: one
    senders: {group: all}
    recipients: ["@lobby:corp.example", {template: "@{localpart}:old.example"}]
    when: {state: [online, busy]}
  - {senders: local, recipients: "@kitchen:corp.example"}
interests:
  - {users: "@boss:corp.example", in: {server: [corp.example, b.example]}}
blocks:
  - {name: hidden, recipients: {all_of: [{exclude: local}, {regex: ".*x.*"}]}}
"#;

#[test]
fn it_is_the_same_however_rules_are_written() {
    let said = digest(&[RULES]);
    let same = [
        ("# a comment\nroutes:", "routes:"),
        ("name: one", "description: why\n    name: one"),
        ("{group: all}", "[{include: [{group: all}]}]"),
        ("team", "people"),
        ("staff.txt", "copy.json"),
        ("[online, busy]", "[org.matrix.msc3026.busy, online, busy]"),
        (
            "{server: [corp.example, b.example]}",
            "[{server: corp.example}, [{server: b.example}]]",
        ),
        ("{exclude: local}", "{exclude: local, include: all}"),
        ("hidden, recipients", "hidden, senders: all, recipients"),
        ("blocks:\n", "version: 1\nknown_users: '@x:x'\nblocks:\n"),
        (
            r#"  - {senders: local, recipients: "@kitchen:corp.example"}"#,
            "  - recipients: {user: '@kitchen:corp.example'}\n    senders: local",
        ),
    ];
    for (from, to) in same {
        let text = RULES.replace(from, to);
        assert_eq!(said, digest(&[&text]), "{from} as {to}");
    }
    let (groups, rest) = RULES.split_at(RULES.find("routes:").unwrap());
    let (routes, rest) = rest.split_at(rest.find("interests:").unwrap());
    assert_eq!(said, digest(&[routes, groups, rest]));
    assert_eq!(said, digest(&[rest, "", routes, groups]));
}

#[test]
fn it_is_another_if_the_rules_say_something_else() {
    let others = [
        ("name: one", "name: two"),
        ("name: one", "description: one"),
        ("@bot-", "@not-"),
        ("staff.txt", "less.txt"),
        ("[online, busy]", "[online]"),
        ("[online, busy]", "{not: [online, busy]}"),
        (
            "state: [online, busy]",
            "state: [online, busy], currently_active: true",
        ),
        ("senders: local", "senders: {server: corp.example}"),
        (
            r#""@kitchen:corp.example""#,
            r#"{glob: "@kitchen:corp.example"}"#,
        ),
        (
            r#"["@lobby:corp.example", {template"#,
            r#"[{template: "@x:old.example"}, {template"#,
        ),
        ("[corp.example, b.example]", "[b.example, corp.example]"),
        ("hidden, recipients", "hidden, senders"),
        ("blocks:\n", "derive_interests: false\nblocks:\n"),
        ("blocks:\n", "server_name: corp.example\nblocks:\n"),
        (".*x.*", ".*y.*"),
        (
            "  - {name: hidden",
            "  - {senders: '@x:x'}\n  - {name: hidden",
        ),
    ];
    let mut said = vec![digest(&[RULES])];
    for (from, to) in others {
        let text = RULES.replacen(from, to, 1);
        assert_ne!(text, RULES, "{from} is there");
        let digest = digest(&[&text]);
        assert!(!said.contains(&digest), "{from} as {to}");
        said.push(digest);
    }
}
