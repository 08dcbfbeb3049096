//! How the house is kept: the order of the modules and of the files in them, and their size.

use std::collections::{BTreeMap, BTreeSet};
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

/// The modules that a file of `src` uses by the paths of its `use` lines, those that it lies in aside: what these declare
/// may be used by all that is in them.
fn used_by(
    module: &[String],
    text: &str,
    modules: &BTreeSet<Vec<String>>,
) -> BTreeSet<Vec<String>> {
    let lines = text
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"));
    let code: String = lines.flat_map(|line| [line, "\n"]).collect();
    let imports = Regex::new(r"\buse\s+((?:crate|super|self)[^;]*);").expect("a pattern");
    let mut used = BTreeSet::new();
    for import in imports.captures_iter(&code) {
        for path in paths_of(&import[1].split_whitespace().collect::<String>()) {
            let mut names = path.split("::").peekable();
            let mut at = if names.next_if_eq(&"crate").is_some() {
                Vec::new()
            } else {
                module.to_vec()
            };
            names.next_if_eq(&"self");
            while names.next_if_eq(&"super").is_some() {
                at.pop();
            }
            for name in names {
                at.push(name.to_owned());
                if !modules.contains(&at) {
                    at.pop();
                    break;
                }
            }
            if !module.starts_with(&at) && modules.contains(&at) {
                used.insert(at);
            }
        }
    }
    used
}

/// `a::{b, c::{d, e}}` as `a::b`, `a::c::d` and `a::c::e`.
fn paths_of(import: &str) -> Vec<String> {
    let Some((start, inner)) = import.split_once('{') else {
        return vec![import.to_owned()];
    };
    let inner = inner.strip_suffix('}').expect("a closing brace");
    let (mut depth, mut from, mut parts) = (0, 0, Vec::new());
    for (at, character) in inner.char_indices().chain([(inner.len(), ',')]) {
        match character {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                parts.push(&inner[from..at]);
                from = at + 1;
            }
            _ => {}
        }
    }
    let parts = parts.into_iter().filter(|part| !part.is_empty());
    parts
        .flat_map(|part| paths_of(&format!("{start}{part}")))
        .collect()
}

#[test]
fn files_do_not_import_each_other_in_a_circle() {
    let mut files = Vec::new();
    rust_files(&root().join("src"), &mut files);
    let module = |file: &Path| -> Vec<String> {
        let inside = file
            .strip_prefix(root().join("src"))
            .expect("below src")
            .with_extension("");
        let names = inside
            .iter()
            .map(|name| name.to_string_lossy().into_owned());
        names.filter(|name| name != "mod").collect()
    };
    let modules: BTreeSet<_> = files.iter().map(|file| module(file)).collect();
    let mut uses: BTreeMap<_, _> = (files.iter())
        .map(|file| {
            let text = fs::read_to_string(file).expect("a source file");
            (module(file), used_by(&module(file), &text, &modules))
        })
        .collect();
    // Whoever uses nothing that is left is in no circle, nor is what only such files use.
    while let Some(free) = uses
        .iter()
        .find(|(_, used)| used.is_empty())
        .map(|(free, _)| free.clone())
    {
        uses.remove(&free);
        for used in uses.values_mut() {
            used.remove(&free);
        }
    }
    assert!(
        uses.is_empty(),
        "these import each other in a circle, or what does: {uses:#?}"
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
