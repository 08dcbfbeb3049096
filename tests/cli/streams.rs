//! Pipes that are slow, closed, endless or full.

use std::fmt::Write as _;
use std::fs::OpenOptions;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Stdio};

use super::{ALL_TO_R, GOOD, Setup};

/// Starts a program, with a pipe to it and one from it.
fn piped(setup: &Setup, arguments: &[&str]) -> (Child, ChildStdin, BufReader<ChildStdout>) {
    let mut child = (setup.command(arguments))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("the program starts");
    let to = child.stdin.take().expect("a pipe");
    let from = BufReader::new(child.stdout.take().expect("a pipe"));
    (child, to, from)
}

/// Feeds a program piece by piece, and wants each answer before the next piece is sent.
fn answers_at_once(arguments: &[&str], pieces: &[&str]) {
    let setup = Setup::new(ALL_TO_R);
    let (mut child, mut to, mut from) = piped(&setup, arguments);
    for piece in pieces {
        to.write_all(piece.as_bytes()).expect("the program reads");
        let mut answer = String::new();
        // Hangs, and so fails, if the program waits for more.
        from.read_line(&mut answer).expect("the program answers");
        assert!(answer.contains("@r:x.example"), "{answer}");
    }
    drop(to);
    let mut rest = String::new();
    from.read_to_string(&mut rest).expect("the program ends");
    assert_eq!(rest, "");
    assert!(child.wait().expect("the program ends").success());
}

#[test]
fn each_record_is_answered_before_the_next_is_sent() {
    let spaced = "{\"user_id\": \"@a:x.example\",\n \"state\": \"online\"}";
    // Not even the end of the line is waited for, nor that of the array.
    let first_of_array = format!("\n[{GOOD}");
    let next_of_array = format!(", {GOOD}");
    let after_array = format!("]\n{GOOD}");
    let pieces = [
        GOOD,
        GOOD,
        spaced,
        &first_of_array,
        &next_of_array,
        &after_array,
    ];
    answers_at_once(&["route", "--by", "update"], &pieces);
}

#[test]
fn each_user_is_answered_before_the_next_is_sent() {
    answers_at_once(&["interested"], &["@r:x.example\n", "@r:x.example\n"]);
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let setup = Setup::new(ALL_TO_R);
    setup.write("updates.json", format!("{GOOD}\n").repeat(20_000));
    for by in ["update", "recipient"] {
        let mut child = (setup.command(&["route", "--by", by, "updates.json"]))
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let mut first = [0; 10];
        let mut out = child.stdout.take().expect("a pipe");
        out.read_exact(&mut first).expect("the program writes");
        drop(out);
        let output = child.wait_with_output().expect("the program ends");
        assert_eq!(
            (output.status.code(), output.stderr.as_slice()),
            (Some(0), &b""[..]),
            "{by}"
        );
    }
}

#[test]
#[cfg(target_os = "linux")]
fn a_full_disk_is_an_error() {
    let setup = Setup::new(ALL_TO_R);
    setup.write("faulty.yaml", "routes: 1\n");
    setup.write("updates.json", GOOD);
    setup.write("bad.json", "17");
    let full = "No space left on device (os error 28)\n";
    for (arguments, message) in [
        (
            &["route", "updates.json"][..],
            "error: cannot write to standard output: ",
        ),
        (
            &["route", "--by", "update", "updates.json"],
            "error: cannot write to standard output: ",
        ),
        (
            &["interested", "@r:x.example"],
            "error: cannot write to standard output: ",
        ),
        (
            &["check", "faulty.yaml"],
            "error: cannot write to standard output: ",
        ),
    ] {
        let disk = OpenOptions::new()
            .write(true)
            .open("/dev/full")
            .expect("a full disk");
        let output = setup
            .command(arguments)
            .stdout(disk)
            .output()
            .expect("the program runs");
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert_eq!(
            String::from_utf8_lossy(&output.stderr),
            format!("{message}{full}"),
            "{arguments:?}"
        );
    }
    let ran = setup.run(
        &[
            "route",
            "--by",
            "none",
            "--rejects",
            "/dev/full",
            "bad.json",
        ],
        "",
    );
    assert_eq!(ran.code, 2);
    assert!(
        ran.err
            .ends_with(&format!("error: cannot write the rejects: {full}")),
        "{}",
        ran.err
    );
}

