//! Patterns that mean harm: whatever is read without an error can be used, everywhere, and means what it says.

use presence_router::automata::Budget;
use presence_router::check::{Proofs, check_and_prove};
use presence_router::explain::Explainer;
use presence_router::finding::Severity;
use presence_router::known_users::KnownUsers;
use presence_router::pattern::{MAX_AUTOMATON_BYTES, MAX_TEXT_BYTES, Pattern};
use presence_router::router::{Router, Scratch};
use presence_router::rules;
use presence_router::source::Sources;
use presence_router::user_id::UserId;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use regex_automata::nfa::thompson;
use serde_json::{Value, json};

use super::{cases, online};
use crate::compiled::Compiled;
use crate::plain::Plain;

const USERS: &[&str] = &[
    "@:x.example",
    "@a:x.example",
    "@aaaaaaaaaaaaaaaaaaaab:x.example",
    "@user0000007:x.example",
    "@é日ſ\u{212a}k:x.example",
    "@a b\n\u{1f600}:y.example",
    "@a-b_c:[::1]:8448",
];

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: cases() / 3, ..ProptestConfig::default() })]

    #[test]
    fn what_is_read_can_be_used(mut patterns in vec(pattern(), 1..16)) {
        used(&patterns)?;
        patterns.retain(is_valid);
        used(&patterns)?;
    }

    /// The judge may spare itself making the automaton; it judges all the same.
    #[test]
    fn no_pattern_is_larger_than_the_limit(text in prop_oneof![regex_text(), near_the_limit()]) {
        let Ok(pattern) = Pattern::regex(&text) else { return Ok(()) };
        let config = thompson::Config::new()
            .which_captures(thompson::WhichCaptures::None)
            .nfa_size_limit(Some(MAX_AUTOMATON_BYTES));
        let made = thompson::Compiler::new().configure(config).build_from_hir(&pattern.language());
        prop_assert!(made.is_ok(), "{}", text);
    }
}

fn is_valid(pattern: &Value) -> bool {
    let text = |key: &str| pattern[key].as_str();
    (text("regex").map(Pattern::regex))
        .or_else(|| text("glob").map(Pattern::glob))
        .or_else(|| text("server").map(Pattern::server))
        .is_some_and(|read| read.is_ok())
}

/// Reads routes from these patterns; if that goes without errors, does with them all that can be done.
fn used(patterns: &[Value]) -> Result<(), TestCaseError> {
    let routes: Vec<_> = (patterns.iter().enumerate())
        .map(|(index, pattern)| {
            json!({"senders": pattern, "recipients": [format!("@r{index}:z.example"), pattern]})
        })
        .collect();
    let mut sources = Sources::default();
    sources.add("rules.yaml", json!({"routes": routes}).to_string());
    let (rule_set, findings) = rules::read(&sources);
    for finding in &findings {
        prop_assert!(finding.severity == Severity::Error && !finding.message.is_empty());
    }
    if !findings.is_empty() {
        return Ok(());
    }
    let mut known_users = KnownUsers::default();
    for user in USERS {
        known_users.add(UserId::parse(user).expect("a user ID"));
    }
    let proofs = Proofs {
        budget: Budget::new(500),
        ..Proofs::default()
    };
    check_and_prove(&rule_set, &sources, Some(&known_users), &proofs);
    let plain = Plain::new(&sources, &rule_set, Some(&known_users));
    let compiled = Compiled::new(&sources, &rule_set, Some(&known_users));
    let router = Router::new(&rule_set, &sources, Some(&known_users)).expect("no errors");
    router.prepare();
    let explainer = Explainer::new(&rule_set, &sources, &router);
    let mut scratch = Scratch::default();
    for user in USERS {
        let update = online(user);
        prop_assert_eq!(
            plain.route(&update),
            compiled.route(&update),
            "{:?} sends",
            user
        );
        prop_assert_eq!(
            plain.interested(user),
            compiled.interested(user),
            "{:?} asks",
            user
        );
        let id = UserId::parse(user).expect("a user ID");
        let pair = explainer.pair(id, id, None, &mut scratch);
        prop_assert!(pair.is_ok());
    }
    Ok(())
}

