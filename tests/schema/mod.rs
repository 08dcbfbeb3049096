//! The JSON Schema and the reader agree on what a rule file looks like.

mod random;

use std::env;
use std::fs;
use std::path::Path;

use jsonschema::Validator;
use presence_router::code_pages::CodePage;
use presence_router::finding::Code;
use presence_router::rules;
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
    Code::EmptySet,
    Code::AmbiguousItem,
    Code::EmptyName,
    Code::UnknownVersion,
    Code::MisplacedTemplate,
    Code::UnknownCode,
    Code::MissingReason,
    Code::ExcludeInList,
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn validator() -> Validator {
    jsonschema::validator_for(&schema::rule_file()).expect("a schema")
}

/// The codes that reading this file alone gives.
fn codes(text: &str) -> Vec<Code> {
    let mut sources = Sources::default();
    sources.add("rules.yaml", text);
    let (_, findings) = rules::read(&sources);
    findings.into_iter().map(|finding| finding.code).collect()
}

/// Compares what the schema and the reader say of a file. `None` for what is no YAML, which has no value either.
fn compare(validator: &Validator, text: &str) -> Option<Result<(), String>> {
    let codes = codes(text);
    if codes.contains(&Code::YamlSyntax) || codes.contains(&Code::Anchor) {
        return None;
    }
    let value: Value = serde_yaml::from_str(text).ok()?;
    let errors: Vec<_> = (validator.iter_errors(&value))
        .map(|error| error.to_string())
        .collect();
    let outcome = if codes.iter().any(|code| SHAPE.contains(code)) {
        (!errors.is_empty())
            .then_some(())
            .ok_or_else(|| format!("the schema takes what the reader refuses: {codes:?}\n{text}"))
    } else if has_other_errors(&codes) {
        // Whatever the schema makes of a user ID or a name that is not valid.
        Ok(())
    } else {
        (errors.is_empty())
            .then_some(())
            .ok_or_else(|| format!("the schema refuses what the reader takes: {errors:?}\n{text}"))
    };
    Some(outcome)
}

/// Whether there is an error that one file alone has. Groups may be in another one.
fn has_other_errors(codes: &[Code]) -> bool {
    let of_several = [Code::UnknownGroup, Code::NoRules];
    codes.iter().any(|code| !of_several.contains(code))
}

#[test]
fn the_schema_is_current() {
    let path = root().join("rules/schema.json");
    let ran = Setup::new("").run(&["schema"], "");
    assert_eq!((ran.code, ran.err.as_str()), (0, ""));
    if env::var_os("BLESS").is_some() {
        fs::write(&path, &ran.out).expect("the schema");
    }
    let written = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        written == ran.out,
        "rules/schema.json is old; BLESS=1 writes it anew"
    );
    let schema: Value = serde_json::from_str(&written).expect("JSON");
    assert_eq!(
        schema["$schema"],
        "https://json-schema.org/draft/2020-12/schema"
    );
    assert!(jsonschema::meta::is_valid(&schema));
}

#[test]
fn rules_that_ship_name_the_schema() {
    let validator = validator();
    for entry in fs::read_dir(root().join("rules")).expect("a folder") {
        let path = entry.expect("an entry").path();
        let name = path.to_string_lossy();
        if name.ends_with(".yaml") && !name.ends_with(".test.yaml") {
            let text = fs::read_to_string(&path).expect("a rule file");
            assert!(
                text.starts_with("# yaml-language-server: $schema=schema.json\n"),
                "{}",
                path.display()
            );
            assert_eq!(compare(&validator, &text), Some(Ok(())));
        }
    }
}

#[test]
fn examples_of_the_documents_agree_with_the_reader() {
    let validator = validator();
    let mut compared = 0;
    for page in ["README.md", "docs/rules.md", "docs/commands.md"] {
        let text = fs::read_to_string(root().join(page)).expect("the page");
        for block in blocks(&text) {
            if block.kind == "yaml"
                && let Some(outcome) = compare(&validator, &block.text)
            {
                assert_eq!(outcome, Ok(()), "{page}, line {}", block.line);
                compared += 1;
            }
        }
    }
    assert!(compared > 20, "{compared}");
}

