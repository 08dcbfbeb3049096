//! What files and command lines name: regular files, pipes, and drafts in the place of files.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use super::{ALL_TO_R, GOOD, Ran, Setup};

pub fn at(setup: &Setup, name: &str) -> PathBuf {
    setup.folder.path().join(name)
}

pub fn fifo(setup: &Setup, name: &str) {
    let made = Command::new("mkfifo").arg(at(setup, name)).status();
    assert!(made.expect("mkfifo").success());
}

/// What bash makes of this, where `presence-router` is the program.
fn bash(setup: &Setup, script: &str) -> Ran {
    let mut command = Command::new("bash");
    command.args([
        "-c",
        &format!("presence-router() {{ \"$0\" \"$@\"; }}; {script}"),
    ]);
    command.arg(env!("CARGO_BIN_EXE_presence-router"));
    command.current_dir(setup.folder.path());
    let output = command.output().expect("bash");
    Ran {
        out: String::from_utf8(output.stdout).expect("text"),
        err: String::from_utf8(output.stderr).expect("text"),
        code: output.status.code().expect("no signal"),
    }
}

/// A pipe would be waited for in vain, and a device may have no end.
#[test]
fn what_a_file_names_is_a_regular_file() {
    let setup = Setup::new("");
    fifo(&setup, "rules/fifo");
    fs::create_dir(at(&setup, "rules/folder")).expect("a folder");
    for (named, why) in [
        ("/dev/zero", "it is a device, not a regular file"),
        ("fifo", "it is a pipe, not a regular file"),
        ("folder", "it is a folder"),
    ] {
        setup.write(
            "rules/rules.yaml",
            format!("known_users: [{named}]\n{ALL_TO_R}"),
        );
        let path = at(&setup, "rules").join(named);
        let path = if named.starts_with('/') {
            path.display().to_string()
        } else {
            format!("rules/{named}")
        };
        let ran = setup.run(&["check", "--format", "concise"], "");
        assert_eq!(ran.code, 1, "{}", ran.err);
        let message = format!(
            "rules/rules.yaml:1:15: error[unreadable-known-users]: cannot read `{path}`: {why}; "
        );
        assert!(ran.out.starts_with(&message), "{}", ran.out);
        assert_eq!(ran.out.lines().count(), 1, "{}", ran.out);
        assert_eq!(setup.run(&["route"], GOOD).code, 2);
        // The same in a test file, for known users and for rules.
        setup.write("rules/rules.yaml", ALL_TO_R);
        let test = |key: &str| {
            let cases = "cases: [{update: '@a:x.example', recipients: '@r:x.example'}]";
            setup.write("rules/one.test.yaml", format!("{key}: {named}\n{cases}\n"));
            setup.run(&["test"], "")
        };
        let ran = test("known_users");
        assert!(ran.code == 2 && ran.err.contains(why), "{}", ran.err);
        let ran = test("rules");
        let is_empty_folder = named == "folder" && ran.err.contains("no rule file");
        assert!(
            ran.code == 2 && (is_empty_folder || ran.err.contains(why)),
            "{}",
            ran.err
        );
        fs::remove_file(at(&setup, "rules/one.test.yaml")).expect("a file");
    }
}

#[test]
fn a_command_line_may_name_pipes() {
    let setup = Setup::new(ALL_TO_R);
    setup.write("users.txt", "@k:x.example\n");
    setup.write(
        "one.yaml",
        "known_users: users.txt\nroutes: [{senders: all, recipients: {server: x.example}}]\n",
    );
    setup.write("bad.yaml", "routes: 1\n");
    setup.write(
        "one.test.yaml",
        "cases: [{update: '@a:x.example', recipients: '@r:x.example'}]\n",
    );
    setup.write("in.ndjson", GOOD);
    for (script, code, out) in [
        // What a pipe names is relative to where one is.
        ("presence-router check <(cat one.yaml)", 0, ""),
        ("presence-router check /dev/stdin < one.yaml", 0, ""),
        ("cat one.yaml | presence-router check /dev/stdin", 0, ""),
        (
            "presence-router check <(cat bad.yaml) --format concise | sed 's,^[^:]*,,'",
            0,
            ":1:9: error[wrong-type]: ",
        ),
        (
            "presence-router route -r <(cat one.yaml) -u <(echo @z:x.example) < in.ndjson",
            0,
            "{\"@k:x.example\":[",
        ),
        (
            "presence-router route <(cat in.ndjson)",
            0,
            "{\"@r:x.example\":[",
        ),
        (
            "presence-router test <(cat one.test.yaml) -r <(cat rules/rules.yaml)",
            0,
            "passed",
        ),
        (
            "presence-router diff <(cat one.yaml) one.yaml",
            0,
            "equivalent",
        ),
        (
            "presence-router diff one.yaml <(cat one.yaml)",
            0,
            "equivalent",
        ),
        (
            "presence-router diff <(cat one.yaml) <(cat one.yaml)",
            0,
            "equivalent",
        ),
    ] {
        let ran = bash(&setup, script);
        assert_eq!(ran.code, code, "{script}: {}{}", ran.out, ran.err);
        assert!(ran.out.starts_with(out), "{script}: {}", ran.out);
    }
    // A pipe under a name of its own is opened once.
    fifo(&setup, "fifo");
    let ran = bash(
        &setup,
        "cat in.ndjson > fifo & presence-router route fifo; wait %1",
    );
    assert!(
        ran.out.starts_with("{\"@r:x.example\":["),
        "{}{}",
        ran.out,
        ran.err
    );
    for script in [
        "echo | presence-router route -r - /dev/stdin",
        "echo | presence-router check /dev/stdin -u /dev/stdin",
        "cat one.yaml > fifo & presence-router diff fifo fifo; kill %1 2>/dev/null; exit 2",
    ] {
        let ran = bash(&setup, script);
        assert_eq!((ran.code, &*ran.out), (2, ""), "{script}");
        assert!(
            ran.err.contains("can be read only once"),
            "{script}: {}",
            ran.err
        );
    }
}

