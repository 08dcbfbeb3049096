//! Rules are compared with their neighbours alone: that gives the same answers as comparing all with all.

use presence_router::automata::Undecided;
use presence_router::pattern::Pattern;
use presence_router::proofs::{
    Answers, Model, Neighbours, Pairs, Prover, Relation, Roles, SetId, Update, are_covered, missing,
};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use super::random::asked;
use crate::properties::cases;
use crate::properties::random::{everybody, files};

/// Globs that are told apart by their starts, by their ends, by neither, or not at all.
const GLOBS: [&str; 14] = [
    "@a-*:x.example",
    "@ab-*:x.example",
    "@ab*:x.example",
    "@b*:x.example",
    "@*-a:x.example",
    "@*-ba:x.example",
    "@*b:x.example",
    "@a*b:x.example",
    "@a*-b*a:x.example",
    "@*b*:x.example",
    "@{a,b}-*:x.example",
    "@a-*:*",
    "@é*:x.example",
    "@è*:x.example",
];
const REGEXES: [&str; 4] = [
    r"@a-[a-z]+:x\.example",
    r"@(a|ab)-b:x\.example",
    r"@a\w*:[xy]\.example",
    ".*",
];
const USERS: [&str; 5] = [
    "@a-a:x.example",
    "@a-b:x.example",
    "@ab-a:x.example",
    "@ab:y.example",
    "@é:x.example",
];

fn pattern() -> impl Strategy<Value = Pattern> {
    prop_oneof![
        6 => select(&GLOBS[..]).prop_map(Pattern::glob),
        2 => select(&REGEXES[..]).prop_map(Pattern::regex),
        3 => select(&USERS[..]).prop_map(Pattern::user),
        1 => select(&["x.example", "*.example"][..]).prop_map(Pattern::server),
    ]
    .prop_map(|pattern| pattern.expect("a valid pattern"))
}

/// Patterns of which some are included, some excluded, and of those some met.
type Parts = (Vec<Pattern>, Vec<Pattern>, Vec<Pattern>);

fn parts() -> impl Strategy<Value = Parts> {
    (
        vec(pattern(), 1..4),
        vec(pattern(), 0..2),
        vec(pattern(), 0..2),
    )
}

fn set(prover: &mut Prover, (include, exclude, both): &Parts) -> SetId {
    let [include, exclude, both] = [include, exclude, both].map(|patterns| {
        let sets: Vec<_> = (patterns.iter())
            .map(|pattern| prover.sets.pattern(pattern))
            .collect();
        (!sets.is_empty()).then(|| prover.sets.union(sets))
    });
    let mut set = include.expect("at least one pattern");
    if let Some(both) = both {
        set = prover.sets.intersection(set, both);
    }
    match exclude {
        Some(exclude) => prover.sets.difference(set, exclude),
        None => set,
    }
}

