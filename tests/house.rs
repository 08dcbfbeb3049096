//! How the house is kept: the order of the modules, and the size of files.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use regex::Regex;

/// Files are for reading; beyond this there is a second subject in one.
const MOST_LINES: usize = 400;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn rust_files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            // What Cargo made is nobody's to read.
            if !path.ends_with("target") {
                rust_files(&path, found);
            }
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// The order that ARCHITECTURE.md gives.
fn order() -> Vec<String> {
    let text = fs::read_to_string(root().join("ARCHITECTURE.md")).expect("the page");
    let list = text
        .split("```text\n")
        .nth(1)
        .expect("a block with the order");
    let list = list.split("```").next().expect("its end");
    list.lines().map(|line| line.trim().to_owned()).collect()
}

#[test]
fn a_module_uses_only_those_above_it() {
    let order = order();
    let rank = |module: &str| order.iter().position(|known| known == module);
    let used = Regex::new(r"\bcrate::(?:\{|([a-z_]+))").expect("a pattern");
    let mut files = Vec::new();
    rust_files(&root().join("src"), &mut files);
    let mut modules = BTreeSet::new();
    for file in files {
        let inside = file.strip_prefix(root().join("src")).expect("below src");
        let first = inside.iter().next().expect("a name").to_string_lossy();
        let module = first.trim_end_matches(".rs").to_owned();
        if module == "lib" || module == "main" {
            continue;
        }
        let own =
            rank(&module).unwrap_or_else(|| panic!("ARCHITECTURE.md does not name `{module}`"));
        let text = fs::read_to_string(&file).expect("a source file");
        // What documentation shows is for users, who may use everything.
        for line in text
            .lines()
            .filter(|line| !line.trim_start().starts_with("//"))
        {
            for used in used.captures_iter(line) {
                let used = used
                    .get(1)
                    .expect("one module a line: `use crate::module::…`")
                    .as_str();
                let other =
                    rank(used).unwrap_or_else(|| panic!("ARCHITECTURE.md does not name `{used}`"));
                assert!(
                    other <= own,
                    "{}: `{module}` uses `{used}`, which comes after it",
                    inside.display()
                );
            }
        }
        modules.insert(module);
    }
    assert_eq!(
        modules,
        order.into_iter().collect(),
        "the modules, and those in ARCHITECTURE.md"
    );
}

#[test]
fn files_stay_short() {
    let mut files = Vec::new();
    for folder in ["src", "tests", "benches", "python/src"] {
        if root().join(folder).is_dir() {
            rust_files(&root().join(folder), &mut files);
        }
    }
    for file in files {
        let lines = fs::read_to_string(&file)
            .expect("a source file")
            .lines()
            .count();
        assert!(lines <= MOST_LINES, "{} has {lines} lines", file.display());
    }
}

#[test]
fn there_is_one_version() {
    let version = env!("CARGO_PKG_VERSION");
    for (file, line) in [
        ("python/Cargo.toml", format!("version = \"{version}\"")),
        ("pyproject.toml", format!("version = \"{version}\"")),
        (
            "pyproject.toml",
            format!("dependencies = [\"presence-router=={version}\"]"),
        ),
        ("action.yml", format!("    default: {version}")),
        (
            "contrib/gitlab-ci.yml",
            format!("    PRESENCE_ROUTER_VERSION: {version}"),
        ),
        ("CHANGELOG.md", format!("## [{version}]")),
    ] {
        let text = fs::read_to_string(root().join(file)).expect("a file");
        assert!(
            text.lines().any(|each| each.starts_with(&line)),
            "{file} should have the line `{line}`"
        );
    }
}
