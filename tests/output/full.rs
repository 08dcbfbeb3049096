//! The lines with the fault underlined, for people.

use presence_router::finding::{Code, Finding, Location};
use presence_router::output::findings::{Report, concise, full};
use presence_router::source::Sources;

use super::Found;

fn plain(text: &str) -> String {
    anstream::adapter::strip_str(text).to_string()
}

#[test]
fn each_finding_shows_its_lines() {
    assert_eq!(
        plain(&Found::new().written(full)),
        r#"error[no-rules]: there is no rule
 --> rules/a b.yaml
  = help: add one

error[invalid-glob]: never closed
 --> rules/a b.yaml:2:30
  |
2 |   café: ["@日本*:x.example", "@[a:x.example"]
  |                                ^^^^^^^^^^^^
  |
  = help: close it with `]`

error[duplicate-group]: `twice` is here twice
 --> rules/a b.yaml:4:3
  |
3 |   twice: 'x'
  |   ----- first written here
4 |   twice: 'y'
  |   ^^^^^^^^^^
  |
 ::: rules/b.yaml:1:1
  |
1 | routes:
  | ------ something else␊is here
  |
  = note: and in this file: rules/good.yaml

error[invalid-user-id]: `bo␛b`, "no" | <user> 100%
 --> rules/b.yaml:2:13
  |
2 | - senders:    "bo␛b" # <&>
  |                ^^^^

warning[subsumed-pattern]: `@u250` is needless
 --> rules/b.yaml:3:2867
  |
3 | … "@u248:x.example", "@u249:x.example", "@u250:x.example", "@u251:x.example", "@u252:x.example", "@u253:x.example", "@u25…
  |                                          ^^^^^              ----- because of this
  |
 ::: rules/b.yaml:3:5698
  |
3 | … "@u397:x.example", "@u398:x.example", "@u399:x.example"]
  |                                          ----------------- and of this

note[needs-known-users]: no known users
 --> rules/b.yaml:4:3
  |
4 |   when:
  |   ^^^^^

`presence-router check --explain CODE` says more about a code
"#
    );
}

