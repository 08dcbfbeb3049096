//! Files that are written: none that is read, and each whole or not at all.

use std::fs::{self, File};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use super::{ALL_TO_R, GOOD, Ran, Setup, ran};

const CASES: &str = "cases:\n- {name: one, update: '@a:x.example', recipients: '@r:x.example'}\n";

fn with_all_kinds() -> Setup {
    let setup = Setup::new(&format!("known_users: users.txt\n{ALL_TO_R}"));
    setup.write("rules/unused.yaml", "groups: {unused: '@a:x.example'}\n");
    setup.write("rules/users.txt", "@a:x.example\n");
    setup.write("more.txt", "@b:x.example\n");
    setup.write("tests/one.test.yaml", format!("rules: ../rules\n{CASES}"));
    setup.write("in.ndjson", format!("17\n{GOOD}\n"));
    setup
}

/// Runs a command with a file as its standard input.
fn run_with(setup: &Setup, arguments: &[&str], stdin: &str, variables: &[(&str, &str)]) -> Ran {
    let mut command = setup.command(arguments);
    command.envs(variables.iter().copied());
    let stdin = File::open(setup.folder.path().join(stdin)).expect("a file");
    let output = command.stdin(stdin).output().expect("the program runs");
    Ran {
        out: String::from_utf8(output.stdout).expect("text"),
        err: String::from_utf8(output.stderr).expect("text"),
        code: output.status.code().expect("no signal"),
    }
}

#[test]
fn what_is_read_is_never_written() {
    let check = |input, option| vec!["check", input, "-u", "more.txt", option, "OUT"];
    let test = |option| vec!["test", "-u", "more.txt", option, "OUT"];
    let commands = [
        // A command, its standard input, and what it reads.
        (check("rules", "-o"), "more.txt", "rules/rules.yaml"),
        (check("rules", "-o"), "in.ndjson", "rules/users.txt"),
        (check("rules", "--output"), "in.ndjson", "more.txt"),
        (check("-", "-o"), "rules/rules.yaml", "rules/rules.yaml"),
        (check("rules", "-o"), "in.ndjson", "in.ndjson"),
        (vec!["route", "--rejects", "OUT"], "in.ndjson", "in.ndjson"),
        (
            vec!["route", "-", "--rejects", "OUT"],
            "in.ndjson",
            "rules/rules.yaml",
        ),
        (
            vec!["route", "in.ndjson", "--rejects", "OUT"],
            "more.txt",
            "in.ndjson",
        ),
        (test("-o"), "in.ndjson", "tests/one.test.yaml"),
        (test("-o"), "in.ndjson", "rules/rules.yaml"),
        (test("-o"), "in.ndjson", "rules/users.txt"),
        (test("--output"), "in.ndjson", "more.txt"),
        (test("-o"), "in.ndjson", "in.ndjson"),
        (vec!["schema", "-o", "OUT"], "in.ndjson", "in.ndjson"),
    ];
    for (arguments, stdin, target) in commands {
        for name in [target, "hard", "soft", "./rules/../hard"] {
            let setup = with_all_kinds();
            let at = |name: &str| setup.folder.path().join(name);
            fs::hard_link(at(target), at("hard")).expect("a link");
            symlink(at(target), at("soft")).expect("a link");
            let before = setup.read(target);
            let arguments: Vec<_> = (arguments.iter())
                .map(|argument| if *argument == "OUT" { name } else { argument })
                .collect();
            let ran = run_with(&setup, &arguments, stdin, &[]);
            assert_eq!(setup.read(target), before, "{arguments:?} < {stdin}");
            assert_eq!((ran.code, &*ran.out), (2, ""), "{arguments:?} < {stdin}");
            let message = format!(
                "error: `{name}` is read as well, and writing to it would destroy it: name another file\n"
            );
            assert!(
                ran.err.ends_with(&message),
                "{arguments:?} < {stdin}: {}",
                ran.err
            );
        }
    }
    // A name that only the shell knows.
    let setup = with_all_kinds();
    let before = setup.read("rules/rules.yaml");
    let script = "\"$0\" check /dev/fd/3 -o rules/rules.yaml 3< rules/rules.yaml";
    let mut shell = Command::new("sh");
    shell.args(["-c", script, env!("CARGO_BIN_EXE_presence-router")]);
    let output = shell.current_dir(setup.folder.path()).output();
    assert_eq!(output.expect("a shell").status.code(), Some(2));
    assert_eq!(setup.read("rules/rules.yaml"), before);
    for command in ["check", "test"] {
        let setup = with_all_kinds();
        let summary = [("GITHUB_STEP_SUMMARY", "rules/rules.yaml")];
        let before = setup.read("rules/rules.yaml");
        let ran = run_with(
            &setup,
            &[command, "--format", "github"],
            "more.txt",
            &summary,
        );
        assert_eq!(ran.code, 2, "{}", ran.err);
        assert_eq!(setup.read("rules/rules.yaml"), before);
    }
}