/// The faults that were found by hand.
#[test]
fn patterns_that_were_too_large_for_some_can_be_used() {
    let names = |count: usize| {
        let names = (0..count).map(|number| format!("user{number:07}"));
        names.collect::<Vec<_>>().join("|")
    };
    let long = "a".repeat(60);
    let alike: Vec<_> = ('b'..='z').map(|last| format!("{long}{last}")).collect();
    let last: Vec<_> = ('b'..='u').map(|last| format!("aaaaaaaa{last}")).collect();
    let groups: Vec<_> = ('a'..='z').map(|letter| format!("({letter})?")).collect();
    for regex in [
        // Read backwards, there is no common start.
        format!("@(?:{}){{1303}}:.*", last.join("|")),
        format!("@(?:{}){{100}}:.*", alike.join("|")),
        format!("@(?:{}):x.example", names(5000)),
        // Each state times each group is a lot of memory.
        format!("@(?:{})*:.*", groups.concat().repeat(100)),
        // Working out the states takes longer than doing without.
        "@(?:a*b*){4000}:.*".to_owned(),
        "@(?:a|b)*a(?:a|b){200}:.*".to_owned(),
        format!(
            "@[{}]:.*",
            (0..15_000)
                .filter_map(|at| char::from_u32(0x10000 + 2 * at))
                .collect::<String>()
        ),
    ] {
        assert!(
            Pattern::regex(&regex).is_ok(),
            "{}",
            &regex[..60.min(regex.len())]
        );
        used(&[json!({"regex": regex})]).expect("it can be used");
    }
    // Many large ones do not fit into one automaton.
    let many: Vec<_> = (0..70)
        .map(|number| json!({"regex": format!(r"@(?:\w?[ab]{{1,{}}}|{number}\b)[0-9]?:.*", 100 + number)}))
        .collect();
    used(&many).expect("they can be used");
}

#[test]
fn what_is_too_large_is_refused_with_a_remedy() {
    let names: Vec<_> = (0..24_000)
        .map(|number| format!("user{number:07}"))
        .collect();
    let spread: Vec<_> = (0..5000).map(|number| format!("{number}-user")).collect();
    let list = "list the users one by one";
    let repeat = "repeat less";
    for (pattern, message, help) in [
        (Pattern::regex(&names.join("|")), "longer than 64 KiB", list),
        (
            Pattern::glob(&format!("@{{{}}}:x.example", names.join(","))),
            "longer than 64 KiB",
            list,
        ),
        (
            Pattern::regex(&format!("@(?:{})x", spread.join("|"))),
            "more than 1024 KiB",
            list,
        ),
        (
            Pattern::server(&format!("{{{}}}*", spread.join(","))),
            "more than 1024 KiB",
            list,
        ),
        (
            Pattern::glob(&"?".repeat(MAX_TEXT_BYTES + 1)),
            "longer than 64 KiB",
            repeat,
        ),
        (
            Pattern::glob(&"?".repeat(MAX_TEXT_BYTES)),
            "more than 1024 KiB",
            repeat,
        ),
        (
            Pattern::regex("(?:(?:(?:|a){1000}){1000}){1000}"),
            "more than 1024 KiB",
            repeat,
        ),
        (
            Pattern::regex(&format!("(?i){}", r"\pL".repeat(20_000))),
            r"more than 100 classes like `\w`",
            repeat,
        ),
    ] {
        let fault = pattern.expect_err(message);
        assert_eq!(fault.code.name(), "pattern-too-large");
        assert!(fault.message.contains(message), "{}", fault.message);
        assert!(
            fault
                .help
                .as_ref()
                .is_some_and(|said| said.starts_with(help)),
            "{fault:?}"
        );
    }
}

fn pattern() -> impl Strategy<Value = Value> {
    prop_oneof![
        6 => regex_text().prop_map(|regex| json!({"regex": regex})),
        1 => near_the_limit().prop_map(|regex| json!({"regex": regex})),
        3 => glob_text().prop_map(|glob| json!({"glob": glob})),
        1 => glob_text().prop_map(|glob| json!({"server": glob})),
    ]
}

