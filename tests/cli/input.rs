//! Records that are refused, while everything else is routed.

use super::{ALL_TO_R, GOOD, Setup};

/// Bad records, each on lines of its own, with the place and the beginning of the message.
fn bad_records() -> Vec<(Vec<u8>, &'static str)> {
    let long_id = format!(
        r#"{{"user_id":"@{}:x.example","state":"online"}}"#,
        "a".repeat(300)
    );
    let big = format!(
        r#"{{"user_id":"@big:x.example","state":"online","x":"{}"}}"#,
        "a".repeat(5 * 1024 * 1024)
    );
    let deep = format!(
        r#"{{"user_id":"@d:x.example","state":"online","x":{}{}}}"#,
        "[".repeat(10_000),
        "]".repeat(10_000)
    );
    vec![
        (
            br#"{"user_id":"@cut:x.example","state":"onl"#.to_vec(),
            "41: error: expected `\"`",
        ),
        (
            br#"{"user_id":"@cut:x.example","state":"online""#.to_vec(),
            "45: error: expected `,` or `}`",
        ),
        (
            big.into_bytes(),
            "1: error: the record is longer than the limit of 1048576 bytes",
        ),
        (
            b"{\"user_id\":\"@b\xff:x.example\",\"state\":\"online\"}".to_vec(),
            "15: error: byte 0xff is not valid UTF-8",
        ),
        (
            b"{\"user_id\":\"@n:x.example\",\"state\":\"on\0line\"}".to_vec(),
            "38: error: expected `\\u0000` in a text",
        ),
        (b"\0".to_vec(), "1: error: expected a JSON value"),
        (
            deep.into_bytes(),
            "174: error: more than 127 arrays and objects",
        ),
        (
            br#"{"user_id":5,"state":"online"}"#.to_vec(),
            "12: error: `user_id` should be text, found a number",
        ),
        (
            br#"{"user_id":"@a:x.example","state":7}"#.to_vec(),
            "35: error: `state` should be text, found a number",
        ),
        (
            br#"{"user_id":"@a","state":"online"}"#.to_vec(),
            "12: error: `@a` is not a user ID: it has no `:`",
        ),
        (long_id.into_bytes(), "12: error: `@aaa"),
        (
            br#"{"user_id":"@a:b","user_id":"@c:d","state":"online"}"#.to_vec(),
            "29: error: `user_id` stands here again",
        ),
        (
            br#"{"state":"online"}"#.to_vec(),
            "1: error: no `user_id` or `sender`",
        ),
        (
            b"17".to_vec(),
            "1: error: a record should be an object, found a number",
        ),
        (
            br#"{"type":"m.room.message","sender":"@a:b","content":{}}"#.to_vec(),
            "9: error: `m.room.message` events are not presence updates",
        ),
    ]
}

#[test]
fn bad_records_are_refused_and_kept_and_the_others_routed() {
    let setup = Setup::new(ALL_TO_R);
    let mut input = b"\xEF\xBB\xBF".to_vec();
    let (mut rejects, mut places) = (Vec::new(), Vec::new());
    for (index, (record, message)) in bad_records().into_iter().enumerate() {
        // Good records before and after each, with the line ends of another system.
        input.extend_from_slice(GOOD.as_bytes());
        input.extend_from_slice(b"\r\n");
        input.extend_from_slice(&record);
        input.push(b'\n');
        rejects.extend_from_slice(&record);
        rejects.push(b'\n');
        places.push(format!("updates.json:{}:{message}", 2 * index + 2));
    }
    setup.write("updates.json", &input);
    let arguments = [
        "route",
        "--by",
        "update",
        "--rejects",
        "rejects.json",
        "updates.json",
    ];
    let ran = setup.run(&arguments, "");
    assert_eq!(ran.code, 1);
    let good = format!("{{\"update\":{GOOD},\"recipients\":[\"@r:x.example\"]}}\n");
    assert_eq!(ran.out, good.repeat(places.len()));
    let lines: Vec<_> = ran.err.lines().collect();
    assert_eq!(lines.len(), places.len(), "{lines:#?}");
    for (line, place) in lines.iter().zip(&places) {
        assert!(line.starts_with(place), "{line} should start with {place}");
    }
    assert!(
        setup.read("rejects.json") == rejects,
        "the rejects are not what was refused"
    );
}

