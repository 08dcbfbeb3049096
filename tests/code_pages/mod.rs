//! The pages of codes are true: their examples are checked, and the page of findings is made from them.

use std::collections::BTreeSet;
use std::env;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use presence_router::Rules;
use presence_router::check::{self, Proofs};
use presence_router::code_pages::{CodePage, Example};
use presence_router::finding::{Code, Severity};
use presence_router::rule_tests::{self, Instead, Options, Outcome, Status};
use presence_router::rules::files;

use crate::cli::Setup;

/// What checking the files of an example finds.
fn findings(examples: &[Example]) -> Vec<(Severity, Code, String)> {
    let folder = tempfile::tempdir().expect("a folder");
    let mut tests = Vec::new();
    for example in examples {
        let name = example.name.unwrap_or("rules.yaml");
        let path = folder.path().join(name);
        fs::write(&path, example.content()).expect("a file");
        if name.ends_with(".test.yaml") {
            tests.push(path);
        }
    }
    if !tests.is_empty() {
        return test_findings(&tests);
    }
    let rules = Rules::load([folder.path()]).expect("rule files");
    let proofs = Proofs {
        requested: (Code::ALL.iter().copied())
            .filter(|code| code.is_on_request())
            .collect(),
        ..Proofs::default()
    };
    let checked = check::check_and_prove(
        rules.rule_set(),
        rules.sources(),
        rules.known_users(),
        &proofs,
    );
    assert_eq!(checked.open, [], "undecided");
    (rules.found().iter().cloned())
        .chain(checked.findings)
        .map(|finding| (finding.severity, finding.code, finding.message))
        .collect()
}

/// What is wrong with test files.
fn test_findings(paths: &[PathBuf]) -> Vec<(Severity, Code, String)> {
    let mut sources = files::load_tests(paths).expect("test files");
    let (mut tests, mut findings) = rule_tests::read(&sources);
    let instead = Instead::default();
    let suites =
        rule_tests::suites(&mut tests, &mut sources, &instead, &mut findings).expect("rules");
    for suite in &suites {
        assert_eq!(suite.rules.errors(), []);
    }
    let results = rule_tests::run(&tests, &suites, &Options::default()).expect("results");
    if findings.is_empty() {
        let passed = |outcome: &Outcome| outcome.status == Status::Passed;
        assert!(results.outcomes.iter().all(passed), "{paths:?}");
    }
    (findings.into_iter())
        .map(|finding| (finding.severity, finding.code, finding.message))
        .collect()
}

#[test]
fn examples_to_avoid_have_the_finding_and_those_to_prefer_do_not() {
    let mut failures = String::new();
    for code in Code::ALL.iter().copied() {
        let CodePage { avoid, prefer, .. } = CodePage::of(code);
        let avoided = findings(&avoid);
        let is_found = avoided.iter().any(|(_, found, _)| *found == code);
        if !is_found {
            let _ = writeln!(failures, "{code}: `avoid` gives {avoided:?}");
        }
        let preferred = findings(&prefer);
        if (preferred.iter())
            .any(|(severity, found, _)| *severity == Severity::Error || *found == code)
        {
            let _ = writeln!(failures, "{code}: `prefer` gives {preferred:?}");
        }
    }
    assert!(failures.is_empty(), "{failures}");
}

#[test]
fn pages_are_whole() {
    for code in Code::ALL {
        let page = CodePage::of(*code);
        let summary = page.summary;
        assert!(summary.ends_with('.') && !summary.contains('\n'), "{code}");
        assert!(page.text.lines().count() >= 2, "{code}");
        for line in page.text.lines().chain([summary]) {
            assert!(
                line.chars().count() <= 80,
                "{code}, for a terminal of 80 columns: {line}"
            );
        }
    }
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/code_pages");
    let files: BTreeSet<_> = fs::read_dir(folder)
        .expect("a folder")
        .map(|entry| entry.expect("an entry").file_name().into_string())
        .collect::<Result<_, _>>()
        .expect("text");
    let codes = Code::ALL.iter().map(|code| format!("{code}.md")).collect();
    assert_eq!(files, codes, "a page for each code, and no other");
}

