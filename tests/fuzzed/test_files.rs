//! Test files of the rules that come with the project: read, run, and told in each format.

use presence_router::output::rule_tests::{
    Report, coverage, full, github, json, junit, lcov, missing, tap,
};
use presence_router::rule_tests::{self, Instead, Options, Suite};
use presence_router::rules::model::UserSource;
use presence_router::source::Sources;
use serde_json::Value;

use super::{is_harmless, root, written};

pub fn run(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let mut sources = Sources::default();
    sources.add("fuzzed.test.yaml", &*text);
    let (mut files, mut findings) = rule_tests::read(&sources);
    for file in &mut files {
        // No input may make this read any file there is.
        if let Some(named) = &mut file.known_users {
            (named.items).retain(|(item, _)| matches!(item, UserSource::User(_)));
        }
    }
    let instead = Instead {
        rules: vec![
            root().join("rules/people.yaml"),
            root().join("rules/wallboards.yaml"),
        ],
        known_users: vec![root().join("rules/users.txt")],
        server_name: None,
    };
    let suites = rule_tests::suites(&mut files, &mut sources, &instead, &mut findings);
    let suites = suites.expect("the rules that come with the project");
    if !findings.is_empty() {
        // As a command would.
        return;
    }
    told(&files, &sources, &suites);
}

fn told(files: &[rule_tests::TestFile], sources: &Sources, suites: &[Suite]) {
    let options = Options {
        coverage: true,
        ..Options::default()
    };
    let results = rule_tests::run(files, suites, &options).expect("small rules");
    let cases: usize = files.iter().map(|file| file.cases.len()).sum();
    assert_eq!(results.outcomes.len(), cases);
    let report = Report::new(files, sources, suites, &results);
    let full = written(|out| full(&report, out));
    let github = written(|out| github(&report, out));
    let json = written(|out| json(&report, out));
    let junit = written(|out| junit(&report, out));
    let tap = written(|out| tap(&report, out));

    let all: Value = serde_json::from_str(&json).expect("JSON");
    assert_eq!(all["cases"].as_array().map(Vec::len), Some(cases), "{json}");
    let suites = roxmltree::Document::parse(&junit).expect("XML");
    let told = suites
        .descendants()
        .filter(|node| node.has_tag_name("testcase"));
    assert_eq!(told.count(), cases);
    assert!(tap.starts_with("TAP version 14\n"), "{tap}");
    for text in [full, github, tap] {
        is_harmless(&text);
    }
    if let Some(covered) = &results.coverage {
        is_harmless(&written(|out| coverage(covered, out)));
        is_harmless(&written(|out| missing(covered, out)));
        is_harmless(&written(|out| lcov(covered, out)));
    }
}
