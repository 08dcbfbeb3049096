//! Names and texts that a terminal or a build server would obey: whatever command and format they come to, they are
//! shown, and do nothing.

use std::fmt::Write as _;

use presence_router::output::harmless::visible;
use regex::Regex;

use crate::cli::{Ran, Setup, ran};

/// A name that has all of it, and one that begins as a command does.
const HOSTILE: [&str; 2] = [
    "x\u{1b}[31m\n::error::pwned\r\u{202e}\u{2066}\u{200b}\u{7f}\u{9b}1m##[error]##vso[a]\u{e0041}",
    "::error::pwned\u{1b}]0;title\u{7}",
];

/// A text in double quotes as YAML and JSON read it, of ASCII alone.
fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for unit in text.encode_utf16() {
        let _ = match char::from_u32(u32::from(unit)) {
            Some(plain @ (' '..='!' | '$'..='[' | ']'..='~')) => write!(quoted, "{plain}"),
            _ => write!(quoted, "\\u{unit:04x}"),
        };
    }
    quoted + "\""
}

/// The same for YAML, which has no halves of characters.
fn yaml(text: &str) -> String {
    let mut quoted = String::from("\"");
    for character in text.chars() {
        let _ = match character {
            plain @ (' '..='!' | '#'..='[' | ']'..='~') => write!(quoted, "{plain}"),
            other => write!(quoted, "\\U{:08x}", u32::from(other)),
        };
    }
    quoted + "\""
}

/// Files with such names, in which such names stand.
fn setup(hostile: &str) -> Setup {
    let setup = Setup::new("groups: {plain: '@plain:x.example'}\n");
    let name = yaml(hostile);
    let user = yaml(&format!(
        "@{}:x.example",
        hostile.replace([':', '\n', '\r', '\u{1b}', '\u{7f}', '\u{9b}', '\u{7}'], "")
    ));
    let rules = format!(
        "groups:\n  {name}: {{server: x.example}}\n  {}: {user}\n\
         routes:\n- name: {name}\n  description: {name}\n  senders: [{{group: {name}}}, {user}]\n  recipients: ['@r:x.example', {user}]\n  when: {{state: [online, {name}]}}\n\
         - {{senders: all, recipients: {user}, allow: {{offline-not-routed: {name}}}}}\n\
         blocks:\n- {{name: {}, senders: '@blocked:x.example'}}\n",
        yaml(&format!("{hostile} unused")),
        yaml(&format!("{hostile} block")),
    );
    setup.write(&format!("rules/{hostile}.yaml"), &rules);
    setup.write(&format!("{hostile}.users"), "@k:x.example\n@r:x.example\n");
    let faulty = format!(
        "known_users: {name}\nroutes:\n- {{name: {name}, senders: {name}, recipients: {{group: {name}}}, {name}: 1}}\n\
         - {{name: {name}, senders: {{regex: {}}}, recipients: {{server: {name}}}}}\n\
         - {{name: {name}, senders: {{template: {name}}}, recipients: {{glob: {name}}}}}\n",
        yaml(&format!("({hostile}"))
    );
    setup.write(&format!("faulty/{hostile}.yaml"), faulty);
    setup.write(
        &format!("tests/{hostile}.test.yaml"),
        format!(
            "rules: ../rules\nknown_users: ['@k:x.example']\ncases:\n\
             - {{name: {name}, update: {user}, recipients: '@nobody:x.example', by: {name}}}\n\
             - {{name: {name}, update: {{user_id: {user}, state: {name}}}, includes: {user}, excludes: '@r:x.example'}}\n\
             - {{name: {name}, todo: {name}, user: {user}, interested: []}}\n\
             prove:\n- {{name: {name}, never: {{senders: {{group: {name}}}, recipients: '@r:x.example'}}}}\n"
        ),
    );
    let state = quoted(hostile);
    let user = user.replace("\\U0000", "\\u");
    setup.write(
        &format!("{hostile}.ndjson"),
        format!(
            "{{\"user_id\":\"@k:x.example\",\"state\":{state}}}\n{{\"user_id\":{state},\"state\":\"online\"}}\n\
             {{\"type\":{state},\"sender\":\"@k:x.example\",\"content\":{{}}}}\nnonsense {hostile}\n{{\"user_id\":{},\"state\":\"online\"}}\n",
            if user.contains("\\U") { "\"@k:x.example\"".to_owned() } else { user }
        ),
    );
    setup
}

fn harmless(what: &str, text: &str, is_for_github: bool) {
    let command =
        Regex::new("^::(error|warning|notice) file=[^:]*(::|,title=[^:]*::)").expect("a pattern");
    for line in text.lines() {
        let shown = visible(line).replace("：：", "::");
        assert_eq!(
            shown,
            line.replace("：：", "::").replace('\t', " "),
            "{what}"
        );
        let start = line.trim_start();
        // The second place of a finding, as compilers draw it.
        if start.starts_with("::") && !start.starts_with("::: ") {
            assert!(is_for_github && command.is_match(line), "{what}: {line}");
        }
    }
}