/// What goes to a file that is read would be read again, and so on.
#[test]
fn results_do_not_go_where_updates_come_from() {
    let setup = with_all_kinds();
    let append = |name: &str| {
        let path = setup.folder.path().join(name);
        File::options().append(true).open(path).expect("a file")
    };
    let before = setup.read("in.ndjson");
    for arguments in [
        &["route", "--by", "update", "in.ndjson"][..],
        &["explain", "--update", "in.ndjson"],
    ] {
        let mut command = setup.command(arguments);
        let output = command
            .stdout(append("in.ndjson"))
            .output()
            .expect("it runs");
        assert_eq!(output.status.code(), Some(2));
        let mut command = setup.command(arguments);
        let output = command
            .stderr(append("in.ndjson"))
            .output()
            .expect("it runs");
        assert_eq!(output.status.code(), Some(2));
        // Nothing is told: it would be told to the file.
        assert_eq!(setup.read("in.ndjson"), before);
    }
    // Two that are written are not one file either.
    setup.write("out", "");
    let arguments = ["route", "in.ndjson", "--rejects", "out"];
    let mut command = setup.command(&arguments);
    let output = command.stdout(append("out")).output().expect("it runs");
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(
        String::from_utf8_lossy(&output.stderr),
        "error: `out` is standard output as well: name another file\n"
    );
}

/// The commands that write files, and the file that each of them writes.
const WRITERS: &[(&[&str], &str)] = &[
    (&["check", "--format", "json", "-o", "out"], "out"),
    (&["check", "--format", "full", "--output", "out"], "out"),
    (&["test", "--format", "tap", "-o", "out"], "out"),
    (&["test", "--format", "full", "-o", "out"], "out"),
    (
        &["test", "--write", "new/rules.test.yaml"],
        "new/rules.test.yaml",
    ),
    (
        &["init", "new", "--server-name", "x.example"],
        "new/rules/presence.yaml",
    ),
    (&["schema", "-o", "out"], "out"),
    (&["man", "--output", "pages"], "pages/presence-router.1"),
];

/// All files below a folder.
fn files(folder: &Path, found: &mut Vec<String>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            files(&path, found);
        } else {
            found.push(path.display().to_string());
        }
    }
}

fn all_files(setup: &Setup) -> Vec<String> {
    let mut found = Vec::new();
    files(setup.folder.path(), &mut found);
    found.sort();
    found
}

/// No file may have a byte, as on a disk that is full.
fn on_a_full_disk(setup: &Setup, arguments: &[&str]) -> Command {
    let script = "ulimit -f 0; exec \"$0\" \"$@\"";
    let mut shell = Command::new("sh");
    shell.args(["-c", script, env!("CARGO_BIN_EXE_presence-router")]);
    shell.args(arguments).current_dir(setup.folder.path());
    shell
}

#[test]
fn a_full_disk_leaves_no_half_file() {
    for (arguments, target) in WRITERS {
        let setup = with_all_kinds();
        let before = all_files(&setup);
        let failed = ran(on_a_full_disk(&setup, arguments), b"");
        assert_eq!(failed.code, 2, "{arguments:?}: {}", failed.err);
        assert!(
            failed.err.contains("error: cannot write to `"),
            "{}",
            failed.err
        );
        assert_eq!(all_files(&setup), before, "{arguments:?}");
        // Nothing stands in the way of the next try.
        let again = setup.run(arguments, "");
        assert_eq!(again.code, 0, "{arguments:?}: {}", again.err);
        assert!(!setup.read(target).is_empty(), "{arguments:?}");
        if *target != "out" && !target.starts_with("pages") {
            continue;
        }
        // What was there stays.
        setup.write(target, "old");
        let before = all_files(&setup);
        assert_eq!(ran(on_a_full_disk(&setup, arguments), b"").code, 2);
        assert_eq!(setup.read(target), b"old", "{arguments:?}");
        assert_eq!(all_files(&setup), before, "{arguments:?}");
    }
}

