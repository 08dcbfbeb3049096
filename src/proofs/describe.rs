//! Sets of user IDs in words.

use crate::pattern::{Pattern, shortened};

use super::prover::Prover;
use super::sets::{Set, SetId};

/// More parts than this are not read.
const MOST_PARTS: usize = 4;

/// A set in words, such as "every user of `*.corp.example` but `@bot-*`", where these are short and say it exactly.
pub fn describe(prover: &mut Prover, set: SetId) -> Option<String> {
    match prover.sets.get(set).clone() {
        Set::Everyone => Some("everyone".to_owned()),
        Set::Users(users) if users.len() <= MOST_PARTS => {
            let users: Vec<_> = users
                .iter()
                .map(|user| format!("`{}`", shortened(user)))
                .collect();
            Some(joined(&users))
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
            let parts = |set: SetId| match prover.sets.get(set).clone() {
                Set::Union(parts) => parts.to_vec(),
                _ => vec![set],
            };
            let (mut included, excluded) = (parts(include), parts(exclude));
            // Who is in and left out again is not worth a word, nor is who is left out and would not be in anyhow.
            included.retain(|part| !excluded.contains(part));
            if included.len() > MOST_PARTS {
                return None;
            }
            let mut left = Vec::new();
            for part in included {
                if prover.is_within(part, exclude).ok()?.is_some() {
                    left.push(part);
                }
            }
            let (mut include, mut met) = (prover.sets.union(left), Vec::new());
            for part in excluded {
                // Without all but some, some are left.
                if let Set::Difference(all, some) = *prover.sets.get(part)
                    && prover.is_within(include, all).ok()?.is_none()
                {
                    include = prover.sets.intersection(include, some);
                    continue;
                }
                let both = prover.sets.intersection(include, part);
                if prover.find(both).ok()?.is_some() {
                    met.push(part);
                }
            }
            let included = describe(prover, include)?;
            if met.is_empty() {
                return Some(included);
            }
            if met.len() > MOST_PARTS {
                return None;
            }
            let excluded = prover.sets.union(met);
            Some(format!("{included} but {}", short(prover, excluded)?))
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
        Set::Nobody | Set::Users(_) | Set::Union(_) => None,
    }
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