#[test]
fn the_page_of_findings_is_current() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/findings.md");
    let mut page = String::from(
        "# Findings\n\nWhat `presence-router check` finds in rules, and `presence-router test` in test files: why it \
         matters, and what\nto write instead. `presence-router check --explain CODE` prints the same. How findings are \
         shown, silenced and\ncounted is on [the page of commands](commands.md#findings).\n\n| code | severity | meaning |\n|---|---|---|\n",
    );
    for code in Code::ALL {
        let summary = CodePage::of(*code).summary;
        let severity = code.severity();
        let request = if code.is_on_request() {
            ", on request"
        } else {
            ""
        };
        let _ = writeln!(
            page,
            "| [`{code}`](#{code}) | {severity}{request} | {summary} |"
        );
    }
    for code in Code::ALL {
        let text = code.page();
        let severity = code.severity();
        let request = if code.is_on_request() {
            ", reported on request"
        } else {
            ""
        };
        let severity = article(severity);
        let _ = write!(page, "\n## {code}\n\nThis is {severity}{request}. {text}");
    }
    if env::var_os("BLESS").is_some() {
        fs::write(&path, &page).expect("the page");
    }
    let written = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        written == page,
        "docs/findings.md is old; BLESS=1 writes it anew"
    );
}

fn article(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "an error",
        Severity::Warning => "a warning",
        Severity::Note => "a note",
    }
}

#[test]
fn check_explains_a_code() {
    let setup = Setup::new("");
    let ran = setup.run(&["check", "--explain", "duplicate-key"], "");
    assert_eq!((ran.code, ran.err.as_str()), (0, ""));
    assert_eq!(
        ran.out,
        "error[duplicate-key]\n\
         \n\
         A key is written twice in one mapping.\n\
         \n\
         Most YAML readers take the last of the two and say nothing, so half of the rule\n\
         would be lost. To name more users under one key, make a list.\n\
         \n\
         Avoid:\n\
         \n    \
             routes:\n      \
               - senders: \"@grace:corp.example\"\n        \
                 senders: \"@heidi:corp.example\"\n        \
                 recipients: \"@lobby:corp.example\"\n\
         \n\
         Prefer:\n\
         \n    \
             routes:\n      \
               - senders: [\"@grace:corp.example\", \"@heidi:corp.example\"]\n        \
                 recipients: \"@lobby:corp.example\"\n"
    );

    let listed = setup.run(&["check", "--explain"], "");
    assert_eq!((listed.code, listed.err.as_str()), (0, ""));
    assert_eq!(listed.out.lines().count(), Code::ALL.len());
    assert!(
        listed.out.contains(
            "\nduplicate-key               error    A key is written twice in one mapping.\n"
        ),
        "{}",
        listed.out
    );
}

#[test]
fn a_code_that_does_not_exist_cannot_be_explained() {
    let setup = Setup::new("");
    for (name, help) in [
        ("all-narrow", "did you mean `all-narrows`?"),
        ("E0308", "`presence-router check --explain` lists all codes"),
    ] {
        let ran = setup.run(&["check", "--explain", name], "");
        assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{name}");
        assert_eq!(
            ran.err,
            format!("error: there is no finding `{name}`; {help}\n")
        );
    }
}

/// What a person sees of each example to avoid: `golden/CODE.txt`. With `BLESS=1`, the files are written anew.
#[test]
fn examples_to_avoid_look_as_they_did() {
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/code_pages/golden");
    for code in Code::ALL.iter().copied() {
        let setup = Setup::new("");
        fs::remove_file(setup.folder.path().join("rules/rules.yaml")).expect("a file");
        for example in CodePage::of(code).avoid {
            let name = example.name.unwrap_or("rules.yaml");
            setup.write(&format!("rules/{name}"), example.content());
        }
        let is_test = |example: &Example| example.name.is_some_and(|it| it.ends_with(".test.yaml"));
        let ran = if CodePage::of(code).avoid.iter().any(is_test) {
            setup.run(&["test"], "")
        } else {
            let mut arguments = vec!["check", "--format", "full"];
            if code.is_on_request() {
                arguments.extend(["-W", code.name()]);
            }
            setup.run(&arguments, "")
        };
        let seen = format!("{}{}", ran.out, ran.err);
        assert!(seen.contains(&format!("[{code}]")), "{code}: {seen}");
        let path = golden.join(format!("{code}.txt"));
        if env::var_os("BLESS").is_some() {
            fs::create_dir_all(&golden).expect("a folder");
            fs::write(&path, &seen).expect("a file");
        }
        let expected = fs::read_to_string(&path).unwrap_or_default();
        assert_eq!(seen, expected, "{code}");
    }
    let files = fs::read_dir(&golden).expect("the folder").count();
    assert_eq!(files, Code::ALL.len(), "a golden file belongs to no code");
}
