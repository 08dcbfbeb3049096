//! Whether anybody of a set reaches anybody of another: what is proven holds for everyone who is tried.

use presence_router::automata::{Budget, Undecided};
use presence_router::explain::{self, Asked, Between};
use presence_router::known_users::KnownUsers;
use presence_router::proofs::{self, Model, NoAnswer, Prover, Reach, reach};
use presence_router::router::Router;
use presence_router::rules::read_users;
use presence_router::user_id::UserId;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::random::asked;
use crate::compiled::Compiled;
use crate::plain::Interested;
use crate::properties::random::{everybody, files};
use crate::properties::{cases, updates_of};

/// Whether a user is in a set.
type Holds = fn(&str) -> bool;

/// User sets, as they are written for a question, with a plain look at who is in them.
const SETS: [(&str, Holds); 5] = [
    ("all", |_| true),
    ("{server: x.example}", |user| user.ends_with(":x.example")),
    ("@b*:*", |user| user.starts_with("@b")),
    ("{exclude: '@b*:*'}", |user| !user.starts_with("@b")),
    ("['@a:x.example', '@ab:y.example']", |user| {
        ["@a:x.example", "@ab:y.example"].contains(&user)
    }),
];

/// Whether a router delivers anything from a user of the one set to one of the other, where everybody is known.
fn is_delivered(router: &Compiled, one: fn(&str) -> bool, other: fn(&str) -> bool) -> bool {
    let sees = |recipient: &str, sender: &str| match router.interested(recipient) {
        Interested::All => true,
        Interested::These(users) => users.iter().any(|user| user == sender),
        Interested::NeedsKnownUsers => unreachable!("there are known users"),
    };
    everybody().filter(|sender| one(sender)).any(|sender| {
        updates_of(&sender).iter().any(|update| {
            (router.route(update).recipients.iter()).any(|to| other(to) && sees(to, &sender))
        })
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: cases(), ..ProptestConfig::default() })]

    #[test]
    fn who_is_not_reached_is_not_reached(mut files in files(), derives in any::<bool>()) {
        // Rules that only send leave it to the interests who sees.
        if let Some(Value::Object(file)) = files.first_mut() {
            file.insert("derive_interests".to_owned(), json!(derives));
        }
        let Some(mut asked) = asked(&files) else { return Ok(()) };
        let mut known = KnownUsers::default();
        for user in everybody() {
            known.add(UserId::parse(&user).expect("a valid user ID"));
        }
        let router = Compiled::new(&asked.sources, &asked.rules, Some(&known));
        let sets = SETS.map(|(text, _)| {
            read_users("a set", text, &asked.rules, &mut asked.sources).expect("a user set")
        });
        let mut prover = Prover::default();
        let model = Model::new(&asked.rules, &mut prover.sets);
        for (one, (text, is_sender)) in sets.iter().zip(SETS) {
            for (other, (other_text, is_recipient)) in sets.iter().zip(SETS) {
                let between = proofs::Between {
                    senders: one,
                    recipients: other,
                    update: None,
                    preferred: Default::default(),
                    seen_only: Vec::new(),
                };
                // What is reached was confirmed by the router.
                let decided = reach(&asked.rules, &asked.sources, &model, &mut prover, &between);
                prop_assert!(!matches!(decided, Err(NoAnswer::Undecided(Undecided::Budget { .. }) | NoAnswer::Contradicted(_))), "{:?}", decided);
                if matches!(decided, Ok(Reach::Delivered(_)) | Err(_)) { continue }
                let is_delivered = is_delivered(&router, is_sender, is_recipient);
                prop_assert!(!is_delivered, "{} to {}: {:?}", text, other_text, decided);
            }
        }
    }
}

const RULES: &str = "
groups: {staff: {server: corp.example}, screens: ['@lobby:corp.example', '@hall:corp.example']}
derive_interests: false
routes:
- {senders: {group: staff}, recipients: [{group: screens}, {server: partner.example}]}
- {senders: {server: hr.example}, recipients: {server: corp.example}}
- {senders: '@boss:corp.example', recipients: '@friend:else.example'}
interests:
- {users: {group: screens}, in: {group: staff}}
- {users: {server: partner.example}, in: {template: '@{localpart}:corp.example'}}
blocks:
- {senders: {server: hr.example}, recipients: {exclude: {server: hr.example}}}
";

