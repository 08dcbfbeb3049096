//! Each kind of record, and each fault of one.

use presence_router::update::{Fault, updates};

/// Cases: a line `> RECORD`, then a line for each update (`= SENDER STATE ACTIVE JSON`) and fault (`! OFFSET MESSAGE`).
const CASES: &str = include_str!("records.txt");

fn outcome(record: &str) -> Vec<String> {
    let mut lines = Vec::new();
    updates(record, |update| {
        lines.push(match update {
            Ok(update) => {
                let active =
                    (update.currently_active).map_or("-".to_owned(), |active| active.to_string());
                let (sender, state) = (update.sender().as_str(), &update.state);
                format!("= {sender} {state} {active} {}", update.json)
            }
            Err(Fault {
                text,
                offset,
                message,
            }) if text == record => format!("! {offset} {message}"),
            Err(fault) => format!("! {} {} | {}", fault.offset, fault.message, fault.text),
        });
    });
    lines
}

#[test]
fn every_kind_of_record() {
    let mut actual = String::new();
    for line in CASES.lines() {
        if line.starts_with('#') || line.is_empty() {
            actual.extend([line, "\n"]);
        } else if let Some(record) = line.strip_prefix("> ") {
            actual.extend([line, "\n"]);
            for told in outcome(record) {
                actual.extend([&told, "\n"]);
            }
        }
    }
    if std::env::var_os("BLESS").is_some() {
        std::fs::write("tests/update/records.txt", &actual).unwrap();
    }
    for (actual, expected) in actual.lines().zip(CASES.lines()) {
        assert_eq!(actual, expected);
    }
    assert_eq!(actual, CASES);
}

#[test]
fn nothing_is_copied_without_escapes() {
    let record = r#"{"user_id": "@a:b", "state": "online", "status_msg": "\u00e9"}"#;
    let mut count = 0;
    updates(record, |update| {
        let update = update.unwrap();
        let sender = update.sender().as_str();
        assert_eq!(sender, "@a:b");
        assert!(record.as_bytes().as_ptr_range().contains(&sender.as_ptr()));
        assert!(matches!(update.state, std::borrow::Cow::Borrowed("online")));
        count += 1;
    });
    assert_eq!(count, 1);
}

#[test]
fn white_space_around_a_record_is_no_part_of_the_update() {
    let record = "\r\n {\"user_id\":\"@a:b\",\"state\":\"x\"}\n";
    let expected = [r#"= @a:b x - {"user_id":"@a:b","state":"x"}"#];
    assert_eq!(outcome(record), expected);
}

#[test]
fn long_ids_and_controls_are_shown_in_short() {
    let long = format!(r#"{{"user_id":"@{}:b","state":"x"}}"#, "a".repeat(297));
    let expected = format!(
        "! 11 `@{}…` is not a user ID: it is 300 bytes long, and a user ID has at most 255",
        "a".repeat(59)
    );
    assert_eq!(outcome(&long), [expected]);
    let control = r#"{"user_id":"a\n\u001b[31m","state":"x"}"#;
    let expected = r"! 11 `a\n\u{1b}[31m` is not a user ID: it does not start with `@`";
    assert_eq!(outcome(control), [expected]);
}
