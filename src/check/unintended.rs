//! Users whom a pattern matches and was not meant to.

use std::cell::RefCell;

use super::pattern_text::takes;
use crate::automata::Budget;
use crate::pattern::Pattern;
use crate::proofs::Prover;
use crate::user_id::{UserId, is_port};

/// A domain that nobody names. Who has users there has users everywhere.
pub(super) const STRANGE: &str = "evil.test";

/// A pattern that takes no more domains than these was meant for each of them.
const MOST_MEANT: usize = 8;

/// Names under which nobody can register a domain for everybody to see: they are for networks of one's own.
const PRIVATE: [&str; 12] = [
    "arpa",
    "corp",
    "home",
    "internal",
    "intranet",
    "invalid",
    "lan",
    "local",
    "localdomain",
    "localhost",
    "private",
    "test",
];

/// Second labels below which domains are registered, as in `co.uk`.
const SECOND_LABELS: [&str; 14] = [
    "ac", "co", "com", "edu", "gen", "go", "gob", "gov", "gv", "ne", "net", "or", "org", "nom",
];

/// Whether anybody may register a domain directly below this: below a label alone, or one such as `co.uk`.
fn is_public_suffix(labels: &str) -> bool {
    let is_label = |label: &str| {
        label
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            && label.starts_with(|c: char| c.is_ascii_alphabetic())
    };
    match labels.split_once('.') {
        None => is_label(labels) && !PRIVATE.contains(&labels),
        Some((second, country)) => {
            SECOND_LABELS.contains(&second) && country.len() == 2 && is_label(country)
        }
    }
}

/// Finds them by proof, where there are to be proofs.
pub(super) struct Unintended(Option<RefCell<Prover>>);

impl Unintended {
    pub fn new(budget: Option<Budget>) -> Self {
        Self(budget.map(|budget| RefCell::new(Prover::new(budget))))
    }

    /// A user whom the pattern matches, of a server that a stranger may set up: one below a domain that nobody names, or
    /// below one that begins as the stranger likes, next to a suffix under which anybody registers domains.
    pub fn stranger(&self, pattern: &Pattern) -> Option<String> {
        let mut prover = self.0.as_ref()?.borrow_mut();
        let all = prover.sets.pattern(pattern);
        let suffix = pattern.literal_suffix();
        let (suffix, port) = match suffix.rsplit_once(':') {
            Some((before, port)) if is_port(port) => (before, format!(":{port}")),
            _ => (&*suffix, String::new()),
        };
        let suffix = suffix.rsplit(':').next().unwrap_or_default();
        let on = |prover: &mut Prover, domain: &str| {
            let servers = [format!("{domain}{port}"), format!("*.{domain}{port}")];
            servers.iter().find_map(|server| {
                let server = prover.sets.pattern(&Pattern::server(server).ok()?);
                let there = prover.sets.intersection(all, server);
                let found = prover.find(there).ok()??;
                takes(pattern, &found).then(|| found.to_string())
            })
        };
        if let Some(found) = on(&mut prover, STRANGE) {
            return Some(found);
        }
        let public = match suffix.split_once('.') {
            Some((_, labels)) => labels,
            None => suffix,
        };
        if !is_public_suffix(public) {
            return None;
        }
        if let Some(found) = on(&mut prover, &format!("evil.{public}")) {
            return Some(found);
        }
        // Of a few domains, each was meant; of many, nobody has all of them.
        let mut left = all;
        let mut first = None;
        for _ in 0..MOST_MEANT {
            let there = prover
                .sets
                .pattern(&Pattern::server(&format!("*.{public}{port}")).ok()?);
            let there = prover.sets.intersection(left, there);
            let found = prover.find(there).ok()??;
            let server = UserId::parse(&found).ok()?.server_name();
            let below = server.strip_suffix(&format!(".{public}{port}"))?;
            let domain = below.rsplit('.').next()?;
            let domain = format!("{domain}.{public}{port}");
            for server in [domain.clone(), format!("*.{domain}")] {
                let named = prover.sets.pattern(&Pattern::server(&server).ok()?);
                left = prover.sets.difference(left, named);
            }
            first.get_or_insert(found);
        }
        let (like, first) = (
            prover.sets.pattern(&Pattern::glob("@*:*evil*").ok()?),
            first?,
        );
        let like = prover.sets.intersection(left, like);
        let found = prover.find(like).ok().flatten().unwrap_or(first);
        takes(pattern, &found).then(|| found.to_string())
    }

    /// Whether the pattern matches a user of this server.
    pub fn reaches(&self, pattern: &Pattern, server: &str) -> bool {
        let (Some(prover), Ok(server)) = (&self.0, Pattern::server(server)) else {
            return false;
        };
        let mut prover = prover.borrow_mut();
        let [all, server] = [pattern, &server].map(|pattern| prover.sets.pattern(pattern));
        let there = prover.sets.intersection(all, server);
        prover.is_empty(there) == Ok(false)
    }

    /// Whether the pattern matches everybody: nobody's name has a line break, which `.` leaves out.
    pub fn is_everybody(&self, pattern: &Pattern) -> bool {
        let (Some(prover), Ok(everybody)) = (&self.0, Pattern::regex(".*")) else {
            return false;
        };
        let mut prover = prover.borrow_mut();
        let [all, everybody] = [pattern, &everybody].map(|pattern| prover.sets.pattern(pattern));
        prover.is_within(everybody, all) == Ok(None)
    }

    /// A short ID that the pattern matches, and none of the patterns that were meant does. `example` is one that was made
    /// from the pattern's text; it serves where there is no proof, if the pattern matches it.
    pub fn find(
        &self,
        pattern: &Pattern,
        meant: &[Pattern],
        example: Option<String>,
    ) -> Option<String> {
        let found = self.0.as_ref().map(|prover| {
            let mut prover = prover.borrow_mut();
            let meant: Vec<_> = meant
                .iter()
                .map(|pattern| prover.sets.pattern(pattern))
                .collect();
            let meant = prover.sets.union(meant);
            let all = prover.sets.pattern(pattern);
            prover.is_within(all, meant)
        });
        if let Some(Ok(found)) = found {
            let found = found?;
            let is_confirmed =
                takes(pattern, &found) && !meant.iter().any(|meant| takes(meant, &found));
            assert!(
                is_confirmed,
                "internal error: the proof about `{}` and `{found}` is contradicted by the regex engine; please report \
                 this with the rules",
                pattern.as_str()
            );
            return Some(found.to_string());
        }
        example.filter(|example| takes(pattern, example))
    }
}
