//! Files of users that rules name: what can be wrong with them.

use std::fs::{self, File};

use crate::cli::Setup;
use crate::cli::named::{at, fifo};

/// What `check` says of a rule about the users of a file, after the place of the rule.
fn said(setup: &Setup, item: &str) -> String {
    setup.write(
        "rules/rules.yaml",
        format!("routes: [{{recipients: '@r:x.example', senders: {item}}}]\n"),
    );
    let ran = setup.run(&["check", "--format", "concise"], "");
    ran.out
}

#[test]
fn what_cannot_be_read_is_told() {
    let setup = Setup::new("");
    fifo(&setup, "rules/fifo");
    fs::create_dir(at(&setup, "rules/folder")).expect("a folder");
    setup.write("rules/utf16.txt", b"\xFF\xFE@\0a\0".as_slice());
    setup.write("rules/latin.txt", b"@a:x.example\ncaf\xE9".as_slice());
    setup.write("rules/empty.csv", "");
    let large = File::create(at(&setup, "rules/large.txt")).expect("a file");
    large.set_len(2 << 30).expect("a sparse file");
    for (item, expected) in [
        (
            "{file: missing.txt}",
            "cannot read `rules/missing.txt`: No such file or directory",
        ),
        (
            "{file: folder}",
            "cannot read `rules/folder`: it is a folder",
        ),
        (
            "{file: fifo}",
            "cannot read `rules/fifo`: it is a pipe, not a regular file",
        ),
        (
            "{file: /dev/zero}",
            "cannot read `/dev/zero`: it is a device, not a regular file",
        ),
        (
            "{file: large.txt}",
            "cannot read `rules/large.txt`: it is larger than 1024 MiB",
        ),
    ] {
        let said = said(&setup, item);
        let start = format!("rules/rules.yaml:1:55: error[unreadable-users]: {expected}");
        assert!(said.starts_with(&start), "{item}: {said}");
        assert_eq!(said.lines().count(), 1, "{said}");
    }
    // What is no text is told where it begins.
    assert_eq!(
        said(&setup, "[{file: utf16.txt}, {file: latin.txt, column: id}]"),
        "rules/utf16.txt:1:1: error[unreadable-users]: this is UTF-16, and not UTF-8 text; save the file as UTF-8\n\
         rules/latin.txt:2:4: error[unreadable-users]: this is not UTF-8 text from here on; save the file as UTF-8\n"
    );
    for (text, item) in [
        ("", "{file: empty.csv}"),
        ("\r\n", "{file: empty.csv, column: id}"),
        ("sep=;\r\n", "{file: empty.csv, column: id}"),
        ("name;id\r\nA;\r\n", "{file: empty.csv, column: id}"),
    ] {
        setup.write("rules/empty.csv", text);
        assert_eq!(
            said(&setup, item),
            "rules/rules.yaml:1:55: error[empty-set]: `rules/empty.csv` names no users; write some into it, or remove \
             the rule or the item that names it\n"
        );
    }
}

#[test]
fn columns_and_lines_have_their_places() {
    let setup = Setup::new("");
    setup.write(
        "rules/staff.csv",
        "Name;Matrix ID\nAda;@ada:x.example\nBob;@bob\n\"C;\n\";\"@c:x example\"\nD\n",
    );
    let expected = "\
rules/rules.yaml:1:74: error[unreadable-users]: in `rules/staff.csv`, no column is called `matrix id`; did you mean `Matrix ID`?
";
    assert_eq!(
        said(&setup, "{file: staff.csv, column: matrix id}"),
        expected
    );
    let expected = "\
rules/rules.yaml:1:55: error[unreadable-users]: `rules/staff.csv` is a table, and nothing says which column has the user IDs; write `column: …` beside `file`; the columns are `Name`, `Matrix ID`
";
    assert_eq!(said(&setup, "{file: staff.csv}"), expected);
    let expected = "\
rules/staff.csv:3:5: error[invalid-user-id]: `@bob` is not a user ID: it has no `:` and server name after the localpart
rules/staff.csv:5:4: error[invalid-user-id]: `@c:x example` is not a user ID: its server name is not valid: a host name has only letters, digits, `-` and `.`
rules/staff.csv:6:1: error[invalid-user-id]: this row has 1 of 2 columns
";
    assert_eq!(
        said(&setup, "{file: staff.csv, column: Matrix ID}"),
        expected
    );
}