#[test]
fn fail_fast_stops_at_the_first_refused_record() {
    let setup = Setup::new(ALL_TO_R);
    let input = format!("{GOOD}\n{{\n{GOOD}\n17\n");
    let arguments = [
        "route",
        "--by",
        "update",
        "--fail-fast",
        "--rejects",
        "rejects.json",
    ];
    let ran = setup.run(&arguments, &input);
    assert_eq!(ran.code, 1);
    assert_eq!(ran.out.lines().count(), 1);
    assert_eq!(ran.err.lines().count(), 1, "{}", ran.err);
    assert_eq!(setup.read("rejects.json"), b"{\n");
    // A record that is too long is kept whole all the same.
    let input = format!("{GOOD}\n\"{}\"\n{GOOD}\n", "a".repeat(3_000_000));
    let ran = setup.run(&arguments, &input);
    assert_eq!((ran.code, ran.out.lines().count()), (1, 1));
    assert_eq!(setup.read("rejects.json").len(), 3_000_003);
    // What is left of a later one is not, however many threads there are.
    let input = format!("5\n\"{}\"\n{GOOD}\n", "a".repeat(3_000_000)).repeat(3)
        + &format!("{GOOD}\n").repeat(2_000);
    for threads in ["1", "7"] {
        let ran = setup.run(&[&arguments[..], &["--threads", threads]].concat(), &input);
        assert_eq!((ran.code, ran.out.as_str()), (1, ""));
        assert_eq!(setup.read("rejects.json"), b"5\n", "{threads} threads");
    }
}

#[test]
fn files_that_are_read_are_not_overwritten() {
    let setup = Setup::new("known_users: users.txt\nroutes: [{senders: all, recipients: all}]\n");
    setup.write("rules/users.txt", "@a:x.example\n");
    setup.write("more.txt", "@b:x.example\n");
    setup.write("updates.json", GOOD);
    setup.write("kept.json", "from before");
    for target in [
        "updates.json",
        "rules/rules.yaml",
        "rules/users.txt",
        "./more.txt",
    ] {
        let before = setup.read(target);
        let ran = setup.run(
            &[
                "route",
                "-u",
                "more.txt",
                "--rejects",
                target,
                "updates.json",
            ],
            "",
        );
        assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{target}");
        assert!(
            ran.err
                .contains("is read as well, and writing to it would destroy it"),
            "{}",
            ran.err
        );
        assert!(setup.read(target) == before, "{target} is changed");
    }
    // Nor is anything lost where nothing is routed.
    let ran = setup.run(
        &[
            "route",
            "-u",
            "more.txt",
            "--rejects",
            "kept.json",
            "gone.json",
        ],
        "",
    );
    assert_eq!(ran.code, 2);
    assert_eq!(setup.read("kept.json"), b"from before");
    let ran = setup.run(&["check", "-o", "rules/rules.yaml"], "");
    assert_eq!(ran.code, 2, "{}", ran.err);
    assert!(setup.read("rules/rules.yaml").starts_with(b"known_users"));
}

#[test]
fn an_empty_input_is_no_error() {
    let setup = Setup::new(ALL_TO_R);
    for (by, out) in [("recipient", "{}\n"), ("update", ""), ("none", "")] {
        for input in ["", "\n", "\u{feff}", " [ ] \r\n"] {
            let ran = setup.run(&["route", "--by", by], input);
            assert_eq!(
                (ran.code, ran.out.as_str(), ran.err.as_str()),
                (0, out, ""),
                "{by} {input:?}"
            );
        }
    }
}