#[test]
fn nothing_that_others_wrote_is_obeyed() {
    for hostile in HOSTILE {
        let setup = setup(hostile);
        let updates = format!("./{hostile}.ndjson");
        let users = format!("./{hostile}.users");
        let user = format!(
            "@{}:x.example",
            hostile.replace([':', '\n', '\r', '\u{1b}', '\u{7f}', '\u{9b}', '\u{7}'], "")
        );
        let run = |arguments: &[&str]| -> Ran {
            let mut command = setup.command(arguments);
            command.env("GITHUB_STEP_SUMMARY", "summary.md");
            ran(command, hostile.as_bytes())
        };
        let mut seen = 0;
        let mut look = |arguments: &[&str]| {
            let ran = run(arguments);
            let is_for_github = arguments.contains(&"github");
            harmless(
                &format!("{arguments:?} to standard output"),
                &ran.out,
                is_for_github,
            );
            harmless(&format!("{arguments:?} to standard error"), &ran.err, false);
            assert!(!ran.err.contains("panicked"), "{arguments:?}: {}", ran.err);
            if arguments.contains(&"json") {
                for line in ran.out.lines() {
                    serde_json::from_str::<serde_json::Value>(line).expect("JSON");
                }
            }
            seen += usize::from((ran.out + &ran.err).contains("pwned"));
        };
        for format in ["full", "concise", "json", "github", "sarif", "junit"] {
            look(&["check", "--format", format]);
            look(&["check", "--format", format, "faulty"]);
            look(&["check", "--format", format, "-u", &users, "--budget", "1"]);
        }
        for by in ["recipient", "update", "none"] {
            look(&["route", "-u", &users, "--by", by, "--summary", &updates]);
        }
        look(&["route", "-u", &users, "--by", "update", "--why", &updates]);
        look(&["route", "-r", "faulty", &updates]);
        look(&["route", hostile]);
        look(&["route", "-r", hostile]);
        look(&["interested", "-u", &users, &user, hostile, "-"]);
        for format in ["tree", "json", "line"] {
            look(&[
                "explain",
                "-u",
                &users,
                "--sender",
                "@k:x.example",
                "--recipient",
                &user,
                "--format",
                format,
            ]);
            look(&[
                "explain",
                "--sender",
                &user,
                "--recipient",
                "@r:x.example",
                "--format",
                format,
            ]);
            look(&[
                "explain", "-u", &users, "--sender", &user, "--format", format,
            ]);
            look(&[
                "explain",
                "-u",
                &users,
                "--recipient",
                &user,
                "--format",
                format,
            ]);
            look(&[
                "explain", "-u", &users, "--update", &updates, "--format", format,
            ]);
            look(&["explain", "--sender", hostile, "--format", format]);
        }
        for format in ["full", "tap", "junit", "json", "github", "lcov"] {
            look(&[
                "test",
                "--coverage",
                "--min-coverage",
                "100",
                "--format",
                format,
            ]);
            look(&["test", "--rules", "faulty", "--format", format]);
            look(&["test", "--filter", hostile, "--format", format]);
        }
        look(&["test", "--write", "-", "-u", &users]);
        look(&[
            "test",
            "--write",
            &format!("{hostile}/new.test.yaml"),
            "-u",
            &users,
        ]);
        for format in ["full", "json", "github"] {
            look(&["diff", "--format", format, "/dev/null", "rules"]);
            look(&["diff", "--format", format, "rules", "/dev/null"]);
            look(&[
                "diff",
                "--format",
                format,
                "--impact",
                "-u",
                &users,
                "/dev/null",
                "rules",
            ]);
        }
        look(&["init", &format!("new {hostile}")]);
        look(&["init", &format!("new {hostile}")]);
        look(&["schema", "-o", &format!("{hostile}/none/such")]);
        look(&["man", hostile]);
        look(&["man", "--output", &updates]);
        look(&["check", "--explain", hostile]);
        for arguments in [
            &["--format"][..],
            &["-A"],
            &["--server-name"],
            &["-o"],
            &["-u"],
        ] {
            look(&[&["check"], arguments, &[hostile]].concat());
        }
        look(&["check", hostile]);
        look(&[&format!("--{hostile}")]);
        look(&[hostile]);
        // So the names do come to what is looked at.
        assert!(seen > 60, "{seen}");
        let summary = String::from_utf8(setup.read("summary.md")).expect("text");
        assert!(summary.contains("pwned"), "{summary}");
        harmless("the summary of the step", &summary, false);
    }
}

/// Unicode says what is there and cannot be seen.
#[test]
fn what_cannot_be_seen_is_not_shown() {
    let unseen = r"[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Default_Ignorable_Code_Point}]";
    let unseen = Regex::new(unseen).expect("a pattern");
    for character in '\0'..=char::MAX {
        let text = character.to_string();
        assert_eq!(
            unseen.is_match(&text),
            visible(&text) != text,
            "{character:?}"
        );
    }
}