#[test]
fn the_number_of_threads_never_changes_the_output() {
    let setup = Setup::new(
        "routes:\n\
         - {name: moved, senders: {server: x.example}, recipients: {template: '@{localpart}:y.example'}}\n\
         - {name: two, senders: '@*7:x.example', recipients: ['@r:x.example', '@q:x.example']}\n",
    );
    let mut input = String::new();
    for index in 0..20_000 {
        let _ = writeln!(
            input,
            r#"{{"user_id":"@u{}:x.example","state":"online","n":{}}}"#,
            index % 700,
            index % 3
        );
        // Records that go on where others end, and arrays: where a thread starts there, it starts amiss.
        if index % 1000 == 17 {
            input.push_str("{\"user_id\":\n17\n[");
            input.push_str(GOOD);
            input.push_str("]\n");
        }
        if (9000..12_000).contains(&index) {
            input.push_str("{\"user_id\": \"@u7:x.example\",\n\n\"state\":\n\"online\"}\n");
        }
        if index == 14_000 {
            input.push('[');
        } else if (14_001..16_000).contains(&index) {
            input.push(',');
        } else if index == 16_000 {
            input.push(']');
        }
    }
    setup.write("updates.json", input);
    for by in [&["recipient"][..], &["update", "--why"], &["none"]] {
        let run = |threads: &str| {
            let arguments = [
                &[
                    "route",
                    "--summary",
                    "--threads",
                    threads,
                    "--rejects",
                    "rejects",
                    "updates.json",
                    "--by",
                ],
                by,
            ]
            .concat();
            let ran = setup.run(&arguments, "");
            (ran.code, ran.out, ran.err, setup.read("rejects"))
        };
        let one = run("1");
        assert!(run("2") == one, "--by {by:?}");
        assert!(run("7") == one, "--by {by:?}");
    }
}

#[test]
fn a_long_record_that_is_cut_off_at_the_end_is_refused() {
    let setup = Setup::new(ALL_TO_R);
    // So many that a block is cut among them, and the long record is left for the last one.
    let good = format!("{GOOD}\n").repeat(700_000 / GOOD.len());
    let input = format!("{good}[1,{}", "\n1,".repeat(100_000));
    let record = format!("{good}{{\"a\":[1{}", "\n,1".repeat(100_000));
    for input in [input, record] {
        setup.write("updates.json", input);
        let run = |threads: &str| {
            let ran = setup.run(&["route", "--threads", threads, "updates.json"], "");
            (ran.code, ran.out, ran.err)
        };
        let one = run("1");
        assert_eq!(one.0, 1);
        assert!(!one.2.is_empty());
        assert!(run("2") == one && run("7") == one);
    }
}

#[test]
fn lines_may_be_much_longer_than_updates() {
    let recipients: Vec<_> = (0..2_000)
        .map(|number| format!("'@screen-{number}:x.example'"))
        .collect();
    let recipients = recipients.join(", ");
    let setup = Setup::new(&format!(
        "routes:\n- {{senders: {{server: all.example}}, recipients: [{recipients}]}}\n\
         - {{senders: {{server: made.example}}, recipients: [{recipients}, {{template: '@{{localpart}}:x.example'}}]}}\n"
    ));
    let mut input = String::new();
    for number in 0..3_000 {
        let server = ["all", "made", "nobody", "nobody"][number / 17 % 4];
        let _ = writeln!(
            input,
            "{{\"user_id\":\"@u{number}:{server}.example\",\"state\":\"online\"}}"
        );
    }
    let updates = input.lines().count();
    setup.write("updates.ndjson", input);
    for by in ["update", "none", "recipient"] {
        let run = |threads: &str| {
            let arguments = [
                "route",
                "--summary",
                "--threads",
                threads,
                "updates.ndjson",
                "--by",
                by,
            ];
            let ran = setup.run(&arguments, "");
            assert_eq!(ran.code, 0, "{}", ran.err);
            (ran.out, ran.err)
        };
        let one = run("1");
        if by == "update" {
            assert_eq!(one.0.lines().count(), updates);
        }
        assert!(run("2") == one && run("7") == one, "--by {by:?}");
    }
}

