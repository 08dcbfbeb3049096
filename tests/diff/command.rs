//! The command, by all that it prints.

use crate::cli::Setup;

const OLD: &str = "routes:
- name: staff-to-lobby
  senders: '@*:corp.example'
  recipients: '@lobby:corp.example'
- name: hr
  senders: {server: hr.example}
  recipients: '@boss:hr.example'
";

const NEW: &str = "routes:
- name: staff-to-lobby
  senders: {server: '*corp.example'}
  recipients: '@lobby:corp.example'
- name: hr
  senders: {server: hr.example}
  recipients: '@boss:hr.example'
  when: {state: [online]}
";

fn setup(new: &str) -> Setup {
    let setup = Setup::new("");
    setup.write("old.yaml", OLD);
    setup.write("new.yaml", new);
    setup
}

#[test]
fn differences_are_shown_with_their_rules() {
    let ran = setup(NEW).run(&["diff", "old.yaml", "new.yaml"], "");
    assert_eq!(ran.err, "");
    assert_eq!(
        ran.out,
        "+ `@lobby:corp.example` gets the updates of `@a:acorp.example`
    new: the route `staff-to-lobby` at new.yaml:2:3
    old: the route `staff-to-lobby` at old.yaml:2:3 does not connect them
    all senders: every user of `*corp.example` but those of `corp.example`

- `@boss:hr.example` gets the updates of `@a:hr.example`, for every state but `online`
    old: the route `hr` at old.yaml:5:3
    new: the route `hr` at new.yaml:5:3 connects them, but not for such updates
    all senders: every user of `hr.example`

+ `@lobby:corp.example` may see `@a:acorp.example`
    new: the route `staff-to-lobby` at new.yaml:2:3
    old: the route `staff-to-lobby` at old.yaml:2:3 does not connect them
    all senders: every user of `*corp.example` but those of `corp.example`

wider and narrower: the new rules do more, and less
"
    );
    assert_eq!(ran.code, 1);
}

#[test]
fn who_is_in_both_is_not_worth_a_word() {
    let setup = setup(
        "routes:
- {senders: ['@a:x.example', {server: '*.corp.example'}], recipients: '@lobby:corp.example'}
- {senders: '@bot*:x.example', recipients: '@lobby:corp.example'}
",
    );
    setup.write(
        "old.yaml",
        "routes:
- {senders: ['@a:x.example', {server: '*.corp.example'}, {regex: '@bot-.*:x\\.example'}], recipients: '@lobby:corp.example'}
",
    );
    let ran = setup.run(&["diff", "old.yaml", "new.yaml"], "");
    let likewise = ran.out.lines().find(|line| line.contains("all senders"));
    assert_eq!(
        likewise.map(str::trim),
        Some(r"all senders: everyone who matches `@bot*:x.example` but `@bot-.*:x\.example`"),
        "{}",
        ran.out
    );
}

#[test]
fn exit_codes() {
    let same = OLD.replace("'@*:corp.example'", "{server: corp.example}");
    let wider = OLD.replace(
        "'@*:corp.example'",
        "['@x:y.example', {server: corp.example}]",
    );
    let narrower = OLD.replace("'@*:corp.example'", "'@a*:corp.example'");
    for (new, allow, code) in [
        (&same, None, 0),
        (&wider, None, 1),
        (&wider, Some("wider"), 0),
        (&wider, Some("narrower"), 1),
        (&narrower, Some("narrower"), 0),
        (&narrower, Some("wider"), 1),
        (&NEW.to_owned(), Some("wider"), 1),
    ] {
        let setup = setup(new);
        let mut arguments = vec!["diff", "old.yaml", "new.yaml"];
        arguments.extend(allow.iter().flat_map(|allow| ["--allow", *allow]));
        assert_eq!(setup.run(&arguments, "").code, code, "{new} {allow:?}");
    }
    let ran = setup("routes: 5").run(&["diff", "old.yaml", "new.yaml"], "");
    assert_eq!((ran.code, ran.out.as_str()), (2, ""));
    assert!(ran.err.contains("error[wrong-type]"), "{}", ran.err);
}

#[test]
fn a_budget_that_runs_out_is_told() {
    let same = OLD.replace("'@*:corp.example'", r"{regex: '@[^:]*:corp\.example'}");
    let ran = setup(&same).run(&["diff", "--proof-steps", "1", "old.yaml", "new.yaml"], "");
    assert_eq!(ran.code, 4);
    assert!(
        ran.out.contains(r"undecided: the proof took more than its 1 step, most of them on the pattern `@[^:]*:corp\.example`"),
        "{}",
        ran.out
    );
    assert!(
        ran.out
            .ends_with("undecided: no difference was found, and none was ruled out\n"),
        "{}",
        ran.out
    );
}

#[test]
fn programs_read_json_and_github_commands() {
    let setup = setup(NEW);
    let ran = setup.run(&["diff", "--format", "json", "old.yaml", "new.yaml"], "");
    let document: serde_json::Value = serde_json::from_str(&ran.out).expect("JSON");
    assert_eq!(
        (&document["version"], &document["verdict"]),
        (&1.into(), &"both".into())
    );
    let first = &document["differences"][0];
    assert_eq!(first["only_in"], "new");
    assert_eq!(first["sender"], "@a:acorp.example");
    assert_eq!(first["rule"]["line"], 2);
    assert_eq!(first["because"][0]["reason"], "same-name");
    let ran = setup.run(&["diff", "--format", "github", "old.yaml", "new.yaml"], "");
    assert_eq!(
        ran.out.lines().next(),
        Some(
            "::warning file=new.yaml,line=2,col=3,title=added::from now on, `@lobby:corp.example` gets the updates of \
             `@a:acorp.example`; all senders: every user of `*corp.example` but those of `corp.example`"
        )
    );
}

