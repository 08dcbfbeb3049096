//! Files that are no text.

use super::{ALL_TO_R, Setup};

/// Whatever a file is instead of text, there is one finding, where that shows, and none that follows from it.
#[test]
fn what_is_no_text_has_one_finding() {
    let rules = "known_users: users.txt\nroutes:\n- {senders: all, recipients: [{server: x.example}, '@k*:y.example']}\n";
    let utf16 = |text: &str, big: bool| {
        let units = text.encode_utf16();
        let bytes = units.flat_map(|unit| {
            if big {
                unit.to_be_bytes()
            } else {
                unit.to_le_bytes()
            }
        });
        bytes.collect::<Vec<_>>()
    };
    let users = "@a:x.example\n@é:x.example\n@b:x.example\n";
    let not_utf8 = "this is not UTF-8 text from here on; save the file as UTF-8\n";
    let is_utf16 = "this is UTF-16, and not UTF-8 text; save the file as UTF-8\n";
    let cut = "copy it again\n";
    for (content, place, end) in [
        (utf16(users, false), "1:1", is_utf16),
        (utf16(users, true), "1:1", is_utf16),
        (
            [b"\xff\xfe".to_vec(), utf16(users, false)].concat(),
            "1:1",
            is_utf16,
        ),
        (
            [b"\xfe\xff".to_vec(), utf16(users, true)].concat(),
            "1:1",
            is_utf16,
        ),
        (
            b"@a:x.example\n@\xe9:x.example\n@b:x.example\n".to_vec(),
            "2:2",
            not_utf8,
        ),
        (
            b"@a:x.example\n@b:\0\0\0\0".to_vec(),
            "2:4",
            "; save the file as UTF-8 text, or copy it again\n",
        ),
        (
            b"[\"@a:x.example\", \"@\xe9:x.example\"]".to_vec(),
            "1:20",
            not_utf8,
        ),
        (b"[\"@a:x.example\", \"@k:y.ex".to_vec(), "1:25", cut),
        (
            b"{\"users\": [{\"name\": \"@a:x.example\"}, {\"na".to_vec(),
            "1:41",
            cut,
        ),
    ] {
        let setup = Setup::new(rules);
        setup.write("rules/users.txt", content);
        let ran = setup.run(
            &["check", "--format", "concise", "-A", "remote-recipient"],
            "",
        );
        let start = format!("rules/users.txt:{place}: error[invalid-known-user]: ");
        assert!(
            ran.out.starts_with(&start) && ran.out.ends_with(end),
            "{}",
            ran.out
        );
        assert_eq!((ran.out.lines().count(), ran.code), (1, 1), "{}", ran.out);
    }
    for (content, place, end) in [
        (utf16(ALL_TO_R, false), "1:1", is_utf16),
        (utf16(ALL_TO_R, true), "1:1", is_utf16),
        (b"groups:\n  caf\xe9: {server: x.example}\nroutes:\n- {senders: all, recipients: bob}\n".to_vec(), "2:6", not_utf8),
        (b"routes:\n- {senders: all\0\0\0".to_vec(), "2:16", "or copy it again\n"),
        (b"routes:\n- {senders: all, recip".to_vec(), "2:23", ""),
    ] {
        let setup = Setup::new(rules);
        setup.write("rules/users.txt", "@k:x.example\n");
        setup.write("rules/a.yaml", content);
        setup.write("rules/z.yaml", "routes: [{senders: {group: of-a}, recipients: '@z:x.example'}]\n");
        let ran = setup.run(&["check", "--format", "concise", "-A", "remote-recipient"], "");
        let start = format!("rules/a.yaml:{place}: error[yaml-syntax]: ");
        let first = ran.out.lines().next().unwrap_or_default();
        assert!(first.starts_with(&start) && first.ends_with(end.trim_end()), "{}", ran.out);
        assert_eq!((ran.out.lines().count(), ran.code), (1, 1), "{}", ran.out);
    }
}

/// A list of something else has a fault in each line, and the first hundred say it all.
#[test]
fn a_list_of_something_else_does_not_drown_the_rest() {
    let setup = Setup::new(&format!("known_users: users.csv\n{ALL_TO_R}"));
    setup.write(
        "rules/users.csv",
        "alice,Alice,alice@x.example\n".repeat(5_000),
    );
    let ran = setup.run(&["check", "--format", "concise"], "");
    assert_eq!(ran.out.lines().count(), 101, "{}", ran.out);
    assert!(ran.out.contains("rules/users.csv:101:1: error[invalid-known-user]: 4900 more entries name no user, from here on\n"));
}
