//! The front door: what it answers is what the engine behind it answers, and what the command line tells.

use presence_router::finding::Severity;
use presence_router::update::{Update, updates};
use presence_router::user_id::UserId;
use presence_router::{Interested, RouterError, Rules, RulesError};

fn id(text: &str) -> UserId<'_> {
    UserId::parse(text).expect("a user ID")
}

const RULES: &str = r#"
routes:
  - senders: {server: corp.example}
    recipients: "@screen-*:corp.example"
    when: {state: online}
  - senders: "@*-bot:corp.example"
    recipients: {template: "@{localpart}-owner:corp.example"}
interests:
  - {users: "@auditor:corp.example", in: all}
"#;

#[test]
fn recipients_are_texts_by_the_order_of_the_rules() {
    let rules = Rules::parse("rules.yaml", RULES);
    let known = ["@screen-1:corp.example", "@screen-2:corp.example"].map(id);
    let router = rules.router(known).expect("a router");
    let bot = Update::new(id("@a-bot:corp.example"), "online");
    let to = router.recipients(&bot).expect("there are known users");
    assert_eq!(
        to,
        [
            "@screen-1:corp.example",
            "@screen-2:corp.example",
            "@a-bot-owner:corp.example"
        ]
    );

    let mut offline = Vec::new();
    updates(
        r#"{"user_id": "@a-bot:corp.example", "state": "offline"}"#,
        |update| {
            offline = router
                .recipients(&update.expect("an update"))
                .expect("there are known users");
        },
    );
    assert_eq!(offline, ["@a-bot-owner:corp.example"]);
}

#[test]
fn who_is_interested_sees_users_or_everyone() {
    let rules = Rules::parse("rules.yaml", RULES);
    let router = rules
        .router([id("@grace:corp.example"), id("@screen-1:corp.example")])
        .expect("a router");
    let ask = |user| router.interested(id(user)).expect("there are known users");
    assert_eq!(ask("@auditor:corp.example"), Interested::All);
    let both = ["@grace:corp.example", "@screen-1:corp.example"].map(str::to_owned);
    assert_eq!(
        ask("@screen-1:corp.example"),
        Interested::Users(both.into())
    );
    assert_eq!(ask("@grace:corp.example"), Interested::Users(Vec::new()));
}

#[test]
fn without_known_users_patterns_find_nobody_and_say_so() {
    let router = Rules::parse("rules.yaml", RULES)
        .router([])
        .expect("a router");
    let update = Update::new(id("@a-bot:corp.example"), "online");
    assert!(router.recipients(&update).is_err());
}

#[test]
fn rules_with_errors_have_no_router() {
    let rules = Rules::parse(
        "rules.yaml",
        "routes: [{senders: '@a:corp', recipients: 5}]",
    );
    let findings = rules.findings();
    assert!(
        findings
            .iter()
            .any(|finding| finding.severity == Severity::Error)
    );
    let error = rules.router([]).expect_err("an error in the rules");
    assert!(matches!(error, RouterError::Findings(_)));
    assert!(error.to_string().contains("rules.yaml:1"), "{error}");
}

#[test]
fn options_say_what_the_rules_do_not() {
    let folder = tempfile::tempdir().expect("a folder");
    let users = folder.path().join("users.txt");
    std::fs::write(&users, "@screen-1:corp.example\n@screen-1:other.example\n").expect("a file");
    let text = "routes: [{senders: all, recipients: {all_of: [local, '@screen-*:*']}}]";
    let options = Rules::options()
        .server_name("corp.example")
        .known_users([&users]);
    let rules = options.parse("rules.yaml", text).expect("users");
    assert_eq!(rules.found(), []);
    assert_eq!(rules.user_files(), [users]);
    let router = rules.router([]).expect("a router");
    let update = Update::new(id("@grace:corp.example"), "online");
    let to = router.recipients(&update).expect("there are known users");
    assert_eq!(to, ["@screen-1:corp.example"]);
}

#[test]
fn options_that_cannot_be_met_are_refused() {
    let file = folder_without("users.txt");
    let error = Rules::options()
        .known_users([file])
        .parse("rules.yaml", RULES);
    assert!(matches!(error, Err(RulesError::KnownUsers(_))), "{error:?}");
    let error = Rules::options()
        .server_name("no server")
        .parse("rules.yaml", RULES);
    let error = error.expect_err("not a server name").to_string();
    assert!(
        error.starts_with("`no server` is not a server name: "),
        "{error}"
    );
}

/// A path at which nothing is.
fn folder_without(name: &str) -> std::path::PathBuf {
    let folder = tempfile::tempdir().expect("a folder");
    folder.path().join(name)
}

#[test]
fn threads_ask_at_once() {
    let rules = Rules::parse("rules.yaml", RULES);
    let router = rules
        .router([id("@screen-1:corp.example")])
        .expect("a router");
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..100 {
                    let update = Update::new(id("@grace:corp.example"), "online");
                    assert_eq!(
                        router.recipients(&update).expect("known"),
                        ["@screen-1:corp.example"]
                    );
                }
            });
        }
    });
}
