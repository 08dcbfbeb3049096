//! Sets of user IDs in words.

use crate::pattern::{Pattern, shortened};

use super::prover::Prover;
use super::sets::{Set, SetId};

/// More parts than this are not read.
const MOST_PARTS: usize = 4;

/// Of so many parts that are only counted, those are left out in which nobody is.
const MOST_ASKED: usize = 200;

/// More characters than these are no description.
const MOST_CHARACTERS: usize = 240;

/// A set in words, such as "every user of `*.corp.example` but `@bot-*`", where there are such: of many parts, the first
/// few, and how many more there are.
pub(crate) fn describe(prover: &mut Prover, set: SetId) -> Option<String> {
    in_words(prover, set).filter(|text| !text.is_empty() && text.chars().count() <= MOST_CHARACTERS)
}

fn in_words(prover: &mut Prover, set: SetId) -> Option<String> {
    match prover.sets.get(set).clone() {
        Set::Everyone => Some("everyone".to_owned()),
        Set::Users(users) if users.len() <= MOST_PARTS => {
            let users: Vec<_> = users
                .iter()
                .map(|user| format!("`{}`", shortened(user)))
                .collect();
            Some(joined(&users))
        }
        // Of thousands, the first and the count.
        Set::Users(users) => {
            let first = shortened(users.first()?);
            Some(format!("`{first}` and {} others", users.len() - 1))
        }
        Set::Pattern(automaton) => {
            let pattern = prover.sets.automata.pattern(automaton);
            let text = shortened(pattern.as_str());
            Some(match pattern {
                Pattern::Server(_) | Pattern::ServerGlob(_) => format!("every user of `{text}`"),
                _ => format!("everyone who matches `{text}`"),
            })
        }
        Set::Union(parts) => some_of(&parts, |part| describe(prover, part)),
        Set::Difference(include, exclude) => {
            // Each part loses something of its own, or nothing.
            let mut described: Vec<(Vec<String>, Option<String>)> = Vec::new();
            let (mut length, mut more) = (0, 0);
            let parts = parts(prover, include);
            let most = if parts.len() > MOST_PARTS {
                MOST_PARTS - 1
            } else {
                MOST_PARTS
            };
            for part in parts {
                let part = prover.sets.difference(part, exclude);
                let count: usize = described.iter().map(|(parts, _)| parts.len()).sum();
                if count == most || length > MOST_CHARACTERS / 2 {
                    let is_asked = more < MOST_ASKED;
                    more += usize::from(!(is_asked && prover.is_empty(part) == Ok(true)));
                    continue;
                }
                let Some((included, excluded)) = without(prover, part)? else {
                    continue;
                };
                length += included.len() + excluded.as_ref().map_or(0, String::len);
                let same = described.iter_mut().find(|(_, of)| *of == excluded);
                match same {
                    Some((parts, _)) => parts.push(included),
                    None => described.push((vec![included], excluded)),
                }
            }
            described.sort_by_key(|(_, excluded)| excluded.is_some());
            let described = described.into_iter().map(|(included, excluded)| {
                let included = joined(&included);
                excluded.map_or(included.clone(), |but| format!("{included} but {but}"))
            });
            Some(
                described
                    .chain(counted(more))
                    .collect::<Vec<_>>()
                    .join("; "),
            )
        }
        Set::Intersection(one, other) => {
            for (narrow, wide) in [(one, other), (other, one)] {
                if prover.is_within(narrow, wide).ok()?.is_none() {
                    return describe(prover, narrow);
                }
            }
            // Of all but some, those who are in a set are that set but some.
            for (set, beside) in [(one, other), (other, one)] {
                if let Set::Difference(include, exclude) = *prover.sets.get(set) {
                    let included = prover.sets.intersection(include, beside);
                    let rest = prover.sets.difference(included, exclude);
                    return in_words(prover, rest);
                }
            }
            let both = [one, other].map(|set| describe(prover, set));
            let is_server = |text: &Option<String>| {
                text.as_ref()
                    .is_some_and(|text| text.starts_with("every user of"))
            };
            let (whole, part) = match both.each_ref().map(is_server) {
                [true, _] => (both[0].clone()?, short(prover, other)?),
                [_, true] => (both[1].clone()?, short(prover, one)?),
                _ => {
                    let [one, other] = both;
                    return Some(format!("{}, as far as these are {}", one?, other?));
                }
            };
            Some(format!("{whole} who matches {part}"))
        }
        Set::Nobody => None,
    }
}