#[test]
#[cfg(target_os = "linux")]
fn a_stream_without_end_takes_no_memory_without_end() {
    let setup = Setup::new(
        "routes:\n- {senders: all, recipients: [{template: '@{localpart}:y.example'}, '@r:x.example']}\n",
    );
    let status_msg = "m".repeat(1000);
    let peak_after = |records: usize| {
        let status_msg = &status_msg;
        let (mut child, mut to, mut from) =
            piped(&setup, &["route", "--by", "update", "--threads", "2"]);
        std::thread::scope(|scope| {
            scope.spawn(move || {
                for index in 0..records {
                    writeln!(
                        to,
                        r#"{{"user_id":"@user{index}:x.example","state":"online","status_msg":"{status_msg}"}}"#
                    )
                    .expect("the program reads");
                }
                // Open until the last answer has come, so that there is a program whose memory can be asked for.
                to.flush().expect("the program reads");
                std::mem::forget(to);
            });
            let mut line = String::new();
            for _ in 0..records {
                line.clear();
                from.read_line(&mut line).expect("the program answers");
            }
        });
        let kib = peak_kib(&child);
        child.kill().expect("the program runs");
        child.wait().expect("the program ends");
        kib
    };
    let (few, many) = (peak_after(5_000), peak_after(200_000));
    // All answers together would be 200 MiB. Senders are remembered, by each thread in up to 25 MB.
    assert!(
        many < few + 60 * 1024,
        "{few} KiB after 5,000 updates, {many} KiB after 200,000"
    );
}

#[test]
#[cfg(target_os = "linux")]
fn what_comes_of_one_record_is_written_piece_by_piece() {
    let recipients: Vec<_> = (0..3_000)
        .map(|number| format!("'@screen-{number}:x.example'"))
        .collect();
    let setup = Setup::new(&format!(
        "routes:\n- {{senders: all, recipients: [{}]}}\n",
        recipients.join(", ")
    ));
    let entry = |number: usize| match number % 100 {
        17 => format!("{{\"user_id\":\"u{number}\",\"presence\":\"online\"}}"),
        _ => format!("{{\"user_id\":\"@u{number}:x.example\",\"presence\":\"online\"}}"),
    };
    let entries: Vec<_> = (0..2_500).map(entry).collect();
    let record = format!(
        "{{\"edu_type\":\"m.presence\",\"content\":{{\"push\":[{}]}}}}",
        entries.join(",")
    );
    for threads in ["1", "2"] {
        let rejects = format!("rejects-{threads}");
        let arguments = ["--threads", threads, "--rejects", &rejects];
        let arguments = [&["route", "--by", "update"][..], &arguments].concat();
        let (mut child, mut to, mut from) = piped(&setup, &arguments);
        // Open until the last answer has come.
        writeln!(to, "{record}").expect("the program reads");
        to.flush().expect("the program reads");
        let mut line = String::new();
        for number in (0..2_500).filter(|number| number % 100 != 17) {
            line.clear();
            from.read_line(&mut line).expect("the program answers");
            let update = format!("{{\"update\":{},\"recipients\":[", entry(number));
            assert!(line.starts_with(&update), "{number}: {}", &line[..200]);
            assert_eq!(line.matches("screen").count(), 3_000);
        }
        let kib = peak_kib(&child);
        drop(to);
        line.clear();
        from.read_line(&mut line).expect("the program ends");
        assert_eq!(line, "");
        assert_eq!(child.wait().expect("the program ends").code(), Some(1));
        let refused = (0..2_500).filter(|number| number % 100 == 17).map(entry);
        assert_eq!(
            String::from_utf8(setup.read(&rejects)).expect("text"),
            refused.map(|entry| entry + "\n").collect::<String>()
        );
        // All lines together are 180 MiB.
        assert!(kib < 100 * 1024, "{kib} KiB");
    }
}

/// The most memory that a program had up to now.
#[cfg(target_os = "linux")]
fn peak_kib(child: &Child) -> u64 {
    let status =
        std::fs::read_to_string(format!("/proc/{}/status", child.id())).expect("the program runs");
    let mut lines = status.lines();
    let peak = lines.find_map(|line| line.strip_prefix("VmHWM:"));
    let peak = peak.expect("a peak").trim().trim_end_matches(" kB");
    peak.parse().expect("a number")
}