#[test]
fn old_rules_may_be_none() {
    let setup = Setup::new(ALL_TO_R);
    setup.write("empty.yaml", "# nothing yet\n");
    setup.write("groups.yaml", "groups: {g: '@a:x.example'}\n");
    fs::create_dir(at(&setup, "folder")).expect("a folder");
    for old in ["/dev/null", "empty.yaml", "groups.yaml", "folder"] {
        let ran = setup.run(&["diff", old, "rules"], "");
        assert_eq!((ran.code, &*ran.err), (1, ""), "{old}");
        assert!(
            ran.out
                .ends_with("wider: the new rules do more, and nothing less\n"),
            "{}",
            ran.out
        );
    }
    for (old, new) in [
        ("rules", "/dev/null"),
        ("rules", "folder"),
        ("gone", "rules"),
    ] {
        assert_eq!(setup.run(&["diff", old, new], "").code, 2, "{old} {new}");
    }
    setup.write("empty.yaml", "routes: 1\n");
    assert_eq!(setup.run(&["diff", "empty.yaml", "rules"], "").code, 2);
}

#[test]
fn diff_says_what_a_pipe_shares() {
    let setup = Setup::new(&format!("known_users: users.txt\n{ALL_TO_R}"));
    setup.write("rules/users.txt", "@k:x.example\n");
    setup.write("other.yaml", ALL_TO_R);
    let old = format!("known_users: rules/users.txt\n{ALL_TO_R}");
    let ran = setup.run(&["diff", "-", "rules"], &old);
    assert_eq!(
        ran.err,
        "note: the old rules come from a pipe, and the files that they name are read as they are now, for both sides: `rules/users.txt`\n"
    );
    let ran = setup.run(&["diff", "rules", "-"], &old);
    assert!(
        ran.err.starts_with("note: the new rules come from a pipe"),
        "{}",
        ran.err
    );
    assert_eq!(setup.run(&["diff", "-", "other.yaml"], &old).err, "");
    assert_eq!(setup.run(&["diff", "rules", "rules"], "").err, "");
}

/// A draft is checked as if it were saved: with the others of its folder, and with paths from there.
#[test]
fn a_draft_stands_for_its_file() {
    let setup = Setup::new("known_users: users.txt\nroutes: 1\n");
    setup.write("rules/users.txt", "@k:x.example\n");
    setup.write("rules/a.yaml", "groups: {staff: '@a:x.example'}\n");
    setup.write(
        "rules/z.yaml",
        "routes: [{senders: bob, recipients: '@z:x.example'}]\n",
    );
    let draft = "known_users: users.txt\nroutes:\n- {senders: {group: staff}, recipients: {server: x.example}}\n- {senders: all, recipients: bob}\n";
    let run = |arguments: &[&str]| {
        let options = ["check", "--format", "concise", "-A", "unknown-user"];
        let arguments = [&options, arguments].concat();
        setup.run(&arguments, draft)
    };
    let expected = "\
rules/rules.yaml:4:30: error[invalid-user-id]: `bob` is not a user ID: it does not start with `@`; write the whole ID, `@localpart:server`, or `{group: bob}` if you mean a group
rules/z.yaml:1:20: error[invalid-user-id]: `bob` is not a user ID: it does not start with `@`; write the whole ID, `@localpart:server`, or `{group: bob}` if you mean a group
";
    let ran = run(&["-", "--stdin-filename", "rules/rules.yaml"]);
    assert_eq!((ran.out.as_str(), ran.code), (expected, 1), "{}", ran.err);
    assert_eq!(ran.err, "checked 3 files: 2 errors\n");
    // However it is called, and if it is not there yet.
    let ran = run(&["-", "--stdin-filename", "./rules/../rules/rules.yaml"]);
    assert!(
        ran.err.ends_with("checked 3 files: 2 errors\n"),
        "{}",
        ran.err
    );
    let ran = run(&["-", "--stdin-filename", "rules/new.yaml"]);
    assert!(
        ran.out.contains("rules/new.yaml:4:30: error") && ran.out.contains("rules/rules.yaml:2:9"),
        "{}",
        ran.out
    );
    let ran = run(&["-", "--stdin-filename", "elsewhere/new.yaml"]);
    assert!(
        ran.out.contains("cannot read `elsewhere/users.txt`"),
        "{}",
        ran.out
    );
    // Files that are named as well are still read once.
    let ran = run(&["-", "rules", "--stdin-filename", "rules/rules.yaml"]);
    assert_eq!(ran.out, expected);
    for arguments in [
        &["rules", "--stdin-filename", "rules/rules.yaml"][..],
        &["--stdin-filename", "a.yaml"],
    ] {
        let ran = run(arguments);
        assert!(
            ran.code == 2 && ran.err.contains("--stdin-filename"),
            "{}",
            ran.err
        );
    }
    // The rules of a folder as they were, without those that are beside.
    setup.write("rules/rules.yaml", ALL_TO_R);
    setup.write(
        "rules/z.yaml",
        "routes: [{senders: '@a:x.example', recipients: '@z:x.example'}]\n",
    );
    let ran = setup.run(
        &["diff", "-", "rules", "--stdin-filename", "rules/rules.yaml"],
        ALL_TO_R,
    );
    assert_eq!(
        (ran.out.as_str(), ran.code),
        ("equivalent: for all users, both do the same\n", 0),
        "{}",
        ran.err
    );
}