#[test]
fn updates_are_carried_byte_for_byte() {
    let setup = Setup::new(ALL_TO_R);
    let update = r#"{"user_id":"\u0040a:x.example","z":[1.0,12345678901234567890,1E+2,-0.0],"state":"online","é":"\/\ud83e\uddc1 A","z":{}}"#;
    let spaced = update
        .replace(":[", " : [\n\t")
        .replace(",\"state", " ,\r\n \"state");
    let ran = setup.run(&["route", "--by", "update"], &spaced);
    assert_eq!(
        ran.out,
        format!("{{\"update\":{update},\"recipients\":[\"@r:x.example\"]}}\n")
    );
    let ran = setup.run(&["route"], &spaced);
    assert_eq!(ran.out, format!("{{\"@r:x.example\":[{update}]}}\n"));
}

#[test]
fn inputs_are_taken_in_their_order_and_may_be_mixed() {
    let setup = Setup::new(ALL_TO_R);
    let of = |user: &str| format!(r#"{{"user_id":"@{user}:x.example","state":"online"}}"#);
    setup.write("1.json", format!("[{}, {}]", of("a"), of("b")));
    setup.write("2.json", format!("{} {}\n\n{}", of("c"), of("d"), of("e")));
    let ran = setup.run(
        &["route", "--by", "update", "1.json", "-", "2.json"],
        of("stdin"),
    );
    let senders: Vec<_> = (ran.out.lines())
        .map(|line| line.split(['@', ':']).nth(3).expect("a sender").to_owned())
        .collect();
    assert_eq!(senders, ["a", "b", "stdin", "c", "d", "e"]);
}

#[test]
fn the_summary_counts() {
    let setup = Setup::new(ALL_TO_R);
    let input = format!("{GOOD}\n{GOOD}\n17\n");
    let ran = setup.run(&["route", "--by", "none", "--summary"], &input);
    assert_eq!((ran.code, ran.out.as_str()), (1, ""));
    assert_eq!(
        ran.err,
        "<stdin>:3:1: error: a record should be an object, found a number\n\
         records                                 3\n\
         refused                                 1\n\
         deliveries                              2\n\
         recipients                              1\n\
         updates that nobody gets                0\n\
         \n\
         busiest routes\n              2  all-to-r\n\
         \n\
         busiest recipients\n              2  @r:x.example\n\
         \n\
         fan-out (recipients of an update: how many updates)\n  \
         0 │ 0\n  \
         1 │████████████████████████████████████████ 2\n"
    );
    // Of equal updates, a batch has one.
    let ran = setup.run(&["route", "--summary"], &input);
    assert_eq!(ran.out, format!("{{\"@r:x.example\":[{GOOD}]}}\n"));
    assert!(
        ran.err
            .contains("repeated updates                        1\n"),
        "{}",
        ran.err
    );
    assert!(
        ran.err
            .contains("deliveries                              1\n"),
        "{}",
        ran.err
    );
}

#[test]
fn the_names_of_a_state_are_one_in_the_summary_and_two_in_the_output() {
    let setup = Setup::new(
        "routes: [{name: busy, senders: all, recipients: '@r:x.example', when: {state: busy}}]",
    );
    let of = |state: &str| format!(r#"{{"user_id":"@a:x.example","state":"{state}"}}"#);
    let (stable, unstable) = (of("busy"), of("org.matrix.msc3026.busy"));
    let input = format!("{stable}\n{unstable}\n{stable}\n{}\n", of("online"));
    let ran = setup.run(&["route", "--summary"], &input);
    assert_eq!(
        ran.out,
        format!("{{\"@r:x.example\":[{stable},{unstable}]}}\n")
    );
    for line in [
        "repeated updates                        1\n",
        "deliveries                              2\n",
        "updates that nobody gets                1\n",
        "busiest routes\n              2  busy\n",
    ] {
        assert!(ran.err.contains(line), "{line}{}", ran.err);
    }
}
