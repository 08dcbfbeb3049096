//! Patterns match the same one by one, all together, as automata and as the plain evaluator has them, and what a proof
//! finds is there.

use presence_router::automata::Budget;
use presence_router::matcher::MatcherBuilder;
use presence_router::pattern::{Pattern, Program};
use presence_router::proofs::{Prover, SetId};
use presence_router::user_id::UserId;

use crate::plain::pattern::Matcher;

/// More of them say nothing that fewer do not, and take longer.
const MOST: usize = 12;
/// The plain evaluator has no limits, and makes automata of any size.
const MOST_PLAIN: usize = 40;

/// Lines: users who are asked about after `? `, and patterns.
pub fn run(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else {
        return;
    };
    let (mut patterns, mut users) = (Vec::new(), Vec::new());
    for line in text.split('\n') {
        let pattern = match line.split_once(' ') {
            Some(("?", user)) if UserId::parse(user).is_ok() && users.len() < MOST => {
                users.push(user);
                continue;
            }
            _ if patterns.len() == MOST => continue,
            Some(("user", id)) => Pattern::user(id),
            Some(("glob", glob)) => Pattern::glob(glob),
            Some(("regex", expression)) => Pattern::regex(expression),
            Some(("server", server)) => Pattern::server(server),
            _ => Pattern::text(line),
        };
        match pattern {
            Ok(pattern) => patterns.push(pattern),
            Err(fault) => assert!(!fault.message.is_empty()),
        }
    }
    matched(&patterns, &users);
    proven(&patterns, &users);
}

/// One by one, all together, and plainly.
fn matched(patterns: &[Pattern], users: &[&str]) {
    let mut builder = MatcherBuilder::default();
    for pattern in patterns {
        builder.add(pattern);
    }
    let all: Vec<_> = (builder.patterns())
        .map(|(id, pattern)| (id, pattern.clone(), pattern.compile()))
        .collect();
    let (matcher, plain) = (builder.build(), Matcher::default());
    // Twice, so that what is worked out on the way is met again.
    for user in users.iter().chain(users) {
        let mut found = Vec::new();
        matcher.matches(UserId::parse(user).expect("a user ID"), &mut found);
        found.sort_unstable();
        let mut expected = Vec::new();
        for (id, pattern, alone) in &all {
            let is_match = alone.is_match(user);
            if is_match {
                expected.push(*id);
            }
            if pattern.as_str().len() <= MOST_PLAIN {
                assert_eq!(
                    is_match,
                    plain.matches(pattern, user),
                    "{pattern:?} and {user:?}"
                );
            }
        }
        assert_eq!(found, expected, "{patterns:?} and {user:?}");
        for (_, pattern, alone) in &all {
            if let (true, Some(server)) = (alone.is_match(user), pattern.server_name()) {
                let id = UserId::parse(user).expect("a user ID");
                assert_eq!(id.server_name(), &*server, "{pattern:?} and {user:?}");
            }
        }
    }
}

type IsIn<'p> = dyn Fn(&str) -> bool + 'p;

/// As automata, each alone and each with the next.
fn proven(patterns: &[Pattern], users: &[&str]) {
    let mut prover = Prover::new(Budget::new(4_000));
    let all: Vec<(SetId, Program)> = (patterns.iter())
        .map(|pattern| (prover.sets.pattern(pattern), pattern.compile()))
        .collect();
    for (at, (set, alone)) in all.iter().enumerate() {
        for user in users {
            let holds = prover.sets.holds(*set, user);
            assert_eq!(
                holds,
                alone.is_match(user),
                "{:?} and {user:?}",
                patterns[at]
            );
        }
        let (next, other) = &all[(at + 1) % all.len()];
        let both = prover.sets.intersection(*set, *next);
        let only = prover.sets.difference(*set, *next);
        let is_in: [(SetId, &IsIn<'_>); 3] = [
            (*set, &|user| alone.is_match(user)),
            (both, &|user| alone.is_match(user) && other.is_match(user)),
            (only, &|user| alone.is_match(user) && !other.is_match(user)),
        ];
        for (set, is_in) in is_in {
            let Ok(found) = prover.find(set) else {
                continue;
            };
            if let Some(user) = &found {
                assert!(
                    UserId::parse(user).is_ok() && is_in(user),
                    "{user:?} is found: {at} of {patterns:?}"
                );
            } else {
                let user = users.iter().find(|user| is_in(user));
                assert_eq!(user, None, "nobody is found: {at} of {patterns:?}");
            }
        }
    }
}