#[test]
fn examples_of_pages_agree_with_the_reader() {
    let validator = validator();
    for code in Code::ALL {
        let CodePage { avoid, prefer, .. } = CodePage::of(*code);
        for example in avoid.iter().chain(&prefer) {
            if let Some(outcome) = compare(&validator, example.content()) {
                assert_eq!(outcome, Ok(()), "{code}");
            }
        }
    }
}

#[test]
fn what_the_reader_takes_is_valid() {
    let validator = validator();
    for text in GOOD {
        let outcome = compare(&validator, text);
        assert!(
            !codes(text).iter().any(|code| SHAPE.contains(code)),
            "{text}"
        );
        assert_eq!(outcome, Some(Ok(())));
    }
}

#[test]
fn what_has_not_the_shape_of_a_rule_file_is_not_valid() {
    let validator = validator();
    for text in BAD {
        assert!(
            codes(text).iter().any(|code| SHAPE.contains(code)),
            "{text}"
        );
        assert_eq!(compare(&validator, text), Some(Ok(())));
    }
}

const GOOD: &[&str] = &[
    "",
    "{}",
    "version: 1",
    "version: 1.0",
    "server_name: '[::1]:8448'",
    "known_users: users.txt",
    "known_users: []",
    "known_users: [a.txt, b.json]",
    "groups: {}",
    "groups: {a: local, b: {server: [x.example, '*.x.example']}, c: {all_of: [local, {exclude: all}]}}",
    "groups: {a: {description: Some, exclude: all}, b: {file: a.csv, column: id}, c: {file: [a.txt, b.json]}}",
    "routes: [{senders: local, recipients: all, when: {state: {not: busy}}}]",
    "routes: [{senders: local, recipients: all, when: {state: {not: [busy, dnd]}}}]",
    "groups: {a: all, b: '@a:x.example', '5': [[['*']]], c: {exclude: {include: '@?:x.example'}}}",
    "routes: []",
    "routes: [{senders: all, recipients: [{template: '@{localpart}:x.example'}, '@{a,b}:x.example']}]",
    "routes: [{senders: {include: all, exclude: [{group: a}]}, recipients: {exclude: {template: '@{localpart}:{server}'}}}]",
    "routes: [{senders: {user: '@a*:x.example'}, recipients: {server: '*.example'}, when: {}}]",
    "routes: [{senders: {glob: '*'}, recipients: {regex: '.*'}, when: {state: at-lunch, currently_active: false}}]",
    "routes: [{name: a, description: '', senders: all, recipients: all, when: {state: [busy, x]}, allow: {unknown-state: ours}}]",
    "interests: [{users: all, in: {template: '@{localpart}:x.example'}, allow: {}}]",
    "blocks: [{senders: all}, {recipients: all}, {name: x, senders: all, recipients: all}]",
    "derive_interests: false",
];

