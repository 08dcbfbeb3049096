//! `test --write`: a test file made from rules.

use std::io::Write as _;
use std::path::{Component, Path, PathBuf};

use anyhow::Context as _;

use crate::cli::load::load_sound;
use crate::cli::terminal::CANNOT_WRITE;
use crate::cli::{Exit, terminal, written};
use crate::output::test_file::{Head, missing, test_file};
use crate::rule_tests;

use super::Arguments;

/// Writes the test file.
pub fn run(arguments: &Arguments, target: &Path) -> anyhow::Result<Exit> {
    let paths = match arguments.rules.as_slice() {
        [] => vec![PathBuf::from("rules")],
        paths => paths.to_vec(),
    };
    let is_stdout = target.as_os_str() == "-";
    // A pipe or a device takes what it gets.
    let goes_on = (target.metadata()).is_ok_and(|there| !there.is_file() && !there.is_dir());
    // Before any work is done; what is written in the meantime is not overwritten either.
    let is_free = is_stdout || goes_on || !target.exists();
    anyhow::ensure!(is_free, "{}", written::already(target));
    let rules = load_sound(&paths, &arguments.around)?;
    if !is_stdout && !goes_on {
        written::make_folder(target)?;
    }
    let head = Head {
        rules: relative_all(&paths, target),
        known_users: relative_all(&arguments.around.known_users, target),
    };
    let draft = rule_tests::write(&rules).context("the rules cannot be used")?;
    let mut text = Vec::new();
    test_file(&head, &draft, &rules.sources, &mut text)?;
    if is_stdout {
        let mut out = terminal::stdout();
        (out.write_all(&text).and_then(|()| out.flush())).context(CANNOT_WRITE)?;
    } else if goes_on {
        written::replace(target, &text)?;
    } else {
        written::create(&[(target.to_owned(), text)])?;
    }
    let covered = draft.points - draft.missing.len();
    let number = match draft.cases.len() {
        1 => "1 case".to_owned(),
        cases => format!("{cases} cases"),
    };
    terminal::say(&format!(
        "wrote {number}, which exercise {covered} of {} rules and patterns",
        draft.points
    ))?;
    missing(&draft, &rules.sources, &mut terminal::stderr())?;
    Ok(Exit::Done)
}

/// Paths, as a file names them that stands at `target`. None if that is the folder of the file alone.
fn relative_all(paths: &[PathBuf], target: &Path) -> Vec<PathBuf> {
    let folder = match target.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let relative: Vec<_> = paths.iter().map(|path| relative(path, folder)).collect();
    match relative.as_slice() {
        [only] if only.as_os_str() == "." => Vec::new(),
        _ => relative,
    }
}

/// The way from a folder to a path; the path itself if there is none.
fn relative(path: &Path, folder: &Path) -> PathBuf {
    let (Ok(to), Ok(from)) = (path.canonicalize(), folder.canonicalize()) else {
        return path.to_owned();
    };
    let common = (to.components().zip(from.components()))
        .take_while(|(one, other)| one == other)
        .count();
    let up = from.components().skip(common).map(|_| Component::ParentDir);
    let way: PathBuf = up.chain(to.components().skip(common)).collect();
    if way.as_os_str().is_empty() {
        PathBuf::from(".")
    } else {
        way
    }
}
