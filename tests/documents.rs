//! The documents are run.
//!
//! A block `yaml` whose first line is `# NAME.yaml` is written to that file. A block `console` holds commands, each after
//! `$ `, and what they print: standard output, then standard error, then `[exit N]` if N is not 0. All blocks of a page
//! share one folder, which has the repository's `rules` and `examples`.
//!
//! With `BLESS=1` in the environment, the pages are written anew with what the commands print now.

use std::env;
use std::fs;
use std::path::Path;
use std::process::Command;

/// One block of a page.
pub struct Block {
    /// What stands after the three backticks.
    pub kind: String,
    /// The line of these, from 1.
    pub line: usize,
    /// The lines between.
    pub text: String,
}

/// All blocks of a page.
pub fn blocks(page: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut open: Option<Block> = None;
    for (index, line) in page.lines().enumerate() {
        match (&mut open, line.strip_prefix("```")) {
            (None, Some(kind)) => {
                open = Some(Block {
                    kind: kind.trim().to_owned(),
                    line: index + 1,
                    text: String::new(),
                });
            }
            (Some(_), Some(_)) => blocks.extend(open.take()),
            (Some(block), None) => {
                block.text.push_str(line);
                block.text.push('\n');
            }
            (None, None) => {}
        }
    }
    assert!(open.is_none(), "a block is not closed");
    blocks
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder");
    for entry in fs::read_dir(from).expect("a folder") {
        let path = entry.expect("an entry").path();
        let to = to.join(path.file_name().expect("a name"));
        if path.is_dir() {
            copy(&path, &to);
        } else {
            fs::copy(&path, &to).expect("a copy");
        }
    }
}

/// Runs a command of a page, and says what a person would see.
fn run(command: &str, folder: &Path) -> String {
    let program = Path::new(env!("CARGO_BIN_EXE_presence-router"));
    let programs = program.parent().expect("its folder").display();
    let path = format!("{programs}:{}", env::var("PATH").unwrap_or_default());
    let output = Command::new("sh")
        .args(["-c", command])
        .current_dir(folder)
        .env("PATH", path)
        .env("NO_COLOR", "1")
        .stdin(std::process::Stdio::null())
        .output()
        .expect("a shell");
    let mut seen = String::from_utf8(output.stdout).expect("text");
    seen.push_str(&String::from_utf8(output.stderr).expect("text"));
    match output.status.code() {
        Some(0) => {}
        Some(code) => seen += &["[exit ", &code.to_string(), "]\n"].concat(),
        None => seen.push_str("[killed]\n"),
    }
    seen
}

/// Runs a page, and gives the number of its commands.
fn check(page: &str) -> usize {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let text = fs::read_to_string(root.join(page)).expect("the page");
    let folder = tempfile::tempdir().expect("a folder");
    for shared in ["rules", "examples"] {
        copy(&root.join(shared), &folder.path().join(shared));
    }
    let bless = env::var_os("BLESS").is_some();
    let mut blessed = text.clone();
    let mut commands = 0;
    for block in blocks(&text) {
        match block.kind.as_str() {
            "yaml" => {
                let name = block
                    .text
                    .lines()
                    .next()
                    .and_then(|line| line.strip_prefix("# "));
                if let Some(name) = name.filter(|name| {
                    !name.contains(' ')
                        && Path::new(name).extension().is_some_and(|is| is == "yaml")
                }) {
                    let path = folder.path().join(name);
                    fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
                    fs::write(path, &block.text).expect("a file");
                }
            }
            // A file of another kind, under its name.
            "text" => {
                if let Some((name, text)) = (block.text.strip_prefix("# "))
                    .and_then(|text| text.split_once('\n'))
                    .filter(|(name, _)| {
                        let extension = Path::new(name).extension();
                        extension.is_some_and(|is| is == "json" || is == "csv")
                    })
                {
                    fs::write(folder.path().join(name), text).expect("a file");
                }
            }
            "console" => {
                let mut seen_block = String::new();
                for step in block.text.split("$ ").skip(1) {
                    let (command, expected) = step.split_once('\n').unwrap_or((step, ""));
                    let seen = run(command, folder.path());
                    if !bless {
                        let line = block.line;
                        assert_eq!(seen, expected, "{page}, block at line {line}: $ {command}");
                    }
                    seen_block += &["$ ", command, "\n", &seen].concat();
                    commands += 1;
                }
                blessed = blessed.replace(&block.text, &seen_block);
            }
            _ => {}
        }
    }
    if bless && blessed != text {
        fs::write(root.join(page), blessed).expect("the page");
    }
    commands
}

#[test]
fn the_readme_is_true() {
    assert!(check("README.md") > 0);
}

#[test]
fn the_reference_is_true() {
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs");
    for entry in fs::read_dir(docs).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.extension().is_some_and(|extension| extension == "md") {
            check(&path.display().to_string());
        }
    }
}

#[test]
fn the_examples_give_what_they_say() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for (options, expected) in [
        ("", "by-recipient.json"),
        ("--by update --why", "by-update.ndjson"),
    ] {
        let seen = run(
            &format!("presence-router route {options} examples/presence.ndjson"),
            root,
        );
        let expected =
            fs::read_to_string(root.join("examples").join(expected)).expect("the result");
        assert_eq!(seen, expected, "{options}");
    }
}
