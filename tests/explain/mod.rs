//! `explain` as its users see it: what is printed for rules in which each reason occurs.
//!
//! `BLESS=1` writes the files under `golden` anew. Read them: they are what an admin reads at night.

use std::env;
use std::fs;
use std::path::Path;

use crate::cli::{Ran, Setup};

const RULES: &str = r#"
known_users: [users.txt, accounts.json]
groups:
  staff:
    include: [{server: corp.example}, {group: guests}]
    exclude: ["@bot-*:corp.example", "@mallory:guests.example"]
  guests: {regex: '@[a-z]+:guests\.example'}
  screens: ["@lobby:corp.example", "@kitchen:corp.example"]
routes:
  - name: staff-to-screens
    senders: {group: staff}
    recipients: {group: screens}
    when: {state: [online, offline]}
  - name: to-moved
    senders: {server: corp.example}
    recipients: {template: "@{localpart}:old.example"}
  - name: to-known
    senders: "@heidi:corp.example"
    recipients: {exclude: ["@mallory:*", {server: corp.example}]}
  - senders: "@alice:hr.example"
    recipients: ["@bob:hr.example", "@lobby:corp.example", "@irc_1:old.example", "@irc_*:old.example"]
interests:
  - name: auditor
    users: "@auditor:corp.example"
    in: all
  - name: bob-sees-staff
    users: "@bob:hr.example"
    in: {include: {group: staff}, exclude: "@grace:corp.example"}
blocks:
  - name: hr-stays-inside
    senders: {server: hr.example}
    recipients: {exclude: {server: hr.example}}
"#;

/// Its recipients do not see its senders.
const SEND_ONLY: &str = r#"
derive_interests: false
routes:
  - name: send-only
    senders: "@grace:corp.example"
    recipients: "@bob:hr.example"
"#;

const USERS: &str = "@grace:corp.example\n@heidi:corp.example\n@bot-7:corp.example\n@mallory:guests.example\n\
                     @ann:guests.example\n@alice:hr.example\n@bob:hr.example\n";

const ACCOUNTS: &str = r#"{"user_id": "@irc_1:old.example", "appservice_id": "irc"}"#;

fn setup() -> Setup {
    let setup = Setup::new(RULES);
    setup.write("rules/accounts.json", ACCOUNTS);
    setup.write("rules/send-only.yaml", SEND_ONLY);
    setup.write("rules/users.txt", USERS);
    setup
}

fn explain(arguments: &str, stdin: &str) -> Ran {
    let arguments: Vec<_> = ["explain"]
        .into_iter()
        .chain(arguments.split(' '))
        .collect();
    setup().run(&arguments, stdin)
}

/// Each with its name, its arguments, and the exit code.
const SCENARIOS: [(&str, &str, i32); 23] = [
    (
        "delivered",
        "--sender @heidi:corp.example --recipient @lobby:corp.example --state online",
        0,
    ),
    (
        "in-part",
        "--sender @heidi:corp.example --recipient @lobby:corp.example",
        0,
    ),
    (
        "when",
        "--sender @heidi:corp.example --recipient @lobby:corp.example --state busy",
        1,
    ),
    (
        "excluded",
        "--sender @bot-7:corp.example --recipient @lobby:corp.example",
        1,
    ),
    (
        "excluded-in-a-group",
        "--sender @mallory:guests.example --recipient @kitchen:corp.example",
        1,
    ),
    (
        "template",
        "--sender @grace:corp.example --recipient @grace:old.example",
        0,
    ),
    (
        "unknown-recipient",
        "--sender @heidi:corp.example --recipient @eve:elsewhere.example",
        1,
    ),
    (
        "only-seen",
        "--sender @heidi:corp.example --recipient @irc_1:old.example",
        1,
    ),
    ("only-seen-alone", "--recipient @irc_1:old.example", 0),
    (
        "misspelt",
        "--sender @hiedi:corp.example --recipient @lobby:corp.example --state online",
        1,
    ),
    (
        "blocked",
        "--sender @alice:hr.example --recipient @lobby:corp.example",
        1,
    ),
    (
        "unseen",
        "--sender @grace:corp.example --recipient @bob:hr.example",
        1,
    ),
    (
        "late",
        "--sender @ann:guests.example --recipient @bob:hr.example",
        1,
    ),
    (
        "all",
        "--sender @grace:corp.example --recipient @auditor:corp.example",
        1,
    ),
    (
        "strangers",
        "--sender @x:a.example --recipient @y:b.example",
        1,
    ),
    ("sender", "--sender @heidi:corp.example", 0),
    ("recipient", "--recipient @lobby:corp.example", 0),
    ("recipient-by-template", "--recipient @grace:old.example", 0),
    (
        "sets",
        r#"--sender {"group":"staff"} --recipient {"group":"screens"} --state online"#,
        0,
    ),
    (
        "sets-strangers",
        r#"--sender @heidi:corp.example --recipient {"server":"else.example"}"#,
        0,
    ),
    (
        "sets-unseen",
        r#"--sender ["@grace:corp.example"] --recipient {"server":"hr.example"} --state online"#,
        1,
    ),
    (
        "sets-blocked",
        r#"--sender @alice:hr.example --recipient {"server":"corp.example"}"#,
        1,
    ),
    (
        "sets-nobody",
        "--sender @x*:else.example --recipient all",
        1,
    ),
];

