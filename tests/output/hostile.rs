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

/// A user who is called as much of that as a user may be.
fn user(hostile: &str) -> String {
    let refused = [':', '\n', '\r', '\u{1b}', '\u{7f}', '\u{9b}', '\u{7}'];
    format!("@{}:x.example", hostile.replace(refused, ""))
}

/// Files with such names, in which such names stand.
fn setup(hostile: &str) -> Setup {
    let setup = Setup::new("groups: {plain: '@plain:x.example'}\n");
    let name = yaml(hostile);
    let user = yaml(&user(hostile));
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

/// Commands, and the formats that each of them is tried with. Capitals stand for hostile arguments.
const COMMANDS: &[(&str, &str)] = &[
    ("check --format FORMAT", FINDINGS),
    ("check --format FORMAT faulty", FINDINGS),
    ("check --format FORMAT -u USERS --proof-steps 1", FINDINGS),
    ("check --explain HOSTILE", ""),
    ("check --format HOSTILE", ""),
    ("check -A HOSTILE", ""),
    ("check --server-name HOSTILE", ""),
    ("check -o HOSTILE", ""),
    ("check -u HOSTILE", ""),
    ("check HOSTILE", ""),
    (
        "route -u USERS --by FORMAT --summary UPDATES",
        "recipient update none",
    ),
    ("route -u USERS --by update --why UPDATES", ""),
    ("route -r faulty UPDATES", ""),
    ("route -r HOSTILE", ""),
    ("route HOSTILE", ""),
    ("interested -u USERS USER HOSTILE -", ""),
    (
        "explain -u USERS --sender @k:x.example --recipient USER --format FORMAT",
        EXPLAINED,
    ),
    (
        "explain --sender USER --recipient @r:x.example --format FORMAT",
        EXPLAINED,
    ),
    ("explain -u USERS --sender USER --format FORMAT", EXPLAINED),
    (
        "explain -u USERS --recipient USER --format FORMAT",
        EXPLAINED,
    ),
    (
        "explain -u USERS --update UPDATES --format FORMAT",
        EXPLAINED,
    ),
    ("explain --sender HOSTILE --format FORMAT", EXPLAINED),
    (
        "test --coverage --min-coverage 100 --format FORMAT",
        RESULTS,
    ),
    ("test --rules faulty --format FORMAT", RESULTS),
    ("test --filter HOSTILE --format FORMAT", RESULTS),
    ("test --write - -u USERS", ""),
    ("test --write HOSTILE.test.yaml -u USERS", ""),
    ("diff --format FORMAT /dev/null rules", "full json github"),
    ("diff --format FORMAT rules /dev/null", "full json github"),
    (
        "diff --format FORMAT --impact -u USERS /dev/null rules",
        "full json github",
    ),
    // The second time, it is there already.
    ("init HOSTILE", ""),
    ("init HOSTILE", ""),
    ("schema -o HOSTILE/none/such", ""),
    ("man HOSTILE", ""),
    ("man --output UPDATES", ""),
    ("--HOSTILE", ""),
    ("HOSTILE", ""),
];

const FINDINGS: &str = "full concise json github sarif junit";
const EXPLAINED: &str = "tree json line";
const RESULTS: &str = "full tap junit json github lcov";

#[test]
fn nothing_that_others_wrote_is_obeyed() {
    for hostile in HOSTILE {
        let setup = setup(hostile);
        let user = user(hostile);
        let mut seen = 0;
        for (words, formats) in COMMANDS {
            for format in formats.split(' ') {
                let argument = |word: &str| match word {
                    "FORMAT" => format.to_owned(),
                    "USERS" => format!("./{hostile}.users"),
                    "UPDATES" => format!("./{hostile}.ndjson"),
                    "USER" => user.clone(),
                    word => word.replace("HOSTILE", hostile),
                };
                let arguments: Vec<_> = words.split(' ').map(argument).collect();
                let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
                let mut command = setup.command(&arguments);
                command.env("GITHUB_STEP_SUMMARY", "summary.md");
                let Ran { out, err, .. } = ran(command, hostile.as_bytes());
                let what = format!("{words} {format}");
                harmless(&what, &out, format == "github");
                harmless(&what, &err, false);
                assert!(!err.contains("panicked"), "{what}: {err}");
                if format == "json" {
                    for line in out.lines() {
                        serde_json::from_str::<serde_json::Value>(line).expect("JSON");
                    }
                }
                seen += usize::from((out + &err).contains("pwned"));
            }
        }
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