const BAD: &[&str] = &[
    "[]",
    "rules",
    "5",
    "version: 2",
    "version: '1'",
    "version:",
    "rules: []",
    "server_name: 5",
    "server_name:",
    "known_users: {}",
    "known_users: ''",
    "known_users: [5]",
    "groups: []",
    "groups:",
    "groups: {a: }",
    "groups: {a: []}",
    "groups: {a: {}}",
    "groups: {a: 5}",
    "groups: {a: [all, []]}",
    "groups: {a: {server: x.example, group: b}}",
    "groups: {a: {server: x.example, exclude: all}}",
    "groups: {a: {sever: x.example}}",
    "groups: {a: {exclude: }}",
    "groups: {a: {server: [[x.example]]}}",
    "groups: {a: {server: []}}",
    "groups: {a: {group: [a, 1]}}",
    "groups: {a: {all_of: [all]}}",
    "groups: {a: {all_of: all}}",
    "groups: {a: {all_of: [all, all], include: all}}",
    "groups: {a: [{exclude: local}]}",
    "groups: {a: [all, [{exclude: local}]]}",
    "groups: {a: {all_of: [local, [{exclude: all}]]}}",
    "groups: {a: {include: [{exclude: local}]}}",
    "groups: {a: {include: local, exclude: [local, {exclude: all}]}}",
    "groups: {a: {not: local}}",
    "groups: {a: {local: }}",
    "groups: {a: {all_of: [local, {}]}}",
    "groups: {a: {all_of: [local, []]}}",
    "groups: {a: {all_of: {include: all, exclude: local}}}",
    "groups: {a: {file: []}}",
    "groups: {a: {file: a.csv, column: ''}}",
    "groups: {a: {file: {path: a.csv}}}",
    "groups: {a: {description: Some}}",
    "groups: {a: {description: Some, server: x.example}}",
    "groups: {a: {include: {description: Some, include: all}}}",
    "groups: {a: {file: ''}}",
    "groups: {a: {column: id}}",
    "groups: {a: {file: a.csv, column: [id]}}",
    "groups: {a: {file: a.csv, server: x.example}}",
    "routes: [{senders: all, recipients: {template: ['@{localpart}:x.example']}}]",
    "routes: [{senders: all, recipients: all, when: {state: {not: []}}}]",
    "routes: [{senders: all, recipients: all, when: {state: {}}}]",
    "routes: [{senders: all, recipients: all, when: {state: [{not: busy}]}}]",
    "groups: {a: {regex: 5}}",
    "groups: {a: {template: '@{localpart}:x.example'}}",
    "groups: {a: {exclude: [{template: '@{localpart}:x.example'}]}}",
    "routes: {}",
    "routes:",
    "routes: [all]",
    "routes: [{senders: all}]",
    "routes: [{recipients: all}]",
    "routes: [{senders: all, recipients: all, in: all}]",
    "routes: [{senders: {template: '@{localpart}:x.example'}, recipients: all}]",
    "routes: [{senders: all, recipients: all, name: 5}]",
    "routes: [{senders: all, recipients: all, name: ' '}]",
    "routes: [{senders: all, recipients: all, description: }]",
    "routes: [{senders: all, recipients: all, when: online}]",
    "routes: [{senders: all, recipients: all, when: {status: online}}]",
    "routes: [{senders: all, recipients: all, when: {state: []}}]",
    "routes: [{senders: all, recipients: all, when: {state: }}]",
    "routes: [{senders: all, recipients: all, when: {state: ''}}]",
    "routes: [{senders: all, recipients: all, when: {currently_active: 'true'}}]",
    "routes: [{senders: all, recipients: all, allow: unknown-state}]",
    "routes: [{senders: all, recipients: all, allow: {unknown-state: }}]",
    "routes: [{senders: all, recipients: all, allow: {no-rules: because}}]",
    "interests: [{users: all}]",
    "interests: [{users: {template: '@{localpart}:x.example'}, in: all}]",
    "blocks: [{}]",
    "blocks: [{name: a}]",
    "blocks: [{senders: }]",
    "blocks: [{recipients: {template: '@{localpart}:x.example'}}]",
    "derive_interests: 'no'",
    "derive_interests:",
];

/// A case of `tests/cases`, as far as the schema is concerned.
#[derive(serde::Deserialize)]
struct Case {
    name: String,
    #[serde(default)]
    rules: Value,
}

#[test]
fn cases_agree_with_the_reader() {
    let validator = validator();
    let mut compared = 0;
    let folder = fs::read_dir(root().join("tests/cases")).expect("the cases");
    for entry in folder {
        let path = entry.expect("an entry").path();
        if path.extension().is_none_or(|extension| extension != "yaml") {
            continue;
        }
        let text = fs::read_to_string(&path).expect("cases");
        let cases: Vec<Case> = serde_yaml::from_str(&text).expect("cases");
        for Case { name, rules } in cases {
            let files = match &rules {
                Value::String(text) => vec![text.as_str()],
                Value::Object(files) => files.values().filter_map(Value::as_str).collect(),
                _ => Vec::new(),
            };
            for outcome in files.iter().filter_map(|text| compare(&validator, text)) {
                assert_eq!(outcome, Ok(()), "{name}");
                compared += 1;
            }
        }
    }
    assert!(compared > 100, "{compared}");
}