/// A signal may come at any time: the file is the old one or the new one, and nothing lies beside it.
#[test]
fn a_signal_leaves_no_half_file() {
    let setup = with_all_kinds();
    for number in 0..400 {
        let rule = format!(
            "routes: [{{name: n{number}, senders: all, recipients: '@R{number}:x.example'}}]\n"
        );
        setup.write(&format!("rules/{number}.yaml"), rule);
    }
    let arguments = ["check", "--no-prove", "--format", "json", "-o", "out"];
    setup.write("out", "old");
    let before = all_files(&setup);
    let whole = setup.run(&arguments, "");
    assert_eq!(whole.code, 0, "{}", whole.err);
    let new = setup.read("out");
    for (round, signal) in (0..30_u64).zip(["TERM", "INT"].into_iter().cycle()) {
        setup.write("out", "old");
        let mut command = setup.command(&arguments);
        let mut child = command.stderr(Stdio::piped()).spawn().expect("it starts");
        std::thread::sleep(Duration::from_millis(4 * round));
        let kill = format!("kill -{signal} {}", child.id());
        let killed = Command::new("sh")
            .args(["-c", &kill])
            .stderr(Stdio::null())
            .status();
        killed.expect("a shell");
        child.wait().expect("it ends");
        let out = setup.read("out");
        assert!(out == b"old" || out == new, "round {round}");
        assert_eq!(all_files(&setup), before, "round {round}");
    }
}

#[test]
fn mode_and_links_are_kept() {
    let setup = with_all_kinds();
    let at = |name: &str| setup.folder.path().join(name);
    setup.write("real", "old");
    fs::set_permissions(at("real"), fs::Permissions::from_mode(0o640)).expect("a mode");
    symlink("real", at("link")).expect("a link");
    symlink("to/be/made", at("ahead")).expect("a link");
    fs::create_dir_all(at("to/be")).expect("a folder");
    for name in ["link", "ahead"] {
        let ran = setup.run(&["check", "--format", "json", "-o", name], "");
        assert_eq!(ran.code, 0, "{}", ran.err);
        assert!(at(name).symlink_metadata().expect("a link").is_symlink());
        assert!(setup.read(name).starts_with(b"{\"version\":1"));
    }
    assert_eq!(at("real").metadata().expect("a file").mode() & 0o777, 0o640);
    // A new file has the mode that any new file has.
    fs::write(at("any"), "").expect("a file");
    let mode = |name: &str| at(name).metadata().expect("a file").mode();
    assert_eq!(mode("to/be/made"), mode("any"));
}

#[test]
fn what_is_no_file_is_written_as_it_is() {
    let setup = with_all_kinds();
    let ran = setup.run(&["check", "--format", "json", "-o", "/dev/stdout"], "");
    assert!(ran.out.starts_with("{\"version\":1"), "{}", ran.out);
    for command in [
        &["check", "-o", "/dev/null"][..],
        &["test", "-o", "/dev/null"],
    ] {
        assert_eq!(setup.run(command, "").code, 0);
    }
    let ran = setup.run(&["test", "--write", "/dev/stdout"], "");
    assert!(ran.out.starts_with("# What the rules did"), "{}", ran.err);
    // What a shell wrote before stays there.
    let script = "(echo before; \"$0\" check --format json -o /dev/stdout; echo after) > both";
    let mut shell = Command::new("sh");
    shell.args(["-c", script, env!("CARGO_BIN_EXE_presence-router")]);
    shell.current_dir(setup.folder.path());
    assert!(shell.output().expect("a shell").status.success());
    let both = String::from_utf8(setup.read("both")).expect("text");
    let lines: Vec<_> = both.lines().collect();
    assert_eq!((lines[0], lines[2], lines.len()), ("before", "after", 3));
}