fn regex_text() -> impl Strategy<Value = String> {
    let word = words(
        r"a b é ſ k - . .* user000000 [a-z] [^a] [ab&&b] [^\s\S] [\w--a] \w \W \d \s \pL \PL \p{Greek} [[:^alpha:]]
        [\x00-\x{10FFFF}] \x{1F600} \b \B \b{start} \b{end-half} \A \z ^ $ (?m:^) (?m:$) (?mR:$) (?-u:\b) (?-u:\B)
        (?-u:\w) (?-u:\xFF) (?-u:[^a]) (?s) (?i) (?-i) (?U) () (?:) (?:|a) (?:a|) (?P<n>a) (?<n>b) ( ) | \ [",
    );
    let piece = prop_oneof![
        20 => word,
        1 => select(&["", "(?x) # a comment\n", "(?x) # the rest"][..]),
    ];
    let piece = piece.prop_map(str::to_owned);
    let repeat = prop_oneof![
        Just(""),
        words("? * + *? {0} {2} {0,3} {2,} {30} {1,64} {1000} {0,1000}? **"),
    ];
    let piece = piece.prop_recursive(4, 24, 4, move |piece| {
        let branch = vec(piece, 0..4).prop_map(|pieces| pieces.concat());
        let open = words("( (?: (?i: (?-u: (?s-m:");
        (open, vec(branch, 1..4), repeat.clone())
            .prop_map(|(open, branches, repeat)| format!("{open}{}){repeat}", branches.join("|")))
    });
    let start = select(&["@", "@", "", "^@", "(?i)@", "(?x)@", "@.*"][..]);
    let end = select(&["", ":.*", ":x.example", r":x\.example$", ".*", " # x"][..]);
    (start, vec(piece, 0..4), end)
        .prop_map(|(start, pieces, end)| start.to_owned() + &pieces.concat() + end)
}

/// Expressions of a length or a number of repetitions at which some are refused and some are not.
fn near_the_limit() -> impl Strategy<Value = String> {
    let unit = words(
        r"a ab a? a* [a-z] . \w \W \d é [é-日] (a|b) (?:a|bc|bd) (?:|a) \b \b|a (?:a*b*) (?:a{3}|b) (?:\d|[^b])+
        (?:aaaaaaaab|aaaaaaaac|aaaaaaaad)",
    );
    let counted = (unit.clone(), 1_u32..1000, 1_u32..40)
        .prop_map(|(unit, times, more)| format!("@(?:(?:{unit}){{{times}}}){{{more}}}:.*"));
    let written = (unit, 1_usize..4000)
        .prop_map(|(unit, times)| format!("@{}:.*", format!("(?:{unit})").repeat(times)));
    let listed = (
        select(&["", "user", "aaaaaaaaaaaaaaaaaaaaaaaa", "[ab]"][..]),
        1_usize..4000,
        select(&["", "x", r"\d"][..]),
    )
        .prop_map(|(before, count, after)| {
            let all: Vec<_> = (0..count)
                .map(|number| format!("{before}{number}{after}"))
                .collect();
            format!("@({}):x.example", all.join("|"))
        });
    prop_oneof![2 => counted, 1 => written, 1 => listed]
}

fn glob_text() -> impl Strategy<Value = String> {
    let piece = words(
        r"a é * ** ? [a-z] [!a] []a] [^é-日] [a ] \ \* { } , {a,b} {} {,} {{a,b},*} /**/ ( + $ | . ^",
    );
    let piece = (piece, select(&[1_usize, 1, 1, 1, 2, 40, 700][..]))
        .prop_map(|(piece, times)| piece.repeat(times));
    let start = select(&["@", "*", "", "@{"][..]);
    let end = select(&["", ":*", ":x.example", "*", "}:x.example"][..]);
    (start, vec(piece, 0..5), end)
        .prop_map(|(start, pieces, end)| start.to_owned() + &pieces.concat() + end)
}

/// One of the words of a text.
fn words(text: &'static str) -> impl Strategy<Value = &'static str> + Clone {
    select(text.split_whitespace().collect::<Vec<_>>())
}
