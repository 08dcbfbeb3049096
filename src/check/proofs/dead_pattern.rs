//! `dead-pattern`: a pattern that no valid user ID matches.

use super::{Proving, written};
use crate::check::pattern_text::regex_item;
use crate::finding::{Code, Effect, Finding, Fix, Location};
use crate::pattern::{Pattern, proposed};
use crate::rules::{Item, RuleSet};

/// A pattern is dead whatever stands around it, so this looks at all of a rule set.
pub(super) fn check(proving: &mut Proving<'_, '_>, rule_set: &RuleSet) {
    for rules in &rule_set.files {
        for users in rules.sets() {
            let mut patterns = Vec::new();
            users.walk(&mut |placed| {
                if let Item::Pattern(pattern) = placed.item
                    && !matches!(
                        pattern,
                        Pattern::Everyone | Pattern::User(_) | Pattern::Server(_)
                    )
                {
                    patterns.push((placed, pattern));
                }
            });
            for (placed, pattern) in patterns {
                let location = Location::part(rules.file, placed.at.whole);
                let set = proving.prover.sets.pattern(pattern);
                let found = proving.prover.find(set);
                if let Some(None) = proving.answer(Code::DeadPattern, &location, found) {
                    let message =
                        format!("{} matches no user ID there could be", written(placed.item));
                    let finding = Finding::new(Code::DeadPattern, location, message);
                    proving.findings.push(match grouped(pattern) {
                        Some(regex) => {
                            let item = regex_item(&regex);
                            finding
                                .help(format!(
                                    "`|` parts the whole expression: write `{}`",
                                    proposed(&item)
                                ))
                                .fix(Fix::write(location, item, Effect::More))
                        }
                        None => finding.help(help(pattern)),
                    });
                }
            }
        }
    }
}

/// `@(a|b):x` of `@a|b:x`.
fn grouped(pattern: &Pattern) -> Option<String> {
    let Pattern::Regex(text) = pattern else {
        return None;
    };
    let (localpart, server) = text.strip_prefix('@')?.rsplit_once(':')?;
    let is_plain = |text: &str| !text.contains(['(', ')', '[', '@', ':', '^', '$']);
    let regex = format!("@({localpart}):{server}");
    let is_meant = localpart.contains('|') && !server.contains('|') && is_plain(localpart);
    (is_meant && Pattern::regex(&regex).is_ok()).then_some(regex)
}

fn help(pattern: &Pattern) -> &'static str {
    match pattern {
        Pattern::ServerGlob(_) => {
            "server names have letters, digits, `-` and `.` alone, and may have a port"
        }
        _ if !pattern.as_str().contains('@') => {
            "a user ID begins with `@`, and the pattern has to match all of it"
        }
        _ if !pattern.as_str().contains(':') => {
            "a user ID is `@localpart:server`, and the pattern has to match all of it"
        }
        _ => "a user ID is `@localpart:server`, with a valid server name and at most 255 bytes",
    }
}
