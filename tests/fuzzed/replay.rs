//! Seeds, and what fuzzing has found, on any Rust.

use std::fs;
use std::path::PathBuf;

use super::{TARGETS, root, run, seeds};

/// `FUZZ_CORPUS` names the folder that they are written to, for the fuzzer to begin with.
#[test]
fn seeds_show_no_fault() {
    let corpus = std::env::var_os("FUZZ_CORPUS").map(PathBuf::from);
    for (name, target) in TARGETS {
        let seeds = seeds::of(name);
        assert!(seeds.len() > 2, "{name} has {} seeds", seeds.len());
        for (number, seed) in seeds.iter().enumerate() {
            if let Some(folder) = corpus.as_ref().map(|corpus| corpus.join(name)) {
                fs::create_dir_all(&folder).expect("a folder");
                fs::write(folder.join(format!("seed-{number}")), seed).expect("a file");
            }
            target(seed);
        }
    }
}

/// Each folder of `fuzz/found` is that of a target, and has the smallest inputs that once showed a fault.
#[test]
fn what_was_found_shows_no_fault() {
    for folder in fs::read_dir(root().join("fuzz/found")).expect("a folder") {
        let folder = folder.expect("an entry").path();
        let name = folder.file_name().expect("a name").to_string_lossy();
        for input in fs::read_dir(&folder).expect("a folder of inputs") {
            let input = input.expect("an entry").path();
            run(&name, &fs::read(input).expect("a file"));
        }
    }
}

/// `fuzz/` and the list of targets are the same.
#[test]
fn each_target_is_built() {
    let mut files: Vec<_> = (fs::read_dir(root().join("fuzz/fuzz_targets")).expect("a folder"))
        .map(|entry| entry.expect("an entry").path())
        .map(|path| {
            path.file_stem()
                .expect("a name")
                .to_string_lossy()
                .into_owned()
        })
        .collect();
    files.sort();
    assert_eq!(files, TARGETS.map(|(name, _)| name));
}
