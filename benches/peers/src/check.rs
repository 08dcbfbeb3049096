//! Do the engines answer the same?

use std::collections::HashMap;
use std::mem::discriminant;

use crate::measure::Runner;
use crate::rule::Rule;

/// How many of the senders are asked about, and how many rules of each kind.
const SENDERS: usize = 100;
const RULES: usize = 20;

/// Compares all answers for some of the senders, and for users who are made to match some rule of each kind, or to miss
/// it narrowly. Says how many of the senders reach somebody, in percent.
///
/// # Panics
///
/// If there are two answers to a question.
pub fn check(runners: &mut [Runner<'_>], rules: &[Rule], senders: &[String]) -> String {
    let mut asked = senders[..SENDERS].to_vec();
    let mut of_kind = HashMap::new();
    for rule in rules {
        let count: &mut usize = of_kind.entry(discriminant(&rule.senders)).or_default();
        *count += 1;
        if *count <= RULES {
            asked.extend(rule.senders.samples());
        }
    }
    let (first, others) = runners.split_first_mut().expect("an engine");
    let mut matched = 0;
    for sender in &asked {
        let expected = first.peer.recipients(sender);
        matched += usize::from(!expected.is_empty());
        for other in &mut *others {
            let answer = other.peer.recipients(sender);
            assert_eq!(
                answer, expected,
                "{sender}: {} and {}",
                other.name, first.name
            );
        }
    }
    // Half of those that were made for it, at the least: or the samples are none.
    assert!(matched >= (asked.len() - SENDERS) / 2, "{matched} matched");
    let reaching = senders
        .iter()
        .filter(|sender| !first.peer.recipients(sender).is_empty());
    format!(
        "{:.1}%",
        reaching.count() as f64 * 100.0 / senders.len() as f64
    )
}
