//! The JSON Schema of test files agrees with their reader.

use std::env;
use std::fs;
use std::path::Path;

use jsonschema::Validator;
use presence_router::finding::Code;
use presence_router::rule_tests;
use presence_router::schema;
use presence_router::source::Sources;
use serde_json::Value;

use crate::cli::Setup;
use crate::documents::blocks;

/// The faults in the shape of a file, which the schema has to see as well.
const SHAPE: &[Code] = &[
    Code::UnknownKey,
    Code::WrongType,
    Code::MissingKey,
    Code::ConflictingKeys,
    Code::EmptySet,
    Code::AmbiguousItem,
    Code::EmptyName,
    Code::UnknownVersion,
    Code::MisplacedTemplate,
    Code::MissingReason,
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn validator() -> Validator {
    jsonschema::validator_for(&schema::test_file()).expect("a schema")
}

/// The codes that reading this file alone gives.
fn codes(text: &str) -> Vec<Code> {
    let mut sources = Sources::default();
    sources.add("x.test.yaml", text);
    let (_, findings) = rule_tests::read(&sources);
    findings.into_iter().map(|finding| finding.code).collect()
}

fn is_valid(text: &str) -> bool {
    let value: Value = serde_yaml::from_str(text).expect("YAML");
    validator().is_valid(&value)
}

#[test]
fn the_schema_of_test_files_is_current() {
    let path = root().join("rules/test.schema.json");
    let ran = Setup::new("").run(&["schema", "tests"], "");
    assert_eq!((ran.code, ran.err.as_str()), (0, ""));
    if env::var_os("BLESS").is_some() {
        fs::write(&path, &ran.out).expect("the schema");
    }
    let written = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        written == ran.out,
        "rules/test.schema.json is old; BLESS=1 writes it anew"
    );
    let schema: Value = serde_json::from_str(&written).expect("JSON");
    assert!(jsonschema::meta::is_valid(&schema));
}

#[test]
fn tests_that_ship_name_the_schema() {
    let mut seen = 0;
    for entry in fs::read_dir(root().join("rules")).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.to_string_lossy().ends_with(".test.yaml") {
            let text = fs::read_to_string(&path).expect("a test file");
            let head = "# yaml-language-server: $schema=test.schema.json\n";
            assert!(text.starts_with(head), "{}", path.display());
            assert_eq!(codes(&text), []);
            assert!(is_valid(&text), "{}", path.display());
            seen += 1;
        }
    }
    assert!(seen >= 3, "{seen}");
}

#[test]
fn examples_of_the_documents_are_valid() {
    let mut compared = 0;
    for page in ["README.md", "docs/testing.md"] {
        let text = fs::read_to_string(root().join(page)).expect("the page");
        for block in blocks(&text) {
            if block.kind == "yaml" && block.text.contains("cases:") {
                assert_eq!(codes(&block.text), [], "{page}, line {}", block.line);
                assert!(is_valid(&block.text), "{page}, line {}", block.line);
                compared += 1;
            }
        }
    }
    assert!(compared >= 4, "{compared}");
}

#[test]
fn what_the_reader_takes_is_valid() {
    for text in GOOD {
        assert_eq!(codes(text), [], "{text}");
        assert!(is_valid(text), "{text}");
    }
}

#[test]
fn what_the_reader_refuses_is_not_valid() {
    for text in BAD {
        assert!(
            codes(text).iter().any(|code| SHAPE.contains(code)),
            "{text}: {:?}",
            codes(text)
        );
        assert!(!is_valid(text), "{text}");
    }
}

const GOOD: &[&str] = &[
    "",
    "{}",
    "version: 1",
    "rules: ../rules",
    "rules: [a.yaml, b]",
    "known_users: users.txt",
    "known_users: []",
    "known_users: '@a:x.example'",
    "known_users: [users.txt, '@a:x.example']",
    "known_users: ['@a:x.example', '@[*:x.example']",
    "cases: []",
    "cases: [{update: '@a:x.example', recipients: []}]",
    "cases: [{update: '@a:x.example', recipients: '@b:x.example', name: x}]",
    "cases: [{update: '@a:x.example', recipients: all, by: [a, b], todo: later}]",
    "cases: [{update: {user_id: '@a:x.example', state: online}, includes: [{server: x.example}, {group: g}]}]",
    "cases: [{update: '@a:x.example', excludes: {include: all, exclude: '@*:x.example'}, by: a}]",
    "cases: [{user: '@a:x.example', interested: ALL}]",
    "cases: [{user: '@a:x.example', interested: all}]",
    "cases: [{user: '@a:x.example', interested: []}]",
    "cases: [{user: '@a:x.example', by: a}]",
    "cases: [{recipients: [], table: [{update: '@a:x.example'}, {update: '@b:x.example', todo: x}]}]",
    "cases: [{name: x, table: [{user: '@a:x.example', interested: []}]}]",
];

const BAD: &[&str] = &[
    "[]",
    "tests",
    "version: 2",
    "tests: []",
    "rules: []",
    "rules: ''",
    "rules: {}",
    "rules:",
    "known_users: {}",
    "known_users: [5]",
    "cases: {}",
    "cases:",
    "cases: [all]",
    "cases: [{}]",
    "cases: [{update: '@a:x.example'}]",
    "cases: [{recipients: []}]",
    "cases: [{update: '@a:x.example', recipient: []}]",
    "cases: [{update: '@a:x.example', user: '@a:x.example', by: x}]",
    "cases: [{update: '@a:x.example', interested: []}]",
    "cases: [{user: '@a:x.example', recipients: []}]",
    "cases: [{user: '@a:x.example', recipients: [], interested: []}]",
    "cases: [{update: 5, recipients: []}]",
    "cases: [{update: [], recipients: []}]",
    "cases: [{update: '@a:x.example', recipients: 5}]",
    "cases: [{update: '@a:x.example', recipients: {}}]",
    "cases: [{update: '@a:x.example', recipients: }]",
    "cases: [{update: '@a:x.example', recipients: [[]]}]",
    "cases: [{update: '@a:x.example', includes: []}]",
    "cases: [{update: '@a:x.example', excludes: {template: '@{localpart}:x.example'}}]",
    "cases: [{update: '@a:x.example', by: []}]",
    "cases: [{update: '@a:x.example', by: ''}]",
    "cases: [{update: '@a:x.example', by: {}}]",
    "cases: [{update: '@a:x.example', by: x, todo: }]",
    "cases: [{update: '@a:x.example', by: x, todo: ' '}]",
    "cases: [{update: '@a:x.example', by: x, name: ''}]",
    "cases: [{update: '@a:x.example', by: x, table: []}]",
    "cases: [{by: x, table: [{update: '@a:x.example', table: []}]}]",
    "cases: [{by: x, table: {}}]",
];