/// Whether all pairs of two sets are among those of the others, by comparing them with each.
fn all_covered(
    prover: &mut Prover,
    (from, to): (SetId, SetId),
    others: &[&Pairs],
) -> Result<bool, Undecided> {
    if prover.find(from)?.is_none() || prover.find(to)?.is_none() {
        return Ok(true);
    }
    let Some((first, others)) = others.split_first() else {
        return Ok(false);
    };
    let both = prover.sets.intersection(from, first.from);
    let rest = prover.sets.difference(to, first.to);
    if !all_covered(prover, (both, rest), others)? {
        return Ok(false);
    }
    let rest = prover.sets.difference(from, first.from);
    all_covered(prover, (rest, to), others)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: cases(), ..ProptestConfig::default() })]

    #[test]
    fn who_shares_users_is_near(all in vec(parts(), 2..12)) {
        let mut prover = Prover::default();
        let all: Vec<_> = all.iter().map(|parts| set(&mut prover, parts)).collect();
        let neighbours = Neighbours::new(all.iter().copied(), &mut prover.sets);
        for one in &all {
            let near = neighbours.of(*one, &mut prover.sets).places();
            prop_assert!(near.is_sorted());
            for (at, other) in all.iter().enumerate() {
                let both = prover.sets.intersection(*one, *other);
                if let Ok(Some(user)) = prover.find(both) {
                    prop_assert!(near.contains(&at), "{} is in both", user);
                    prop_assert!(neighbours.of_user(&user).places().contains(&at), "{} is in it", user);
                }
            }
        }
    }

    #[test]
    fn neighbours_decide_as_all_do(
        pairs in vec((parts(), parts()), 1..8),
        blocks in vec((parts(), parts()), 0..3),
    ) {
        let mut prover = Prover::default();
        let mut of = |sides: &[(Parts, Parts)]| -> Vec<Pairs> {
            let sides = sides.iter();
            sides.map(|(from, to)| Pairs::new(set(&mut prover, from), set(&mut prover, to))).collect()
        };
        let (pairs, blocks) = (of(&pairs), of(&blocks));
        let all = Relation::new(pairs.clone(), blocks.clone());
        for (at, one) in pairs.iter().enumerate() {
            let mut left = all.clone();
            left.hidden.insert(at);
            let others: Vec<_> = (pairs.iter().enumerate())
                .filter(|(other, _)| *other != at)
                .map(|(_, pairs)| pairs)
                .chain(&blocks)
                .collect();
            let Ok(by_all) = all_covered(&mut prover, (one.from, one.to), &others) else { continue };
            prop_assert_eq!(are_covered(&mut prover, &all, at, &left), Ok(by_all));
            let found = missing(&mut prover, &all, at, &left).expect("it was decided");
            prop_assert_eq!(found.is_none(), by_all);
            if let Some((from, to)) = found {
                prop_assert_eq!(all.holds(&from, &to, &mut prover), Ok(true));
                prop_assert_eq!(left.holds(&from, &to, &mut prover), Ok(false));
            }
            // Without its blocks, what they take away is missing from the other.
            let (free, blocked) = (Relation::new(pairs.clone(), Vec::new()), &all);
            let blocks: Vec<_> = blocks.iter().collect();
            let mut is_blocked = false;
            for block in &blocks {
                let from = prover.sets.intersection(one.from, block.from);
                let to = prover.sets.intersection(one.to, block.to);
                is_blocked |= matches!((prover.find(from), prover.find(to)), (Ok(Some(_)), Ok(Some(_))));
            }
            if let Ok(covered) = are_covered(&mut prover, &free, at, blocked) {
                prop_assert_eq!(covered, !is_blocked);
            }
        }
    }

    /// With templates, and with what they leave out.
    #[test]
    fn rules_that_share_pairs_are_near(files in files()) {
        let Some(asked) = asked(&files) else { return Ok(()) };
        let mut prover = Prover::default();
        let model = Model::new(&asked.rules, &mut prover.sets);
        let roles = Roles { recipient_receives: true, sender_is_known: false };
        let update = Update { state: "online".into(), currently_active: Some(true) };
        let answers = [
            Answers::to_route(&model, &update, true),
            Answers::to_interested(&model, &mut prover, roles),
        ];
        for relation in answers.map(|answers| answers.relation) {
            let pairs = relation.pairs();
            for one in pairs {
                let near = relation.near(one, &mut prover).expect("a large budget");
                for (at, other) in pairs.iter().enumerate() {
                    let counts = (other.made.is_none() || other.made == one.made)
                        && (other.except.is_none() || other.except == one.except);
                    let from = prover.sets.intersection(one.from, other.from);
                    let to = prover.sets.intersection(one.to, other.to);
                    let meet = matches!((prover.find(from), prover.find(to)), (Ok(Some(_)), Ok(Some(_))));
                    if near.contains(&at) {
                        prop_assert!(counts);
                    } else {
                        prop_assert!(!counts || !meet, "{:?} and {:?}", one, other);
                    }
                }
            }
            // Two users are connected by what the relation finds, or by none of all.
            for from in everybody().step_by(5) {
                for to in everybody().step_by(7) {
                    let is_in = |prover: &mut Prover, pairs: &Pairs| {
                        prover.sets.holds(pairs.from, &from) && prover.sets.holds(pairs.to, &to)
                    };
                    let in_any = pairs.iter().any(|pairs| is_in(&mut prover, pairs));
                    let in_plain = pairs.iter().any(|pairs| !pairs.has_templates() && is_in(&mut prover, pairs));
                    let in_block = relation.blocks().iter().any(|block| is_in(&mut prover, block));
                    let is_self = relation.is_of_two && from == to;
                    let holds = relation.holds(&from, &to, &mut prover).expect("a large budget");
                    prop_assert!(!holds || (in_any && !in_block && !is_self));
                    prop_assert!(holds || !in_plain || in_block || is_self);
                }
            }
        }
    }
}
