//! What is passed over in folders.

use std::fs;
use std::os::unix::fs::symlink;

use presence_router::Rules;
use presence_router::rules::files::rule_files;

use super::named::{at, fifo};
use super::{ALL_TO_R, GOOD, Setup};

const HIDDEN: &str = "routes: [{name: all-to-r, senders: all, recipients: '@hidden:x.example'}]\n";

#[test]
fn hidden_files_and_links_to_nowhere_are_no_rules() {
    let setup = Setup::new(ALL_TO_R);
    symlink("user@host.1234:5678", at(&setup, "rules/.#rules.yaml")).expect("a lock of Emacs");
    symlink("nowhere", at(&setup, "rules/gone.yaml")).expect("a link");
    symlink("loop.yaml", at(&setup, "rules/loop.yaml")).expect("a link");
    symlink(".", at(&setup, "rules/round")).expect("a link");
    setup.write("rules/._rules.yaml", b"\0\x05\x16\x07\0\x02\0\0Mac OS X");
    setup.write("rules/.github/workflows/ci.yaml", "on: push\njobs: {}\n");
    setup.write("rules/.pre-commit-config.yaml", "repos: []\n");
    setup.write("rules/.hidden/more.yaml", HIDDEN);
    setup.write("rules/.old.yaml", HIDDEN);
    setup.write("rules/B.YAML", HIDDEN);
    setup.write("rules/notes.YAML", "just: notes\n");
    setup.write("rules/sub/C.yaml", "groups: {c: '@c:x.example'}\n");
    fifo(&setup, "rules/fifo.yaml");
    let expected = "\
rules/sub/C.yaml:1:10: warning[unused-group]: no rule uses the group `c`; remove it, or use it in a rule as `{group: c}`
rules/.old.yaml:1:1: note[passed-over]: this file is not read: its name begins with a dot; rename it, or name it on the command line, if it is meant
rules/B.YAML:1:1: note[passed-over]: this file is not read: its name ends neither in `.yaml` nor in `.yml`; write the ending in small letters, or name the file on the command line, if it is meant
rules/fifo.yaml:1:1: note[passed-over]: this file is not read: it is not a regular file; name it on the command line, if it is meant
rules/gone.yaml:1:1: note[passed-over]: this file is not read: it is a link to nowhere; remove the link, or correct it
rules/loop.yaml:1:1: note[passed-over]: this file is not read: it is a link to nowhere; remove the link, or correct it
";
    let ran = setup.run(&["check", "--format", "concise"], "");
    assert_eq!((ran.out.as_str(), ran.code), (expected, 0), "{}", ran.err);
    assert_eq!(ran.err, "checked 2 files: 1 warning and 5 notes\n");
    let ran = setup.run(&["route"], GOOD);
    assert_eq!((ran.code, &*ran.err), (0, ""));
    assert!(ran.out.starts_with("{\"@r:x.example\":["), "{}", ran.out);
    // What is named is read.
    for named in ["rules/.old.yaml", "rules/.hidden", "rules/B.YAML"] {
        let ran = setup.run(&["route", "-r", named], GOOD);
        assert!(
            ran.out.starts_with("{\"@hidden:x.example\":["),
            "{named}: {}",
            ran.err
        );
    }
    let ran = setup.run(&["check", "rules/gone.yaml"], "");
    assert!(
        ran.code == 2 && ran.err.contains("cannot read `rules/gone.yaml`"),
        "{}",
        ran.err
    );
    // A folder that seems empty says what is in it.
    setup.write("seems/A.YML", HIDDEN);
    let ran = setup.run(&["check", "seems"], "");
    let message = "error: no rule file (`*.yaml` or `*.yml`) found in `seems`; `seems/A.YML` is not read: its name ends neither in `.yaml` nor in `.yml`\n";
    assert_eq!((ran.err.as_str(), ran.code), (message, 2));
    // Tests likewise.
    setup.write(
        "tests/one.test.yaml",
        "rules: ../rules\ncases: [{update: '@a:x.example', recipients: '@r:x.example'}]\n",
    );
    setup.write(
        "tests/.two.test.yaml",
        "cases: [{update: '@a:x.example', recipients: []}]\n",
    );
    symlink("nowhere", at(&setup, "tests/.#one.test.yaml")).expect("a lock of Emacs");
    let ran = setup.run(&["test"], "");
    assert_eq!(
        (ran.err.as_str(), ran.code),
        (
            "note: `tests/.two.test.yaml` is not read: its name begins with a dot\nran 1 case: 1 passed\n",
            0
        )
    );
}

/// The module for Synapse loads and watches rules by these, whatever an editor leaves beside them.
#[test]
fn the_lock_of_an_editor_is_no_change_of_the_rules() {
    let setup = Setup::new(ALL_TO_R);
    let folder = at(&setup, "rules");
    symlink("user@host.1234:5678", folder.join(".#rules.yaml")).expect("a lock of Emacs");
    let files = rule_files(&folder).expect("rule files");
    assert_eq!(files, [folder.join("rules.yaml")]);
    let rules = Rules::load([&folder]).expect("rules");
    assert_eq!(rules.rule_files().count(), 1);
    // Only a person who runs a command can name a pipe.
    fifo(&setup, "fifo");
    let error = Rules::load([at(&setup, "fifo")]).expect_err("no rules");
    assert!(
        error
            .to_string()
            .ends_with("it is a pipe, not a regular file"),
        "{error}"
    );
}

/// Kubernetes swaps the link `..data`; the names that people gave are links through it.
#[test]
fn a_config_map_is_read_once_under_its_plain_names() {
    let setup = Setup::new("");
    fs::remove_file(at(&setup, "rules/rules.yaml")).expect("a file");
    for version in ["..2024_01", "..2024_02"] {
        setup.write(
            &format!("rules/{version}/a.yaml"),
            "routes: [{senders: all, recipients: bob}]\n",
        );
        setup.write(&format!("rules/{version}/b.yaml"), ALL_TO_R);
    }
    symlink("..2024_02", at(&setup, "rules/..data")).expect("a link");
    symlink("..2024_01", at(&setup, "rules/..data_tmp")).expect("a link");
    for name in ["a.yaml", "b.yaml"] {
        symlink(format!("..data/{name}"), at(&setup, "rules").join(name)).expect("a link");
    }
    let ran = setup.run(&["check", "--format", "concise"], "");
    assert!(
        ran.out
            .starts_with("rules/a.yaml:1:37: error[invalid-user-id]"),
        "{}",
        ran.out
    );
    assert_eq!(
        (ran.out.lines().count(), &*ran.err),
        (1, "checked 2 files: 1 error\n")
    );
}
