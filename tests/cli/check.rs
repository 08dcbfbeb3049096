//! `check`: every error of every file in one run.

use super::{ALL_TO_R, Setup};

#[test]
fn all_errors_of_all_files_come_in_one_run() {
    let setup = Setup::new("routes:\n- senders: @alice:x.example\n  recipients: all\n");
    setup.write(
        "rules/b.yaml",
        "groups: {a: {group: b}, b: {group: a}}\nroutes: 5\nrules: []\n",
    );
    setup.write("rules/a.yaml", "routes:\n- {senders: '@[a:x', recipients: {regex: '@(a:x'}, name: one}\n- {senders: bob, recipients: {group: c}, name: one}\n");
    let ran = setup.run(&["check", "--format", "concise"], "");
    assert_eq!(
        ran.out,
        "rules/a.yaml:2:15: error[invalid-glob]: this `[` is never closed; close it with `]`, or write `\\[` for the \
         character itself\n\
         rules/a.yaml:2:44: error[invalid-regex]: unclosed group\n\
         rules/a.yaml:3:13: error[invalid-user-id]: `bob` is not a user ID: it does not start with `@`; write the \
         whole ID, `@localpart:server`, or `{group: bob}` if you mean a group\n\
         rules/a.yaml:3:38: error[unknown-group]: no group is called `c`; did you mean `a`?\n\
         rules/a.yaml:3:48: error[duplicate-name]: two routes are called `one`; first used here at \
         rules/a.yaml:2:58; rename one of the two\n\
         rules/b.yaml:1:10: error[group-cycle]: groups contain each other: `a` → `b` → `a`; part of the cycle \
         at rules/b.yaml:1:25; remove one of these groups from the one before it\n\
         rules/b.yaml:2:9: error[wrong-type]: expected a list (each entry starts with `- `), found a number\n\
         rules/b.yaml:3:1: error[unknown-key]: unknown key `rules` in a rule file; the keys of a rule file are \
         `version`, `server_name`, `known_users`, `groups`, `routes`, `interests`, `blocks`, `derive_interests`\n\
         rules/rules.yaml:2:12: error[yaml-syntax]: a text that starts with `@` needs quotes; write \
         `\"@alice:x.example\"`\n"
    );
    assert_eq!(ran.err, "checked 3 files: 9 errors\n");
    assert_eq!(ran.code, 1);
}

#[test]
fn warnings_fail_only_where_they_are_denied() {
    let rule = |allow: &str| {
        format!(
            "routes:\n- {{senders: '@s:x.example', recipients: '@r:x.example', when: {{state: [onlin, offline]}}{allow}}}\n"
        )
    };
    let setup = Setup::new(&rule(""));
    let warned = setup.run(&["check", "--format", "concise"], "");
    assert_eq!(
        warned.out,
        "rules/rules.yaml:2:72: warning[unknown-state]: `onlin` is not a Matrix presence state; did you mean \
         `online`?\n"
    );
    assert_eq!(
        (warned.code, warned.err.as_str()),
        (0, "checked 1 file: 1 warning\n")
    );
    assert_eq!(setup.run(&["check", "--deny-warnings"], "").code, 1);

    let allowed = Setup::new(&rule(", allow: {unknown-state: a client of ours}"));
    let ran = allowed.run(&["check", "--deny-warnings"], "");
    assert_eq!((ran.code, ran.out.as_str()), (0, ""));
}

#[test]
fn faults_of_known_users_have_their_place() {
    let setup = Setup::new(
        "known_users: [users.txt, gone.txt]\nroutes: [{senders: all, recipients: all}]\n",
    );
    setup.write("rules/users.txt", "# ours\n@a:x.example\n  bob\n");
    setup.write("more.json", "{\"users\": [\n {\"name\": \"@a\"},\n 5,\n {\"name\": \"@b:x.example\", \"role\": \"sees\"}]}");
    let ran = setup.run(&["check", "--format", "concise", "-u", "more.json"], "");
    assert_eq!(
        ran.out,
        "rules/rules.yaml:1:26: error[unreadable-known-users]: cannot read `rules/gone.txt`: No such file or directory \
         (os error 2); a file is named relative to the file that names it; a user is named by its whole ID, which begins with `@`\n\
         rules/users.txt:3:3: error[invalid-known-user]: `bob` is not a user ID: it does not start with `@`\n\
         more.json:2:11: error[invalid-known-user]: `@a` is not a user ID: it has no `:` and server name after \
         the localpart\n\
         more.json:3:2: error[invalid-known-user]: this names no user: write a user ID, or an object with \
         `user_id` or `name`\n\
         more.json:4:35: error[invalid-known-user]: `\"sees\"` is no role of a known user: write `receives` or `seen`\n"
    );
    assert_eq!(ran.code, 1);
}

#[test]
fn hostile_files_are_refused_in_bounded_time_and_memory() {
    let anchors = (1..100).map(|n| format!("b{n}: &b{n} [*b{0}, *b{0}]\n", n - 1));
    let files = [
        ("dashes", "- ".repeat(20_000), "wrong-type"),
        (
            "nested",
            format!(
                "groups: {{a: {}'@a:b'{}}}",
                "[".repeat(200),
                "]".repeat(200)
            ),
            "too-deep",
        ),
        ("questions", "? ".repeat(20_000), "too-deep"),
        ("brackets", "[".repeat(50_000), "too-deep"),
        (
            "bomb",
            format!("b0: &b0 [x]\n{}", anchors.collect::<String>()),
            "anchor",
        ),
        (
            "aliases",
            format!(
                "a: &a {}\nb: [{}]\n",
                "x".repeat(100_000),
                "*a,".repeat(100_000)
            ),
            "anchor",
        ),
        (
            "braces",
            format!("groups: {{a: '{}'}}", "{".repeat(50_000)),
            "invalid-glob",
        ),
        (
            "parentheses",
            format!("groups: {{a: {{regex: '{}'}}}}", "(".repeat(50_000)),
            "invalid-regex",
        ),
        (
            "repetitions",
            "groups: {a: {regex: '(((a{99}){99}){99}){99}'}}".into(),
            "pattern-too-large",
        ),
        (
            "names",
            format!(
                "groups: {{a: {{regex: '{}'}}}}",
                lines(|n| format!("user{n:07}|"))
            ),
            "pattern-too-large",
        ),
        ("keys", lines(|n| format!("k{n}: 1\n")), "unknown-key"),
        (
            "chain",
            format!(
                "groups:\n{}",
                lines(|n| format!("  g{n}: {{group: g{}}}\n", n + 1))
            ),
            "too-deep",
        ),
        ("not-text", "\u{0}\u{1}".into(), "yaml-syntax"),
    ];
    for (name, text, code) in files {
        let setup = Setup::new(ALL_TO_R);
        setup.write("bad.yaml", text);
        let ran = setup.run(&["check", "--format", "concise", "bad.yaml"], "");
        assert_eq!(ran.code, 1, "{name}: {}", ran.err);
        assert!(
            ran.out.contains(&format!(" error[{code}]: ")),
            "{name}: {:.300}",
            ran.out
        );
    }
}

fn lines(line: impl Fn(usize) -> String) -> String {
    (0..20_000).map(line).collect::<Vec<_>>().concat()
}
