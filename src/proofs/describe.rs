//! Sets of user IDs in words.

use crate::pattern::{Pattern, shortened};

use super::prover::Prover;
use super::sets::{Set, SetId};

/// More parts than this are not read.
const MOST_PARTS: usize = 4;

/// More characters than these are no description.
const MOST_CHARACTERS: usize = 240;

/// A set in words, such as "every user of `*.corp.example` but `@bot-*`", where these are short and say it exactly.
pub fn describe(prover: &mut Prover, set: SetId) -> Option<String> {
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
        Set::Union(parts) if parts.len() <= MOST_PARTS => {
            let mut described = Vec::new();
            for part in &*parts {
                described.push(describe(prover, *part)?);
            }
            Some(joined(&described))
        }
        Set::Difference(include, exclude) => {
            // Each part loses something of its own, or nothing.
            let mut described: Vec<(Vec<String>, Option<String>)> = Vec::new();
            for part in parts(prover, include) {
                let part = prover.sets.difference(part, exclude);
                let Some((included, excluded)) = without(prover, part)? else {
                    continue;
                };
                let same = described.iter_mut().find(|(_, of)| *of == excluded);
                match same {
                    Some((parts, _)) => parts.push(included),
                    None => described.push((vec![included], excluded)),
                }
                let count: usize = described.iter().map(|(parts, _)| parts.len()).sum();
                if count > MOST_PARTS {
                    return None;
                }
            }
            described.sort_by_key(|(_, excluded)| excluded.is_some());
            let described = described.into_iter().map(|(included, excluded)| {
                let included = joined(&included);
                excluded.map_or(included.clone(), |but| format!("{included} but {but}"))
            });
            Some(described.collect::<Vec<_>>().join("; "))
        }
        Set::Intersection(one, other) => {
            for (narrow, wide) in [(one, other), (other, one)] {
                if prover.is_within(narrow, wide).ok()?.is_none() {
                    return describe(prover, narrow);
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
                _ => return None,
            };
            Some(format!("{whole} who matches {part}"))
        }
        Set::Nobody | Set::Union(_) => None,
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
    if left.len() > MOST_PARTS {
        return None;
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
        Set::Union(parts) => {
            let mut described = Vec::new();
            for part in &*parts {
                described.push(short(prover, *part)?);
            }
            Some(joined(&described))
        }
        _ => describe(prover, set),
    }
}

fn joined(parts: &[String]) -> String {
    match parts {
        [first @ .., last] if !first.is_empty() => format!("{} and {last}", first.join(", ")),
        parts => parts.concat(),
    }
}