/// IDs that are not known, and those that are nearly so, in the lines of the file.
#[test]
fn what_stands_behind_a_closing_quote_is_no_part_of_a_user() {
    let setup = Setup::new("");
    setup.write(
        "rules/staff.csv",
        "name,id\na,\"@a:x.example\"\nb,\"@b:x.example\"org\n\"c, \"\"C\"\"\",\"@c:x.example\"\n",
    );
    let told = said(&setup, "{file: staff.csv, column: id}");
    assert!(
        told.contains("rules/staff.csv:3:1: error[invalid-user-id]: something stands behind a closing quote in this row"),
        "{told}"
    );
    assert!(
        !told.contains("staff.csv:2:") && !told.contains("staff.csv:4:"),
        "{told}"
    );
}

#[test]
fn unknown_users_are_looked_for() {
    let setup = Setup::new("");
    setup.write("rules/users.txt", "@grace:x.example\n@heidi:x.example\n");
    setup.write(
        "rules/staff.txt",
        "# staff\n@grace:x.example\n@hiedi:x.example\n@gone:x.example\n@a:y.example\n",
    );
    let text = "known_users: users.txt\nroutes: [{senders: {file: staff.txt}, recipients: '@grace:x.example'}]\n";
    setup.write("rules/rules.yaml", text);
    let ran = setup.run(&["check", "--format", "concise"], "");
    let expected = "\
rules/staff.txt:3:1: warning[unknown-user]: `@hiedi:x.example` is not a known user; did you mean `@heidi:x.example`?
rules/staff.txt:4:1: warning[unknown-user]: `@gone:x.example` is not a known user; correct it, or add it to the known users
";
    assert_eq!(ran.out, expected);
    // However they are spelt.
    for (json, column) in [
        (r#"["@grace:x.example", "@hiedi:x.example"]"#, 23),
        (r#"["@grace:x.example", "\u0040hiedi:x.example"]"#, 23),
        (r#"["\u0040grace:x.example", "@hiedi:x.example"]"#, 28),
    ] {
        setup.write("rules/staff.txt", json);
        let ran = setup.run(&["check", "--format", "concise"], "");
        let place =
            format!("rules/staff.txt:1:{column}: warning[unknown-user]: `@hiedi:x.example`");
        assert!(ran.out.starts_with(&place), "{json}: {}", ran.out);
        assert_eq!(ran.out.lines().count(), 1, "{}", ran.out);
    }
    let many: Vec<_> = (0..100)
        .map(|number| format!("@staff{number}:x.example"))
        .collect();
    let many = many.join("\n");
    setup.write("rules/staff.txt", many);
    let ran = setup.run(&["check", "--format", "concise"], "");
    assert_eq!(ran.out.lines().count(), 20, "{}", ran.out);
    assert!(
        ran.out.contains(
            "`@staff19:x.example` is not a known user; so it is with 80 more of this file"
        ),
        "{}",
        ran.out
    );
}

/// A user who has left is told as such, and where it does no harm not at all.
#[test]
fn deactivated_users_are_told_as_such() {
    let setup = Setup::new("");
    let known =
        r#"[{"user_id": "@grace:x.example"}, {"user_id": "@gone:x.example", "deactivated": true}]"#;
    setup.write("rules/users.json", known);
    setup.write("rules/staff.txt", "@grace:x.example\n@gone:x.example\n");
    let rules = |rest: &str| {
        let text =
            format!("known_users: users.json\nroutes: [{{recipients: '@grace:x.example', {rest}\n");
        setup.write("rules/rules.yaml", text);
        setup
            .run(&["check", "--format", "concise", "--no-prove"], "")
            .out
    };
    let told = "rules/staff.txt:2:1: warning[deactivated-user]: `@gone:x.example` is deactivated, according to the known \
                users; remove it, or name the account that has taken its place\n";
    assert_eq!(rules("senders: {file: staff.txt}}]"), told);
    assert_eq!(rules("senders: {exclude: {file: staff.txt}}}]"), "");
    assert_eq!(rules("senders: {exclude: '@gone:x.example'}}]"), "");
    assert_eq!(rules("senders: {exclude: '@{grace,gone}:x.example'}}]"), "");
    let block = "senders: '@grace:x.example'}]\nblocks: [{senders: {file: staff.txt}}]";
    assert!(!rules(block).contains("staff.txt"), "{}", rules(block));
}

/// As spreadsheets write them: what stands between the columns is said first, or lines end as on old Macs.
#[test]
fn tables_of_spreadsheets_are_read() {
    let setup = Setup::new("");
    for table in [
        "sep=;\nname;id\nA, B;@a:x.example\nC;@b\n",
        "\"sep=|\"\r\nname|id\r\nA;|@a:x.example\r\nC|@b\r\n",
        "sep=\t\nname\tid\nA, B;\t@a:x.example\nC\t@b\n",
        "\"n;a,m,e\";id\n\nA;@a:x.example\nC;@b\n",
        "\n\"name, or so\"\tid\n;,;\t@a:x.example\nC\t@b\n",
        "SEP=,\rname,id\rA;B,@a:x.example\rC,@b\r",
        "\u{feff}name,id\r\rA;B,@a:x.example\rC,@b",
    ] {
        setup.write("rules/staff.csv", table);
        let told = said(&setup, "{file: staff.csv, column: id}");
        assert!(
            told.starts_with(
                "rules/staff.csv:4:3: error[invalid-user-id]: `@b` is not a user ID: "
            ),
            "{table:?}: {told}"
        );
        assert_eq!(told.lines().count(), 1, "{table:?}: {told}");
        let told = said(&setup, "{file: staff.csv, column: ids}");
        assert!(told.contains("did you mean `id`?"), "{table:?}: {told}");
    }
    setup.write("rules/staff.txt", "# staff\r@a:x.example\r@b\r");
    let told = said(&setup, "{file: staff.txt}");
    assert!(
        told.starts_with("rules/staff.txt:3:1: error[invalid-user-id]: `@b`"),
        "{told}"
    );
    setup.write("rules/users.json", r#"["@a:x.example"]"#);
    assert_eq!(
        said(&setup, "{file: users.json, column: id}"),
        "rules/rules.yaml:1:75: error[unreadable-users]: in `rules/users.json`, there are no columns: this is JSON; leave \
         out `column`\n"
    );
}

#[test]
fn no_output_takes_the_place_of_a_list() {
    let setup = Setup::new("");
    setup.write("rules/staff.txt", "@a:x.example\n");
    said(&setup, "{file: staff.txt}");
    let update = r#"{"user_id":"@a:x.example","state":"online"}"#;
    let ran = setup.run(&["route", "--rejects", "rules/staff.txt"], update);
    assert_eq!(ran.code, 2, "{}", ran.err);
    assert_eq!(setup.read("rules/staff.txt"), b"@a:x.example\n");
}

/// Characters that nobody sees are found in names of files, and inside of files.
#[test]
fn hidden_characters_are_found_in_files() {
    let setup = Setup::new("");
    let users =
        "@al\u{200b}ice:x.example\n@b\u{43e}b:x.example\n@hr\u{2010}1:x.example\n@r:x.example\n";
    setup.write("rules/users.txt", users);
    setup.write("rules/us\u{435}rs.txt", "@carol:x.example\n");
    let code = "warning[hidden-character]:";
    assert_eq!(
        said(&setup, "[{file: users.txt}, {file: us\u{435}rs.txt}]"),
        format!(
            "rules/rules.yaml:1:77: {code} `us\u{435}rs.txt` has the character U+0435, which looks like `e` and is another \
             one; write `users.txt`, if that is meant\n\
             rules/users.txt:1:1: {code} this has the character U+200B, which nobody sees; write `@alice:x.example`\n\
             rules/users.txt:2:1: {code} `@b\u{43e}b:x.example` has the character U+043E, which looks like `o` and is another \
             one; write `@bob:x.example`, if that is meant\n\
             rules/users.txt:3:1: {code} `@hr\u{2010}1:x.example` has the character U+2010, which looks like `-` and is \
             another one; write `@hr-1:x.example`, if that is meant\n"
        )
    );
    // Known users, as lines and as JSON that Python wrote.
    let setup = Setup::new("routes: [{senders: '@c:x.example', recipients: '@r:x.example'}]");
    setup.write(
        "users.txt",
        "@c:x.example\n@al\u{200b}ice:x.example\n@r:x.example\n",
    );
    setup.write(
        "page.json",
        r#"{"users": [{"name": "@ali\u200bce:x.example"}], "total": "400"}"#,
    );
    let arguments = [
        "check",
        "--format",
        "concise",
        "-u",
        "users.txt",
        "-u",
        "page.json",
    ];
    let ran = setup.run(&arguments, "");
    assert_eq!(
        ran.out,
        format!(
            "users.txt:2:4: {code} this has the character U+200B, which nobody sees; write `@alice:x.example`\n\
             page.json:1:1: warning[known-users-cut]: this list says that there are 400 users, and holds 1 of them, so that \
             patterns miss the others; ask the homeserver for all of them, with a larger `limit`, or name the other pages, \
             too\n\
             page.json:1:1: {code} this has the character U+200B, which nobody sees; write `@alice:x.example`\n"
        )
    );
}
