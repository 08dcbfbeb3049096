//! `dead-pattern`: a pattern that no valid user ID matches.

use super::{Proving, written};
use crate::finding::{Code, Finding, Location};
use crate::pattern::Pattern;
use crate::rules::Item;

pub(super) fn check(proving: &mut Proving<'_, '_>) {
    for rules in &proving.cx.rule_set.files {
        for (mut path, users) in rules.user_sets() {
            let mut patterns = Vec::new();
            users.walk(&mut path, &mut |path, item| {
                if let Item::Pattern(pattern) = item
                    && !matches!(
                        pattern,
                        Pattern::Everyone | Pattern::User(_) | Pattern::Server(_)
                    )
                {
                    patterns.push((path.clone(), item, pattern));
                }
            });
            for (path, item, pattern) in patterns {
                let location = Location::value(rules.file, path);
                let set = proving.prover.sets.pattern(pattern);
                let found = proving.prover.find(set);
                if let Some(None) = proving.answer(Code::DeadPattern, &location, found) {
                    let message = format!("{} matches no user ID there could be", written(item));
                    proving.findings.push(
                        Finding::new(Code::DeadPattern, location, message).help(help(pattern)),
                    );
                }
            }
        }
    }
}

fn help(pattern: &Pattern) -> &'static str {
    match pattern {
        Pattern::ServerGlob(_) => {
            "server names have letters, digits, `-` and `.` alone, and may have a port"
        }
        _ if !pattern.as_str().contains(':') => {
            "a user ID is `@localpart:server`, and the pattern has to match all of it"
        }
        _ => "a user ID is `@localpart:server`, with a valid server name and at most 255 bytes",
    }
}
