//! Random patterns over random user IDs: however the router's index holds a pattern, it matches what it matches alone.

use presence_router::known_users::Role;
use presence_router::pattern::Pattern;
use presence_router::user_id::UserId;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};

use super::random::Known;
use super::{Asked, cases, online};
use crate::compiled::Compiled;
use crate::plain::{Plain, glob};

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: cases(), ..ProptestConfig::default() })]

    #[test]
    fn patterns_match_within_a_router_what_they_match_alone(
        patterns in vec(pattern(), 1..12),
        users in vec(user(), 1..24),
    ) {
        let routes: Vec<Value> = (patterns.iter().enumerate())
            .map(|(index, pattern)| {
                json!({"senders": pattern, "recipients": format!("@r{index}:z.example")})
            })
            .collect();
        let known: Vec<_> = (users.iter().cloned())
            .map(|user| Known { user, role: Role::Receives })
            .collect();
        let asked = Asked::new(&vec![json!({"routes": routes})], Some(&known));
        let plain = Plain::new(&asked.sources, &asked.rules, asked.known_users.as_ref());
        let router = Compiled::new(&asked.sources, &asked.rules, asked.known_users.as_ref());
        for user in &users {
            let update = online(user);
            prop_assert_eq!(plain.route(&update), router.route(&update), "{:?} sends", user);
        }
        for index in 0..patterns.len() {
            let user = format!("@r{index}:z.example");
            prop_assert_eq!(plain.interested(&user), router.interested(&user), "{} asks", user);
        }
    }

    #[test]
    fn globs_are_translated_as_globset_does(glob in glob_text(), users in vec(user(), 1..24)) {
        let translated = glob::translated(&glob);
        // globset takes `**` beside `/` for folders, and no user ID is a path.
        let glob = single_stars(&glob);
        let by_globset = glob::by_globset(&glob);
        let ascii = |text: &&String| text.is_ascii() && glob.is_ascii();
        for user in users.iter().filter(ascii) {
            prop_assert_eq!(translated.is_match(user), by_globset.is_match(user), "{:?}", user);
        }
    }

    /// All users whom a pattern matches have the server name that the pattern says they have.
    #[test]
    fn patterns_fix_server_names(pattern in pattern(), users in vec(user(), 1..24)) {
        let rules = json!({"routes": [{"senders": pattern, "recipients": "@r:z.example"}]});
        let asked = Asked::new(&vec![rules], None);
        let plain = Plain::new(&asked.sources, &asked.rules, None);
        let mut fixed = None;
        asked.rules.files[0].routes[0].senders.items(&mut |item| {
            if let presence_router::rules::Item::Pattern(pattern) = item {
                fixed = Pattern::server_name(pattern);
            }
        });
        let Some(fixed) = fixed else { return Ok(()) };
        for user in &users {
            if !plain.route(&online(user)).routes.is_empty() {
                let id = UserId::parse(user).expect("a valid ID");
                prop_assert_eq!(id.server_name(), &*fixed);
            }
        }
    }
}

/// Stars that follow each other as one. A star behind a `\\` is a character, and no such star.
fn single_stars(glob: &str) -> String {
    let mut single = String::new();
    let mut characters = glob.chars();
    let mut after_star = false;
    while let Some(character) = characters.next() {
        let is_star = character == '*';
        if !(is_star && after_star) {
            single.push(character);
        }
        after_star = is_star;
        if character == '\\' {
            single.extend(characters.next());
        }
    }
    single
}

fn user() -> impl Strategy<Value = String> {
    let piece = select(
        &[
            "",
            "a",
            "b",
            "ab",
            "A",
            "é",
            "É",
            "/",
            "*",
            "-1",
            "\n",
            "x.example",
            "日",
            r"\",
        ][..],
    );
    let server = select(
        &[
            "x.example",
            "y.example",
            "x",
            "x.example:8448",
            "ax.example",
            "[::1]",
            "[::1]:8448",
            "8448",
            "a",
        ][..],
    );
    (vec(piece, 0..4), server).prop_map(|(pieces, server)| format!("@{}:{server}", pieces.concat()))
}

fn pattern() -> impl Strategy<Value = Value> {
    prop_oneof![
        1 => user().prop_map(|user| json!({"user": user})),
        6 => glob_text().prop_map(|glob| json!({"glob": glob})),
        6 => regex_text().prop_map(|regex| json!({"regex": regex})),
        2 => select(&["x.example", "*", "*x.example", "x*", "[::1]", "?", "*:8448", "{x,y}.example", "[!x]*", r"\[*"][..])
            .prop_map(|server| json!({"server": server})),
    ]
}

pub fn glob_text() -> impl Strategy<Value = String> {
    let piece = select(
        &[
            "a",
            "b",
            "ab",
            "A",
            "é",
            "/",
            r"\*",
            "-1",
            "x.example",
            "*",
            "*",
            "?",
            "**",
            "[ab]",
            "[!a]",
            "[^é]",
            "[a-é]",
            "[]a]",
            "[a-]",
            r"\\",
            r"\a",
            ",",
            "日",
            "**/",
            "/**",
            ":",
        ][..],
    );
    let piece = piece.prop_map(str::to_owned);
    let piece = piece.prop_recursive(2, 8, 3, |piece| {
        let branch = vec(piece, 0..3).prop_map(|pieces| pieces.concat());
        vec(branch, 1..4).prop_map(|branches| format!("{{{}}}", branches.join(",")))
    });
    let start = select(&["@", "@", "@", "*", "", "?"][..]);
    let end = select(
        &[
            "",
            "*",
            ":x.example",
            ":*.example",
            ":x*",
            ":*",
            "x.example",
            ":8448",
            r":\[::1\]",
            "**",
        ][..],
    );
    (start, vec(piece, 0..4), end)
        .prop_map(|(start, pieces, end)| start.to_owned() + &pieces.concat() + end)
}

pub fn regex_text() -> impl Strategy<Value = String> {
    let piece = select(
        &[
            "a",
            "b",
            "ab",
            "A",
            "é",
            "/",
            r"\*",
            "-1",
            r"x\.example",
            ".*",
            ".*",
            ".",
            ".+?",
            "[ab]",
            "[^a]",
            r"\w",
            "(?i:a)",
            "a?",
            "b*",
            "(?s:.)",
            r"\b",
            "^",
            "$",
            "é+",
            r"\d{1,2}",
            "(?-s)",
            "(?i)",
        ][..],
    );
    let piece = piece.prop_map(str::to_owned);
    let piece = piece.prop_recursive(2, 8, 3, |piece| {
        let branch = vec(piece, 0..3).prop_map(|pieces| pieces.concat());
        (vec(branch, 1..4), select(&["", "?", "*", "+"][..]))
            .prop_map(|(branches, repeat)| format!("({}){repeat}", branches.join("|")))
    });
    let start = select(&["@", "@", "@", ".*", "", "^@", "(?x) @", "(?i)@", "(?m)^@"][..]);
    let end = select(
        &[
            "",
            ".*",
            r":x\.example",
            r":.*\.example",
            ":x.*",
            ":.*",
            r"x\.example$",
            ":8448",
            r":\[::1\]",
            ":x.example",
        ][..],
    );
    let one = (start, vec(piece, 0..4), end)
        .prop_map(|(start, pieces, end)| start.to_owned() + &pieces.concat() + end);
    vec(one, 1..3).prop_map(|alternatives| alternatives.join("|"))
}
