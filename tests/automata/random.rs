//! Random patterns, pair by pair, against brute force: every user ID that a small alphabet makes is put to each pattern
//! by the regex engine, and the sets of those that match are compared. `PROPTEST_CASES=4000` makes some 25,000 pairs for
//! each operation.

use presence_router::automata::Budget;
use presence_router::pattern::{Pattern, Program};
use presence_router::proofs::{Prover, SetId, Sets};
use presence_router::user_id::UserId;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use crate::properties::cases;
use crate::properties::patterns::{glob_text, regex_text};

/// How many patterns a case has; each is asked about with each.
const PATTERNS: usize = 8;

const LETTERS: &[&str] = &["a", "b", "A", "é", "/", "-1", "*", "8", "日"];
const SERVERS: &[&str] = &[
    "x.example",
    "y.example",
    "x",
    "ax.example",
    "x.example:8448",
    "[::1]",
    "8448",
    "a.x.example",
];

/// All IDs that are tried.
fn everybody() -> Vec<String> {
    let mut localparts = vec![String::new()];
    for one in LETTERS {
        localparts.push((*one).to_owned());
        localparts.extend(LETTERS.iter().map(|other| format!("{one}{other}")));
    }
    (localparts.iter())
        .flat_map(|localpart| {
            SERVERS
                .iter()
                .map(move |server| format!("@{localpart}:{server}"))
        })
        .collect()
}

fn pattern() -> impl Strategy<Value = Pattern> {
    let server = select(
        &[
            "x.example",
            "*",
            "*x.example",
            "x*",
            "[::1]",
            "?",
            "*:8448",
            "{x,y}.example",
            "[!x]*",
            r"\[*",
        ][..],
    );
    prop_oneof![
        5 => glob_text().prop_map(|text| Pattern::glob(&text)),
        5 => regex_text().prop_map(|text| Pattern::regex(&text)),
        2 => server.prop_map(Pattern::server),
        1 => select(LETTERS).prop_map(|letter| Pattern::user(&format!("@{letter}:x.example"))),
    ]
    .prop_filter_map("a valid pattern", Result::ok)
}

/// A pattern, and who of everybody it matches.
struct Asked {
    text: String,
    set: SetId,
    compiled: Program,
    matched: Vec<bool>,
}

impl Asked {
    fn matches(&self, user: &str) -> bool {
        self.compiled.is_match(user)
    }
}

struct Case {
    prover: Prover,
    users: Vec<String>,
    asked: Vec<Asked>,
}

impl Case {
    fn new(patterns: &[Pattern]) -> Self {
        // Without optimisation, what takes long takes very long: few such questions are left open here.
        let (users, mut prover) = (everybody(), Prover::new(Budget::new(4_000)));
        let asked = (patterns.iter()).map(|pattern| {
            let mut asked = Asked {
                text: pattern.as_str().to_owned(),
                set: prover.sets.pattern(pattern),
                compiled: pattern.compile(),
                matched: Vec::new(),
            };
            asked.matched = users.iter().map(|user| asked.matches(user)).collect();
            asked
        });
        let asked = asked.collect();
        Self {
            prover,
            users,
            asked,
        }
    }

    /// Compares the answer of the automata with that of brute force, given in which of two patterns a user is.
    fn compare(
        &mut self,
        set: impl Fn(&mut Prover, SetId, SetId) -> SetId,
        is_in: impl Fn(bool, bool) -> bool,
    ) -> Result<(), TestCaseError> {
        for one in 0..self.asked.len() {
            for other in 0..self.asked.len() {
                let (one, other) = (&self.asked[one], &self.asked[other]);
                let set = set(&mut self.prover, one.set, other.set);
                let Ok(found) = self.prover.find(set) else {
                    continue;
                };
                let (a, b) = (&one.text, &other.text);
                if let Some(user) = found {
                    prop_assert!(
                        UserId::parse(&user).is_ok(),
                        "{:?} for {} and {}",
                        user,
                        a,
                        b
                    );
                    prop_assert!(
                        is_in(one.matches(&user), other.matches(&user)),
                        "{:?} is not in {} and {}",
                        user,
                        a,
                        b
                    );
                } else {
                    let by_force = (self.users.iter().enumerate())
                        .find(|(at, _)| is_in(one.matched[*at], other.matched[*at]));
                    prop_assert!(by_force.is_none(), "{:?} is in {} and {}", by_force, a, b);
                }
            }
        }
        Ok(())
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: cases() / 10, ..ProptestConfig::default() })]

    #[test]
    fn intersections(patterns in vec(pattern(), PATTERNS)) {
        Case::new(&patterns).compare(
            |prover, one, other| prover.sets.intersection(one, other),
            |one, other| one && other,
        )?;
    }

    #[test]
    fn differences_and_so_inclusion(patterns in vec(pattern(), PATTERNS)) {
        Case::new(&patterns).compare(
            |prover, one, other| prover.sets.difference(one, other),
            |one, other| one && !other,
        )?;
    }

    #[test]
    fn complements(patterns in vec(pattern(), PATTERNS)) {
        Case::new(&patterns).compare(
            |prover, one, other| {
                let union = prover.sets.union([one, other]);
                prover.sets.difference(Sets::EVERYONE, union)
            },
            |one, other| !one && !other,
        )?;
    }

    #[test]
    fn symmetric_differences_and_so_equivalence(patterns in vec(pattern(), PATTERNS)) {
        Case::new(&patterns).compare(
            |prover, one, other| {
                let only = [prover.sets.difference(one, other), prover.sets.difference(other, one)];
                prover.sets.union(only)
            },
            |one, other| one != other,
        )?;
    }

    #[test]
    fn equivalence_is_inclusion_both_ways(patterns in vec(pattern(), PATTERNS)) {
        let Case { mut prover, users, asked } = Case::new(&patterns);
        for one in &asked {
            for other in &asked {
                let Ok(found) = prover.are_equal(one.set, other.set) else { continue };
                if let Some(user) = found {
                    prop_assert!(one.matches(&user) != other.matches(&user));
                } else {
                    let differ = (0..users.len()).find(|at| one.matched[*at] != other.matched[*at]);
                    prop_assert!(differ.is_none(), "{} and {}", one.text, other.text);
                }
            }
        }
    }

    /// A pattern, and all others together.
    #[test]
    fn inclusion_in_a_union(patterns in vec(pattern(), PATTERNS)) {
        let Case { mut prover, users, asked } = Case::new(&patterns);
        for (at, one) in asked.iter().enumerate() {
            let others: Vec<_> = (asked.iter().enumerate())
                .filter(|(other, _)| *other != at && (at + other) % 3 != 0)
                .map(|(_, asked)| asked)
                .collect();
            let union = prover.sets.union(others.iter().map(|asked| asked.set));
            let Ok(found) = prover.is_within(one.set, union) else { continue };
            let is_left = |user: &str| one.matches(user) && !others.iter().any(|other| other.matches(user));
            if let Some(user) = found {
                prop_assert!(is_left(&user), "{:?} of {}", user, one.text);
            } else {
                let left = users.iter().find(|user| is_left(user));
                prop_assert!(left.is_none(), "{:?} of {}", left, one.text);
            }
        }
    }

    /// Sets know their users one by one as well.
    #[test]
    fn holding_a_user(patterns in vec(pattern(), PATTERNS)) {
        let Case { mut prover, users, asked } = Case::new(&patterns);
        for asked in &asked {
            for (user, matched) in users.iter().zip(&asked.matched) {
                prop_assert_eq!(prover.sets.holds(asked.set, user), *matched, "{} and {}", user, asked.text);
            }
        }
    }
}
