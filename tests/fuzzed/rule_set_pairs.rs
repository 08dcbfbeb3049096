//! What `diff` says of two rule sets holds for everybody whom both routers are asked about.

use arbitrary::{Arbitrary, Unstructured};
use presence_router::automata::Budget;
use presence_router::diff::{Direction, Which};

use super::drawn::{KnownUsers, RuleFiles};
use crate::diff::random::{asked, compared, differ};
use crate::properties::random::Files;

/// So many states for each question that nearly all are answered, and so few that an input takes milliseconds.
const STATES: usize = 1_000;

#[derive(Arbitrary)]
struct Case {
    mix: u8,
    users: KnownUsers,
    old: RuleFiles,
    other: RuleFiles,
}

pub fn run(data: &[u8]) {
    let Ok(case) = Case::arbitrary_take_rest(Unstructured::new(data)) else {
        return;
    };
    let (RuleFiles(old), RuleFiles(other)) = (case.old, case.other);
    let users = case.users.0.unwrap_or_default();
    let mix = case.mix % 4;
    // Rule sets that share most of their rules are compared more closely than any two.
    let new: Files = match mix {
        0 => other,
        1 => old.iter().rev().cloned().collect(),
        2 => old.iter().skip(1).cloned().chain(other).collect(),
        _ => old.clone(),
    };
    let (Some(one), Some(two)) = (asked(&old), asked(&new)) else {
        return;
    };
    let comparison = compared(&one, &two, Budget::new(STATES));
    let (more, less) = differ(&one, &two, &users);
    for (which, found) in [(Which::New, more), (Which::Old, less)] {
        let proven = comparison.only_in(which);
        assert!(mix != 3 || proven != Direction::Something, "{old:?}");
        assert!(
            found.is_none() || proven != Direction::Nothing,
            "{which:?}, and {found:?}: {old:?} and {new:?}"
        );
    }
}