#[test]
fn answers_are_told_as_they_should_be() {
    let mut failures = Vec::new();
    for (name, arguments, code) in SCENARIOS {
        for format in ["tree", "line", "json"] {
            let ran = explain(&format!("--format {format} {arguments}"), "");
            let told = format!(
                "$ presence-router explain {arguments}\n{}{}",
                ran.err, ran.out
            );
            if ran.code != code {
                failures.push(format!("{name}: exit {}\n{told}", ran.code));
            }
            let told = if format == "json" {
                pretty(&ran.out)
            } else {
                told
            };
            let golden = Path::new(env!("CARGO_MANIFEST_DIR"))
                .join(format!("tests/explain/golden/{name}.{format}.txt"));
            if env::var_os("BLESS").is_some() {
                fs::write(&golden, &told).expect("a file");
            } else if fs::read_to_string(&golden).is_ok_and(|golden| golden != told)
                || !golden.exists()
            {
                failures.push(format!("{name}.{format}:\n{told}"));
            }
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

fn pretty(json: &str) -> String {
    let value: serde_json::Value = serde_json::from_str(json).expect("JSON on one line");
    format!("{value:#}\n")
}

#[test]
fn who_is_kept_in_by_an_exclude_in_an_exclude_is_told_so() {
    let setup = Setup::new(
        "groups:
  corp: {server: corp.example}
routes:
  - senders: {exclude: {include: {group: corp}, exclude: '@grace:corp.example'}}
    recipients: '@lobby:corp.example'
",
    );
    let ask = |format| {
        let question = "explain --recipient @lobby:corp.example --sender @grace:corp.example";
        let arguments: Vec<_> = question.split(' ').chain(["--format", format]).collect();
        let ran = setup.run(&arguments, "");
        assert_eq!(ran.code, 0, "{}", ran.err);
        ran.out
    };
    let tree = ask("tree");
    assert!(
        tree.contains(
            "\
│   ├── would be excluded by
│   │   └── group `corp`  rules/rules.yaml:4:34
│   │       └── {server: corp.example}  rules/rules.yaml:2:9
│   │           2 | corp: {server: corp.example}
│   └── but kept in by
│       └── '@grace:corp.example'  rules/rules.yaml:4:58
"
        ),
        "{tree}"
    );
    let json: serde_json::Value = serde_json::from_str(&ask("json")).expect("JSON");
    let sender = &json["routes"][0]["sender"];
    assert_eq!(sender["standing"], "in");
    assert_eq!(sender["kept_in_by"][0][0]["text"], "'@grace:corp.example'");
}

#[test]
fn each_update_of_an_input_is_explained() {
    let updates = "{\"user_id\":\"@heidi:corp.example\",\"state\":\"online\"}\n\
                   {\"user_id\":\"heidi\",\"state\":\"online\"}\n\
                   {\"type\":\"m.presence\",\"sender\":\"@grace:corp.example\",\"content\":{\"presence\":\"busy\"}}\n";
    let ran = explain(
        "--update - --recipient @lobby:corp.example --format line",
        updates,
    );
    assert_eq!(ran.code, 1);
    assert!(
        ran.err
            .starts_with("<stdin>:2:12: error: `heidi` is not a user ID"),
        "{}",
        ran.err
    );
    assert_eq!(
        ran.out,
        "rules/rules.yaml:5:{server: corp.example}\trules/rules.yaml:8:\"@lobby:corp.example\"\t\
         route `staff-to-screens`\tsends\n\
         rules/rules.yaml:18:\"@heidi:corp.example\"\trules/rules.yaml:19:{server: corp.example}\t\
         route `to-known`\texcludes\n"
    );
    let ran = explain("--update - --recipient @lobby:corp.example", updates);
    for title in [
        "`@heidi:corp.example` is `online`",
        "delivered: `@lobby:corp.example` gets the presence of `@heidi:corp.example` (state `online`)",
        "`@grace:corp.example` is `busy`",
    ] {
        assert!(ran.out.contains(title), "{title}:\n{}", ran.out);
    }
}

/// Rules that are written for Synapse name no known users: two users who are named are enough.
#[test]
fn without_known_users_both_users_are_known() {
    let setup =
        Setup::new("routes: [{senders: {server: a.example}, recipients: {server: b.example}}]");
    let pair = [
        "explain",
        "--sender",
        "@x:a.example",
        "--recipient",
        "@y:b.example",
    ];
    let ran = setup.run(&pair, "");
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    assert!(
        ran.err.contains("note: there are no known users"),
        "{}",
        ran.err
    );
    let ran = setup.run(&pair[..3], "");
    assert_eq!(ran.code, 2);
    assert!(
        ran.err
            .contains("name known users with `known_users:` in a rule file"),
        "{}",
        ran.err
    );
}

#[test]
fn wrong_usage_is_told() {
    for (arguments, message) in [
        (
            "--sender grace",
            "error[invalid-user-id]: `grace` is not a user ID: it does not start with `@`",
        ),
        (
            "--format line",
            "error: the following required arguments were not provided",
        ),
        (
            "--recipient @a:b --state online",
            "error: the following required arguments were not provided",
        ),
        ("--update - --sender @a:b", "cannot be used with"),
        ("--update nowhere.json", "error: cannot read `nowhere.json`"),
    ] {
        let ran = explain(arguments, "");
        assert_eq!(ran.code, 2, "{arguments}: {}{}", ran.out, ran.err);
        assert!(ran.err.contains(message), "{arguments}: {}", ran.err);
    }
}

/// Groups can lead to one pattern on more ways than there is time or memory for.
#[test]
fn ways_through_groups_are_bounded() {
    use std::fmt::Write as _;
    let mut rules =
        String::from("known_users: []\ngroups:\n  g0: [\"@a:x.example\", \"@*:x.example\"]\n");
    for depth in 1..90 {
        let before = depth - 1;
        writeln!(rules, "  g{depth}: [{{group: g{before}}}, {{group: g{before}}}, {{include: {{group: g{before}}}}}]")
            .expect("memory");
    }
    rules.push_str("routes: [{senders: {group: g89}, recipients: \"@b:x.example\"}]\n");
    let setup = Setup::new(&rules);
    let ran = setup.run(
        &[
            "explain",
            "--sender",
            "@a:x.example",
            "--recipient",
            "@b:x.example",
        ],
        "",
    );
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(ran.out.contains("└── and more"), "{}", ran.out);
    let ran = setup.run(&["explain", "--recipient", "@b:x.example"], "");
    assert_eq!(ran.code, 0, "{}", ran.err);
}

/// User IDs may hold whatever a terminal obeys.
#[test]
fn nothing_is_printed_that_a_terminal_obeys() {
    let setup = Setup::new(
        "routes: [{senders: {user: \"@\\e[31m:x.example\"}, recipients: \"@b:x.example\"}]",
    );
    let ran = setup.run(
        &[
            "explain",
            "--sender",
            "@\u{1b}[31m:x.example",
            "--recipient",
            "@b:x.example",
        ],
        "",
    );
    assert!(
        !ran.out.contains('\u{1b}') && !ran.err.contains('\u{1b}'),
        "{}{}",
        ran.out,
        ran.err
    );
}