#[test]
fn impact_counts_known_users() {
    let setup = setup(NEW);
    setup.write(
        "users.txt",
        "@x:evilcorp.example\n@y:evilcorp.example\n@z:corp.example\n@h:hr.example\n",
    );
    let ran = setup.run(
        &[
            "diff",
            "--impact",
            "-u",
            "users.txt",
            "old.yaml",
            "new.yaml",
        ],
        "",
    );
    assert!(
        ran.out.contains(
            "among 4 users who are known:
  1 user gains 2 whose updates they get
    `@lobby:corp.example` gains `@x:evilcorp.example`, `@y:evilcorp.example`
  1 user loses 1 whose updates they get
    `@boss:hr.example` loses `@h:hr.example`
"
        ),
        "{}",
        ran.out
    );
    let ran = setup.run(&["diff", "--impact", "old.yaml", "new.yaml"], "");
    assert_eq!(ran.code, 2);
    assert_eq!(
        ran.err,
        "error: `--impact` counts known users, and none are given: name a file of them with `--known-users`\n"
    );
}

/// Nobody who gains something is left out: a new recipient hides nothing of what the old ones gain.
#[test]
fn everybody_who_gains_is_told() {
    let setup = Setup::new("");
    setup.write(
        "old.yaml",
        r#"routes:
- {name: a, senders: {include: {server: x.example}, exclude: ["@a:x.example", "@b:x.example"]}, recipients: "@old:x.example"}
- {name: b, senders: {server: y.example}, recipients: ["@other:y.example"]}
"#,
    );
    setup.write(
        "new.yaml",
        r#"routes:
- {name: a, senders: {include: [{server: x.example}, {server: z.example}], exclude: "@a:x.example"}, recipients: ["@old:x.example", "@new:x.example"]}
- {name: b, senders: {server: y.example}, recipients: ["@other:y.example", "@one:y.example", "@two:y.example", {template: "@{localpart}:w.example"}]}
"#,
    );
    let ran = setup.run(&["diff", "old.yaml", "new.yaml"], "");
    let told: Vec<_> = (ran.out.lines())
        .filter(|line| line.starts_with(['+', '-']) || line.contains("all "))
        .map(str::trim)
        .take_while(|line| !line.contains("may see"))
        .collect();
    assert_eq!(
        told,
        [
            "+ `@new:x.example` gets the updates of `@b:x.example`",
            "all senders: every user of `z.example`; every user of `x.example` but `@a:x.example`",
            "+ `@old:x.example` gets the updates of `@b:x.example`",
            "all senders: `@b:x.example` and every user of `z.example`",
            "+ `@one:y.example` gets the updates of `@a:y.example`",
            "all senders: every user of `y.example`",
            "all recipients: `@one:y.example` and `@two:y.example`",
            "+ `@a:w.example` gets the updates of `@a:y.example`",
            "all senders: every user of `y.example`",
            "all recipients: of each sender, whom `@{localpart}:w.example` makes of it",
        ]
    );
}

/// What is true only in some role says so.
#[test]
fn witnesses_say_in_which_role() {
    let setup =
        setup("routes: [{senders: '@a:x.example', recipients: {regex: '@[b]:x\\.example'}}]");
    setup.write(
        "old.yaml",
        "routes: [{senders: '@a:x.example', recipients: '@b:x.example'}]",
    );
    let ran = setup.run(&["diff", "old.yaml", "new.yaml"], "");
    let role = "if `@b:x.example` is not known, or is only seen\n";
    let gets = "- `@b:x.example` gets the updates of `@a:x.example`";
    assert!(ran.out.contains(&format!("{gets}, {role}")), "{}", ran.out);
    let json = setup.run(&["diff", "--format", "json", "old.yaml", "new.yaml"], "");
    assert!(
        json.out.contains("\"recipient_receives\":false"),
        "{}",
        json.out
    );
}

#[test]
fn a_page_for_a_comment_has_all_that_is_shown() {
    let setup = setup(NEW);
    let shown = setup.run(&["diff", "old.yaml", "new.yaml"], "").out;
    let (differences, verdict) = shown.trim_end().rsplit_once("\n\n").expect("a verdict");
    let page = setup.run(
        &["diff", "--format", "markdown", "old.yaml", "new.yaml"],
        "",
    );
    assert_eq!(page.code, 1);
    let expected = format!("### Presence rules: {verdict}\n\n```text\n{differences}\n```\n");
    assert_eq!(page.out, expected);
    // The summary of a step is the same page.
    let mut command = setup.command(&["diff", "--format", "github", "old.yaml", "new.yaml"]);
    command.env("GITHUB_STEP_SUMMARY", "summary.md");
    assert_eq!(crate::cli::ran(command, b"").code, 1);
    assert_eq!(setup.read("summary.md"), expected.as_bytes());
    let same = setup.run(
        &["diff", "--format", "markdown", "old.yaml", "old.yaml"],
        "",
    );
    let equivalent = "### Presence rules: equivalent: for all users, both do the same\n\n";
    assert_eq!((same.out.as_str(), same.code), (equivalent, 0));
}
