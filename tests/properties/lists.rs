//! However often sets are parts of others, enumerating them takes no more memory than the distinct sets and their users.

use std::fmt::Write as _;

use allocation_counter::measure;
use presence_router::known_users::KnownUsers;
use presence_router::router::{Router, Scratch};
use presence_router::rules;
use presence_router::source::Sources;
use presence_router::user_id::UserId;
use proptest::prelude::*;

use super::cases;

/// The bytes that compiling takes at most at one time, and whom an update of `@s:c.example` reaches.
fn compiled(text: &str, known: &[String]) -> (u64, Vec<String>) {
    let mut sources = Sources::default();
    sources.add("rules.yaml", text);
    let (rule_set, findings) = rules::read(&sources);
    assert!(findings.is_empty(), "{findings:?}");
    let mut known_users = KnownUsers::default();
    for user in known {
        known_users.add(UserId::parse(user).expect("a user ID"));
    }
    let mut router = None;
    let taken = measure(|| router = Router::new(&rule_set, &sources, Some(&known_users)).ok());
    let router = router.expect("good rules");
    let mut scratch = Scratch::default();
    let sender = UserId::parse("@s:c.example").expect("a user ID");
    let routing = router.routing().expect("there are known users");
    let reached = routing.route(sender, "online", None, &mut scratch, &mut ());
    let reached = reached.to_vec();
    let reached = (reached.iter()).map(|user| router.user(*user, &scratch).to_owned());
    (taken.bytes_max, reached.collect())
}

/// What a rule set may take whose text is so long, with lists of so many users.
fn most_bytes(text: &str, listed: usize) -> u64 {
    (200_000 + 100 * text.len() + 100 * listed) as u64
}

#[test]
fn a_set_that_is_doubled_level_by_level_is_one_list() {
    let mut text =
        String::from("groups:\n  g0: ['@a:b.example', '@*:c.example', '@z9:c.example']\n");
    for level in 1..90 {
        let below = level - 1;
        writeln!(
            text,
            "  g{level}: [{{group: g{below}}}, {{include: {{group: g{below}}}, exclude: '@z{level}:*'}}]"
        )
        .expect("memory");
    }
    text.push_str("routes: [{senders: {group: g89}, recipients: {group: g89}}]\n");
    let known: Vec<_> = (0..10).map(|user| format!("@z{user}:c.example")).collect();
    let (bytes, reached) = compiled(&text, &known);
    assert!(bytes < most_bytes(&text, 20), "{bytes} bytes");
    let named = ["@a:b.example", "@z9:c.example"].map(str::to_owned);
    assert_eq!([&named[..], &known[..9]].concat(), reached);
}

#[test]
fn sets_that_cross_level_by_level_are_a_list_each() {
    let mut text = String::from("groups:\n  a0: {server: c.example}\n  b0: {server: d.example}\n");
    for level in 1..90 {
        let below = level - 1;
        for side in ["a", "b"] {
            writeln!(
                text,
                "  {side}{level}: {{include: [{{group: a{below}}}, {{group: b{below}}}], exclude: '@{side}-{level}:*'}}"
            )
            .expect("memory");
        }
    }
    text.push_str("routes: [{senders: {group: a89}, recipients: {group: b89}}]\n");
    let known = ["@b-89:c.example", "@a-89:d.example", "@b-7:c.example"].map(str::to_owned);
    let (bytes, reached) = compiled(&text, &known);
    assert!(bytes < most_bytes(&text, 10), "{bytes} bytes");
    assert_eq!(known[1..], reached);
}

#[test]
fn sets_that_differ_in_exact_ids_share_the_list_of_known_users() {
    let mut text = String::from("groups: {everyone: '@*:c.example'}\nroutes:\n");
    for route in 0..1_000 {
        writeln!(
            text,
            "- {{senders: '@s:c.example', recipients: [{{group: everyone}}, '@extra-{route}:d.example']}}"
        )
        .expect("memory");
    }
    let known: Vec<_> = (0..5_000)
        .map(|user| format!("@u{user}:c.example"))
        .collect();
    let (bytes, reached) = compiled(&text, &known);
    assert!(bytes < most_bytes(&text, known.len()), "{bytes} bytes");
    assert_eq!(reached.len(), 6_000);
    assert_eq!(["@extra-0:d.example", "@u0:c.example"], reached[..2]);
}

#[test]
fn sets_that_name_the_same_many_users_share_them() {
    let many: Vec<_> = (0..4_000).map(|n| format!("@m{n}:c.example")).collect();
    let mut text = format!("groups: {{many: ['{}']}}\nroutes:\n", many.join("','"));
    for route in 0..2_000 {
        writeln!(
            text,
            "- {{senders: '@t:c.example', recipients: [{{group: many}}, '@x{route}:d.example']}}\n\
             - {{senders: '@t:c.example', recipients: {{include: {{group: many}}, exclude: '@m{route}:*'}}}}"
        )
        .expect("memory");
    }
    // The last of them: in the order in which they are written, and each once.
    text.push_str(
        "- senders: '@s:c.example'
  recipients:
    include: ['@y:d.example', '@m3:c.example', {group: many}, '@y:d.example', '@z:d.example']
    exclude: ['@m1:*', '@m2:*', {include: '@m7:*', exclude: '@m7:c.*'}]\n",
    );
    let (bytes, reached) = compiled(&text, &[]);
    assert!(bytes < most_bytes(&text, many.len()), "{bytes} bytes");
    let mut expected = vec!["@y:d.example".to_owned(), many[3].clone(), many[0].clone()];
    expected.extend_from_slice(&many[4..]);
    expected.push("@z:d.example".to_owned());
    assert_eq!(expected, reached);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: cases(), ..ProptestConfig::default() })]

    #[test]
    fn nested_groups_with_exclusions_take_a_list_for_each_set(
        levels in proptest::collection::vec((0..3_usize, 0..3_usize, any::<bool>(), 0..8_usize), 20..60),
    ) {
        // Three groups on each level, each of which takes in two of the level below, without some users.
        let mut text = String::from(
            "groups:\n  a0: ['@*:c.example', '@u0:d.example']\n  b0: {server: c.example}\n  c0: ['@u1:c.example', all]\n",
        );
        for (below, (one, other, excludes, user)) in levels.iter().enumerate() {
            for (at, side) in ["a", "b", "c"].into_iter().enumerate() {
                let part = |of: usize| format!("{{group: {}{below}}}", ["a", "b", "c"][(at + of) % 3]);
                let (one, other) = (part(*one), part(*other));
                let exclude = match (excludes, at) {
                    (true, 0) => other.clone(),
                    (true, _) => format!("'@u{user}:d.example'"),
                    (false, _) => format!("'@u{user}:*'"),
                };
                writeln!(
                    text,
                    "  {side}{}: [{one}, {{include: {other}, exclude: [{exclude}, '@x:*']}}]",
                    below + 1
                )
                .expect("memory");
            }
        }
        let last = levels.len();
        writeln!(
            text,
            "routes:\n- {{senders: all, recipients: {{group: a{last}}}}}\n- {{senders: {{group: b{last}}}, recipients: {{group: c{last}}}}}"
        )
        .expect("memory");
        let known: Vec<_> = (0..8).map(|user| format!("@u{user}:c.example")).collect();
        let (bytes, reached) = compiled(&text, &known);
        prop_assert!(bytes < most_bytes(&text, 30), "{} bytes", bytes);
        prop_assert!(reached.len() <= 9);
    }
}
