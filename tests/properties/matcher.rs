//! Many patterns at once: the index finds those that match when they are asked one by one.

use presence_router::matcher::MatcherBuilder;
use presence_router::pattern::Pattern;
use presence_router::user_id::UserId;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use super::cases;

/// Few parts, so that patterns share servers, suffixes and texts, and so that IDs meet them.
const LOCALPARTS: [&str; 9] = [
    "a", "ab", "bot-1", "bot-12", "bot-é", "", "svc_x", "x.b", "b\nc",
];
const SERVERS: [&str; 10] = [
    "x.example",
    "y.x.example",
    "z.y.x.example",
    "evilx.example",
    "x.example:8448",
    "example",
    "x",
    "[::1]",
    "10.0.0.1",
    "b.example",
];

fn user() -> impl Strategy<Value = String> {
    let plain = (select(&LOCALPARTS[..]), select(&SERVERS[..]))
        .prop_map(|(localpart, server)| format!("@{localpart}:{server}"));
    let longest = select(&SERVERS[..]).prop_map(|server| {
        let room = 255 - "@:".len() - server.len();
        format!("@{}:{server}", "b".repeat(room))
    });
    prop_oneof![9 => plain, 1 => longest]
}

fn pattern() -> impl Strategy<Value = Pattern> {
    let start = select(
        &[
            "",
            "@",
            "@a",
            "@b",
            "@bot-",
            "@bot-1",
            "@bot-é",
            "@bot-è",
            "@*b",
            "@?",
            "@[a-b]",
            "@{a,bot-}",
        ][..],
    );
    let middle = select(&["", "*", "*:", "*:*", "*1*", "*:*.", "?*", "-*:*", "**"][..]);
    let end = select(
        &[
            "",
            ":x.example",
            ".x.example",
            "x.example",
            ".example",
            ":*.x.example",
            ":8448",
            "*",
            ":[[]::1]",
            ":x",
        ][..],
    );
    let glob = (start, middle, end).prop_filter_map("a glob", |(start, middle, end)| {
        Pattern::text(&format!("{start}{middle}{end}")).ok()
    });
    let regex = (
        select(
            &[
                "@",
                "@(a|bot-)",
                "@[a-z]+",
                ".*",
                "(?s).*",
                "@svc_",
                r"@\w",
                "(?i)@A",
            ][..],
        ),
        select(&["", ".*", r"\d+", "[^:]*", r".*\b", "(?s:.*)", "b?"][..]),
        select(
            &[
                "",
                r":x\.example",
                r":.*\.x\.example",
                r"\.example",
                r":.*",
                r":(x|y\.x)\.example",
                "$",
            ][..],
        ),
    )
        .prop_filter_map("an expression", |(start, middle, end)| {
            Pattern::regex(&format!("{start}{middle}{end}")).ok()
        });
    let server = select(
        &[
            "x.example",
            "*.x.example",
            "*x.example",
            "*.example",
            "?.example",
            "*",
            "*:8448",
            "[xy].*",
            "x*",
        ][..],
    )
    .prop_filter_map("a server", |text| Pattern::server(text).ok());
    // Texts that tell patterns apart.
    let numbered = (0_u32..40).prop_filter_map("a glob", |number| {
        Pattern::glob(&format!("@*t{number}*:*")).ok()
    });
    let exact = user().prop_filter_map("an ID", |user| Pattern::user(&user).ok());
    prop_oneof![4 => glob, 3 => regex, 2 => server, 2 => numbered, 2 => exact, 1 => Just(Pattern::Everyone)]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: cases(), ..ProptestConfig::default() })]

    #[test]
    fn the_index_finds_what_matches(patterns in vec(pattern(), 1..150), users in vec(user(), 1..12), texts in vec(0_u32..40, 4)) {
        let mut builder = MatcherBuilder::default();
        for pattern in &patterns {
            builder.add(pattern);
        }
        let all: Vec<_> = builder.patterns().map(|(id, pattern)| (id, pattern.compile())).collect();
        let matcher = builder.build();
        let numbered = texts.iter().map(|number| format!("@t{number}t{number}-t1:y.x.example"));
        // Twice, so that what is worked out on the way is met again.
        for user in users.iter().cloned().chain(numbered).chain(users.iter().cloned()) {
            let Ok(id) = UserId::parse(&user) else { continue };
            let mut found = Vec::new();
            matcher.matches(id, &mut found);
            found.sort_unstable();
            let expected: Vec<_> = (all.iter())
                .filter(|(_, pattern)| pattern.is_match(&user))
                .map(|(id, _)| *id)
                .collect();
            prop_assert_eq!(found, expected, "{:?}", user);
        }
    }
}