/// What a set is the union of.
fn parts(prover: &Prover, set: SetId) -> Vec<SetId> {
    match prover.sets.get(set) {
        Set::Union(parts) => parts.to_vec(),
        _ => vec![set],
    }
}

/// A set in words, and apart from it those whom it leaves out. The inner nothing is nobody; the outer one is whoever
/// cannot be said in words.
#[expect(clippy::option_option, reason = "nobody is an answer, too")]
fn without(prover: &mut Prover, set: SetId) -> Option<Option<(String, Option<String>)>> {
    if prover.find(set).ok()?.is_none() {
        return Some(None);
    }
    let Set::Difference(mut include, exclude) = *prover.sets.get(set) else {
        return Some(Some((describe(prover, set)?, None)));
    };
    let mut met = Vec::new();
    for part in parts(prover, exclude) {
        // Without all but some, some are left.
        if let Set::Difference(all, some) = *prover.sets.get(part)
            && prover.is_within(include, all).ok()?.is_none()
        {
            include = prover.sets.intersection(include, some);
            continue;
        }
        met.push(part);
    }
    let mut left = Vec::new();
    for part in met {
        let part = match prover.sets.listed(part) {
            Some(users) => {
                let users: Vec<_> = users.iter().cloned().collect();
                let there = users
                    .into_iter()
                    .filter(|user| prover.sets.holds(include, user));
                let there: Vec<_> = there.collect();
                prover.sets.users(there)
            }
            None => part,
        };
        let both = prover.sets.intersection(include, part);
        if prover.find(both).ok()?.is_some() {
            left.push(part);
        }
    }
    if prover.sets.listed(include).is_some() {
        // Of those who are named, the others can be named.
        let left = prover.sets.union(left);
        let include = prover.sets.difference(include, left);
        return Some(Some((describe(prover, include)?, None)));
    }
    let included = describe(prover, include)?;
    if left.is_empty() {
        return Some(Some((included, None)));
    }
    let excluded = prover.sets.union(left);
    Some(Some((included, Some(short(prover, excluded)?))))
}

/// A set that is left out, in words.
fn short(prover: &mut Prover, set: SetId) -> Option<String> {
    match prover.sets.get(set).clone() {
        Set::Pattern(automaton) => {
            let pattern = prover.sets.automata.pattern(automaton);
            let text = shortened(pattern.as_str());
            Some(match pattern {
                Pattern::Server(_) | Pattern::ServerGlob(_) => format!("those of `{text}`"),
                _ => format!("`{text}`"),
            })
        }
        Set::Union(parts) => some_of(&parts, |part| short(prover, part)),
        _ => describe(prover, set),
    }
}

/// The first few parts in words, and how many more there are.
fn some_of(parts: &[SetId], mut in_words: impl FnMut(SetId) -> Option<String>) -> Option<String> {
    let most = if parts.len() > MOST_PARTS {
        MOST_PARTS - 1
    } else {
        MOST_PARTS
    };
    let (mut described, mut length, mut more) = (Vec::new(), 0, 0);
    for part in parts {
        let is_full = described.len() == most || length > MOST_CHARACTERS / 2;
        match Some(*part).filter(|_| !is_full).and_then(&mut in_words) {
            Some(words) => {
                length += words.len();
                described.push(words);
            }
            None => more += 1,
        }
    }
    if described.is_empty() {
        return None;
    }
    described.extend(counted(more));
    Some(joined(&described))
}

/// Parts that are only counted, if there are some.
fn counted(more: usize) -> Option<String> {
    match more {
        0 => None,
        1 => Some("1 more such set".to_owned()),
        more => Some(format!("{more} more such sets")),
    }
}

fn joined(parts: &[String]) -> String {
    // A list in a list needs another mark between its parts.
    if parts.len() > 1 && parts.iter().any(|part| part.contains(" and ")) {
        return parts.join("; ");
    }
    match parts {
        [first @ .., last] if !first.is_empty() => format!("{} and {last}", first.join(", ")),
        parts => parts.concat(),
    }
}
