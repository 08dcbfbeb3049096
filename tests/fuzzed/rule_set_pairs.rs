//! What `diff` says of two rule sets holds for everybody whom both routers are asked about.

use arbitrary::{Arbitrary, Unstructured};
use presence_router::diff::Verdict;

use super::drawn::{KnownUsers, RuleFiles};
use crate::diff::random::{asked, compared, differ};
use crate::properties::random::Files;

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
    let comparison = compared(&one, &two);
    let verdict = comparison.verdict();
    if mix == 3 {
        assert_eq!(verdict, Verdict::Equivalent, "{old:?}");
    }
    if comparison.undecided.is_empty() {
        let (more, less) = differ(&one, &two, &users);
        let is_wider = matches!(verdict, Verdict::Wider | Verdict::Both);
        assert!(
            more.is_none() || is_wider,
            "{verdict:?}, and {more:?}: {old:?} and {new:?}"
        );
        let is_narrower = matches!(verdict, Verdict::Narrower | Verdict::Both);
        assert!(
            less.is_none() || is_narrower,
            "{verdict:?}, and {less:?}: {old:?} and {new:?}"
        );
    }
}
