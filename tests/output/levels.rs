//! `-D`, `-W` and `-A`.

use crate::cli::Setup;

const WARNS: &str = "routes: [{senders: '@a:x.example', recipients: '@r:x.example', when: {state: [offline, onlin]}}]\n";

/// What `check` says of `unknown-state` with these options, and its exit code.
fn level(options: &[&str]) -> (String, i32) {
    let setup = Setup::new(WARNS);
    let mut arguments = vec!["check", "--format", "concise"];
    arguments.extend(options);
    let ran = setup.run(&arguments, "");
    let line = ran
        .out
        .lines()
        .find(|line| line.contains("[unknown-state]"));
    let level = line.and_then(|line| line.split(": ").nth(1)?.split('[').next());
    (level.unwrap_or("nothing").to_owned(), ran.code)
}

#[test]
fn the_last_option_counts() {
    for (options, expected, code) in [
        ("", "warning", 0),
        ("-D unknown-state", "error", 1),
        ("--deny unknown-state", "error", 1),
        ("-A unknown-state", "nothing", 0),
        ("--allow=unknown-state", "nothing", 0),
        ("--deny-warnings", "warning", 1),
        ("-A unknown-state --deny-warnings -A warnings", "nothing", 0),
        ("-D unknown-state -W unknown-state", "warning", 0),
        ("-W unknown-state -D unknown-state", "error", 1),
        (
            "-A unknown-state -D unknown-state -A unused-allow",
            "error",
            1,
        ),
        ("-D unused-allow,unknown-state", "error", 1),
        (
            "-D unused-allow,unknown-state -A unknown-state,unused-allow",
            "nothing",
            0,
        ),
        ("-D warnings", "error", 1),
        ("-D warnings -A unknown-state", "nothing", 0),
        ("-A unknown-state -D warnings", "error", 1),
        ("-D notes", "warning", 0),
    ] {
        let options: Vec<_> = options.split_whitespace().collect();
        assert_eq!(level(&options), (expected.to_owned(), code), "{options:?}");
    }
}

#[test]
fn an_unknown_code_and_an_error_by_nature_are_refused() {
    for (options, why) in [
        (
            "-D unknown-sate",
            "invalid value 'unknown-sate' for '--deny <CODE>': there is no such code; did you mean `unknown-state`?",
        ),
        (
            "-A warning",
            "invalid value 'warning' for '--allow <CODE>': there is no such code; did you mean `warnings`?",
        ),
        (
            "-A unknown-state,xyz",
            "invalid value 'xyz' for '--allow <CODE>': there is no such code",
        ),
        (
            "-A unknown-key",
            "invalid value 'unknown-key' for '--allow <CODE>': this is an error by nature: with it, the rules cannot be \
             used",
        ),
        (
            "-W unknown-key",
            "invalid value 'unknown-key' for '--warn <CODE>': this is an error by nature: with it, the rules cannot be \
             used",
        ),
    ] {
        let setup = Setup::new(WARNS);
        let mut arguments = vec!["check"];
        arguments.extend(options.split(' '));
        let ran = setup.run(&arguments, "");
        assert_eq!(
            ran.err,
            format!("error: {why}\n\nFor more information, try '--help'.\n")
        );
        assert_eq!((ran.out.as_str(), ran.code), ("", 2));
    }
    assert_eq!(level(&["-D", "unknown-key"]), ("warning".to_owned(), 0));
}