fn between(senders: &str, recipients: &str, known: Option<&KnownUsers>) -> Between {
    let mut sources = presence_router::source::Sources::default();
    sources.add("rules.yaml", RULES);
    let (rules, findings) = presence_router::rules::read(&sources);
    assert!(findings.is_empty(), "{findings:?}");
    let [one, other] = [senders, recipients]
        .map(|text| read_users("a set", text, &rules, &mut sources).expect("a user set"));
    let router = Router::new(&rules, &sources, known).expect("a router");
    let asked = Asked {
        senders: (&one, senders),
        recipients: (&other, recipients),
        update: None,
    };
    let budget = Budget::default();
    explain::between(&rules, &sources, &router, known, asked, budget).expect("a router")
}

#[test]
fn answers_name_two_users() {
    type Expected = (fn(&Reach) -> bool, Option<(&'static str, &'static str)>);
    let cases: [(&str, &str, Expected); 6] = [
        (
            "{group: staff}",
            "{group: screens}",
            (
                |reach| matches!(reach, Reach::Delivered(_)),
                Some(("@a:corp.example", "@hall:corp.example")),
            ),
        ),
        (
            "{group: staff}",
            "{server: partner.example}",
            (
                |reach| matches!(reach, Reach::Delivered(_)),
                Some(("@a:corp.example", "@a:partner.example")),
            ),
        ),
        (
            "@boss:corp.example",
            "{server: else.example}",
            (
                |reach| matches!(reach, Reach::Unseen(_)),
                Some(("@boss:corp.example", "@friend:else.example")),
            ),
        ),
        (
            "{server: hr.example}",
            "all",
            (
                |reach| matches!(reach, Reach::Blocked(_)),
                Some(("@a:hr.example", "@a:corp.example")),
            ),
        ),
        (
            "{server: partner.example}",
            "all",
            (|reach| *reach == Reach::Nobody, None),
        ),
        (
            "@lobby:corp.example",
            "@lobby:corp.example",
            (
                |reach| matches!(reach, Reach::Delivered(_)),
                Some(("@lobby:corp.example", "@lobby:corp.example")),
            ),
        ),
    ];
    for (senders, recipients, (is_right, users)) in cases {
        let between = between(senders, recipients, None);
        let reach = between.answer.as_ref().expect("decided");
        assert!(is_right(reach), "{senders} to {recipients}: {reach:?}");
        let pair = between.pair.as_ref();
        let pair = pair.map(|pair| (pair.sender.as_str(), pair.recipient.as_str()));
        assert_eq!(pair, users, "{senders} to {recipients}");
    }
}

#[test]
fn a_witness_is_a_known_user_where_there_is_one() {
    let mut known = KnownUsers::default();
    for user in ["@heidi:corp.example", "@lobby:corp.example"] {
        known.add(UserId::parse(user).expect("a valid user ID"));
    }
    let found = between("{group: staff}", "{group: screens}", Some(&known));
    let pair = found.pair.expect("an example");
    assert_eq!(
        (&*pair.sender, &*pair.recipient),
        ("@heidi:corp.example", "@lobby:corp.example")
    );
    assert!(found.are_known);
    let found = between("{group: staff}", "{server: partner.example}", Some(&known));
    assert!(found.pair.is_some() && !found.are_known);
}

/// Whoever is in both sets may reach itself: it is the answer where there is no other.
#[test]
fn whoever_is_in_both_sets_may_reach_itself() {
    let of = |answer| match answer {
        Ok(Reach::Delivered(two) | Reach::Blocked(two)) => {
            format!("{} {}", two.sender, two.recipient)
        }
        other => format!("{other:?}"),
    };
    let itself = between("@lobby:corp.example", "@lobby:corp.example", None);
    assert_eq!(of(itself.answer), "@lobby:corp.example @lobby:corp.example");
    let two = between("{group: screens}", "{group: screens}", None);
    assert_eq!(of(two.answer), "@hall:corp.example @lobby:corp.example");
}

/// A pattern does not reach a user who is only seen, and a name does.
#[test]
fn roles_of_known_users_count() {
    let mut known = KnownUsers::default();
    let page = r#"{"users": [{"name": "@ann:partner.example", "appservice_id": "irc"}, {"name": "@zoe:partner.example"},
        {"name": "@hall:corp.example", "appservice_id": "irc"}]}"#;
    assert!(known.add_text(page).is_empty());
    let answer = |recipients: &str| between("{group: staff}", recipients, Some(&known)).answer;
    assert_eq!(answer("@ann:partner.example"), Ok(Reach::Nobody));
    assert!(matches!(
        answer("@zoe:partner.example"),
        Ok(Reach::Delivered(_))
    ));
    assert!(matches!(
        answer("@hall:corp.example"),
        Ok(Reach::Delivered(_))
    ));
}
