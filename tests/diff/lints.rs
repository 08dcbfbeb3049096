//! What checks by proof call needless can be removed, and nothing changes: so says the comparison.

use presence_router::automata::Budget;
use presence_router::check::{Proofs, check_and_prove};
use presence_router::diff::{Verdict, Written, compare};
use presence_router::finding::Code;
use presence_router::source::Span;
use presence_router::yaml::{self, NodeId, Tree};
use proptest::prelude::*;
use serde_json::Value;

use super::random::{asked, differ};
use crate::properties::cases;
use crate::properties::random::{Files, files, known_users};

/// The keys and indexes that lead from a node to the one that is written here.
fn steps(tree: &Tree<'_>, node: NodeId, span: Span) -> Option<Vec<String>> {
    if tree.span(node) == span {
        return Some(Vec::new());
    }
    let inner: Vec<_> = match tree.value(node) {
        yaml::Value::List => (tree.children(node).enumerate())
            .map(|(index, item)| (index.to_string(), item))
            .collect(),
        yaml::Value::Mapping => (tree.entries(node))
            .map(|(key, value)| match tree.value(key) {
                yaml::Value::Text(key) => (key.to_owned(), value),
                _ => panic!("keys are texts"),
            })
            .collect(),
        _ => Vec::new(),
    };
    inner.into_iter().find_map(|(step, node)| {
        let mut steps = steps(tree, node, span)?;
        steps.insert(0, step);
        Some(steps)
    })
}

/// The rules without what stands at the end of a path.
fn without(files: &Files, file: usize, steps: &[String]) -> Files {
    let mut files = files.clone();
    let (last, above) = steps.split_last().expect("a path");
    let mut at = &mut files[file];
    for step in above {
        at = match at {
            Value::Array(items) => &mut items[step.parse::<usize>().expect("an index")],
            _ => &mut at[step],
        };
    }
    match at {
        Value::Array(items) => {
            items.remove(last.parse().expect("an index"));
        }
        // An only item under `exclude`.
        _ => {
            at.as_object_mut().expect("a mapping").remove(last);
        }
    }
    files
}

/// Whether something was emptied that may not be empty.
fn is_whole(files: &Files) -> bool {
    fn whole(value: &Value) -> bool {
        match value {
            Value::Array(items) => !items.is_empty() && items.iter().all(whole),
            Value::Object(entries) => !entries.is_empty() && entries.values().all(whole),
            _ => true,
        }
    }
    files.iter().all(whole)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: cases(), ..ProptestConfig::default() })]

    #[test]
    fn what_is_needless_can_go(files in files(), known in known_users()) {
        let Some(old) = asked(&files) else { return Ok(()) };
        let checked = check_and_prove(&old.rules, &old.sources, None, &Proofs {
            requested: vec![Code::Overlapping],
            ..Proofs::default()
        });
        let names: Vec<_> = old.sources.iter().map(|(file, _)| file).collect();
        for finding in &checked.findings {
            let needless = [Code::ShadowedRule, Code::ShadowedPattern, Code::NeedlessExclude, Code::DeadRule];
            if !needless.contains(&finding.code) {
                continue;
            }
            let file = names.iter().position(|name| *name == finding.location.file).expect("a file");
            let tree = Tree::read(old.sources.get(finding.location.file).text());
            let root = tree.root().expect("rules");
            let path = steps(&tree, root, finding.location.span()).expect("something that is written");
            let left = without(&files, file, &path);
            let Some(new) = is_whole(&left).then(|| asked(&left)).flatten() else { continue };
            let plain = differ(&old, &new, &known);
            let [old, new] = [&old, &new].map(|asked| Written { rule_set: &asked.rules, sources: &asked.sources });
            let comparison = compare(old, new, Budget::default()).expect("proof and router agree");
            // Blocked routes give ALL all the same, so a dead one from everyone is not without effect on `interested`.
            if finding.code == Code::DeadRule && comparison.differences.iter().all(|difference| difference.sender.is_none()) {
                continue;
            }
            // A template may leave undecided whether there is a difference. Then none may have been found, nor be there for
            // these users.
            let is_none = matches!(comparison.verdict(), Verdict::Equivalent | Verdict::Undecided);
            prop_assert!(
                is_none && comparison.differences.is_empty() && plain == (None, None),
                "{}: {}\n{:?}\n{:?}", finding.code, finding.message, comparison.differences, plain
            );
        }
    }
}

/// A blocked route from everyone is not without effect, and this says so.
#[test]
fn a_dead_route_may_still_give_all() {
    let said = |derives: bool| {
        let rules = serde_json::json!({
            "routes": [{"senders": "all", "recipients": "@k:z.example"}],
            "blocks": [{"recipients": "@k:z.example"}],
            "derive_interests": derives,
        });
        let asked = asked(&vec![rules]).expect("rules");
        let checked = check_and_prove(&asked.rules, &asked.sources, None, &Proofs::default());
        let mut dead =
            (checked.findings.into_iter()).filter(|finding| finding.code == Code::DeadRule);
        dead.next().map(|finding| finding.message)
    };
    assert_eq!(
        said(true).as_deref(),
        Some(
            "this route never sends anything: the block `blocks[0]` stops all of it, but it still lets its recipients see \
             everyone (ALL), which blocks do not reduce"
        )
    );
    assert_eq!(
        said(false).as_deref(),
        Some("this route never sends anything: the block `blocks[0]` stops all of it")
    );
}
