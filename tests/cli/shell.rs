//! Completions and manual pages.

use std::process::Command;

use super::Setup;

#[test]
fn bash_completes_commands_options_and_values() {
    let setup = Setup::new("");
    let script = setup.run(&["completions", "bash"], "");
    assert_eq!((script.code, script.err.as_str()), (0, ""));
    setup.write("completions.bash", &script.out);
    for (words, expected) in [
        (["presence-router", "ch", ""], "check"),
        (["presence-router", "route", "--rej"], "--rejects"),
        (["presence-router", "completions", "fi"], "fish"),
    ] {
        let last = words
            .iter()
            .rposition(|word| !word.is_empty())
            .expect("a word");
        let words = &words[..=last];
        let line = format!(
            "source completions.bash\n\
             COMP_WORDS=({}); COMP_CWORD={last}; COMP_LINE='{}'; COMP_POINT=${{#COMP_LINE}}\n\
             [[ $(complete -p presence-router) =~ -F\\ ([^\\ ]+) ]]\n\
             \"${{BASH_REMATCH[1]}}\" presence-router '{}' '{}'\n\
             echo \"${{COMPREPLY[@]}}\"",
            words.join(" "),
            words.join(" "),
            words[last],
            words[last - 1],
        );
        let ran = Command::new("bash")
            .args(["--norc", "-c", &line])
            .current_dir(setup.folder.path())
            .output();
        let Ok(ran) = ran else {
            return;
        };
        let replies = String::from_utf8_lossy(&ran.stdout);
        let errors = String::from_utf8_lossy(&ran.stderr);
        assert_eq!(replies.trim_end(), expected, "{words:?}: {errors}");
    }
}

#[test]
fn every_shell_has_completions() {
    let setup = Setup::new("");
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let ran = setup.run(&["completions", shell], "");
        assert_eq!((ran.code, ran.err.as_str()), (0, ""), "{shell}");
        assert!(ran.out.contains("deny-warnings"), "{shell}");
    }
    assert_eq!(setup.run(&["completions", "tcsh"], "").code, 2);
}

#[test]
fn manual_pages_are_printed_or_written() {
    let setup = Setup::new("");
    let main = setup.run(&["man"], "");
    assert_eq!((main.code, main.err.as_str()), (0, ""));
    assert!(main.out.contains(".TH presence-router 1"), "{}", main.out);
    let route = setup.run(&["man", "route"], "");
    assert_eq!((route.code, route.err.as_str()), (0, ""));
    assert!(
        route.out.contains(".TH presence-router-route 1"),
        "{}",
        route.out
    );

    let ran = setup.run(&["man", "--output", "pages/man1"], "");
    assert_eq!((ran.code, ran.out.as_str(), ran.err.as_str()), (0, "", ""));
    assert_eq!(
        setup.read("pages/man1/presence-router.1"),
        main.out.as_bytes()
    );
    assert_eq!(
        setup.read("pages/man1/presence-router-route.1"),
        route.out.as_bytes()
    );

    let unknown = setup.run(&["man", "rout"], "");
    assert_eq!((unknown.code, unknown.out.as_str()), (2, ""));
    assert_eq!(
        unknown.err,
        "error: there is no command `rout`; did you mean `route`?\n"
    );
}

#[test]
fn manual_pages_can_be_read() {
    let setup = Setup::new("");
    setup.run(&["man", "--output", "man"], "");
    for page in [
        "presence-router",
        "presence-router-check",
        "presence-router-man",
    ] {
        let ran = Command::new("man")
            .args(["-l", &format!("man/{page}.1")])
            .env("MANPAGER", "cat")
            .env("LC_ALL", "C.UTF-8")
            .current_dir(setup.folder.path())
            .output();
        // Not every machine has `man`, and some have one that only says it is not there.
        let Ok(ran) = ran else { return };
        let shown = String::from_utf8_lossy(&ran.stdout);
        if ran.status.success() && shown.contains("NAME") {
            assert!(shown.contains("Examples:"), "{shown}");
        }
    }
}