#[test]
fn severities_have_their_colours() {
    let mut found = Found::new();
    found
        .findings
        .retain(|finding| finding.code == Code::DuplicateGroup);
    let written = found.written(full).replace('\u{1b}', "ESC");
    assert_eq!(
        written,
        r"ESC[1mESC[31merror[duplicate-group]ESC[0mESC[1m: `twice` is here twiceESC[0m
 ESC[1mESC[94m--> ESC[0mrules/a b.yaml:4:3
  ESC[1mESC[94m|ESC[0m
ESC[1mESC[94m3ESC[0m ESC[1mESC[94m|ESC[0m   twice: 'x'
  ESC[1mESC[94m|ESC[0m   ESC[1mESC[94m-----ESC[0m ESC[1mESC[94mfirst written hereESC[0m
ESC[1mESC[94m4ESC[0m ESC[1mESC[94m|ESC[0m   twice: 'y'
  ESC[1mESC[94m|ESC[0m   ESC[1mESC[31m^^^^^^^^^^ESC[0m
  ESC[1mESC[94m|ESC[0m
 ESC[1mESC[94m::: ESC[0mrules/b.yaml:1:1
  ESC[1mESC[94m|ESC[0m
ESC[1mESC[94m1ESC[0m ESC[1mESC[94m|ESC[0m routes:
  ESC[1mESC[94m|ESC[0m ESC[1mESC[94m------ESC[0m ESC[1mESC[94msomething else␊is hereESC[0m
  ESC[1mESC[94m|ESC[0m
  ESC[1mESC[94m= ESC[0mESC[1mnoteESC[0m: and in this file: rules/good.yaml

`presence-router check --explain duplicate-group` says more
"
    );
}

#[test]
fn concise_takes_one_line() {
    assert_eq!(
        plain(&Found::new().written(concise)),
        r#"rules/a b.yaml:1:1: error[no-rules]: there is no rule; add one
rules/a b.yaml:2:30: error[invalid-glob]: never closed; close it with `]`
rules/a b.yaml:4:3: error[duplicate-group]: `twice` is here twice; first written here at rules/a b.yaml:3:3; something else␊is here at rules/b.yaml:1:1; and in this file at rules/good.yaml:1:1
rules/b.yaml:2:13: error[invalid-user-id]: `bo␛b`, "no" | <user> 100%
rules/b.yaml:3:2867: warning[subsumed-pattern]: `@u250` is needless; because of this at rules/b.yaml:3:2886; and of this at rules/b.yaml:3:5698
rules/b.yaml:4:3: note[needs-known-users]: no known users
"#
    );
}

#[test]
fn nothing_found_is_nothing_written() {
    let mut out = Vec::new();
    full(&Report::new(&[], &Sources::default(), &[]), &mut out).expect("memory");
    assert!(out.is_empty());
}

/// Wherever a finding points, it is shown, and no control character gets through.
#[test]
fn odd_places_are_shown() {
    let texts = [
        "",
        "\n",
        "a",
        "a\n",
        "a\r\nb\r\n",
        "\r",
        "a\rb",
        "\t\t",
        "é\u{301}\u{200d}👩‍👩‍👧日",
        "\u{0}\u{1b}[31m\u{9b}\u{202e}",
        "                              far",
    ];
    let long = ["x", "日", "\t", "\u{1b}", " "].map(|one| one.repeat(3000));
    for text in texts.into_iter().chain(long.iter().map(String::as_str)) {
        let mut sources = Sources::default();
        let file = sources.add("f\u{1b}.yaml", text);
        let places = (0..=text.len()).filter(|at| text.is_char_boundary(*at));
        let some: Vec<_> = places
            .step_by((text.len() / 30).max(1))
            .chain([text.len() + 5])
            .collect();
        let ranges = some
            .iter()
            .flat_map(|&start| some.iter().map(move |&end| start..end.max(start)));
        let findings: Vec<_> = ranges
            .map(|range| {
                Finding::new(
                    Code::YamlSyntax,
                    Location::bytes(file, range.clone()),
                    "m\u{e000}\u{1b}",
                )
                .label(Location::bytes(file, range.end..range.end), "end")
                .label(Location::bytes(file, 0..1), "start")
            })
            .collect();
        let mut out = Vec::new();
        full(&Report::new(&findings, &sources, &[file]), &mut out).expect("memory");
        let out = String::from_utf8(out).expect("text");
        let plain = plain(&out);
        for (line, finding) in plain.split("error[yaml-syntax]: ").skip(1).zip(&findings) {
            assert!(line.contains(" --> f␛.yaml:"), "{finding:?}:\n{line}");
            assert!(line.contains('^'), "{finding:?}:\n{line}");
        }
        assert_eq!(plain.matches("error[").count(), findings.len());
        let reaches = |c: char| c.is_control() && c != '\n' || c == '\u{202e}' || c == '\u{e000}';
        assert!(!plain.contains(reaches), "{plain:?}");
        let widest = plain.lines().map(|line| line.chars().count()).max();
        assert!(widest < Some(600), "{widest:?}");
    }
}

#[test]
fn places_are_links_where_they_are_wanted() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("a b.yaml");
    std::fs::write(&path, "routes: [].\n").expect("a file");
    let rules = presence_router::Rules::load([path]).expect("a rule file");
    let written = |has_links| {
        let mut report = Report::new(rules.found(), rules.sources(), &[]);
        report.has_links = has_links;
        let mut out = Vec::new();
        full(&report, &mut out).expect("memory");
        String::from_utf8(out).expect("text")
    };
    let plain_text = written(false);
    assert!(!plain_text.contains("\u{1b}]8;;"), "{plain_text}");
    let linked = written(true);
    assert!(linked.contains("\u{1b}]8;;file:///"), "{linked:?}");
    assert!(linked.contains("/a%20b.yaml\u{1b}\\"), "{linked:?}");
    assert!(
        linked.contains("findings.md#yaml-syntax\u{1b}\\"),
        "{linked:?}"
    );
    assert_eq!(plain(&linked), plain(&plain_text));
}

/// Notes of one kind are one, with the places of the others.
#[test]
fn notes_of_one_kind_are_one() {
    let setup = crate::cli::Setup::new(
        "routes: [{senders: '@a:x.example', recipients: '@r:x.example'}]\n\
         blocks:\n- {senders: '@b:y.example'}\n- {senders: '@c:y.example'}\n- {senders: '@d:y.example'}\n\
         - {senders: '@e:y.example'}\n- {senders: '@f:y.example'}\n",
    );
    let ran = setup.run(&["check"], "");
    assert_eq!(ran.err, "checked 1 file: 5 notes\n");
    assert_eq!(
        ran.out.matches("note[idle-block]").count(),
        1,
        "{}",
        ran.out
    );
    assert!(
        ran.out.contains(
            "= note: the same at rules/rules.yaml:4:3, rules/rules.yaml:5:3, rules/rules.yaml:6:3 and 1 more place; \
             `--format concise` has all"
        ),
        "{}",
        ran.out
    );
}
