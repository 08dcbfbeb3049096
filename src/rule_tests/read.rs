//! One test file: from YAML to the cases as written.

use super::case::{CaseShape, Draft};
use super::model::{Case, TestFile};
use super::prove::Proofs;
use crate::finding::{Code, Finding};
use crate::rules::keys::Keys;
use crate::rules::reader::{Context, Shape};
use crate::rules::shapes::{KnownUsers, Name, Version};
use crate::rules::{only_of, read_yaml};
use crate::source::{FileId, Source, Sources, Span};

/// Reads test files, with every finding that reading them brings. A case with a fault is missing from its file.
///
/// ```
/// use presence_router::rule_tests;
/// use presence_router::source::Sources;
///
/// let mut sources = Sources::default();
/// sources.add("rules.test.yaml", "cases:\n- {update: '@a:example.org', recipient: []}\n");
/// let (files, findings) = rule_tests::read(&sources);
///
/// assert_eq!(files.len(), 1);
/// assert_eq!(findings[0].message, "unknown key `recipient` in a case");
/// ```
pub fn read(sources: &Sources) -> (Vec<TestFile>, Vec<Finding>) {
    let mut findings = Vec::new();
    let files = (sources.iter())
        .map(|(file, source)| read_file(file, source, &mut findings))
        .collect();
    (files, findings)
}

fn read_file(file: FileId, source: &Source, findings: &mut Vec<Finding>) -> TestFile {
    let nothing = TestFile::new(file);
    let (mut test, is_broken) = read_yaml(file, source, File, nothing, findings);
    test.is_about_unknown |= is_broken;
    test
}

impl TestFile {
    fn new(file: FileId) -> Self {
        Self {
            file,
            is_about_unknown: false,
            rules: None,
            rules_at: Span::default(),
            known_users: None,
            cases: Vec::new(),
        }
    }
}

#[derive(Clone, Copy)]
struct File;

impl Shape for File {
    type Value = TestFile;
    const EXPECTED: &'static str = "a mapping with the key `cases`, `prove` or both";

    fn mapping(self, cx: &mut Context<'_, '_>) -> Option<TestFile> {
        let of_rules = ["groups", "routes", "interests", "blocks"];
        if let Some(key) = only_of(cx, &of_rules, &["cases", "prove"]) {
            let message = "this is a rule file, where a test file is expected";
            let finding = Finding::new(Code::UnknownKey, cx.at(key), message);
            cx.report(finding.help(
                "check it with `presence-router check`; a test file has the keys `cases` or `prove`, and a name such as \
                 `rules.test.yaml`",
            ));
            let nothing = TestFile::new(cx.file);
            return Some(TestFile {
                is_about_unknown: true,
                ..nothing
            });
        }
        let mut keys = Keys::new(
            cx,
            "a test file",
            &["version", "rules", "known_users", "cases", "prove"],
        );
        let mut file = TestFile::new(cx.file);
        while let Some((key, value)) = keys.next(cx) {
            match key {
                "version" => {
                    cx.read(value, Version);
                }
                "rules" => {
                    file.rules = cx.read(value, Rules);
                    file.is_about_unknown = file.rules.is_none();
                    file.rules_at = cx.tree.span(value);
                }
                "known_users" => file.known_users = cx.read(value, KnownUsers),
                "prove" => {
                    let claims = cx.read(value, Proofs);
                    file.cases.extend(claims.unwrap_or_default());
                }
                _ => {
                    let cases = cx.read(value, Cases);
                    file.cases.extend(cases.unwrap_or_default());
                }
            }
        }
        Some(file)
    }
}

/// The rules under test: at least one path.
#[derive(Clone, Copy)]
struct Rules;

impl Shape for Rules {
    type Value = Vec<String>;
    const EXPECTED: &'static str = "a path as text, or a list of paths";

    fn text(self, cx: &mut Context<'_, '_>, text: &str) -> Option<Vec<String>> {
        Name.text(cx, text).map(|path| vec![path])
    }

    fn list(self, cx: &mut Context<'_, '_>) -> Option<Vec<String>> {
        let paths = cx.items(Name);
        if paths.is_empty() {
            let finding = Finding::new(Code::EmptySet, cx.here(), "this list names no rules");
            cx.report(finding.help(
                "name rule files or folders; without the key, the folder of this file is taken",
            ));
            return None;
        }
        Some(paths.into_iter().flatten().collect())
    }
}

/// The value of `cases`: cases, and tables of cases.
#[derive(Clone, Copy)]
struct Cases;

impl Shape for Cases {
    type Value = Vec<Case>;
    const EXPECTED: &'static str = "a list of cases (each starts with `- `)";

    fn list(self, cx: &mut Context<'_, '_>) -> Option<Vec<Case>> {
        let read = cx.items(CaseShape::Outer);
        Some(cases(cx, read.into_iter().flatten()))
    }
}

/// The cases that these drafts make: one each, or one for each row of their tables.
fn cases(cx: &mut Context<'_, '_>, drafts: impl Iterator<Item = Draft>) -> Vec<Case> {
    let mut cases = Vec::new();
    for mut draft in drafts {
        let Some(rows) = draft.table.take() else {
            cases.extend(draft.finish(cx));
            continue;
        };
        let several = rows.len() > 1;
        for (index, row) in rows.into_iter().enumerate() {
            let Some(row) = row else { continue };
            let number = several.then_some(index + 1);
            cases.extend(row.with_shared(&draft, number).finish(cx));
        }
    }
    cases
}
