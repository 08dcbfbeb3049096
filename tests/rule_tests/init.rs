//! `init`: what it writes can be used at once, and it overwrites nothing.

use crate::cli::Setup;

const FILES: [&str; 5] = [
    "rules/presence.yaml",
    "rules/users.txt",
    "tests/presence.test.yaml",
    ".github/workflows/presence.yaml",
    ".pre-commit-config.yaml",
];

#[test]
fn what_init_writes_passes() {
    for options in [
        &["init", "--server-name", "example.org"][..],
        &["init", ".", "--server-name", "xn--bcher-kva.example"],
        &["init", "--server-name", "corp.example:8448"],
    ] {
        let setup = Setup::new("");
        std::fs::remove_dir_all(setup.folder.path().join("rules")).expect("a folder");
        let ran = setup.run(options, "");
        assert_eq!(ran.code, 0, "{}", ran.err);
        for (file, line) in FILES.iter().zip(ran.out.lines()) {
            assert!(line.starts_with(&format!("wrote  {file}: ")), "{line}");
            assert!(setup.read(file).starts_with(b"# "), "{file} has comments");
        }
        assert_eq!(
            ran.err,
            "next: `presence-router check` and `presence-router test`\n"
        );
        let checked = setup.run(&["check", "--deny-warnings"], "");
        assert_eq!(checked.code, 0, "{}{}", checked.out, checked.err);
        assert_eq!(checked.err, "checked 1 file: no findings\n");
        let tested = setup.run(&["test", "--min-coverage", "100"], "");
        assert_eq!(tested.code, 0, "{}{}", tested.out, tested.err);
        // The other two files are YAML.
        for file in &FILES[3..] {
            let text = String::from_utf8(setup.read(file)).expect("text");
            let value: serde_json::Value = serde_yaml::from_str(&text).expect("YAML");
            assert!(value.is_object());
        }
    }
}

#[test]
fn init_overwrites_nothing() {
    for (index, kept) in FILES.iter().enumerate() {
        let setup = Setup::new("");
        std::fs::remove_dir_all(setup.folder.path().join("rules")).expect("a folder");
        let path = format!("here/{kept}");
        setup.write(&path, "mine");
        let ran = setup.run(&["init", "here", "--server-name", "corp.example"], "");
        assert_eq!((ran.code, ran.err.as_str()), (1, ""), "{kept}");
        assert_eq!(setup.read(&path), b"mine");
        assert!(
            ran.out
                .contains(&format!("kept   {path}: it is there already")),
            "{}",
            ran.out
        );
        // Rules, users and tests belong together; the others are on their own.
        let written = ran
            .out
            .lines()
            .filter(|line| line.starts_with("wrote"))
            .count();
        assert_eq!(written, if index < 3 { 2 } else { 4 }, "{}", ran.out);
    }
}

#[test]
fn init_adds_no_rules_to_those_that_are_there() {
    let setup = Setup::new("");
    std::fs::remove_dir_all(setup.folder.path().join("rules")).expect("a folder");
    setup.write("rules/deep/mine.yml", "routes: []");
    let ran = setup.run(&["init", "--server-name", "corp.example"], "");
    assert_eq!(ran.code, 1, "{}", ran.err);
    let kept = "kept   ./rules/deep/mine.yml: it is there already, and the files that belong to it are not written\n";
    assert!(ran.out.starts_with(kept), "{}", ran.out);
    for file in &FILES[..3] {
        assert!(!setup.folder.path().join(file).exists(), "{file}");
    }
    for file in &FILES[3..] {
        assert!(setup.folder.path().join(file).exists(), "{file}");
    }
}

/// What runs the tests fails where there are none, so it is written only where there are some.
#[test]
fn tests_are_run_where_there_are_some() {
    for (tests, expected) in [
        (&[][..], None),
        (&["tests/deep/a.test.yaml"][..], Some("tests")),
        (&["rules/a.test.yml"][..], Some("rules")),
        (
            &["rules/a.test.yml", "tests/b.test.yaml"][..],
            Some("tests rules"),
        ),
    ] {
        let setup = Setup::new("");
        setup.write("rules/mine.yaml", "routes: []");
        for path in tests {
            setup.write(path, "cases: []");
        }
        let ran = setup.run(&["init"], "");
        assert_eq!((ran.code, ran.err.as_str()), (1, ""), "{}", ran.out);
        let text = |file| String::from_utf8(setup.read(file)).expect("text");
        let (workflow, hooks) = (text(FILES[3]), text(FILES[4]));
        let value: serde_json::Value = serde_yaml::from_str(&workflow).expect("YAML");
        let inputs = &value["jobs"]["rules"]["steps"][1]["with"];
        assert_eq!(inputs["paths"], "rules");
        assert_eq!(inputs["tests"].as_str(), expected);
        let value: serde_json::Value = serde_yaml::from_str(&hooks).expect("YAML");
        let hooks = value["repos"][0]["hooks"].as_array().expect("a list");
        assert_eq!(hooks.len(), 1 + usize::from(expected.is_some()));
        let said =
            ran.out.matches("checks and tests").count() + workflow.matches("and tests").count();
        assert_eq!(
            said,
            if expected.is_some() { 3 } else { 0 },
            "{}{workflow}",
            ran.out
        );
    }
}

/// Rules that are there say on which homeserver they run, and another one is not taken in silence.
#[test]
fn the_server_of_rules_that_are_there_counts() {
    let setup = Setup::new("");
    setup.write("rules/mine.yaml", "server_name: corp.example\nroutes: []");
    let ran = setup.run(&["init", "--server-name", "other.example"], "");
    assert_eq!((ran.code, ran.out.as_str()), (2, ""));
    let told = "the rules that are there are for the homeserver `corp.example`, and not for `other.example`";
    assert!(ran.err.contains(told), "{}", ran.err);
    assert!(!setup.folder.path().join(FILES[3]).exists());
    let ran = setup.run(&["init", "--server-name", "corp.example"], "");
    assert_eq!((ran.code, ran.err.as_str()), (1, ""), "{}", ran.out);
    let setup = Setup::new("");
    setup.write(
        "rules/mine.yaml",
        "routes: [{senders: all, recipients: '@a:x.example'}]",
    );
    let ran = setup.run(&["init", "--server-name", "corp.example"], "");
    let told = "write `server_name: corp.example` at the top of `./rules/mine.yaml`";
    assert!(ran.code == 1 && ran.err.contains(told), "{}", ran.err);
}

#[test]
fn init_is_told_the_server() {
    let setup = Setup::new("");
    let ran = setup.run(&["init", "new"], "corp.example\n");
    assert_eq!((ran.code, ran.out.as_str()), (2, ""));
    assert!(
        ran.err.contains("`--server-name corp.example`"),
        "{}",
        ran.err
    );
    assert!(!setup.folder.path().join("new").exists());
}

#[test]
fn a_server_name_is_checked() {
    let setup = Setup::new("");
    for name in ["exa_mple.org", "", "[::1]"] {
        let ran = setup.run(&["init", "new", "--server-name", name], "");
        assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{name}");
        assert!(!setup.folder.path().join("new").exists());
    }
}
