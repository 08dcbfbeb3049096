//! The cases of `tests/cases/*.yaml`, run through every engine.
//!
//! The expected values are read off the specification of the rule language, not off any engine.

mod binary;
mod engine;
mod format;

use std::fmt::Write as _;
use std::path::Path;

use presence_router::finding::Severity;
use presence_router::rules;
use presence_router::source::Sources;

use engine::{ENGINES, Loaded, read_lists};
pub use format::{Case, texts};

#[test]
fn engines_answer_as_the_specification_says() {
    let mut failures = String::new();
    for (file, case) in cases() {
        let loaded = Loaded::new(&case);
        let unexpected = Loaded::errors(&case);
        if case.errors.is_none() && !unexpected.is_empty() {
            fail(
                &mut failures,
                &file,
                &case,
                "reading",
                &"no errors",
                &unexpected,
            );
            continue;
        }
        for engine in ENGINES {
            if case.errors.is_none() {
                let differences = engine.differences(&case, &loaded);
                if case.is_known(engine.name(), !differences.is_empty()) {
                    continue;
                }
                for (what, expected, got) in differences {
                    let what = format!("{}, {what}", engine.name());
                    fail(&mut failures, &file, &case, &what, &expected, &got);
                }
            }
        }
    }
    assert!(failures.is_empty(), "{failures}");
}

#[test]
fn faults_are_found_in_their_places() {
    let mut failures = String::new();
    for (file, case) in cases() {
        let Some(expected) = &case.errors else {
            continue;
        };
        let mut expected = expected.clone();
        expected.sort();
        for (engine, got) in [
            ("reading", Loaded::errors(&case)),
            ("check", Loaded::checked(&case)),
        ] {
            let differs = got != expected;
            if !case.is_known(engine, differs) && differs {
                fail(&mut failures, &file, &case, engine, &expected, &got);
            }
        }
    }
    assert!(failures.is_empty(), "{failures}");
}

#[test]
fn check_finds_what_it_should() {
    let mut failures = String::new();
    for (file, case) in cases() {
        if let Some(expected) = &case.check {
            let (mut got, _) = binary::check(&case);
            // What the language itself wants to be told of; the advice of other checks has tests of its own.
            let of_language = ["error[", "[unknown-state]", "[needs-known-users]"];
            got.retain(|line| of_language.iter().any(|part| line.contains(part)));
            if got != *expected {
                fail(&mut failures, &file, &case, "check", expected, &got);
            }
        }
    }
    assert!(failures.is_empty(), "{failures}");
}

#[test]
fn names_of_cases_are_unique() {
    let mut names: Vec<_> = cases().into_iter().map(|(_, case)| case.name).collect();
    let all = names.len();
    names.sort();
    names.dedup();
    assert_eq!(names.len(), all, "two cases have the same name");
    assert!(all >= 150, "some cases are gone: {all} are left");
}

fn fail(
    failures: &mut String,
    file: &str,
    case: &Case,
    what: &str,
    expected: &dyn std::fmt::Debug,
    got: &dyn std::fmt::Debug,
) {
    let Case { name, spec, .. } = case;
    writeln!(
        failures,
        "\n{file}: {name} ({spec})\n  {what}\n  expected {expected:?}\n  got      {got:?}"
    )
    .expect("writing to a string");
}

/// Every case, with the file that it comes from.
pub fn cases() -> Vec<(String, Case)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    let mut paths: Vec<_> = (std::fs::read_dir(folder).expect("the folder of the cases"))
        .map(|entry| entry.expect("an entry of the folder").path())
        .filter(|path| {
            path.extension()
                .is_some_and(|extension| extension == "yaml")
        })
        .collect();
    paths.sort();
    (paths.iter())
        .flat_map(|path| {
            let name = path
                .file_name()
                .expect("a file")
                .to_string_lossy()
                .into_owned();
            let text = std::fs::read_to_string(path).expect("a readable file");
            let cases: Vec<serde_yaml::Value> =
                serde_yaml::from_str(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
            (cases.into_iter())
                .map(|written| {
                    let called = written["name"].as_str().map(str::to_owned);
                    let case = Case::read(written)
                        .unwrap_or_else(|error| panic!("{name}: {called:?}: {error}"));
                    (name.clone(), case)
                })
                .collect::<Vec<_>>()
        })
        .collect()
}

impl Loaded {
    /// The errors as `code line:column`, or `code file:line:column` where there are several files.
    fn errors(case: &Case) -> Vec<String> {
        let mut sources = Sources::default();
        for (name, text) in case.rules.files() {
            sources.add(name, text);
        }
        let (mut rules, mut findings) = rules::read(&sources);
        let several = sources.iter().count() > 1;
        findings.extend(read_lists(case, &mut rules, &mut sources));
        let errors: Vec<_> = (findings.iter())
            .filter(|finding| finding.severity == Severity::Error)
            .collect();
        let mut lines: Vec<_> = (errors.iter())
            .map(|finding| {
                let place = finding.location.place(&sources);
                let (code, line, column) = (finding.code, place.line, place.column);
                let file = sources.get(finding.location.file).name();
                if several || !is_rules(file) {
                    format!("{code} {file}:{line}:{column}")
                } else {
                    format!("{code} {line}:{column}")
                }
            })
            .collect();
        lines.sort();
        lines
    }

    /// The same, as `check` tells it.
    fn checked(case: &Case) -> Vec<String> {
        let (findings, has_error) = binary::check(case);
        let several = case.rules.files().len() > 1;
        let mut errors: Vec<_> = (findings.iter())
            .filter_map(|finding| {
                let (place, code) = finding.split_once(": error[")?;
                let code = code.trim_end_matches(']');
                let place = match place.split_once(':') {
                    Some((file, place)) if !several && is_rules(file) => place,
                    _ => place,
                };
                Some(format!("{code} {place}"))
            })
            .collect();
        assert_eq!(
            has_error,
            !errors.is_empty(),
            "{}: the exit code",
            case.name
        );
        errors.sort();
        errors
    }
}

fn is_rules(file: &str) -> bool {
    Path::new(file)
        .extension()
        .is_some_and(|extension| extension == "yaml")
}
