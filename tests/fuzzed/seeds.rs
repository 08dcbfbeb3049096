//! Where fuzzing starts: the inputs of the other tests and the examples of the documentation.

use std::fs;
use std::path::Path;

use serde_yaml::Value;

use super::root;

/// The seeds of a target.
pub fn of(target: &str) -> Vec<Vec<u8>> {
    match target {
        "equal_updates" => (lines("tests/update/records.txt", "> ").chunks(2))
            .map(|pair| pair.join("\n").into_bytes())
            .collect(),
        "known_users" => bytes(blocks("docs/rules.md", &["text", "json"]))
            .chain(
                [text("rules/users.txt"), text("examples/by-update.ndjson")]
                    .map(String::into_bytes),
            )
            .chain([KNOWN_USERS].map(|seed| seed.as_bytes().to_vec()))
            .collect(),
        "patterns" => (cases().iter().map(patterns).map(String::into_bytes)).collect(),
        "places" => bytes(rule_texts()).chain(bytes(test_texts())).collect(),
        "records" => {
            let records = lines("tests/update/records.txt", "> ");
            let streams = lines("tests/update/stream.txt", "> ")
                .into_iter()
                .map(|line| {
                    line.replace("\\n", "\n")
                        .replace("\\r", "\r")
                        .replace("\\xef\\xbb\\xbf", "\u{feff}")
                });
            let examples = ["presence.ndjson", "by-update.ndjson", "by-recipient.json"];
            let examples = examples.map(|name| text(&format!("examples/{name}")));
            (records.into_iter().chain(streams).chain(examples))
                .map(|record| [&[3, 4, 9], record.as_bytes()].concat())
                .collect()
        }
        "rule_files" => bytes(rule_texts()).collect(),
        "test_files" => bytes(test_texts()).collect(),
        // Any bytes are a case.
        _ => (0..32_u8)
            .map(|seed| {
                (0..=255_u8)
                    .map(|at| at.wrapping_mul(2 * seed + 1) ^ (at >> (seed % 7)))
                    .collect()
            })
            .collect(),
    }
}

const KNOWN_USERS: &str = r#"{"users": [{"name": "@a:x.example", "deactivated": 0, "is_guest": false, "user_type": null, "appservice_id": null}, {"name": "@b:x.example", "deactivated": true}], "next_token": "2", "total": 3}
["@c:x.example", {"user_id": "@d:x.example", "role": "seen"}] "@e:x.example""#;

fn bytes(texts: Vec<String>) -> impl Iterator<Item = Vec<u8>> {
    texts.into_iter().map(String::into_bytes)
}

fn text(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The lines of a file that begin with a mark.
fn lines(path: &str, mark: &str) -> Vec<String> {
    let text = text(path);
    let marked = text.lines().filter_map(|line| line.strip_prefix(mark));
    marked.map(str::to_owned).collect()
}

/// The blocks of these languages in a page.
fn blocks(path: &str, languages: &[&str]) -> Vec<String> {
    let text = text(path);
    let mut found = Vec::new();
    // Every second part stands between two fences.
    for block in text.split("\n```").skip(1).step_by(2) {
        if let Some((language, block)) = block.split_once('\n')
            && languages.iter().any(|known| language.starts_with(known))
        {
            found.push(block.to_owned());
        }
    }
    found
}

/// All files below a folder with such an end.
fn files(folder: &str, end: &str) -> Vec<String> {
    let entries = fs::read_dir(root().join(folder)).expect("a folder");
    let mut paths: Vec<_> = entries
        .map(|entry| entry.expect("an entry").path())
        .collect();
    paths.sort();
    let named = |path: &Path| path.to_string_lossy().ends_with(end);
    let paths = paths.into_iter().filter(|path| named(path));
    paths
        .map(|path| {
            path.strip_prefix(root())
                .expect("below it")
                .display()
                .to_string()
        })
        .collect()
}

/// The cases of the rule language.
fn cases() -> Vec<Value> {
    let all = files("tests/cases", ".yaml").into_iter();
    all.flat_map(|path| serde_yaml::from_str::<Vec<Value>>(&text(&path)).expect("cases"))
        .collect()
}

fn texts<'v>(value: &'v Value, found: &mut Vec<&'v str>) {
    match value {
        Value::String(text) => found.push(text),
        Value::Sequence(items) => items.iter().for_each(|item| texts(item, found)),
        Value::Mapping(entries) => {
            for (key, value) in entries {
                texts(key, found);
                texts(value, found);
            }
        }
        _ => {}
    }
}

fn is_rules(text: &str) -> bool {
    ["routes:", "interests:", "blocks:", "groups:"]
        .iter()
        .any(|key| text.contains(key))
}

fn rule_texts() -> Vec<String> {
    let mut all: Vec<_> = files("rules", ".yaml")
        .iter()
        .map(|path| text(path))
        .collect();
    for page in [
        vec!["docs/rules.md".to_owned()],
        files("src/code_pages", ".md"),
    ]
    .concat()
    {
        all.extend(blocks(&page, &["yaml"]));
    }
    for case in cases() {
        let mut said = Vec::new();
        texts(&case, &mut said);
        all.extend(
            said.into_iter()
                .filter(|text| is_rules(text))
                .map(str::to_owned),
        );
    }
    all
}

fn test_texts() -> Vec<String> {
    let mut all: Vec<_> = files("rules", ".test.yaml")
        .iter()
        .map(|path| text(path))
        .collect();
    all.extend(blocks("docs/testing.md", &["yaml"]));
    all
}

/// What a case has of users and patterns, a line each.
fn patterns(case: &Value) -> String {
    let mut said = Vec::new();
    texts(case, &mut said);
    let mut lines = String::new();
    for text in said.into_iter().filter(|text| !text.contains('\n')) {
        let kinds: &[&str] = match text {
            _ if presence_router::user_id::UserId::parse(text).is_ok() => &["? ", "user "],
            _ if text.contains(['\\', '(', '|', '+']) => &["regex "],
            _ if text.contains(['*', '?', '[', '{']) => &["glob ", "server ", "regex "],
            _ => continue,
        };
        for kind in kinds {
            lines.extend([kind, text, "\n"]);
        }
    }
    lines
}
