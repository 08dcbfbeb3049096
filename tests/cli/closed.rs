//! Standard output and standard error where nothing can be written, for every command.

use std::fs::OpenOptions;
use std::io::pipe;
use std::process::Stdio;

use super::Setup;

const RULES: &str = "routes:\n- {name: all-to-r, senders: all, recipients: '@R:x.example'}\n\
                     - {name: two, senders: '@*:x.example', recipients: '@s:x.example', when: {state: onlin}}\n";

/// Every command, each with a word of what it writes to standard output.
const COMMANDS: &[&[&str]] = &[
    &["--help"],
    &["--version"],
    &["route", "--help"],
    &["route", "in.ndjson"],
    &["route", "--by", "update", "--summary", "in.ndjson"],
    &["interested", "-u", "users.txt", "@R:x.example", "nobody"],
    &["check"],
    &["check", "bad.yaml"],
    &["check", "--format", "json"],
    &["check", "--format", "github", "--proof-steps", "1"],
    &["check", "--explain"],
    &["check", "--explain", "dead-rule"],
    &["diff", "rules", "other.yaml"],
    &[
        "explain",
        "--sender",
        "@a:x.example",
        "--recipient",
        "@R:x.example",
    ],
    &["explain", "--update", "in.ndjson"],
    &["test", "-u", "users.txt"],
    &["test", "-u", "users.txt", "--format", "tap"],
    &[
        "test",
        "-u",
        "users.txt",
        "--coverage",
        "--min-coverage",
        "100",
    ],
    &["test", "--write", "-", "-u", "users.txt"],
    &["test", "--write", "new.test.yaml", "-u", "users.txt"],
    &["init", "new", "--server-name", "x.example"],
    &["schema"],
    &["completions", "bash"],
    &["man"],
    &["man", "route"],
];

/// Those that have nothing to say on standard output here.
fn is_silent(arguments: &[&str]) -> bool {
    arguments[..2.min(arguments.len())] == ["test", "--write"] && arguments[2] != "-"
}

fn setup() -> Setup {
    let setup = Setup::new(RULES);
    setup.write("bad.yaml", "routes: 1\n");
    setup.write("other.yaml", RULES.replace("@s:", "@t:"));
    setup.write("users.txt", "@a:x.example\n");
    setup.write(
        "in.ndjson",
        "17\n{\"user_id\":\"@a:x.example\",\"state\":\"online\"}\n",
    );
    setup.write(
        "tests/one.test.yaml",
        "rules: ../rules\ncases:\n- {name: one, update: '@a:x.example', recipients: '@q:x.example'}\n",
    );
    setup
}

fn full() -> Stdio {
    let disk = OpenOptions::new().write(true).open("/dev/full");
    disk.expect("a full disk").into()
}

fn closed() -> Stdio {
    let (_, writer) = pipe().expect("a pipe");
    writer.into()
}

#[test]
#[cfg(target_os = "linux")]
fn no_command_panics_where_it_cannot_write() {
    for arguments in COMMANDS {
        let run = |out: Option<Stdio>, err: Option<Stdio>| {
            let setup = setup();
            let mut command = setup.command(arguments);
            command.stdin(Stdio::null());
            command.stdout(out.unwrap_or_else(Stdio::piped));
            command.stderr(err.unwrap_or_else(Stdio::piped));
            let output = command.output().expect("the program runs");
            let err = String::from_utf8(output.stderr).expect("text");
            assert!(!err.contains("panicked"), "{arguments:?}: {err}");
            (output.status.code().expect("no signal"), err)
        };
        let (usual, said) = run(None, None);
        assert!([0, 1, 4].contains(&usual), "{arguments:?}: {said}");
        let (code, err) = run(Some(full()), None);
        if is_silent(arguments) {
            assert_eq!(code, usual, "{arguments:?}");
        } else {
            assert_eq!(code, 2, "{arguments:?}");
            let message =
                "error: cannot write to standard output: No space left on device (os error 28)\n";
            assert!(err.ends_with(message), "{arguments:?}: {err}");
        }
        let (code, _) = run(None, Some(full()));
        assert_eq!(
            code,
            if said.is_empty() { usual } else { 2 },
            "{arguments:?}"
        );
        // Whoever reads the results may have seen enough. Whoever does not read messages gets the results all the same.
        let (code, err) = run(Some(closed()), None);
        assert!(code == 0 || is_silent(arguments), "{arguments:?}");
        assert!(!err.contains("Broken pipe"), "{arguments:?}: {err}");
        assert_eq!(run(None, Some(closed())).0, usual, "{arguments:?}");
        assert!([0, usual].contains(&run(Some(closed()), Some(closed())).0));
    }
}

#[test]
#[cfg(target_os = "linux")]
fn what_is_wrong_with_arguments_needs_no_reader() {
    for arguments in [&["nonsense"][..], &["route", "--by", "\u{1b}[31m"], &[]] {
        for err in [full, closed] {
            let setup = setup();
            let mut command = setup.command(arguments);
            let status = command.stderr(err()).status().expect("it runs");
            assert_eq!(status.code(), Some(2), "{arguments:?}");
        }
    }
}
